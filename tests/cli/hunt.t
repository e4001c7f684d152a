# A pattern against what a node has already: only what the asker may read takes part.
$ tocsin init node --org "Grid authority" --country NL >init; tocsin org add node Elsewhere --country DE >>init
$ printf 'correct horse battery staple\n' >pw; tocsin user add node analyst --org "Grid authority" --roles analyst --password-file pw; tocsin user add node stranger --org Elsewhere --roles analyst --password-file pw
analyst is a user
stranger is a user
$ for i in 1 2 3; do printf '{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--00000000-0000-4000-8000-00000000000%d","value":"198.51.100.%d"}\n{"type":"observed-data","spec_version":"2.1","id":"observed-data--00000000-0000-4000-8000-00000000000%d","created":"2026-01-0%dT00:00:00.000Z","modified":"2026-01-0%dT00:00:00.000Z","first_observed":"2026-01-0%dT00:00:00Z","last_observed":"2026-01-0%dT01:00:00Z","number_observed":1,"object_refs":["ipv4-addr--00000000-0000-4000-8000-00000000000%d"]}\n' $i $i $i $i $i $i $i $i; done | paste -sd, | sed 's/.*/{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","objects":[&]}/' >in.json
$ tocsin import node in.json
in.json: 6 read, 6 added, 0 the same, 0 skipped
$ tocsin hunt node "[ipv4-addr:value = '198.51.100.2']"
2026-01-02T00:00:00.000Z  observed-data--00000000-0000-4000-8000-000000000002
2> 1 of 3 observations complete a match
$ tocsin hunt node "[ipv4-addr:value ISSUBSET '198.51.100.0/24']" --as analyst --limit 2
2026-01-01T00:00:00.000Z  observed-data--00000000-0000-4000-8000-000000000001
2026-01-02T00:00:00.000Z  observed-data--00000000-0000-4000-8000-000000000002
2> 2 of 3 observations complete a match; there may be more, say --limit N
$ tocsin hunt node "[ipv4-addr:value ISSUBSET '198.51.100.0/24']" --as analyst --json
{"first_observed":"2026-01-01T00:00:00.000Z","last_observed":"2026-01-01T01:00:00.000Z","observations":["observed-data--00000000-0000-4000-8000-000000000001"]}
{"first_observed":"2026-01-02T00:00:00.000Z","last_observed":"2026-01-02T01:00:00.000Z","observations":["observed-data--00000000-0000-4000-8000-000000000002"]}
{"first_observed":"2026-01-03T00:00:00.000Z","last_observed":"2026-01-03T01:00:00.000Z","observations":["observed-data--00000000-0000-4000-8000-000000000003"]}
$ tocsin hunt node "[ipv4-addr:value = '198.51.100.1'] FOLLOWEDBY [ipv4-addr:value = '198.51.100.3']"
2026-01-03T00:00:00.000Z  observed-data--00000000-0000-4000-8000-000000000001  observed-data--00000000-0000-4000-8000-000000000003
2> 1 of 3 observations complete a match
$ tocsin hunt node "[ipv4-addr:value ISSUBSET '198.51.100.0/24']" --since 2026-01-03T01:00:00Z
2026-01-03T00:00:00.000Z  observed-data--00000000-0000-4000-8000-000000000003
2> 1 of 1 observations complete a match
# Unmarked is TLP:AMBER: for the organisation that it came from.
$ tocsin hunt node "[ipv4-addr:value ISSUBSET '198.51.100.0/24']" --as stranger
2> 0 of 0 observations complete a match
[1]
$ tocsin hunt node "[ipv4-addr:value = ]"
2> tocsin hunt: 1:20: expected a value (text, number, true, false, h'..', b'..' or t'..'), found ]
[3]
$ tocsin hunt node "[ipv4-addr:value = 'x']" --since yesterday
2> tocsin hunt: --since is a time like 2026-11-21T00:00:00Z
[2]
$ tocsin hunt node "[ipv4-addr:value = 'x']" --as nobody
2> tocsin hunt: there is no user 'nobody'
[1]
$ tocsin hunt node
2> tocsin hunt: too few words: 1 given, 2 needed; see tocsin hunt --help
[2]
