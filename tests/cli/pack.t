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
