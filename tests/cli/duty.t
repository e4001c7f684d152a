# The directory of contacts: a point is called, answered, timed.
$ tocsin init node --title "Contact point" --country NL > out; tocsin org add node Grid --country NL >>out
$ printf 'correct horse battery staple\n' >pw; tocsin user add node grid --org Grid --roles reporter --password-file pw
grid is a user
$ tocsin community add node Contacts --alias contacts --kind contact-points >>out; tocsin community join node contacts Grid; tocsin community join node contacts "Contact point" --takes-part receive,steward
Grid belongs to contacts
Contact point belongs to contacts
$ tocsin duty list node
no duty points
$ printf '{"type":"duty-point","spec_version":"2.1","id":"duty-point--00000000-0000-4000-8000-000000000001","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"Control room","hours":"24/7","areas":["NL","energy"],"languages":["nl","en"],"reach":["tel:+31000000000"]}' >in.json
$ tocsin import node in.json --community contacts --as grid
in.json: 1 read, 1 added, 0 the same, 0 skipped
$ tocsin duty list node
Control room  24/7  NL,energy  nl,en  tel:+31000000000
  duty-point--00000000-0000-4000-8000-000000000001  never called
$ tocsin duty call node duty-point--00000000-0000-4000-8000-000000000002
2> tocsin duty: there is no such duty point
[1]
$ tocsin duty call node duty-point--00000000-0000-4000-8000-000000000001 >called; sed 's/--.*/--.../' called
called: test-call--...
$ tocsin duty calls node --as grid | cut -d' ' -f1
STATE
called
$ tocsin duty answer node $(cut -d' ' -f2 called)
2> tocsin duty: whose duty point it is answers
[1]
$ tocsin duty answer node $(cut -d' ' -f2 called) --as grid | sed 's/[0-9]* s/N s/'
answered after N s
$ tocsin duty list node | sed 's/[0-9]* s$/N s/'
Control room  24/7  NL,energy  nl,en  tel:+31000000000
  duty-point--00000000-0000-4000-8000-000000000001  answered after N s
$ tocsin duty calls node --json | grep -o '"state":"[a-z]*"'
"state":"answered"
# The life of a community.
$ tocsin community add node Planned --alias planned --requested --since-joining >>out; tocsin community list node | grep Planned | cut -c1-55
4       planned   Planned        network         reques
$ tocsin import node in.json --community planned --as grid
2> tocsin import: the organisation is no member of this community, or only reads it
[1]
$ tocsin community join node planned Grid --takes-part everything
2> tocsin community: 'everything' is none of receive, contribute, release, steward
[2]
$ tocsin community join node planned Grid --takes-part receive,contribute,release; tocsin community members node planned
Grid belongs to planned
NUMBER  NAME  COUNTRY  TAKES PART
2       Grid  NL       receive,contribute,release
$ tocsin community set node planned open && tocsin community set node planned read-only && tocsin community set node planned archived
planned is open
planned is read-only
planned is archived
$ tocsin community set node planned open
2> tocsin community: what is archived does not become open
[3]
$ tocsin community set node planned gone
2> tocsin community: it is open, read-only or archived
[2]
$ tocsin community alert node incident--00000000-0000-4000-8000-000000000001
2> tocsin community: there is no such incident
[1]
