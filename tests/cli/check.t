# SPDX-License-Identifier: Apache-2.0
# a bundle whose objects are all right
$ tocsin check $HERE/../../packs/critical-entities/examples/examples.json
1 file, 10 objects: 0 must be mended (0 MUST), 0 recommendations (SHOULD)

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
2> tocsin check: too few words: 0 given, 1 needed; see tocsin check --help
[2]
