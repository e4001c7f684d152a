# Rules: patterns with what is told of their matches. Ids and times of making are cut out.
$ tocsin init node --org "Grid authority" --country NL >init; tocsin org add node Elsewhere --country DE >>init
$ printf 'correct horse battery staple\n' >pw; for w in "analyst:Grid authority" stranger:Elsewhere; do tocsin user add node "${w%%:*}" --org "${w#*:}" --roles analyst --password-file pw; done
analyst is a user
stranger is a user
$ tocsin rule list node | grep -c '^indicator--.*  live'
4
$ tocsin rule list node | grep -c 'no index key'
0
[1]
$ for i in 1 2 3 4; do printf '{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--00000000-0000-4000-8000-00000000000%d","value":"198.51.100.%d"}\n{"type":"observed-data","spec_version":"2.1","id":"observed-data--00000000-0000-4000-8000-00000000000%d","created":"2026-01-0%dT00:00:00.000Z","modified":"2026-01-0%dT00:00:00.000Z","first_observed":"2026-01-0%dT00:00:00Z","last_observed":"2026-01-0%dT01:00:00Z","number_observed":1,"object_refs":["ipv4-addr--00000000-0000-4000-8000-00000000000%d"]}\n' $i $((i % 2)) $i $i $i $i $i $i; done | paste -sd, | sed 's/.*/{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","objects":[&]}/' >in.json
$ tocsin import node in.json
in.json: 8 read, 8 added, 0 the same, 0 skipped
$ tocsin rule add node "A known host" "[ipv4-addr:value ISSUBSET '198.51.100.0/31'] REPEATS 2 TIMES WITHIN 300000 SECONDS" --per ipv4-addr:value --severity Severe --says "en={count} connections to {per}" --says "de={count} Verbindungen zu {per}" --cooldown PT1H --confidence 80 >id; sed 's/--.*/--ID/' id
indicator--ID
$ tocsin rule add node "Never" "[file:size != 3]" --until 2030-01-01T00:00:00Z --marking TLP:GREEN >other; tocsin rule add node "Not yet" "[file:size = 3]" --from 2099-01-01T00:00:00Z >>other; wc -l <other
2
$ tocsin rule list node | sed 's/indicator--[-0-9a-f]*/ID/; /Remote access/,$d'
ID  live  A known host
    [ipv4-addr:value ISSUBSET '198.51.100.0/31'] REPEATS 2 TIMES WITHIN 300000 SECONDS
ID  live, no index key  Never
    [file:size != 3]
ID  early  Not yet
    [file:size = 3]
$ tocsin rule list node --extended --limit 1 --json | sed 's/"[a-z-]*--[-0-9a-f]*"/ID/g;s/"\(created\|modified\|valid_from\)":"[^"]*"/"\1":T/g'
{"rules":[{"rule":{"type":"indicator","spec_version":"2.1","id":ID,"created_by_ref":ID,"created":T,"modified":T,"name":"A known host","confidence":80,"pattern":"[ipv4-addr:value ISSUBSET '198.51.100.0/31'] REPEATS 2 TIMES WITHIN 300000 SECONDS","pattern_type":"stix","valid_from":T,"extensions":{ID:{"extension_type":"property-extension","per":"ipv4-addr:value","severity":"Severe","cooldown":"PT1H","says":{"en":"{count} connections to {per}","de":"{count} Verbindungen zu {per}"}}}},"state":"live","key":true,"mutes":[]}],"more":true}
$ tocsin rule list node --as stranger | sed 's/indicator--[-0-9a-f]*/ID/; /Remote access/,$d'
ID  live, no index key  Never
    [file:size != 3]

# From a file, with what each is tried on: all of it or nothing.
$ printf 'rule flicker\n  name "A lamp flickers"\n  as-of 2026-11-21\n  per x-acme-lamp:tag\n  cooldown PT90S\n  severity Minor\n  confidence 40\n  pattern\n    [x-acme-lamp:watts > 5]\n    REPEATS 3 TIMES WITHIN 60 SECONDS\n  says en "Lamp {per}, {count} times."\n  match "three"\n    3 x +PT10S {"type":"x-acme-lamp","tag":"A","watts":9}\n  quiet "two lamps"\n    2 x +PT10S {"type":"x-acme-lamp","tag":"A","watts":9}\n    2 x +PT10S {"type":"x-acme-lamp","tag":"B","watts":9}\n' >lamps.rules
$ sed 's/3 x/2 x/; 2s/.*/&\n  colour red/' lamps.rules >bad.rules; tocsin rule add node --file bad.rules
2> tocsin rule: bad.rules:3: 'colour' is none of the items of a rule
[3]
$ sed -i '3d' bad.rules; tocsin rule add node --file bad.rules
2> tocsin rule: bad.rules:12: flicker: the rule must match these observations, and does not
[3]
$ tocsin rule list node | grep -c flickers
0
[1]
$ tocsin rule add node --file lamps.rules | sed 's/--.*/--ID/'
indicator--ID
2> A lamp flickers: against the last 7 days: 0 matches among 0 observations
$ tocsin rule list node --extended --json | grep -o '"per":"x-acme-lamp:tag","severity":"Minor","cooldown":"PT90S","says":{"en":"Lamp {per}, {count} times."}'
"per":"x-acme-lamp:tag","severity":"Minor","cooldown":"PT90S","says":{"en":"Lamp {per}, {count} times."}
$ tocsin rule add node --file nowhere.rules
2> tocsin rule: nowhere.rules: cannot be opened
[3]

# Trying one on the past writes nothing.
$ tocsin rule test node $(cat id) --since 2026-01-01T00:00:00Z
2026-01-03T00:00:00.000Z  198.51.100.1  observed-data--00000000-0000-4000-8000-000000000001  observed-data--00000000-0000-4000-8000-000000000003
2026-01-04T00:00:00.000Z  198.51.100.0  observed-data--00000000-0000-4000-8000-000000000002  observed-data--00000000-0000-4000-8000-000000000004
2> 2 matches among 4 observations since 2026-01-01T00:00:00.000Z
$ tocsin rule test node "[ipv4-addr:value = '198.51.100.1']" --since 2026-01-02T00:00:00Z --limit 1
2026-01-03T00:00:00.000Z  observed-data--00000000-0000-4000-8000-000000000003
2> 1 match among 3 observations since 2026-01-02T00:00:00.000Z
$ tocsin rule test node "[ipv4-addr:value = '198.51.100.1']" --since 2026-01-01T00:00:00Z --as stranger
2> 0 matches among 0 observations since 2026-01-01T00:00:00.000Z
[1]
$ tocsin rule test node "[ipv4-addr:value = '198.51.100.1'] REPEATS 2 TIMES WITHIN 300000 SECONDS" --per ipv4-addr:value --since 2026-01-01T00:00:00Z --json
{"since":"2026-01-01T00:00:00.000Z","shown":[{"first_observed":"2026-01-03T00:00:00.000Z","last_observed":"2026-01-03T01:00:00.000Z","per":"198.51.100.1","observations":["observed-data--00000000-0000-4000-8000-000000000001","observed-data--00000000-0000-4000-8000-000000000003"]}],"matches":1,"observations":4,"unreadable":0,"undecided":0,"complete":true}
$ tocsin rule test node $(cat id) --as stranger
2> tocsin rule: there is no such rule
[1]
$ tocsin export node >out.json; grep -c '"observed-data"' out.json; grep -c '"sighting"' out.json
4
0
[1]

# Run over the past: the same sightings as live, once.
$ tocsin rule run node $(cat id) --since 2026-01-01T00:00:00Z
2 new sightings among 4 observations
$ tocsin rule run node $(cat id)
0 new sightings among 4 observations
$ tocsin export node >out.json; grep -c '"type":"sighting"' out.json; grep -c '"type":"finding"' out.json; grep -o '[0-9] connections to [0-9.]*' out.json | sort
2
2
2 connections to 198.51.100.0
2 connections to 198.51.100.0
2 connections to 198.51.100.1
2 connections to 198.51.100.1
$ tocsin rule run node $(cat id) --since 2099-01-01T00:00:00Z
0 new sightings among 0 observations
$ tocsin rule run node $(tail -1 other)
0 new sightings among 4 observations
$ tocsin rule run node indicator--00000000-0000-4000-8000-000000000000
2> tocsin rule: there is no such rule that is live
[1]

# Muting: by who posted it, or the node's own organisation.
$ tocsin rule mute node $(cat id) --reason "A scanner of our own" --value 198.51.100.1 --until 2099-01-01T00:00:00Z --as analyst | sed 's/--.*/--ID/'
mute--ID
$ tocsin rule mute node $(cat id) --reason "The node says so" | sed 's/--.*/--ID/'
mute--ID
$ tocsin rule show node $(cat id) | sed 's/indicator--[-0-9a-f]*/ID/'
ID  live  A known host
    [ipv4-addr:value ISSUBSET '198.51.100.0/31'] REPEATS 2 TIMES WITHIN 300000 SECONDS
    muted: The node says so
    muted for 198.51.100.1 until 2099-01-01T00:00:00.000Z: A scanner of our own
$ tocsin rule unmute node $(cat id) --value 198.51.100.1
1 mute taken back
$ tocsin rule unmute node $(cat id) --value 198.51.100.1
0 mutes taken back
[1]
$ tocsin rule unmute node $(cat id)
1 mute taken back
$ tocsin rule show node $(cat id) | sed 's/indicator--[-0-9a-f]*/ID/'
ID  live  A known host
    [ipv4-addr:value ISSUBSET '198.51.100.0/31'] REPEATS 2 TIMES WITHIN 300000 SECONDS
$ tocsin rule add node "Each address" "[ipv4-addr:value ISSUBSET '198.51.100.0/24']" >each; tocsin rule mute node $(cat each) --reason "Known" >>each; tocsin rule run node $(head -1 each)
0 new sightings among 4 observations
4 matches muted
$ tocsin rule mute node $(head -1 other) --reason "Somebody else's" --as stranger
2> tocsin rule: only the organisation that posted the rule, and the node's own, can mute it
[1]
$ tocsin rule mute node $(cat id) --reason "Cannot be seen" --as stranger
2> tocsin rule: there is no such rule
[1]
$ tocsin rule mute node $(cat id)
2> tocsin rule: reason: a mute needs a reason, of at most 2000 bytes
[3]

# What is refused says where.
$ tocsin rule add node "Bad" "[file:size = ]"
2> tocsin rule: pattern:1:14: expected a value (text, number, true, false, h'..', b'..' or t'..'), found ]
[3]
$ tocsin rule add node "Bad" "([file:name = 'a'] FOLLOWEDBY [file:name = 'b']) REPEATS 100 TIMES"
2> tocsin rule: pattern:1:1: more than 64 [...] depend on each other here (REPEATS over FOLLOWEDBY, OR or WITHIN counts them as often as it says)
[3]
$ tocsin rule add node "Bad" "[file:size = 3]" --per file
2> tocsin rule: 1:5: extensions.rule.per: the pattern ends where ':' between object type and property is expected
[3]
$ tocsin rule add node "Bad" "[file:size = 3]" --severity loud
2> tocsin rule: extensions.rule.severity: the severity is one of Extreme, Severe, Moderate, Minor, Unknown
[3]
$ tocsin rule add node "Bad" "[file:size = 3]" --says sentence
2> tocsin rule: --says is LANGUAGE=SENTENCE, as in en='Seen {count} times'; see tocsin rule --help
[2]
$ tocsin rule add node "Bad" "[file:size = 3]" --says "en={per} and {what}"
2> tocsin rule: extensions.rule.says.en: {per} needs a rule that has per
[3]
$ tocsin rule add node "Bad" "[file:size = 3]" --cooldown soon
2> tocsin rule: cooldown: must be an ISO 8601 duration like PT1H, of at most 31 days
[3]
$ tocsin rule add node "Bad" "[file:size = 3]" --until 2020-01-01T00:00:00Z
2> tocsin rule: valid_until: must be after valid_from
[3]
$ tocsin rule add node "Bad" "[file:size = 3]" --community nowhere
2> tocsin rule: there is no community 'nowhere' to post to
[1]
$ tocsin rule show node indicator--00000000-0000-4000-8000-000000000000
2> tocsin rule: there is no such rule
[1]
$ tocsin rule list
2> tocsin rule: too few words: 1 given, 2 needed; see tocsin rule --help
[2]
$ tocsin rule sing node
2> tocsin rule: it is 'list DIR', 'show DIR ID', 'add DIR NAME PATTERN', 'add DIR --file FILE', 'test DIR ID|PATTERN', 'run DIR ID', 'mute DIR ID' or 'unmute DIR ID'; see tocsin rule --help
[2]
