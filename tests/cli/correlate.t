# What else has this value; the lists are disposable.
$ tocsin init node --org "Grid authority" --country NL >init; tocsin org add node Elsewhere --country DE >>init
$ printf 'correct horse battery staple\n' >pw; tocsin user add node stranger --org Elsewhere --roles reader --password-file pw
stranger is a user
$ printf '{"type":"bundle","id":"bundle--1","objects":[{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd","value":"198.51.100.3"},{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-000000000001","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"Probing","pattern":"[ipv4-addr:value = '"'198.51.100.3/32' OR url:value = 'HTTP://Example.ORG:80'"']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"}]}' >in.json
$ tocsin import node in.json
in.json: 2 read, 2 added, 0 the same, 0 skipped
$ tocsin correlate node 198.51.100.3 http://example.org 203.0.113.1
198.51.100.3: held by
  indicator--00000000-0000-4000-8000-000000000001
  ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd
http://example.org/: held by
  indicator--00000000-0000-4000-8000-000000000001
203.0.113.1: held by nothing
$ tocsin correlate node ::ffff:198.51.100.3 --limit 1
198.51.100.3: held by
  indicator--00000000-0000-4000-8000-000000000001
  and more; say --limit N
$ tocsin correlate node http://example.org/ --json
{"values":[{"value":"http://example.org/","normal":"http://example.org/","hot":false,"objects":[{"id":"indicator--00000000-0000-4000-8000-000000000001","type":"indicator","version":"2026-01-01T00:00:00.000Z"}]}],"lag":0}
$ tocsin correlate node 198.51.100.3 --as stranger
198.51.100.3: held by nothing
[1]
$ rm -f node/values-*; tocsin correlate node http://example.org/ | wc -l
2
$ tocsin correlate node
2> tocsin correlate: say VALUES, or --file FILE with one on each line, or --near with --within, --during, --at, --type; see tocsin correlate --help
[2]

# many at once, from a file; what is not of the kind asked for is said
$ (yes 203.0.113.9 | head -n 1500; echo; echo ' 198.51.100.3 ') >values.txt; tocsin correlate node --file values.txt | LC_ALL=C sort | uniq -c | sed 's,^ *,,'
1   indicator--00000000-0000-4000-8000-000000000001
1   ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd
1 198.51.100.3: held by
1500 203.0.113.9: held by nothing
$ tocsin correlate node --file - --json <values.txt | wc -l
2
$ tocsin correlate node --file nowhere
2> tocsin correlate: nowhere: no such thing
[1]
$ tocsin correlate node --kind cas 7732-18-4
7732-18-4 is not a CAS registry number like 7732-18-5, with its check digit (that would be 5); looked for as it is
7732-18-4: held by nothing
[1]
$ tocsin correlate node --kind passport x
2> tocsin correlate: there is no kind 'passport': value, plate, cas, serial, phone and email are
[2]
$ tocsin correlate node x --as nobody
2> tocsin correlate: there is no user 'nobody'
[1]

# what else was there, then; over the date line
$ printf '{"type":"bundle","id":"bundle--1","objects":[{"type":"location","spec_version":"2.1","id":"location--00000000-0000-4000-8000-0000000000a1","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","latitude":-17,"longitude":179.9999},{"type":"location","spec_version":"2.1","id":"location--00000000-0000-4000-8000-0000000000a2","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","latitude":-17,"longitude":-179.9999},{"type":"sighting","spec_version":"2.1","id":"sighting--00000000-0000-4000-8000-0000000000a3","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","first_seen":"2026-01-01T10:00:00Z","last_seen":"2026-01-01T11:00:00Z","sighting_of_ref":"indicator--00000000-0000-4000-8000-000000000001","where_sighted_refs":["location--00000000-0000-4000-8000-0000000000a1"]}]}' >places.json
$ tocsin import node places.json
places.json: 3 read, 3 added, 0 the same, 0 skipped
$ tocsin correlate node --near -17,180 --within 500m --during PT2H --at 2026-01-01T12:00:00Z
      10.6 m              location--00000000-0000-4000-8000-0000000000a2
      10.6 m              location--00000000-0000-4000-8000-0000000000a1
      10.6 m      3600 s  sighting--00000000-0000-4000-8000-0000000000a3  at location--00000000-0000-4000-8000-0000000000a1
$ tocsin correlate node --near -17,180 --within 500m --during PT59M --at 2026-01-01T12:00:00Z --json
{"objects":[{"id":"location--00000000-0000-4000-8000-0000000000a2","type":"location","version":"2026-01-01T00:00:00.000Z","metres":10.6},{"id":"location--00000000-0000-4000-8000-0000000000a1","type":"location","version":"2026-01-01T00:00:00.000Z","metres":10.6}],"around":{"latitude":-17,"longitude":180,"since":"2026-01-01T12:00:00.000Z","until":"2026-01-01T12:00:00.000Z"},"lag":0}
$ tocsin correlate node --near location--00000000-0000-4000-8000-0000000000a2 --within 0.0213km --type location
      21.3 m              location--00000000-0000-4000-8000-0000000000a1
$ tocsin correlate node --near location--00000000-0000-4000-8000-0000000000a2 --within 21m --as stranger
2> tocsin correlate: there is no such object
[1]
$ tocsin correlate node --near indicator--00000000-0000-4000-8000-000000000001 --within 1m
2> tocsin correlate: that object has no place that you may read
[3]
$ tocsin correlate node --near 91,0 --within 1m
2> tocsin correlate: near what? LAT,LON in degrees, or the id of an object
[2]
$ tocsin correlate node --near 1,0 --within 1m x
2> tocsin correlate: say VALUES, or --file FILE with one on each line, or --near with --within, --during, --at, --type; see tocsin correlate --help
[2]
