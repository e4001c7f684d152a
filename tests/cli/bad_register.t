# What is wrong with a register is said by file, line, asset and column, all of it at once, and
# nothing is taken from it.
$ tocsin init node --title Test >/dev/null
$ cat > a.csv <<'END'
> id,name,kind,sector,operator,country,lat,lon,people
> A,Works,plant,energy,,NL,52,5,10
> B,Pump,plant,water,,NL,52,5,10
> C,Mast,plant,digital,,NL,52,5,10
> END
$ cat > d.csv <<'END'
> asset,service,mode,group,need,supplier,share,buffer,restore
> A,unknown id,flow,,1,Z,,,
> Z,unknown asset,flow,,1,A,,,
> A,share over 1,flow,,60%,B,1.4,,
> A,share over all,flow,,90%,B,0.4,,
> A,share over all,flow,,90%,C,0.4,,
> A,need over n,flow,,3,B,,,
> A,need over n,flow,,3,C,,,
> A,need of none,flow,,0,B,,,
> A,negative,flow,,1,B,,-PT4H,
> A,thousand years,flow,,1,B,,P365000D,PT99999999H
> A,backwards,flow,,1,B,,PT4H..PT2H,P1000Y
> A,no supplier,flow,,1,,,,
> A,itself,support,,1,A,,,
> A,twice,flow,,1,B,,,
> A,twice,flow,,1,B,,,
> A,,flow,,1,B,,,
> A,mode,sometimes,,1,B,,,
> END
$ tocsin impact --register a.csv d.csv --outage A
2> d.csv:2: A: supplier: there is no asset 'Z'
2> d.csv:3: Z: asset: there is no asset 'Z'
2> d.csv:4: A: share: a share of 1.4 is outside 0 to 1
2> d.csv:9: A: need: a need of 0 is out of range
2> d.csv:10: A: buffer: '-PT4H' is negative
2> d.csv:11: A: buffer: 'P365000D' is longer than ten years
2> d.csv:11: A: restore: 'PT99999999H' is longer than ten years
2> d.csv:12: A: buffer: 'PT4H..PT2H' runs from the longer to the shorter
2> d.csv:12: A: restore: 'P1000Y' has years, which are not all as long: write days (P365D), ten years at most
2> d.csv:13: A: supplier: no asset is named
2> d.csv:14: A: supplier: an asset cannot depend on itself
2> d.csv:16: A: supplier: 'B' supplies this group on line 15 already
2> d.csv:17: A: service: no service is named
2> d.csv:18: A: mode: 'sometimes' is neither flow nor support
2> d.csv:5: A: need: all shares together are 80%, the need is 90%
2> d.csv:7: A: need: 3 suppliers are needed and the group has 2
[3]
$ tocsin import node a.csv d.csv
2> tocsin import: d.csv:2: A: supplier: there is no asset 'Z'
2> tocsin import: d.csv:3: Z: asset: there is no asset 'Z'
2> tocsin import: d.csv:4: A: share: a share of 1.4 is outside 0 to 1
2> tocsin import: d.csv:9: A: need: a need of 0 is out of range
2> tocsin import: d.csv:10: A: buffer: '-PT4H' is negative
2> tocsin import: d.csv:11: A: buffer: 'P365000D' is longer than ten years
2> tocsin import: d.csv:11: A: restore: 'PT99999999H' is longer than ten years
2> tocsin import: d.csv:12: A: buffer: 'PT4H..PT2H' runs from the longer to the shorter
2> tocsin import: d.csv:12: A: restore: 'P1000Y' has years, which are not all as long: write days (P365D), ten years at most
2> tocsin import: d.csv:13: A: supplier: no asset is named
2> tocsin import: d.csv:14: A: supplier: an asset cannot depend on itself
2> tocsin import: d.csv:16: A: supplier: 'B' supplies this group on line 15 already
2> tocsin import: d.csv:17: A: service: no service is named
2> tocsin import: d.csv:18: A: mode: 'sometimes' is neither flow nor support
2> tocsin import: d.csv:5: A: need: all shares together are 80%, the need is 90%
2> tocsin import: d.csv:7: A: need: 3 suppliers are needed and the group has 2
[3]
$ tocsin critical node
     asset                                        people x hours     people   assets  services; countries
|
0 of 0 assets; within 72 h. Two or more Member States are hit by 0 single outages, six or more by 0.
# A million suppliers of one group.
$ seq -f 'S%.0f,,,,,,,,' 1000000 > rows; (head -1 a.csv; echo 'A,,,,,,,,'; cat rows) > many.csv
$ seq -f 'A,power,flow,,1,S%.0f,,,' 1000000 > rows; (head -1 d.csv; cat rows) > deps.csv
$ tocsin impact --register many.csv deps.csv --outage A
2> deps.csv:2: A: supplier: the group has 1000000 suppliers; at most 100000 are read
[3]
$ tocsin import node many.csv deps.csv
2> tocsin import: deps.csv:2: A: supplier: the group has 1000000 suppliers; at most 100000 are read
[3]
# As many as are read.
$ (head -100002 many.csv) > some.csv; (head -1 deps.csv; head -100001 deps.csv | tail -100000) > less.csv
$ tocsin impact --register some.csv less.csv --outage S1 --json | cut -c1-140
{"failures":[{"asset":"S1","at":0,"cause":[],"service":null}],"spared":100000,"people":0,"countries":{},"sectors":{},"member_states":0}
# Times before 1970 are times.
$ (cat a.csv; echo 'D,,,,,,,,') > ok.csv; (head -1 d.csv; echo 'D,power,flow,,1,A,,PT8H,') > okd.csv
$ tocsin impact --register ok.csv okd.csv --outage A --at 1953-01-31T23:00:00Z
in           at                   asset                                           people  because
now          1953-01-31T23:00:00Z A            NL Works                               10  given
8 h 00 min   1953-02-01T07:00:00Z D                                                    0  no power from A; ran 8 h 00 min on its own
|
2 of 4 assets fail within 3 d 00 h, 2 are spared; 10 people.
Countries: NL 1.
$ tocsin impact --register ok.csv okd.csv --outage A --at 1953-01-31T23:00:00Z --end 1953-01-31T22:00:00Z
2> tocsin impact: --end must be after --at and within ten years of it; see tocsin impact --help
[2]
$ tocsin impact --register ok.csv okd.csv --outage A --at 0000-01-31T23:00:00Z
2> tocsin impact: --at must be a time such as 2026-11-21T20:15:00Z, not '0000-01-31T23:00:00Z'; see tocsin impact --help
[2]
# Polygons of an incident.
$ cat > incident.json <<'END'
> {"type": "bundle", "id": "bundle--7c8d9e0f-1a2b-4c3d-8e5f-6a7b8c9d0e1f", "objects": [
>  {"type": "incident", "spec_version": "2.1", "id": "incident--4f5a6b7c-8d9e-4f0a-8b2c-3d4e5f6a7b01",
>   "created": "2026-11-21T14:00:00.000Z", "modified": "2026-11-21T14:00:00.000Z", "name": "Flood",
>   "extensions": {"extension-definition--29d43c73-fbaa-5d82-be34-1e8f06d86622": {
>     "extension_type": "property-extension", "started": "1953-01-31T23:00:00Z",
>     "areas": [{"polygon": [[40, 10], [50, 20], [50, 10], [40, 20], [40, 10]]},
>               {"polygon": [[80, 0], [80, 120], [80, -120], [80, 0]]},
>               {"polygon": [[40, 179], [40, -179], [50, -179], [50, 179], [40, 179]]},
>               {"polygon": [[40, 10], [50, 20], [50, 10]]},
>               {"polygon": [[40, 10], [95, 20], [50, 10], [40, 10]]},
>               {"polygon": [[40, 10], "north", [50, 10], [40, 10]]}]}}}]}
> END
$ tocsin check incident.json
incident.json: incident--4f5a6b7c-8d9e-4f0a-8b2c-3d4e5f6a7b01
  SHOULD extensions.extension-definition--29d43c73-fbaa-5d82-be34-1e8f06d86622.areas[0].polygon: the polygon crosses itself  [polygon]
  MUST   extensions.extension-definition--29d43c73-fbaa-5d82-be34-1e8f06d86622.areas[1].polygon: the polygon goes round a pole  [polygon]
  MUST   extensions.extension-definition--29d43c73-fbaa-5d82-be34-1e8f06d86622.areas[3].polygon: a polygon has at least four corners, the last one again the first  [polygon]
  MUST   extensions.extension-definition--29d43c73-fbaa-5d82-be34-1e8f06d86622.areas[4].polygon: a corner is not on the Earth: latitude -90 to 90, longitude -180 to 180  [polygon]
  MUST   extensions.extension-definition--29d43c73-fbaa-5d82-be34-1e8f06d86622.areas[5].polygon: a polygon is a list of [latitude, longitude]  [polygon]
1 file, 2 objects: 1 must be mended (4 MUST), 1 recommendation (SHOULD)
[3]
$ tocsin import node incident.json
2> tocsin import: incident.json: byte 87: incident--4f5a6b7c-8d9e-4f0a-8b2c-3d4e5f6a7b01: extensions.extension-definition--29d43c73-fbaa-5d82-be34-1e8f06d86622.areas[1].polygon: the polygon goes round a pole
[3]
# What follows from an error that is told is not told again; with --keep-going it is, and what was left
# out is not taken for gone.
$ tocsin init other --title Test >/dev/null; tocsin import other ok.csv okd.csv >/dev/null
$ sed 's/^A,Works,plant,energy,,NL/A,Works,plant,energy,,XX/' ok.csv > one.csv
$ tocsin import other one.csv okd.csv
2> tocsin import: one.csv:2: A: country: 'XX' is not a country code (ISO 3166-1 alpha-2)
[3]
$ tocsin impact --register one.csv okd.csv --outage B
2> one.csv:2: A: country: 'XX' is not a country code (ISO 3166-1 alpha-2)
[3]
$ tocsin init third --title Test >/dev/null
$ tocsin import third one.csv okd.csv --keep-going
one.csv and okd.csv: 7 read, 7 added, 0 the same, 2 skipped
2> tocsin import: skipped: one.csv:2: A: country: 'XX' is not a country code (ISO 3166-1 alpha-2)
2> tocsin import: skipped: okd.csv:2: D: supplier: asset 'A' is left out, see line 2
$ tocsin import other one.csv okd.csv --keep-going
one.csv and okd.csv: 8 read, 0 added, 8 the same, 1 skipped
2> tocsin import: skipped: one.csv:2: A: country: 'XX' is not a country code (ISO 3166-1 alpha-2)
$ tocsin impact other --outage A
in           asset                                           people  because
now          A            NL Works                               10  given
8 h 00 min   D               D                                    0  no power from A; ran 8 h 00 min on its own
|
2 of 4 assets fail within 3 d 00 h, 2 are spared; 10 people.
Countries: NL 1.
$ (head -1 d.csv; seq -f 'A,power,flow,,1,Z%.0f,,,' 102) > lots.csv; tocsin import other ok.csv lots.csv 2>&1 | tail -2
tocsin import: lots.csv:101: A: supplier: there is no asset 'Z100'
tocsin import: only the first 100 errors are shown
