# SPDX-License-Identifier: Apache-2.0
# a pack with errors: each by file and line
$ mkdir -p lamps/types
$ printf 'type x-acme-lamp sdo\n  include common\n  colour vocab colours\n  watts number\n' >lamps/types/lamps.types
$ tocsin pack check lamps
lamps/types/lamps.types:3: there is no vocabulary 'colours'
lamps/types/lamps.types:4: 'number' is no kind of value
2 errors
[3]

# mended, and used
$ printf 'vocab colours closed\n  red green\ntype x-acme-lamp sdo\n  include common\n  colour vocab colours required\n' >lamps/types/lamps.types
$ tocsin pack check lamps
no errors: \d+ types, \d+ extensions, \d+ vocabularies, \d+ recommendations with those built in (re)
$ printf '{"type":"x-acme-lamp","spec_version":"2.1","id":"x-acme-lamp--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","colour":"blue"}' >lamp.json
$ tocsin check --pack lamps lamp.json
lamp.json: x-acme-lamp--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f
  MUST   colour: `colour` must be one of the values of colours, and "blue" is none  [vocabulary]
1 file, 1 object: 1 must be mended (1 MUST), 0 recommendations (SHOULD)
[3]

# a pack with rules: tried on the observations that stand beside them
$ mkdir -p lamps/rules
$ printf 'rule flicker\n  name "A lamp flickers"\n  as-of 2026-11-21\n  per x-acme-lamp:colour\n  cooldown PT1H\n  pattern\n    [x-acme-lamp:watts > 5]\n    REPEATS 3 TIMES WITHIN 60 SECONDS\n  says en "The {per} lamp, {count} times."\n  match "three"\n    3 x +PT10S {"type":"x-acme-lamp","colour":"red","watts":9}\n  quiet "two colours"\n    2 x +PT10S {"type":"x-acme-lamp","colour":"red","watts":9}\n    2 x +PT10S {"type":"x-acme-lamp","colour":"green","watts":9}\n' >lamps/rules/lamps.rules
$ tocsin pack check lamps | tail -n 1
1 rule, tried on 2 blocks of observations: as they say
$ sed -i 's/TIMES WITHIN/TIME WITHIN/; s/{count}/{counts}/; s/PT1H/1h/' lamps/rules/lamps.rules
$ tocsin pack check lamps
lamps/rules/lamps.rules:5: cooldown is a duration like PT1H, at most 31 days
lamps/rules/lamps.rules:9: in {} stands an object path, per, count, first, last or place; a brace itself is {{
lamps/rules/lamps.rules:8:15: expected TIMES, found TIME
3 errors
[3]
$ sed -i 's/TIME WITHIN/TIMES WITHIN/; s/{counts}/{count}/; s/ 1h/ PT1H/; s/3 x +PT10S/3 x +PT50S/; s/"green","watts":9/"red","watts":9/' lamps/rules/lamps.rules
$ tocsin pack check lamps
lamps/rules/lamps.rules:10: flicker: the rule must match these observations, and does not
lamps/rules/lamps.rules:12: flicker: the rule must not match these observations, and does
2 errors
[3]
$ sed -i '11s/3 x/three x/; 13s/"red"/red/' lamps/rules/lamps.rules
$ tocsin pack check lamps
lamps/rules/lamps.rules:11: flicker: an observation is [COUNT x] [+DURATION] and an object as JSON, on one line
lamps/rules/lamps.rules:13: flicker: not JSON: unexpected character, expected a valid JSON value
2 errors
[3]
$ rm -r lamps/rules

# key fields: what correlates
$ printf 'type x-acme-sale sdo\n  include common\n  plate string key plate\n  amount float key serial\n  buyer string key passport\n' >lamps/types/sales.types
$ tocsin pack check lamps
lamps/types/sales.types:4: 'amount' cannot be a key: only texts, whole numbers and hashes can
lamps/types/sales.types:5: there is no key 'passport': value, plate, cas, serial, phone and email are
2 errors
[3]

# no pack at all
$ tocsin pack check nowhere
nowhere: is no pack: it has no folder types/ and no rules/
1 error
[1]
$ tocsin pack weigh lamps
2> tocsin pack: 'weigh' is neither check nor list; see tocsin pack --help
[2]
$ tocsin pack list | grep -c -E '^(warning|ntfs-ext) '
2
