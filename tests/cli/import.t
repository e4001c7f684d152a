# Files into a node and out of it.
$ printf 'correct horse battery staple\n' | tocsin init node --org "Grid authority" --country NL --password-file - >/dev/null
$ printf '{"type":"bundle","id":"bundle--1","objects":[{"type":"identity","spec_version":"2.1","id":"identity--00000000-0000-4000-8000-000000000001","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"x"}]}' >good.json
$ tocsin import node good.json
good.json: 1 read, 1 added, 0 the same, 0 skipped
$ tocsin import node - <good.json
-: 1 read, 0 added, 1 the same, 0 skipped

# Refused: one line with file, object and path, and nothing is changed.
$ sed 's/"name"/"nom"/; s/000001/000002/' good.json >bad.json
$ tocsin import node bad.json
2> tocsin import: bad.json: byte 45: identity--00000000-0000-4000-8000-000000000002: name: `name` is required
[3]
$ tocsin import node bad.json --keep-going
bad.json: 1 read, 0 added, 0 the same, 1 skipped
2> tocsin import: skipped: bad.json: byte 45: identity--00000000-0000-4000-8000-000000000002: name: `name` is required
$ printf 'hello' | tocsin import node -
2> tocsin import: -: this is neither STIX (JSON), CAP 1.2 (XML), the CISA KEV catalogue (JSON) nor a register (CSV, JSON, GeoJSON)
[3]
$ printf '[[[[' | tocsin import node -
2> tocsin import: -: byte 1: element 0 of the list of objects is not an object
[3]
$ head -c 70 good.json | tocsin import node -
2> tocsin import: -: byte 70: the input stops in the middle
[3]
$ printf '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>' | tocsin import node -
2> tocsin import: -:1: a document type declaration (DTD, entities) is never read
[3]
$ tocsin import node nothing.json
2> tocsin import: nothing.json: there is no such file
[2]
$ tocsin import node good.json --marking TLP:PINK
2> tocsin import: 'TLP:PINK' is no marking: TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT, TLP:RED
[2]
$ tocsin import node good.json --community nowhere
2> tocsin import: there is no community 'nowhere'
[1]

# A register: two files, all or nothing, and what changed.
$ printf 'id,name,kind,sector,operator,country,lat,lon,people\nP,Plant,plant,energy,Op,NL,52,5,0\nS,Station,substation,energy,Op,NL,52.1,5.1,7\n' >assets.csv
$ printf 'asset,service,mode,group,need,supplier,share,buffer,restore\nS,electricity,flow,grid,1,P,,PT1H,\n' >dependencies.csv
$ tocsin import node assets.csv dependencies.csv
assets.csv and dependencies.csv: 8 read, 8 added, 0 the same, 0 skipped
$ sed -i 's/,7$/,9/' assets.csv; tocsin import node assets.csv dependencies.csv --json
{"file":"assets.csv","and":"dependencies.csv","read":8,"added":1,"same":7,"skipped":0,"why":[]}
$ sed -i 's/52.1/91/' assets.csv; tocsin import node assets.csv dependencies.csv
2> tocsin import: assets.csv:3: S: lat: 91 is outside -90 to 90 degrees
[3]

# Out again: the bytes as they came.
$ tocsin export node --out out.json
out.json: 9 objects
$ grep -c '"type":"identity","spec_version":"2.1","id":"identity--00000000-0000-4000-8000-000000000001","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"x"}' out.json
1
$ tocsin export node --format csv | cut -d, -f1-4,6-
id,name,kind,sector,country,lat,lon,people
P,Plant,plant,energy,NL,52,5,0
S,Station,substation,energy,NL,52.1,5.1,9
