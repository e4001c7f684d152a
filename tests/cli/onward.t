# Who will see this, and letting it go on: asked before, decided by the owner.
$ tocsin init node --title "Contact point" --country NL > out; tocsin org add node Grid --country NL >>out; tocsin org add node Water --country BE >>out
$ printf 'correct horse battery staple\n' >pw; for i in grid:Grid water:Water; do tocsin user add node ${i%:*} --org ${i#*:} --name "duty officer of ${i#*:}" --roles reporter,releaser --password-file pw; done
grid is a user
water is a user
$ for i in energy water; do tocsin community add node "The $i circle" --alias $i >>out; tocsin community join node $i Water; done; tocsin community join node energy Grid
Water belongs to energy
Water belongs to water
Grid belongs to energy
$ printf '{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-000000000001","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"n","description":"d","pattern":"[ipv4-addr:value = '"'198.51.100.1'"']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","granular_markings":[{"marking_ref":"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1","selectors":["description"]}]}' >in.json
$ tocsin audience node in.json --community energy --as grid
indicator--00000000-0000-4000-8000-000000000001
  TLP:AMBER
  organisation Grid
  organisation Water
  fields marked marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1
  TLP:RED
  person duty officer of Grid
$ tocsin audience node - <in.json
indicator--00000000-0000-4000-8000-000000000001
  TLP:AMBER
  organisation Contact point
  fields marked marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1
  TLP:RED
$ echo '{"type":"indicator","id":"indicator--1"}' | tocsin audience node - | sed 's/: .*/: .../'
indicator--1
  refused: ...
$ tocsin audience node nothing.json
2> tocsin audience: nothing.json: no such thing
[1]
$ tocsin audience node in.json --as nobody
2> tocsin audience: there is no user 'nobody'
[1]
$ tocsin onward list node
no requests
$ tocsin import node in.json --community energy --as grid
in.json: 1 read, 1 added, 0 the same, 0 skipped
$ tocsin onward ask node indicator--00000000-0000-4000-8000-000000000001 nowhere --as water
2> tocsin onward: there is no such community
[1]
$ tocsin onward ask node indicator--00000000-0000-4000-8000-000000000009 water --as water
2> tocsin onward: there is no such object
[1]
$ tocsin onward ask node indicator--00000000-0000-4000-8000-000000000001 water --as water --due 2001-01-01T00:00:00Z
2> tocsin onward: the deadline is over already
[3]
$ tocsin onward ask node indicator--00000000-0000-4000-8000-000000000001 water --as water --why "same pumps" >asked; sed 's/--.*/--.../' asked
asked: release-request--...
$ tocsin onward list node --as grid | cut -d' ' -f1
STATE
asked
$ tocsin onward list node
no requests
$ tocsin onward grant node $(cut -d' ' -f2 asked) --as water
2> tocsin onward: a releaser of the owner's organisation answers
[1]
$ tocsin onward grant node $(cut -d' ' -f2 asked) --as grid --answer "go on"
granted: the object is posted there
$ tocsin onward refuse node $(cut -d' ' -f2 asked) --as grid
2> tocsin onward: the request was answered, or its time is over
[3]
$ tocsin onward list node --as water --json | grep -o '"state":"[a-z]*"'
"state":"granted"
$ tocsin export node --community water --as water | grep -o '"name":"n"\|"description"'
"name":"n"
$ tocsin onward
2> tocsin onward: too few words: 0 given, 2 needed; see tocsin onward --help
[2]
$ tocsin audience
2> tocsin audience: too few words: 0 given, 2 needed; see tocsin audience --help
[2]
