# A round of confirmation: operators are asked by a due date whether their entries still hold.
$ tocsin init node --title "Authority" --country NL > out; tocsin org add node Grid --country NL >>out; tocsin org add node Water --country NL >>out
$ for u in grid:Grid water:Water; do printf 'correct horse battery staple\n' >pw; tocsin user add node ${u%:*} --org ${u#*:} --roles reporter --password-file pw; done
grid is a user
water is a user
$ tocsin community add node Energy --alias energy --kind sector >>out; tocsin community join node energy Grid >>out; tocsin community join node energy Authority >>out
$ printf 'id,name,kind,sector,operator,country,lat,lon,people,as_of\nS1,Substation,substation,energy,Grid,NL,52,5,0,2024-01-01\nS2,Line,line,energy,Grid,NL,52,6,0,2024-02-01\nP1,Pumps,plant,water,Water,NL,52,5,1000,2024-01-01\nX1,Depot,depot,energy,Elsewhere,NL,52,5,0,\n' >assets.csv
$ printf 'asset,service,mode,group,need,supplier,share,buffer,restore\nP1,power,flow,,1,S1,,PT8H,PT1H\n' >deps.csv
$ tocsin register confirm node
2> tocsin register: there is nobody to ask: no entry has an operator of this node
[1]
$ tocsin import node assets.csv deps.csv --community energy >>out; tocsin register confirmations node
no confirmations
# Who has confirmed nothing for a year; an entry that does not say is as old as its newest version.
$ tocsin register check node --json | grep -o '"kind":"\(stale\|unconfirmed\)"[^}]*says":"[^"]*"'
"kind":"stale","asset":"P1","says":"as of 2024-01-01"
"kind":"stale","asset":"S1","says":"as of 2024-01-01"
"kind":"stale","asset":"S2","says":"as of 2024-02-01"
"kind":"unconfirmed","says":"'Grid', nothing since 2024-02-01"
"kind":"unconfirmed","says":"'Water', nothing since 2024-01-01"
$ tocsin register check node --at 2099-01-01T00:00:00Z --json | grep -c '"asset":"X1","says":"changed 2'
1
# A due date is yet to come; nobody is asked of what he may not read (Water is not in the community).
$ tocsin register confirm node --due 2020-01-01T00:00:00Z
2> tocsin register: the due date is yet to come
[3]
$ tocsin register confirm node --operator Nobody
2> tocsin register: there is no organisation 'Nobody'
[1]
$ tocsin register confirm node --operator Water
2> tocsin register: there is nobody to ask: of 1 entries their operators may read none
[1]
$ tocsin register confirm node --as grid
2> tocsin register: the organisation that runs the node opens a round
[1]
$ tocsin register confirm node --due 2099-12-31T00:00:00Z >opened; sed 's/--.*/--.../' opened
round 2099-12-31, due 2099-12-31
asked Grid about 2 entries: confirmation--...
not asked about 1 that their operators may not read: import them to a community of the operators
not asked about 1 whose operators are no organisations of this node
$ tocsin register confirm node --due 2099-12-31T00:00:00Z
2> tocsin register: there is a round '2099-12-31' already; --round names another
[3]
$ tocsin status node | grep confirmations
confirmations  1 asked, 0 overdue, 0 answered
# Only the two of them read it, and only the operator answers, once.
$ tocsin register confirmations node --as water
no confirmations
$ tocsin register confirmations node --as grid --json | grep -o '"state":"[a-z]*"'
"state":"asked"
$ tocsin register confirmations node --overdue
nothing is overdue
$ sed -n 's/.*: c/c/p' opened >id; tocsin register confirm node --answer $(cat id)
2> tocsin register: the operator whose entries they are answers
[1]
$ tocsin register confirm node --answer $(cat id) --as water
2> tocsin register: there is no such confirmation
[1]
$ tocsin register confirm node --answer $(cat id) --as grid --corrected
2> tocsin register: note: what was corrected, or is to be, needs a note
[3]
$ tocsin register confirm node --answer $(cat id) --due 2099-12-31T00:00:00Z
2> tocsin register: --answer goes with --as, --corrected and --note; see tocsin register --help
[2]
$ tocsin register confirm node --answer $(cat id) --as grid --corrected --note "S2 is sold"
corrected
$ tocsin register confirm node --answer $(cat id) --as grid
2> tocsin register: it was answered before
[3]
$ tocsin register confirmations node | sed 's/ *confirmation--.*//'
STATE      DUE                       ROUND       OPERATOR  ENTRIES  NOTE        ID
corrected  2099-12-31T00:00:00.000Z  2099-12-31  Grid      2        S2 is sold
$ tocsin register check node --json | grep -o '"kind":"\(stale\|unconfirmed\)"[^}]*says":"[^"]*"'
"kind":"stale","asset":"P1","says":"as of 2024-01-01"
"kind":"unconfirmed","says":"'Water', nothing since 2024-01-01"
$ tocsin register check node --at 2099-01-01T00:00:00Z --json | grep -c '"asset":"S1","says":"confirmed 2'
1
# What was asked and not answered in time is overdue, until it is answered.
$ E=$(printf extension-definition--); tocsin status node --json | grep -o 'identity--[0-9a-f-]*' >by; tocsin register confirmations node --json | grep -o 'identity--[0-9a-f-]*' | sed -n 1p >of
$ sed "s/BY/$(cat by)/g; s/OF/$(cat of)/g" >old.json <<EOT
> {"type":"confirmation","spec_version":"2.1","id":"confirmation--00000000-0000-4000-8000-000000000001","created_by_ref":"BY","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","round":"winter","asked_by_ref":"BY","asked_at":"2026-01-01T00:00:00.000Z","due":"2026-02-01T00:00:00.000Z","operator_ref":"OF","asset_refs":["infrastructure--00000000-0000-4000-8000-000000000001"],"state":"asked","object_marking_refs":["marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"],"extensions":{"extension-definition--3b0e6c1f-7a54-5d19-9c62-51f0a8d7e4b3":{"extension_type":"new-sdo"},"extension-definition--fdcae292-c800-495b-ae09-6bf1410b5cc4":{"extension_type":"property-extension","recipient_refs":["OF"]}}}
> EOT
$ tocsin import node old.json
old.json: 1 read, 1 added, 0 the same, 0 skipped
$ tocsin register confirmations node --overdue
STATE    DUE                       ROUND   OPERATOR  ENTRIES  NOTE  ID
overdue  2026-02-01T00:00:00.000Z  winter  Grid      1              confirmation--00000000-0000-4000-8000-000000000001
$ tocsin register confirmations node --overdue --as grid | grep -c overdue
1
$ tocsin status node | grep confirmations
confirmations  0 asked, 1 overdue, 1 answered
$ tocsin register confirm node --answer confirmation--00000000-0000-4000-8000-000000000001 --as grid
confirmed
$ tocsin register confirmations node --json | grep -o '"overdue":[0-9]*\|"late":[a-z]*'
"late":true
"late":false
"overdue":0
# Such an object of somebody else is no confirmation.
$ sed "s/BY/$(cat of)/g; s/OF/$(cat of)/g; s/000000000001/000000000002/" old.json | sed "s/$(cat by)/$(cat of)/g" >forged.json; tocsin import node forged.json --as grid --community energy
forged.json: 1 read, 1 added, 0 the same, 0 skipped
$ tocsin register confirmations node --json | grep -o '"state"' | grep -c .
2
