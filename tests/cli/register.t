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
$ tocsin impact --register r.stix --outage P --json
{"failures":[{"asset":"P","at":0,"cause":[],"service":null,"p":1,"at_p5":0,"at_p50":0,"at_p95":0},{"asset":"S","at":3600,"cause":["P"],"service":"electricity","p":1,"at_p5":4104,"at_p50":8748,"at_p95":13931}],"spared":0,"people":7,"countries":{"NL":2},"sectors":{"energy":2},"member_states":1,"runs":1000}

# refused: file, line, field, and nothing is written
$ sed 's/"P","share":0.75/"Q","share":1.75/' r.geojson >bad.geojson
$ tocsin register export bad.geojson --format csv --out d; ls d
2> bad.geojson:6: S: dependencies[0].supplier: there is no asset 'Q'
2> bad.geojson:6: S: dependencies[0].share: a share of 1.75 is outside 0 to 1
2> ls: cannot access 'd': No such file or directory
[2]
$ tocsin import node bad.geojson
2> tocsin import: bad.geojson:6: S: dependencies[0].supplier: there is no asset 'Q'
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
2> tocsin register: say which: check, diff, import or export; see tocsin register --help
[2]
$ tocsin register export nothing.json --format json
2> nothing.json: cannot be opened: no such thing
[3]
