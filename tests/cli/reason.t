# A community that asks for a reason: without --reason nothing of it is read, and that is said.
$ tocsin init node --org "Grid authority" --country NL >init; tocsin community add node "The circle" --alias circle >>init; tocsin community join node circle "Grid authority" >>init
$ printf 'correct horse battery staple\n' >pw; tocsin user add node reader --org "Grid authority" --roles reader --password-file pw
reader is a user
$ printf '{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-000000000001","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"Probing of the substation","pattern":"[ipv4-addr:value = '"'198.51.100.3'"']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"}' >in.json; tocsin import node in.json --community circle
in.json: 1 read, 1 added, 0 the same, 0 skipped
$ tocsin community rules node circle --asks-reason consultation
takes two people:   none
asks for a reason:  consultation
$ tocsin search node substation
nothing found
2> communities that ask for a reason (--reason TEXT): The circle
[1]
$ tocsin search node nowhere --as reader
nothing found
2> communities that ask for a reason (--reason TEXT): The circle
[1]
$ tocsin search node substation --as reader --reason "case 12"
indicator            indicator--00000000-0000-4000-8000-000000000001              Probing of the substation
$ tocsin search node substation --reason ""
2> tocsin search: the reason is a line of 1 to 500 bytes
[2]
$ tocsin export node | grep -c substation
0
2> communities that ask for a reason (--reason TEXT): The circle
[1]
$ tocsin export node --reason "yearly report" | grep -c substation
1
$ tocsin correlate node 198.51.100.3 | grep -c indicator
0
2> communities that ask for a reason (--reason TEXT): The circle
[1]
$ tocsin correlate node 198.51.100.3 --reason "case 12" | grep -c indicator
1
$ tocsin duty list node
no duty points
2> communities that ask for a reason (--reason TEXT): The circle
$ tocsin warning list node
no warnings
2> communities that ask for a reason (--reason TEXT): The circle
$ tocsin hunt node "[ipv4-addr:value = '198.51.100.3']"
2> communities that ask for a reason (--reason TEXT): The circle
2> 0 of 0 observations complete a match
[1]
$ tocsin audit show node | grep -o "case 12\|yearly report" | sort | uniq -c
      4 case 12
      2 yearly report
$ tocsin audit show node --object indicator--00000000-0000-4000-8000-000000000001 | grep -o "collection .*import\|co[nm][sb].*case 12\|disclosure.*report"
collection      -  import
consultation    reader  search  local  case 12
disclosure      -  export  local  yearly report
combination     -  correlate  local  case 12
