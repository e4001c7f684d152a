# What is held about an identifier, and who saw it: content and consultations apart.
$ tocsin init n --title "Contact point" --org "Grid authority" --country NL >/dev/null
$ printf 'correct horse battery staple\n' >pw; for i in reads:reader audits:auditor runs:operator; do tocsin user add n ${i%:*} --org "Grid authority" --roles ${i#*:} --password-file pw; done >/dev/null
$ tocsin org add n "Water works" --country BE >/dev/null; tocsin user add n other --org "Water works" --roles reader,auditor --password-file pw
other is a user
$ printf '{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000000","objects":[{"type":"email-addr","spec_version":"2.1","id":"email-addr--00000000-0000-4000-8000-000000000001","value":"zq@b.example"},{"type":"email-addr","spec_version":"2.1","id":"email-addr--00000000-0000-4000-8000-000000000002","value":"c@d.example"}]}' >in.json; tocsin import n in.json
in.json: 2 read, 2 added, 0 the same, 0 skipped
$ tocsin subject n --value ZQ@b.example --as reads
ENTRY  ADDED                     ID
1      [-0-9T:.]{23}Z  email-addr--00000000-0000-4000-8000-000000000001 (re)
$ tocsin subject n --value zq@b.example --as reads --json | grep -o '"object":{[^}]*}\|"consultations"'
"object":{"type":"email-addr","spec_version":"2.1","id":"email-addr--00000000-0000-4000-8000-000000000001","value":"zq@b.example"}
$ tocsin subject n --value zq@b.example --as audits
ENTRY  ADDED                     ID
1      [-0-9T:.]{23}Z  email-addr--00000000-0000-4000-8000-000000000001 (re)
AT                        KIND          WHO    OF              HOW      WHY
[-0-9T:.]{23}Z  collection           Grid authority  import    (re)
[-0-9T:.]{23}Z  consultation  reads  Grid authority  subject   (re)
[-0-9T:.]{23}Z  consultation  reads  Grid authority  subject   (re)
$ tocsin subject n --value zq@b.example --as audits --json | grep -c 'b.example"}'
0
[1]
$ tocsin subject n --value zq@b.example --as other
nothing is held about it
nobody was given any of it
$ tocsin subject n --value zq@b.example --as runs
2> tocsin subject: who asks neither reads nor audits
[1]
$ tocsin subject n --value zq@b.example | sed -n 's/.*\(consultation\) *\([a-z]*\) .*/\1 \2/p'
consultation reads
consultation reads
consultation audits
consultation audits
$ grep -c zq@b n/audit/said/000000000
0
[1]
$ tocsin erase n email-addr--00000000-0000-4000-8000-000000000001 --why "asked for"
erased: 1 object, 1 entry; no file of the node holds them any more
$ tocsin subject n --value zq@b.example --as reads
nothing is held about it
$ tocsin subject n --value zq@b.example --as nobody
2> tocsin subject: there is no user 'nobody'
[1]
$ tocsin subject n
2> tocsin subject: --value VALUE is needed; see tocsin subject --help
[2]
