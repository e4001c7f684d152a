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
