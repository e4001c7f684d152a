# The register in its four forms.
$ printf 'id,name,kind,sector,operator,country,lat,lon,people,note\nP,"Plant ""1""",plant,energy,Op,NL,52.10,5,0,ignored\nS,Station,substation,energy,"Op ""too""",NL,,,7,\n' >assets.csv
$ printf 'asset,service,mode,group,need,supplier,share,buffer,restore\nS,electricity,flow,grid,60%%,P,0.75,PT1H..PT4H,\n' >dependencies.csv
$ tocsin register export assets.csv dependencies.csv --format json
{"assets":[
{"id":"P","name":"Plant \"1\"","kind":"plant","sector":"energy","operator":"Op","country":"NL","lat":52.10,"lon":5,"people":0},
{"id":"S","name":"Station","kind":"substation","sector":"energy","operator":"Op \"too\"","country":"NL","people":7}],
"dependencies":[
{"asset":"S","service":"electricity","mode":"flow","group":"grid","need":"60%","supplier":"P","share":0.75,"buffer":"PT1H..PT4H"}]}
$ tocsin register export assets.csv dependencies.csv --format geojson | tee r.geojson
{"type":"FeatureCollection",
"features":[
{"type":"Feature","id":"P","geometry":{"type":"Point","coordinates":[5,52.10]},"properties":{"id":"P","name":"Plant \"1\"","kind":"plant","sector":"energy","operator":"Op","country":"NL","people":0}},
{"type":"Feature","id":"S","geometry":null,"properties":{"id":"S","name":"Station","kind":"substation","sector":"energy","operator":"Op \"too\"","country":"NL","people":7}}],
"dependencies":[
{"asset":"S","service":"electricity","mode":"flow","group":"grid","need":"60%","supplier":"P","share":0.75,"buffer":"PT1H..PT4H"}]}
$ tocsin register export assets.csv dependencies.csv --format stix --out r.stix
$ tocsin check r.stix | tail -1 | cut -c 1-37
1 file, 7 objects: 0 must be mended (

# each form back to CSV
$ cut -d, -f1-9 assets.csv >want; cat dependencies.csv >>want
$ tocsin register export r.geojson --format csv --out a; cat a/assets.csv a/dependencies.csv | cmp - want
$ tocsin register export r.stix --format csv --out b; cat b/assets.csv b/dependencies.csv | cmp - want

# into a node, and out of it
$ printf 'correct horse battery staple\n' | tocsin init node --org "Grid authority" --password-file - >/dev/null
$ tocsin import node r.geojson
r.geojson: 9 read, 9 added, 0 the same, 0 skipped
$ tocsin import node assets.csv dependencies.csv
assets.csv and dependencies.csv: 9 read, 0 added, 9 the same, 0 skipped
$ tocsin register export node --format csv --out c; cat c/assets.csv c/dependencies.csv | sed 's/52.1,/52.10,/' | cmp - want
$ tocsin impact --register r.stix --outage P --runs 0 --json
{"failures":[{"asset":"P","at":0,"cause":[],"service":null},{"asset":"S","at":3600,"cause":["P"],"service":"electricity"}],"spared":0,"people":7,"countries":{"NL":2},"sectors":{"energy":2},"member_states":1}

# refused: file, line, field, and nothing is written
$ sed 's/"P","share":0.75/"Q","share":1.75/' r.geojson >bad.geojson
$ tocsin register export bad.geojson --format csv --out d; ls d
2> bad.geojson:6: S: dependencies[0].supplier: there is no asset 'Q'
2> bad.geojson:6: S: dependencies[0].share: a share of 1.75 is outside 0 to 1
2> ls: cannot access 'd': No such file or directory
[2]
$ tocsin import node bad.geojson
2> tocsin import: bad.geojson:6: S: dependencies[0].supplier: there is no asset 'Q'
2> tocsin import: bad.geojson:6: S: dependencies[0].share: a share of 1.75 is outside 0 to 1
[3]
$ printf '{"assets":[7]}' | tocsin import node -
2> tocsin import: -:1: assets[0]: is no object
[3]
$ tocsin register export assets.csv assets.csv --format json
2> assets.csv: the assets were given already
[3]
$ tocsin register export assets.csv dependencies.csv --format pdf
2> tocsin register: --format is csv, json, geojson or stix; see tocsin register --help
[2]
$ tocsin register export assets.csv dependencies.csv --format csv
2> tocsin register: --format csv makes two files: --out FOLDER says where; see tocsin register --help
[2]
$ tocsin register
2> tocsin register: say which: check, diff, import, export, confirm or confirmations; see tocsin register --help
[2]
$ tocsin register export nothing.json --format json
2> nothing.json: cannot be opened: no such thing
[3]

# health: two exchanges hang on the same substation, a pair feeds only itself
$ printf 'id,name,kind,sector,operator,country,lat,lon,people,common_causes,as_of\nX,Hub,substation,energy,Op,NL,52,4,0,,2026-01-01\nA,East,exchange,digital_infra,Op,NL,52,4,0,duct 7,2026-01-01\nB,West,exchange,digital_infra,Op,NL,52,4,0,duct 7,2024-01-01\nH,Hospital,hospital,health,Op,NL,52,4,900,,2026-01-01\nL1,Loop,pump,water,Op,NL,52,4,0,,2026-01-01\nL2,Loop,pump,water,,NL,,,0,,2026-01-01\nI,Island,depot,water,Op,NL,52,4,0,,2026-01-01\nC,East,mast,digital_infra,Op,NL,52,4,0,mast hill,2026-01-01\nD,West,mast,digital_infra,Op,NL,52,4,0,mast hill,2026-01-01\n' >a.csv
$ printf 'asset,service,mode,group,need,supplier,share,buffer,restore,tested\nA,electricity,flow,,1,X,,PT4H,,2026-02-01\nB,electricity,flow,,1,X,,PT4H,,\nH,data,support,,1,A,,,,\nH,data,support,,1,B,,,,\nH,radio,support,,1,C,,,,\nH,radio,support,,1,D,,,,\nL1,water,flow,,1,L2,,,,\nL2,water,flow,,1,L1,,,,\n' >d.csv
$ tocsin register check a.csv d.csv --at 2026-03-01T00:00:00Z
high: Fed by nobody: down without any outage (2)
  what to do: name the source that feeds them, or correct who supplies whom
  L1: water: those that supply it live on each other, and no source is behind them
  L2: water: those that supply it live on each other, and no source is behind them
|
high: Single points hidden behind several suppliers (1)
  what to do: find a supplier that does not hang on it, or a stock that outlasts its repair
  H: data: 2 of 2 suppliers fail with X alone, which takes 4 assets
|
high: Suppliers that one cause would strike together (1)
  what to do: find a supplier that does not stand there, or a stock that outlasts the repair
  H: radio: 2 of 2 suppliers fail with the common cause 'mast hill'
|
medium: Needs nobody and is needed by nobody (1)
  what to do: ask the operator what it needs and who lives on it, or take it out
  I: no supplier is named, and nobody names it
|
medium: No operator: nobody would be warned (1)
  what to do: enter who runs it
  L2: no operator is named
|
medium: Buffers that nobody has tested lately (1)
  what to do: have the operator run on it once, and enter the day in the column tested
  B: electricity: PT4H on its own, never tested
|
medium: Entries that nobody has looked at lately (1)
  what to do: have the operator confirm it, and enter the day in the column as_of
  B: as of 2024-01-01
|
low: No place: no hazard area will be seen to hit them (1)
  what to do: enter lat and lon
  L2: no place is given
|
9 assets, 8 dependencies: 9 findings
[1]
$ tocsin register check a.csv d.csv --at 2026-03-01T00:00:00Z --json | grep -o '{"severity":"high"[^}]*}' | head -2
{"severity":"high","kind":"no-source","asset":"L1","says":"water: those that supply it live on each other, and no source is behind them","do":"name the source that feeds them, or correct who supplies whom"}
{"severity":"high","kind":"no-source","asset":"L2","says":"water: those that supply it live on each other, and no source is behind them","do":"name the source that feeds them, or correct who supplies whom"}
$ printf 'id,name,kind,sector,operator,country,lat,lon,people,as_of\nP,Plant,plant,energy,Op,NL,52,4,0,2026-01-01\nS,Station,substation,energy,Op,NL,52,4,9,2026-01-01\n' >fine.csv
$ printf 'asset,service,mode,group,need,supplier,share,buffer,restore\nS,electricity,flow,,1,P,,,\n' >fined.csv
$ tocsin register check fine.csv fined.csv --at 2026-03-01T00:00:00Z
2 assets, 1 dependencies: in good order

# what a new one would change
$ sed 's/900/1000/; /^I,/d' a.csv >a2.csv; echo 'N,New,plant,energy,Op,NL,52,4,0,,' >>a2.csv
$ sed 's/^H,data,support,,1,B/H,data,support,,1,N/; s/PT4H,,2026-02-01/PT8H,,2026-02-01/' d.csv >d2.csv
$ tocsin register diff a.csv d.csv a2.csv d2.csv
assets: 1 new, 1 changed, 1 gone
  + N
  ~ H: people '900' -> '1000'
  - I
dependencies: 1 new, 1 changed, 1 gone
  + H needs data from N
  ~ A needs electricity from X: buffer 'PT4H' -> 'PT8H'
  - H needs data from B
single outages with other consequences within 72 h: 4
  X: 4 -> 3 assets, 900 -> 0 people, 61200 -> 0 people x hours
  H: 1 -> 1 assets, 900 -> 1000 people, 64800 -> 72000 people x hours
  I: took 1 assets, 0 people, 0 people x hours
  N: would take 1 assets, 0 people, 0 people x hours
[1]
$ tocsin register diff a.csv d.csv a2.csv d2.csv --json
{"assets":{"new":[{"id":"N"}],"changed":[{"id":"H","fields":[{"field":"people","before":"900","after":"1000"}]}],"gone":[{"id":"I"}]},"dependencies":{"new":[{"asset":"H","service":"data","supplier":"N"}],"changed":[{"asset":"A","service":"electricity","supplier":"X","fields":[{"field":"buffer","before":"PT4H","after":"PT8H"}]}],"gone":[{"asset":"H","service":"data","supplier":"B"}]},"horizon":259200,"single_outages":[{"asset":"X","before":{"failed":4,"people":900,"people_hours":61200},"after":{"failed":3,"people":0,"people_hours":0}},{"asset":"H","before":{"failed":1,"people":900,"people_hours":64800},"after":{"failed":1,"people":1000,"people_hours":72000}},{"asset":"I","before":{"failed":1,"people":0,"people_hours":0},"after":null},{"asset":"N","before":null,"after":{"failed":1,"people":0,"people_hours":0}}]}
[1]
$ tocsin register export a.csv d.csv --format geojson --out same.geojson; tocsin register diff a.csv d.csv same.geojson
assets: 0 new, 0 changed, 0 gone
dependencies: 0 new, 0 changed, 0 gone
$ tocsin register diff r.stix assets.csv dependencies.csv
assets: 0 new, 0 changed, 0 gone
dependencies: 0 new, 0 changed, 0 gone
$ tocsin register diff node assets.csv dependencies.csv
assets: 0 new, 0 changed, 0 gone
dependencies: 0 new, 0 changed, 0 gone

# results in other forms
$ tocsin impact --register a.csv d.csv --outage X --at 2026-03-01T12:00:00Z --format csv
asset,name,sector,country,people,lat,lon,in_seconds,at,back_in_seconds,back_at,for_want_of,because,note
X,Hub,energy,NL,0,52,4,0,2026-03-01T12:00:00Z,,,,,
L1,Loop,water,NL,0,52,4,0,2026-03-01T12:00:00Z,,,water,L2,unsourced phantom
L2,Loop,water,NL,0,,,0,2026-03-01T12:00:00Z,,,water,L1,unsourced phantom
A,East,digital_infra,NL,0,52,4,14400,2026-03-01T16:00:00Z,,,electricity,X,
B,West,digital_infra,NL,0,52,4,14400,2026-03-01T16:00:00Z,,,electricity,X,
H,Hospital,health,NL,900,52,4,14400,2026-03-01T16:00:00Z,,,data,A B X,
$ tocsin impact --register a.csv d.csv --outage X --format geojson --marking TLP:GREEN | head -2
{"type":"FeatureCollection","marking":"TLP:GREEN","people":900,"features":[
{"type":"Feature","geometry":{"type":"Point","coordinates":[4,52]},"properties":{"id":"X","name":"Hub","sector":"energy","country":"NL","people":0,"in_seconds":0,"given":true,"because":[]}},
$ tocsin critical --register fine.csv fined.csv --format csv
rank,asset,name,sector,country,lat,lon,people_hours,people,assets,services,countries,member_states
1,P,Plant,energy,NL,52,4,648,9,2,electricity,NL,1
2,S,Station,energy,NL,52,4,648,9,1,,NL,1
$ tocsin critical --register fine.csv fined.csv --format geojson
{"type":"FeatureCollection","marking":"TLP:AMBER","features":[
{"type":"Feature","geometry":{"type":"Point","coordinates":[4,52]},"properties":{"rank":1,"id":"P","name":"Plant","sector":"energy","country":"NL","people_hours":648,"people":9,"assets":2,"services":"electricity","countries":"NL","member_states":1}},
{"type":"Feature","geometry":{"type":"Point","coordinates":[4,52]},"properties":{"rank":2,"id":"S","name":"Station","sector":"energy","country":"NL","people_hours":648,"people":9,"assets":1,"countries":"NL","member_states":1}}]}
$ printf 'id,name,kind,sector,operator,country,lat,lon,people\nP,<script>alert(1)</script>,plant,"""&",Op,NL,52,4,5\n' >evil.csv
$ tocsin impact --register evil.csv --outage P --format html --out evil.html; grep -c '<script' evil.html; grep -o '&lt;script&gt;' evil.html | sort -u; grep -c 'TLP:AMBER' evil.html
0
&lt;script&gt;
3
$ tocsin impact --register evil.csv --outage P --format pdf
2> tocsin impact: --format is csv, geojson or html; see tocsin impact --help
[2]
$ tocsin impact --register evil.csv --outage P --format html --json
2> tocsin impact: --json and --format exclude each other; see tocsin impact --help
[2]
$ tocsin impact --register evil.csv --outage P --out x.html
2> tocsin impact: --out and --marking go with --format; see tocsin impact --help
[2]
$ tocsin critical --register evil.csv --format html --marking TLP:PINK
2> tocsin critical: 'TLP:PINK' is no marking: TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT, TLP:RED; see tocsin critical --help
[2]
$ tocsin critical --register evil.csv --format html --out no/such/folder.html
2> tocsin critical: no/such/folder.html: cannot be written
[1]

# an open incident: what a new register would change of its findings
$ tocsin register import node a.csv d.csv --top 1 | head -12
assets: 9 new, 0 changed, 2 gone
  + X
  ... and 10 more (--json has all)
dependencies: 8 new, 0 changed, 1 gone
  + A needs electricity from X
  ... and 8 more (--json has all)
open incidents: 0; findings, and the warnings that rest on them, that would change: 0
single outages with other consequences within 72 h: 11
  H: would take 1 assets, 900 people, 64800 people x hours
  ... and 10 more (--json has all)
a.csv and d.csv: 36 read, 43 added, 1 the same, 0 skipped
$ printf '{"type":"bundle","id":"bundle--1","objects":[{"type":"incident","spec_version":"2.1","id":"incident--1c2d3e4f-5a6b-4c7d-8e9f-0a1b2c3d4e05","created":"2026-03-01T12:00:00.000Z","modified":"2026-03-01T12:00:00.000Z","name":"Flood","extensions":{"extension-definition--29d43c73-fbaa-5d82-be34-1e8f06d86622":{"extension_type":"property-extension","started":"2026-03-01T12:00:00.000Z","areas":[{"circle":{"latitude":50,"longitude":8,"radius_km":5}}]}}}]}' >flood.json
$ tocsin import node flood.json
flood.json: 1 read, 1 added, 0 the same, 0 skipped
$ sed 's/^X,Hub,substation,energy,Op,NL,52,4/X,Hub,substation,energy,Op,NL,50,8/' a.csv >a3.csv
$ tocsin register import node a3.csv d.csv --dry-run
assets: 0 new, 1 changed, 0 gone
  ~ X: lat '52' -> '50', lon '4' -> '8'
dependencies: 0 new, 0 changed, 0 gone
open incidents: 1; findings, and the warnings that rest on them, that would change: 4
  A (Op): newly hit, 2026-03-01T16:00:00Z
  B (Op): newly hit, 2026-03-01T16:00:00Z
  H (Op): newly hit, 2026-03-01T16:00:00Z
  X (Op): newly hit, 2026-03-01T12:00:00Z
single outages with other consequences within 72 h: 0
$ tocsin register diff node a3.csv d.csv --json | grep -o '"live".*'
"live":{"incidents":1,"changes":[{"asset":"A","operator":"Op","change":"newly_hit","after":"2026-03-01T16:00:00.000Z"},{"asset":"B","operator":"Op","change":"newly_hit","after":"2026-03-01T16:00:00.000Z"},{"asset":"H","operator":"Op","change":"newly_hit","after":"2026-03-01T16:00:00.000Z"},{"asset":"X","operator":"Op","change":"newly_hit","after":"2026-03-01T12:00:00.000Z"}]}}
$ tocsin register diff node a.csv d.csv
assets: 0 new, 0 changed, 0 gone
dependencies: 0 new, 0 changed, 0 gone
$ tocsin register import node a3.csv d.csv --top 1 | tail -1
a3.csv and d.csv: 36 read, 2 added, 34 the same, 0 skipped
$ tocsin register import node a3.csv d.csv --json
{"assets":{"new":[],"changed":[],"gone":[]},"dependencies":{"new":[],"changed":[],"gone":[]},"horizon":259200,"single_outages":[],"live":{"incidents":1,"changes":[]}}
{"file":"a3.csv","and":"d.csv","read":36,"added":0,"same":36,"skipped":0,"why":[]}
$ tocsin register check node --at 2026-03-01T00:00:00Z --top 1 | tail -3
  L2: no place is given
|
9 assets, 8 dependencies: 10 findings
$ tocsin register import node bad.geojson
2> bad.geojson:6: S: dependencies[0].supplier: there is no asset 'Q'
2> bad.geojson:6: S: dependencies[0].share: a share of 1.75 is outside 0 to 1
[3]

# assets alone leave the dependencies as they are
$ sed 's/900/901/' a3.csv >a4.csv; tocsin register diff node a4.csv | head -3
assets: 0 new, 1 changed, 0 gone
  ~ H: people '900' -> '901'
dependencies: 0 new, 0 changed, 0 gone
$ sed 's/PT4H/PT5H/' d.csv >d4.csv; tocsin register diff node d4.csv | head -2
assets: 0 new, 0 changed, 0 gone
dependencies: 0 new, 2 changed, 0 gone
# What draws more than can be carried, without an outage; and what the others cannot carry without one.
$ cat > cap-a.csv <<'END'
> id,name,kind,sector,operator,country,lat,lon,people,capacity
> L1,,line,energy,Grid,NL,52,5,0,12
> L2,,line,energy,Grid,NL,52,5,0,12
> W,,waterworks,drinking_water,Grid,NL,52,5,9,
> T,,mast,digital_infra,Grid,NL,52,5,0,
> U,,mast,digital_infra,Grid,NL,52,5,0,
> END
$ cat > cap-d.csv <<'END'
> asset,service,mode,group,need,supplier,share,buffer,restore,demand,priority
> W,electricity,flow,,1,L1,,,,8,1
> W,electricity,flow,,1,L2,,,,8,1
> T,electricity,flow,,1,L1,,,,5,2
> U,data,support,,1,T,,,,,
> END
$ tocsin register check cap-a.csv cap-d.csv --json | grep -o '"kind":"[a-z-]*","asset":"[A-Z][A-Z0-9]*","says":"[^"]*"' | head -3
"kind":"no-source","asset":"U","says":"data: T is down without any outage, too"
"kind":"short","asset":"T","says":"electricity: L1 stands, and cannot carry all that is drawn from it"
"kind":"hidden-single-point","asset":"W","says":"electricity: with L1 alone down the others cannot carry it, and 2 assets fail; so does 1 other single outage"
$ sed -i 's/,5,2/,1,2/' cap-d.csv
$ tocsin register check cap-a.csv cap-d.csv --json | grep -o '"kind":"[a-z-]*","asset":"[A-Z][A-Z0-9]*","says":"[^"]*"' | head -3
"kind":"hidden-single-point","asset":"W","says":"electricity: with L1 alone down the others cannot carry it, and 4 assets fail; so does 1 other single outage"
