# The ranking of single outages. One plant feeds six countries; the hospital has its own stock.
$ cat > a.csv <<'END'
> id,name,kind,sector,operator,country,lat,lon,people
> P,Plant,plant,energy,op,NL,52,4,0
> N1,North,substation,energy,op,NL,52,4,1000
> N2,East,substation,energy,op,DE,52,7,2000
> N3,South,substation,energy,op,BE,51,4,3000
> N4,West,substation,energy,op,FR,50,3,4000
> N5,Hill,substation,energy,op,LU,49,6,500
> N6,Lake,substation,energy,op,AT,47,10,600
> H,Hospital,hospital,health,op,DE,52,7,900
> X,Alone,plant,energy,op,CH,47,8,50
> END
$ cat > d.csv <<'END'
> asset,service,mode,group,need,supplier,share,buffer,restore
> N1,electricity,flow,,1,P,,,
> N2,electricity,flow,,1,P,,,
> N3,electricity,flow,,1,P,,PT12H,
> N4,electricity,flow,,1,P,,P10D,
> N5,electricity,flow,,1,P,,,
> N6,electricity,flow,,1,P,,,
> H,electricity,flow,,1,N2,,PT24H,
> H,water,support,,1,N3,,,
> END
$ tocsin critical --register a.csv d.csv --top 3
     asset                                        people x hours     people   assets  services; countries
   1 P            NL Plant                                529200       8000        7  electricity, water; AT BE DE LU NL (two or more Member States)
   2 N4           FR West                                 288000       4000        1  FR
   3 N3           BE South                                280800       3900        2  water; BE DE (two or more Member States)
|
3 of 9 assets; within 72 h. Two or more Member States are hit by 2 single outages, six or more by 0.
$ tocsin critical --register a.csv d.csv --top 1 --horizon P11D --json
{"assets":9,"horizon":950400,"by":"people-hours","ranking":[{"rank":1,"asset":"P","name":"Plant","sector":"energy","country":"NL","people_hours":2161200,"people":12000,"failed":8,"services":["electricity","water"],"sectors":["energy","health"],"countries":["AT","BE","DE","FR","LU","NL"],"member_states":6,"two_or_more_states":true,"six_or_more_states":true}]}
$ tocsin critical --register a.csv d.csv --top 2 --by assets --threads 1 --json
{"assets":9,"horizon":259200,"by":"assets","ranking":[{"rank":1,"asset":"P","name":"Plant","sector":"energy","country":"NL","people_hours":529200,"people":8000,"failed":7,"services":["electricity","water"],"sectors":["energy","health"],"countries":["AT","BE","DE","LU","NL"],"member_states":5,"two_or_more_states":true,"six_or_more_states":false},{"rank":2,"asset":"N3","name":"South","sector":"energy","country":"BE","people_hours":280800,"people":3900,"failed":2,"services":["water"],"sectors":["energy","health"],"countries":["BE","DE"],"member_states":2,"two_or_more_states":true,"six_or_more_states":false}]}
$ tocsin critical --register a.csv d.csv --by luck
2> tocsin critical: --by is people-hours, people, assets or states; see tocsin critical --help
[2]
$ tocsin critical
2> tocsin critical: a node's folder or --register FILES is missing; see tocsin critical --help
[2]

# Two scenarios side by side.
$ tocsin impact --register a.csv d.csv --outage P --versus N2,X
first   7 assets, 8000 people, 5 Member States: AT BE DE LU NL
second  3 assets, 2950 people, 1 Member States: CH DE
|
            asset                                           people  first        second
new         X            CH Alone                               50  -            0 s
later       H            DE Hospital                           900  12 h 00 min  24 h 00 min
spared      N1           NL North                             1000  0 s          -
spared      N5           LU Hill                               500  0 s          -
spared      N6           AT Lake                               600  0 s          -
spared      P            NL Plant                                0  0 s          -
spared      N3           BE South                             3000  12 h 00 min  -
|
1 new (50 people), 0 earlier (0 people), 1 later (900 people), 5 spared (5100 people); 1 the same.
$ tocsin impact --register a.csv d.csv --outage P --versus N2 --json
{"first":{"failed":7,"people":8000,"countries":{"AT":1,"BE":1,"DE":2,"LU":1,"NL":2},"member_states":5},"second":{"failed":2,"people":2900,"countries":{"DE":2},"member_states":1},"difference":{"new":{"assets":0,"people":0},"earlier":{"assets":0,"people":0},"later":{"assets":1,"people":900},"spared":{"assets":5,"people":5100},"same":1,"rows":[{"change":"later","asset":"H","first":43200,"second":86400},{"change":"spared","asset":"N1","first":0},{"change":"spared","asset":"N5","first":0},{"change":"spared","asset":"N6","first":0},{"change":"spared","asset":"P","first":0},{"change":"spared","asset":"N3","first":43200}]}}
$ tocsin impact --register a.csv d.csv --outage P --versus nobody
2> tocsin impact: --outage: nobody: the register has no such asset
[3]
# With ranges both have the same luck: how likely and when about stands beside, and what differs in that alone is told.
$ cat > ra.csv <<'END'
> id,name,kind,sector,operator,country,lat,lon,people
> L,,line,energy,,NL,,,0
> H,Hospital,hospital,health,,NL,,,300
> W,,waterworks,drinking_water,,BE,,,50
> END
$ cat > rd.csv <<'END'
> asset,service,mode,group,need,supplier,share,buffer,restore
> H,electricity,flow,,1,L,,PT4H..PT12H,
> W,electricity,flow,,1,L,,PT2H,
> END
$ echo '{"outages":[{"asset":"L","to":"PT6H"}]}' > six.json; echo '{"outages":[{"asset":"L","to":"PT10H"}]}' > ten.json
$ tocsin impact --register ra.csv rd.csv --scenario six.json --versus-scenario ten.json
first   3 assets, 350 people (on average 132.5), 2 Member States: BE NL
second  3 assets, 350 people (on average 273.5), 2 Member States: BE NL
|
How likely, and when in the earliest 5, the middle and the latest 5 of 100:
            asset                                           people  first                                  second
likelier    H            NL Hospital                           300   28% 4 h 04 min/4 h 59 min/5 h 53 min   74% 4 h 15 min/6 h 44 min/9 h 40 min
|
0 new (0 people), 0 earlier (0 people), 0 later (0 people), 0 spared (0 people), 1 likelier (300 people), 0 less likely (0 people); 2 the same.
$ tocsin impact --register ra.csv rd.csv --scenario ten.json --versus-scenario six.json --json
{"first":{"failed":3,"people":350,"people_expected":273.5,"countries":{"BE":1,"NL":2},"member_states":2},"second":{"failed":3,"people":350,"people_expected":132.5,"countries":{"BE":1,"NL":2},"member_states":2},"difference":{"new":{"assets":0,"people":0},"earlier":{"assets":0,"people":0},"later":{"assets":0,"people":0},"spared":{"assets":0,"people":0},"likelier":{"assets":0,"people":0},"less_likely":{"assets":1,"people":300},"same":2,"rows":[{"change":"less_likely","asset":"H","first":14400,"second":14400,"first_runs":{"p":0.745,"at_p5":15343,"at_p50":24274,"at_p95":34859},"second_runs":{"p":0.275,"at_p5":14671,"at_p50":17979,"at_p95":21236}}]},"runs":1000}
$ for t in 1 2 3; do tocsin impact --register ra.csv rd.csv --scenario six.json --versus W --json --threads $t | md5sum; done | uniq | wc -l
1

# Pairs of a chosen set: what the coincidence adds.
$ tocsin critical --register a.csv d.csv --pairs N2,N3,P
first        second       people x hours  of that alone     people   assets
N3           P                    576000         576000       8000        7  (two or more Member States)
N2           P                    529200         529200       8000        7  (two or more Member States)
N2           N3                   424800         424800       5900        3  (two or more Member States)
$ tocsin critical --register a.csv d.csv --pairs N2 N3 --json
{"horizon":259200,"pairs":[{"first":"N2","second":"N3","failed":3,"people":5900,"people_hours":424800,"people_hours_alone":424800,"member_states":2,"two_or_more_states":true,"six_or_more_states":false}]}
$ tocsin critical --register a.csv d.csv --pairs N2
2> tocsin critical: --pairs needs two assets at least; see tocsin critical --help
[2]
$ tocsin critical --register a.csv d.csv --causes
common cause                   people x hours  of that alone     people   assets
The register names no common cause.

# The case file; no threshold is made up.
$ tocsin critical --register a.csv d.csv --case P | grep -v '| made '
|
**TLP:AMBER**
|
| # Case file
|
| Asset |  |
|---|---|
| id | P |
| name | Plant |
| sector | energy |
| country | NL |
| horizon, hours | 72 |
|
| ## What its outage alone does
|
| Within the horizon |  |
|---|---|
| assets that fail, itself counted | 7 |
| people | 8000 |
| people x hours | 529200 |
| Member States of the EU | 5 |
| two or more Member States | yes |
| six or more Member States (CER Article 17) | no |
| groups it supplies that hold without it | 0 |
| groups that run on a buffer for a while | 2 |
| groups that stop at once | 4 |
|
| ## Criteria
|
| Criterion | What | Value | Threshold | Result |
|---|---|---|---|---|
| CER 7(1)(a) | users that rely on it, directly and through others | 8000 people | none entered | no threshold entered |
| CER 7(1)(b) | other sectors that depend on it | 1 sectors | none entered | no threshold entered |
| CER 7(1)(c) | duration: the longest interruption within the horizon | 72 hours | none entered | no threshold entered |
| CER 7(1)(d) | share of the people of its sector and country in the register | 100 percent | none entered | no threshold entered |
| CER 7(1)(e) | countries hit; isolation is not in the register | 5 countries | none entered | no threshold entered |
| CER 7(1)(f) | alternatives of those that it supplies: 0 all have one, 1 some, 2 none | 2  | none entered | no threshold entered |
| ECI 3(2)(a) | casualties | not known | none entered | not known |
| ECI 3(2)(b) | economic effects | not known | none entered | not known |
| ECI 3(2)(c) | public effects: people who lose an essential service | 8000 people | none entered | no threshold entered |
|
| ## Why: the ways by which it spreads
|
| Through | Name | For want of | Assets | People | Of the people x hours |
|---|---|---|---|---|---|
| N3 | South | electricity | 2 | 3900 | 44 % |
| N2 | East | electricity | 1 | 2000 | 27 % |
| N1 | North | electricity | 1 | 1000 | 13 % |
| N6 | Lake | electricity | 1 | 600 | 8 % |
| N5 | Hill | electricity | 1 | 500 | 6 % |
|
| ## Sectors
|
| Sectors | Assets | People |
|---|---|---|
| energy | 6 | 7100 |
| health | 1 | 900 |
|
| ## Countries
|
| Countries | Assets | People |
|---|---|---|
| AT | 1 | 600 |
| BE | 1 | 3000 |
| DE | 2 | 2900 |
| LU | 1 | 500 |
| NL | 2 | 1000 |
|
| ## What was assumed
|
- It fails alone, at once and for good; looked 72 hours ahead, in a register of 9 assets and 8 dependencies.
- Ranges of buffers count with their shortest time. Nobody steps in.
- No capacity is in the register: nothing overloads.
- People are those that the register gives to the assets that fail, at any hour the same, added up: who is counted at two counts twice.
- Criteria without a threshold are not judged; thresholds are the authority's.
|
**TLP:AMBER**
$ tocsin critical --register a.csv d.csv --case P --json | head -c 300; echo
{"asset":"P","name":"Plant","sector":"energy","country":"NL","horizon":259200,"failed":7,"people":8000,"people_hours":529200,"services":["electricity","water"],"sectors":[{"name":"energy","assets":6,"people":7100},{"name":"health","assets":1,"people":900}],"countries":[{"name":"AT","assets":1,"peopl
$ tocsin critical --register a.csv d.csv --case P --html | grep -c '<h2>'
6
$ tocsin critical --register a.csv d.csv --case nobody
2> tocsin critical: nobody: the register has no such asset
[3]
$ tocsin critical --register a.csv d.csv --html
2> tocsin critical: --html is for --case; see tocsin critical --help
[2]
# The case file has its marking at both ends and on each sheet, the sheets numbers.
$ tocsin critical --register a.csv d.csv --case P --marking TLP:GREEN | grep -c 'TLP:GREEN'
2
$ tocsin critical --register a.csv d.csv --case P --format html --marking TLP:RED --out case.html; grep -o 'TLP:[A-Z]*' case.html | sort | uniq -c; grep -c 'counter(page) " / " counter(pages)' case.html; grep -c 'What was assumed' case.html
      4 TLP:RED
1
1
$ tocsin critical --register a.csv d.csv --case P --format csv
2> tocsin critical: --format is for the ranking; a case file is html or, without it, Markdown; see tocsin critical --help
[2]
# Thresholds of the authority judge, and say who decided them when.
$ tocsin init cn --title T --country NL >/dev/null; tocsin import cn a.csv d.csv >/dev/null
$ echo '{"thresholds":{"as_of":"2026-07-01","decided_by":"the authority","users":1000,"countries":9}}' > cn/impact.json
$ tocsin critical cn --case P | grep -A5 'CER 7(1)(e)\|CER 7(1)(a)\|ECI 3(2)(c)' | grep 'reached\|Thresh\|decided\|^$'
| CER 7(1)(a) | users that rely on it, directly and through others | 8000 people | 1000 | reached |
| ECI 3(2)(c) | public effects: people who lose an essential service | 8000 people | 1000 | reached |
|
| Thresholds |  |
| decided by | the authority |
