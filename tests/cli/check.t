# SPDX-License-Identifier: Apache-2.0
# a bundle whose objects are all right
$ tocsin check $HERE/../../packs/critical-entities/examples/examples.json
1 file, 17 objects: 0 must be mended (0 MUST), 0 recommendations (SHOULD)

# what is wrong is said by object, path and sentence
$ cat >bad.json <<'X'
> {"type":"bundle","id":"bundle--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","objects":[
> {"type":"indicator","spec_version":"2.1","id":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
> "created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","name":"n","description":"d",
> "pattern":"[url:value = 'x']","pattern_type":"stix","valid_from":"2026-02-01T00:00:00Z",
> "valid_until":"2026-01-01T00:00:00Z","indicator_types":["odd"],"labels":[]},
> {"type":"tool","spec_version":"2.1","id":"tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
> "created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","name":"t","mine":1}]}
> X
$ tocsin check bad.json
bad.json: indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f
  SHOULD indicator_types[0]: `indicator_types`: "odd" is not in the vocabulary indicator-type-ov  [indicator-types]
  MUST   labels: `labels` must not be an empty list; leave it out  [empty]
  MUST   valid_until: `valid_until` must be after `valid_from`  [time-order]
bad.json: tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f
  SHOULD mine: `mine` is not in the standard; custom properties should come with an extension definition  [extensions-use]
1 file, 3 objects: 1 must be mended (2 MUST), 2 recommendations (SHOULD)
[3]
$ tocsin check --quiet bad.json
bad.json: indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f
  MUST   labels: `labels` must not be an empty list; leave it out  [empty]
  MUST   valid_until: `valid_until` must be after `valid_from`  [time-order]
1 file, 3 objects: 1 must be mended (2 MUST)
[3]
$ tocsin check --json bad.json
{"file":"bad.json","object":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","path":"indicator_types[0]","level":"SHOULD","rule":"indicator-types","says":"`indicator_types`: \"odd\" is not in the vocabulary indicator-type-ov"}
{"file":"bad.json","object":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","path":"labels","level":"MUST","rule":"empty","says":"`labels` must not be an empty list; leave it out"}
{"file":"bad.json","object":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","path":"valid_until","level":"MUST","rule":"time-order","says":"`valid_until` must be after `valid_from`"}
{"file":"bad.json","object":"tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","path":"mine","level":"SHOULD","rule":"extensions-use","says":"`mine` is not in the standard; custom properties should come with an extension definition"}
{"files":1,"refused":0,"objects":3,"bad":1,"musts":2,"shoulds":2,"notes":0}
[3]

# recommendations alone, and switched off
$ tail -n 2 bad.json | sed 's/]}$//' | tr -d '\n' >tool.json
$ tocsin check --strict tool.json
tool.json: tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f
  SHOULD mine: `mine` is not in the standard; custom properties should come with an extension definition  [extensions-use]
1 file, 1 object: 0 must be mended (0 MUST), 1 recommendation (SHOULD)
[1]
$ tocsin check --strict --off extensions-use,custom-prefix,custom-prefix-lax tool.json
1 file, 1 object: 0 must be mended (0 MUST), 0 recommendations (SHOULD)
$ tocsin check --off no-such tool.json
2> tocsin check: there is no recommendation 'no-such'; see tocsin check --help
[2]

# JSON lines, and from standard input
$ (cat tool.json; echo; cat tool.json; echo) | tocsin check --quiet -
1 file, 2 objects: 0 must be mended (0 MUST)

# what is not JSON is told by line and column
$ printf '{"type":\n "tool",\n}' >broken.json
$ tocsin check broken.json
broken.json:2:8: not JSON: trailing comma is not allowed
1 file, 0 objects: 1 could not be read, 0 must be mended (0 MUST), 0 recommendations (SHOULD)
[3]
$ printf '[%.0s' $(seq 100) | tocsin check -
standard input:1:101: not JSON: it ends too early
1 file, 0 objects: 1 could not be read, 0 must be mended (0 MUST), 0 recommendations (SHOULD)
[3]
$ : | tocsin check -
standard input:1:1: there is nothing here to read
1 file, 0 objects: 1 could not be read, 0 must be mended (0 MUST), 0 recommendations (SHOULD)
[3]
$ echo '<alert/>' | tocsin check -
standard input: XML with root <alert> holds no CAP 1.2 alert
1 file, 1 object: 1 could not be read, 0 must be mended (0 MUST), 0 recommendations (SHOULD)
[3]
$ tocsin check no-such-file.json
no-such-file.json: cannot be opened
1 file, 0 objects: 1 could not be read, 0 must be mended (0 MUST), 0 recommendations (SHOULD)
[3]
$ tocsin check
2> tocsin check: a FILE or --pattern is needed; see tocsin check --help
[2]

# patterns are explained, or refused by line and column
$ tocsin check --pattern "([ipv4-addr:value = '198.51.100.7'] FOLLOWEDBY [domain-name:value LIKE '%.example.com']) WITHIN 60 SECONDS"
([ipv4-addr:value = '198.51.100.7'] FOLLOWEDBY [domain-name:value LIKE '%.example.com']) WITHIN 60 SECONDS
  [...] 1 of 2
    compares ipv4-addr:value = (text)
    looked at when ipv4-addr:value is '198.51.100.7'; that decides it
  [...] 2 of 2
    compares domain-name:value LIKE (text with % and _)
    looked at when domain-name:value ends with '.example.com'
  a match takes up to 2 observations within 60 seconds; at most 16384 are remembered
1 pattern: 0 refused, 0 without an index key
$ tocsin check --pattern "[file:name MATCHES 'evil[0-9]+\\\\.exe' AND file:size != 3]" --pattern "[file:size != 10]"
[file:name MATCHES 'evil[0-9]+\\.exe' AND file:size != 3]
  compares file:name MATCHES (regular expression), file:size != (whole number)
  looked at when file:name holds 'evil'
  one observation decides; nothing is remembered
[file:size != 10]
  compares file:size != (whole number)
  looked at when file:size is there
  NO INDEX KEY: no literal leads to it, it is evaluated for every observation with such a value there
  one observation decides; nothing is remembered
2 patterns: 0 refused, 1 without an index key
$ printf '%s\n' "[file:name = 'a']" '# a remark' '{"id":"i1","pattern":"[ipv6-addr:value ISSUBSET '"'2001:db8::/32'"'] REPEATS 3 TIMES"}' '{"id":"i2","pattern":"[a:b ="}' >many.patterns
$ tocsin check many.patterns
many.patterns:1: [file:name = 'a']
  compares file:name = (text)
  looked at when file:name is 'a'; that decides it
  one observation decides; nothing is remembered
many.patterns:3: i1
  compares ipv6-addr:value ISSUBSET (network)
  looked at when ipv6-addr:value is in 2001:db8:0:0:0:0:0:0/32; that decides it
  a match takes up to 3 observations; without WITHIN around the whole the newest 16384 are remembered
many.patterns:4:7: i2: the pattern ends where a value (text, number, true, false, h'..', b'..' or t'..') is expected
[a:b =
      ^
3 patterns: 1 refused, 0 without an index key
[3]
$ tocsin check --json many.patterns
{"file":"many.patterns","line":1,"pattern":"[file:name = 'a']","types":["file"],"observations":[{"compares":[{"path":"file:name","operator":"=","with":"text"}],"comparisons":1,"keys":[{"path":"file:name","value":"is","what":"a"}],"keys_in_all":1,"key_decides":true,"no_key":false}],"single":true,"needs":1}
{"file":"many.patterns","line":3,"id":"i1","pattern":"[ipv6-addr:value ISSUBSET '2001:db8::/32'] REPEATS 3 TIMES","types":["ipv6-addr"],"observations":[{"compares":[{"path":"ipv6-addr:value","operator":"ISSUBSET","with":"network"}],"comparisons":1,"keys":[{"path":"ipv6-addr:value","value":"is in","what":"2001:db8:0:0:0:0:0:0/32"}],"keys_in_all":1,"key_decides":true,"no_key":false}],"single":false,"needs":3}
{"file":"many.patterns","object":"i2","path":"pattern","level":"MUST","rule":"SYNTAX","says":"the pattern ends where a value (text, number, true, false, h'..', b'..' or t'..') is expected","line":4,"column":7,"offset":6,"caret":"[a:b =\n      ^\n"}
{"files":1,"refused":0,"objects":0,"bad":0,"musts":0,"shoulds":0,"notes":0,"patterns":3,"patterns_refused":1,"patterns_without_key":0}
[3]
$ printf "[file:name = 'a'\n AND file:size =\n 3]\n" >one.pattern
$ tocsin check one.pattern
one.pattern:1: [file:name = 'a'  AND file:size =  3]
  compares file:name = (text), file:size = (whole number)
  looked at when file:name is 'a'
  one observation decides; nothing is remembered
1 pattern: 0 refused, 0 without an index key
$ tocsin check --pattern "[a:b = 1] REPEATS 2 TIMES REPEATS 3 TIMES"
1:27: a second qualifier of the same kind on one observation (STIX 2.1 section 9.5 allows one of each)
[a:b = 1] REPEATS 2 TIMES REPEATS 3 TIMES
                          ^
1 pattern: 1 refused, 0 without an index key
[3]
$ tocsin check --quiet --pattern "[a:b = 1]"
1 pattern: 0 refused, 0 without an index key
$ tocsin check --pattern "[file:size > 10 AND file:size <= 20]" --pattern "[file:size > 10 AND file:name != 'x']" --pattern "[file:size > 10 AND file:size < 3]"
[file:size > 10 AND file:size <= 20]
  compares file:size > (whole number), file:size <= (whole number)
  looked at when file:size is between 10.000000000000002 and 20
  one observation decides; nothing is remembered
[file:size > 10 AND file:name != 'x']
  compares file:size > (whole number), file:name != (text)
  looked at when file:size is more than 10
  NO INDEX KEY: no literal leads to it, it is evaluated for every observation with such a value there
  one observation decides; nothing is remembered
[file:size > 10 AND file:size < 3]
  compares file:size > (whole number), file:size < (whole number)
  never holds: no value can pass its comparisons
  one observation decides; nothing is remembered
3 patterns: 0 refused, 1 without an index key
$ tocsin check --pattern "[a:b = 1 AND z:c = 2]"
[a:b = 1 AND z:c = 2]
  compares a:b = (whole number), z:c = (whole number)
  looked at when a:b is 1
  one observation decides; nothing is remembered
1 pattern: 0 refused, 0 without an index key
