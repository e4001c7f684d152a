# What is done to a node is on record, and what is done to the record is noticed.
$ tocsin init n --title "Contact point" --org "Grid authority" --country NL >/dev/null
$ tocsin org add n "Water works" --country BE >/dev/null
$ tocsin audit show n
0  [-0-9T:.]{23}Z  administration  -  user-add  admin  local (re)
1  [-0-9T:.]{23}Z  administration  -  org-add  Water works  local (re)
$ tocsin audit verify n
sound: 2 records, as the signed checkpoint says
$ tocsin audit checkpoint n >kept; wc -l <kept
5
$ tocsin org add n "Rail" --country DE >/dev/null
$ tocsin audit show n --object Rail
2  [-0-9T:.]{23}Z  administration  -  org-add  Rail  local (re)
$ tocsin audit show n --who admin
$ tocsin audit show n --since 2999-01-01T00:00:00Z
$ tocsin audit verify n --checkpoint kept
sound: 3 records, as the signed checkpoint says
$ tocsin audit verify n --json
{"sound":true,"records":3,"not_signed_yet":0,"redacted":0}
$ tocsin audit verify n --checkpoint n/node.json
2> tocsin audit: n/node.json is no checkpoint
[3]
$ tocsin audit show n --who nobody
2> tocsin audit: there is no user 'nobody'
[1]
# What a record says can be erased; that it was there stays.
$ cp -r n k; tocsin audit redact k 2
2> tocsin audit: --why TEXT is needed: it goes on record; see tocsin audit --help
[2]
$ tocsin audit redact k 2 --why "a name that must go" --as admin
record 2 is erased; that it was there stays provable
$ grep -c Rail k/audit/said/000000000
0
[1]
$ tocsin audit show k
0  [-0-9T:.]{23}Z  administration  -  user-add  admin  local (re)
1  [-0-9T:.]{23}Z  administration  -  org-add  Water works  local (re)
2  [-0-9T:.]{23}Z  administration  -  erased (re)
3  [-0-9T:.]{23}Z  redaction       admin  audit-redact  audit:2  local  a name that must go (re)
$ tocsin audit checkpoint k >/dev/null; tocsin audit verify k --checkpoint kept
sound: 4 records, as the signed checkpoint says
1 of them were erased since, and a record says so
$ tocsin audit redact k 3 --why again
2> tocsin audit: there is no record 3 whose words could be erased
[1]
$ tocsin audit redact k 99 --why none
2> tocsin audit: there is no record 99 whose words could be erased
[1]
$ tocsin audit redact k x --why none
2> tocsin audit: INDEX is the number of a record, as show tells it; see tocsin audit --help
[2]
# One letter of one record is altered, then history is rewritten with the node's own key.
$ cp -r n m; sed -i 's/Rail/Mail/' m/audit/said/000000000; tocsin audit verify m
broken: audit/said/000000000: the record is damaged or absent (record 2)
[1]
$ rm -r m/audit; tocsin org add m "Gas" --country FR >/dev/null; tocsin org add m "Oil" --country FR >/dev/null; tocsin audit verify m
sound: 2 records, as the signed checkpoint says
$ tocsin audit verify m --checkpoint kept
broken: audit/checkpoint: history was rewritten since the checkpoint that was kept
[1]
$ rm m/audit/checkpoint; tocsin audit verify m
broken: audit/: audit/checkpoint is absent
[1]
$ tocsin audit
2> tocsin audit: too few words: 0 given, 2 needed; see tocsin audit --help
[2]
