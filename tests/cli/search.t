# What a node holds, by words, values, references, place; the index is disposable.
$ tocsin init node --org "Grid authority" --country NL >init; tocsin org add node Elsewhere --country DE >>init
$ printf 'correct horse battery staple\n' >pw; tocsin user add node reader --org "Grid authority" --roles reader --password-file pw; tocsin user add node stranger --org Elsewhere --roles reader --password-file pw
reader is a user
stranger is a user
$ printf '{"type":"bundle","id":"bundle--1","objects":[{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd","value":"198.51.100.3"},{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-000000000001","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"Probing of the Zürich substation","pattern":"[ipv4-addr:value = '"'198.51.100.3'"']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"},{"type":"relationship","spec_version":"2.1","id":"relationship--00000000-0000-4000-8000-000000000002","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","relationship_type":"based-on","source_ref":"indicator--00000000-0000-4000-8000-000000000001","target_ref":"ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd"},{"type":"location","spec_version":"2.1","id":"location--00000000-0000-4000-8000-000000000003","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"Harbour","latitude":51.9,"longitude":4.1}]}' >in.json
$ tocsin import node in.json
in.json: 4 read, 4 added, 0 the same, 0 skipped
$ tocsin search node zurich sub*
indicator            indicator--00000000-0000-4000-8000-000000000001              Probing of the Zürich substation
$ tocsin search node --value 198.51.100.3
indicator            indicator--00000000-0000-4000-8000-000000000001              Probing of the Zürich substation
ipv4-addr            ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd              198.51.100.3
$ tocsin search node --value 198.51.100.3 --type ipv4-addr
ipv4-addr            ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd              198.51.100.3
$ tocsin search node --ref ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd
relationship         relationship--00000000-0000-4000-8000-000000000002           based-on
$ tocsin search node --box 4,51,5,52
location             location--00000000-0000-4000-8000-000000000003               Harbour
$ tocsin search node --box 5,51,6,52
nothing found
[1]
$ tocsin search node harbour --json | cut -c1-60
{"objects":[{"type":"location","spec_version":"2.1","id":"lo
$ tocsin search node harbour --limit 1 --json | grep -o '"more".*'
"more":false,"lag":0}
$ tocsin search node substation --as reader | wc -l
1
# Unmarked is TLP:AMBER: it is for the organisation that it came from, and nobody else learns of it.
$ tocsin search node substation --as stranger
nothing found
[1]
$ tocsin search node --value 198.51.100.3 --as stranger --json
{"objects":[],"more":false,"lag":0}
[1]
$ rm node/index.db*; tocsin search node substation --type indicator | wc -l
1
$ head -c 30000 /dev/zero >node/index.db; rm -f node/index.db-*; tocsin search node substation | wc -l
1
$ tocsin search node
2> tocsin search: look for one thing: WORDS, --value, --ref or --box; see tocsin search --help
[2]
$ tocsin search node word --value x
2> tocsin search: look for one thing: WORDS, --value, --ref or --box; see tocsin search --help
[2]
$ tocsin search node --box 1,2,3
2> tocsin search: a box is west,south,east,north in degrees
[2]
$ tocsin search node --box 1,95,3,96
2> tocsin search: a box is west,south,east,north in degrees
[2]
$ tocsin search node word --as nobody
2> tocsin search: there is no user 'nobody'
[1]
