# Scenarios: two lines of one valley feed a substation's customers, and the second cannot carry all.
$ cat > a.csv <<'END'
> id,name,kind,sector,operator,country,lat,lon,people,capacity,common_causes
> L41,Line 41,line,energy,,AT,47.1,11.1,0,,Inn valley
> L42,Line 42,line,energy,,AT,47.2,11.2,0,60,Inn valley; ridge
> HOSP,Hospital,hospital,health,,AT,47.26,11.38,90000,,
> WATER,Waterworks,works,water,,AT,47.27,11.4,120000,,
> MILL,Mill,plant,industry,,AT,47.27,179.9,0,,
> END
$ cat > d.csv <<'END'
> asset,service,mode,group,need,supplier,share,buffer,restore,demand,priority,recharge,buffer_draw,restore_draw,calendar
> HOSP,electricity,flow,,1,L41,,PT8H..PT24H,,30,1,PT12H,triangular PT12H,,
> HOSP,electricity,flow,,1,L42,,PT8H..PT24H,,30,1,PT12H,triangular PT12H,,
> WATER,electricity,flow,,1,L41,,PT4H,,20,2,,,,60%; Mo-Su 06-22 100%; UTC+01:00
> WATER,electricity,flow,,1,L42,,PT4H,,20,2,,,,60%; Mo-Su 06-22 100%; UTC+01:00
> MILL,electricity,flow,,1,L41,,,,15,9,,,,
> MILL,electricity,flow,,1,L42,,,,15,9,,,,
> HOSP,water,flow,,1,WATER,,PT24H,,,,,,,
> END
# The hospital comes first; the waterworks and the mill are shed. Calendars count with their highest
# hour, as nobody says when it is.
$ tocsin impact --register a.csv d.csv --outage L41 --runs 0
in           asset                                           people  because
now          L41          AT Line 41                              0  given
now          MILL         AT Mill                                 0  no electricity from L41, L42; L42 stands but cannot carry it
4 h 00 min   WATER        AT Waterworks                      120000  no electricity from L41, L42; L42 stands but cannot carry it; ran 4 h 00 min on its own
28 h 00 min  HOSP         AT Hospital                         90000  no water from WATER, after L41; ran 24 h 00 min on its own
|
4 of 5 assets fail within 3 d 00 h, 1 are spared; 210000 people.
Countries: AT 4.
# The valley at nine in the evening: from ten on the waterworks use less.
$ tocsin impact --register a.csv d.csv --cause "Inn valley" --at 2026-11-21T20:00:00Z --explain HOSP
in           at                   how likely, when (5..95 %)     asset                                           people  because
now          2026-11-21T20:00:00Z 100%                           L41          AT Line 41                              0  given
now          2026-11-21T20:00:00Z 100%                           L42          AT Line 42                              0  given
now          2026-11-21T20:00:00Z 100%                           MILL         AT Mill                                 0  no electricity from L41, L42
6 h 00 min   2026-11-22T02:00:00Z 100%                           WATER        AT Waterworks                      120000  no electricity from L41, L42; ran 6 h 00 min on its own
8 h 00 min   2026-11-22T04:00:00Z 100% 9 h 43 min..21 h 06 min   HOSP         AT Hospital                         90000  no electricity from L41, L42; ran 8 h 00 min on its own
|
5 of 5 assets fail within 3 d 00 h, 0 are spared; 210000 people.
Countries: AT 5.
|
HOSP fails in 8 h 00 min. To keep it up for 3 d 00 h any one of these would do:
  - L41 back by 2026-11-22T04:00:00Z
  - L42 back by 2026-11-22T04:00:00Z, and 42 h 00 min more of water in stock at HOSP
  - L42 back by 2026-11-22T04:00:00Z, and 37 h 36 min more of electricity in stock at WATER
  - 64 h 00 min more of electricity in stock at HOSP, and 42 h 00 min more of water in stock at HOSP
  - 64 h 00 min more of electricity in stock at HOSP, and 37 h 36 min more of electricity in stock at WATER
$ tocsin impact --register a.csv d.csv --outage L42 --explain HOSP --runs 0
in           asset                                           people  because
now          L42          AT Line 42                              0  given
|
1 of 5 assets fail within 3 d 00 h, 4 are spared; 0 people.
Countries: AT 1.
|
HOSP stands for 3 d 00 h.
$ cat > s.json <<'END'
> {"at": "2026-11-21T14:00:00Z",
>  "outages": [{"asset": "L41", "to": "PT30H"}],
>  "capacities": [{"asset": "L42", "left": 0.4, "from": "PT2H"}],
>  "areas": [{"circle": {"latitude": 47.27, "longitude": -179.9, "radius_km": 20},
>             "from": "PT1H", "to": "2026-11-21T18:00:00Z"}],
>  "stocks": [{"asset": "HOSP", "service": "water", "buffer": "PT2H"},
>             {"asset": "HOSP", "service": "electricity", "fill": 0.25}]}
> END
$ tocsin impact --register a.csv d.csv --scenario s.json --explain HOSP --until PT12H --runs 100 --seed 3 --json
{"failures":[{"asset":"L41","at":0,"cause":[],"service":null,"until":108000,"p":1,"at_p5":0,"at_p50":0,"at_p95":0,"p_within":{"PT1H":1,"PT4H":1,"PT8H":1,"PT24H":1,"PT72H":1}},{"asset":"MILL","at":0,"cause":["L41","L42"],"service":"electricity","until":108000,"shed":true,"p":1,"at_p5":0,"at_p50":0,"at_p95":0,"p_within":{"PT1H":1,"PT4H":1,"PT8H":1,"PT24H":1,"PT72H":1}},{"asset":"WATER","at":14400,"cause":["L41","L42"],"service":"electricity","until":108000,"shed":true,"p":1,"at_p5":14400,"at_p50":14400,"at_p95":14400,"p_within":{"PT1H":0,"PT4H":1,"PT8H":1,"PT24H":1,"PT72H":1}},{"asset":"HOSP","at":19200,"cause":["L41","L42"],"service":"electricity","until":108000,"shed":true,"p":1,"at_p5":21600,"at_p50":21600,"at_p95":21600,"p_within":{"PT1H":0,"PT4H":0,"PT8H":1,"PT24H":1,"PT72H":1}}],"spared":1,"people":210000,"countries":{"AT":4},"sectors":{"energy":1,"health":1,"industry":1,"water":1},"member_states":1,"runs":100,"explain":{"asset":"HOSP","until":43200,"at":19200,"prevented_by":[[{"measure":"outage","asset":"L41","end":19200}],[{"measure":"capacity","asset":"L42","end":19200},{"measure":"buffer","asset":"HOSP","service":"water","longer":21601}],[{"measure":"capacity","asset":"L42","end":19200},{"measure":"buffer","asset":"WATER","service":"electricity","longer":17281}],[{"measure":"buffer","asset":"HOSP","service":"electricity","longer":57601},{"measure":"buffer","asset":"HOSP","service":"water","longer":21601}],[{"measure":"buffer","asset":"HOSP","service":"electricity","longer":57601},{"measure":"buffer","asset":"WATER","service":"electricity","longer":17281}]],"complete":true}}
# An area over the date line.
$ echo '{"areas": [{"polygon": [[40, 179], [40, -179], [50, -179], [50, 179], [40, 179]]}]}' > s.json
$ tocsin impact --register a.csv d.csv --scenario s.json --runs 0
in           asset                                           people  because
now          MILL         AT Mill                                 0  given
|
1 of 5 assets fail within 3 d 00 h, 4 are spared; 0 people.
Countries: AT 1.
$ tocsin critical --register a.csv d.csv --top 2
     asset                                        people x hours     people   assets  services; countries
   1 WATER        AT Waterworks                         12960000     210000        2  water; AT
   2 L41          AT Line 41                            12120000     210000        4  electricity, water; AT
|
2 of 5 assets; within 72 h. Two or more Member States are hit by 0 single outages, six or more by 0.
Suppliers can run short here, or calendars count: each outage was followed by itself.
# Said by path, and nothing is computed.
$ echo '{"areas": [{"polygon": [[40, 10], [50, 20], [50, 10], [40, 20], [40, 10]]}]}' > s.json
$ tocsin impact --register a.csv d.csv --scenario s.json
2> s.json: areas[0].polygon: the polygon crosses itself
[3]
$ echo '{"areas": [{"polygon": [[80, 0], [80, 120], [80, -120], [80, 0]]}]}' > s.json
$ tocsin impact --register a.csv d.csv --scenario s.json
2> s.json: areas[0].polygon: the polygon goes round a pole
[3]
$ echo '{"areas": [{"polygon": [[40, 10], [50, 20], [91, 10], [40, 10]]}]}' > s.json
$ tocsin impact --register a.csv d.csv --scenario s.json
2> s.json: areas[0].polygon: a corner is not on the Earth: latitude -90 to 90, longitude -180 to 180
[3]
$ echo '{"at": "1969-07-20T20:17:00Z", "outages": [{"asset": "L41", "from": "1969-07-20T20:00:00Z"}]}' > s.json
$ tocsin impact --register a.csv d.csv --scenario s.json
2> s.json: outages[0].from: it lies before the start
[3]
$ echo '{"at": "1969-07-20T20:17:00Z", "outages": [{"asset": "L41", "from": "1969-07-20T21:17:00Z", "to": "PT1H"}]}' > s.json
$ tocsin impact --register a.csv d.csv --scenario s.json
2> s.json: outages[0].to: it ends before it begins
[3]
$ echo '{"outages": ["L43"]}' > s.json
$ tocsin impact --register a.csv d.csv --scenario s.json
2> s.json: outages[0].asset: the register has no asset 'L43'
[3]
$ echo '{"capacities": [{"asset": "L41", "left": 40}]}' > s.json
$ tocsin impact --register a.csv d.csv --scenario s.json
2> s.json: capacities[0].left: it must be a number from 0 to 1
[3]
$ echo '{"outage": ["L41"]}' > s.json
$ tocsin impact --register a.csv d.csv --scenario s.json
2> s.json: outage: a scenario has at, outages, causes, areas, capacities and stocks
[3]
$ tocsin impact --register a.csv d.csv --cause "Ziller valley"
2> tocsin impact: --cause: Ziller valley: the register has no such common cause
[3]
$ tocsin impact --register a.csv d.csv --scenario none.json
2> none.json: cannot be opened: no such thing
[3]
# The new columns, too, are held against their rules.
$ cat > bad.csv <<'END'
> asset,service,mode,group,need,supplier,share,buffer,restore,demand,priority,recharge,buffer_draw,restore_draw,calendar
> HOSP,a,flow,,1,L41,,PT8H..PT24H,,-3,70000,P11Y,triangular PT2H,,
> HOSP,b,flow,,1,L41,,,,x,-1,-PT1H,normal,lognormal PT1H,Mo-Xx 10%
> HOSP,c,flow,,1,L41,,PT0H..PT2H,,2e9,1,PT1H..PT2H,lognormal,,2000%
> HOSP,d,flow,,1,L41,,,,1,1,PT1H,,,
> HOSP,d,flow,,1,L42,,,,1,1,PT2H,,,
> END
$ sed s/,60,/,-60,/ a.csv > b.csv
$ tocsin impact --register b.csv bad.csv --outage L41
2> b.csv:3: L42: capacity: -60 is outside 0 to 1000000000
2> bad.csv:2: HOSP: demand: -3 is outside 0 to 1000000000
2> bad.csv:2: HOSP: priority: '70000' is not a whole number from 0 to 65535
2> bad.csv:2: HOSP: recharge: 'P11Y' is not a duration such as PT8H
2> bad.csv:2: HOSP: buffer_draw: 'triangular PT2H' does not fit the range
2> bad.csv:3: HOSP: demand: 'x' is not a number
2> bad.csv:3: HOSP: priority: '-1' is not a whole number from 0 to 65535
2> bad.csv:3: HOSP: recharge: '-PT1H' is negative
2> bad.csv:3: HOSP: buffer_draw: 'normal' is neither uniform nor lognormal nor such as 'triangular PT6H'
2> bad.csv:3: HOSP: restore_draw: 'lognormal PT1H' is neither uniform nor lognormal nor such as 'triangular PT6H'
2> bad.csv:3: HOSP: calendar: 'Mo-Xx 10%' is not such as '40%; Mo-Fr 07-19 100%; UTC+01:00'
2> bad.csv:4: HOSP: demand: 2e9 is outside 0 to 1000000000
2> bad.csv:4: HOSP: recharge: 'PT1H..PT2H' is not a duration such as PT8H
2> bad.csv:4: HOSP: buffer_draw: 'lognormal' does not fit the range
2> bad.csv:4: HOSP: calendar: '2000%' has more than 1000%
[3]
