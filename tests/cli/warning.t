# Who releases, what there is; who is hit, asked of a node and of the files.
$ tocsin init node --title "Contact point" --country NL > out
$ tocsin warning list node
no warnings
$ tocsin warning list node --json
{"warnings":[]}
$ tocsin warning rule node
a releaser releases each warning
$ tocsin warning rule node exercise
warnings of exercises release themselves, others a releaser
$ tocsin warning rule node
warnings of exercises release themselves, others a releaser
$ tocsin warning rule node sometimes
2> tocsin warning: it is hand, exercise or all
[3]
$ tocsin warning show node warning--nothing
2> tocsin warning: no such warning
[1]
$ tocsin warning release node warning--nothing
2> tocsin warning: no such warning
[1]
$ tocsin warning list node --as nobody
2> tocsin warning: there is no user 'nobody'
[1]
$ tocsin warning
2> tocsin warning: too few words: 0 given, 2 needed; see tocsin warning --help
[2]
$ printf 'id,name,kind,sector,operator,country,lat,lon,people\nS,Station,substation,energy,Grid,NL,52,5,0\nH,Hospital,hospital,health,Care,NL,52,5,900\n' > a.csv
$ printf 'asset,service,mode,group,need,supplier,share,buffer,restore\nH,electricity,flow,g,1,S,,PT2H..PT6H,\n' > d.csv
$ tocsin import node a.csv d.csv > out
$ tocsin impact node --outage S --json > of-node
$ tocsin impact --register a.csv d.csv --outage S --json > of-files
$ cmp of-node of-files && grep -o '"asset":"H","at":[0-9]*' of-node
"asset":"H","at":7200
$ tocsin impact node --outage nothing
2> tocsin impact: --outage: nothing: the register has no such asset
[3]
$ tocsin impact nowhere --outage S
2> tocsin impact: there is no folder nowhere
[2]
$ tocsin impact node --register a.csv d.csv --outage S
2> tocsin impact: it is a node's folder or --register, not both; see tocsin impact --help
[2]
$ tocsin impact --outage S
2> tocsin impact: a node's folder or --register FILES is missing; see tocsin impact --help
[2]
