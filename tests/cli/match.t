# Patterns over observations, without a node.
$ printf '%s\n' '# a remark' "[ipv4-addr:value = '198.51.100.7'] FOLLOWEDBY [domain-name:value LIKE '%.example.com'] WITHIN 60 SECONDS" >p.txt
$ echo '{"id":"i1","pattern":"[domain-name:value = '"'x.example.com'"']"}' >>p.txt
$ echo '{"type":"observed-data","id":"observed-data--1","first_observed":"2026-01-01T00:00:00Z","last_observed":"2026-01-01T00:00:00Z","number_observed":1,"objects":{"0":{"type":"ipv4-addr","value":"198.51.100.7"}}}' >o.jsonl
$ echo '{"type":"domain-name","id":"domain-name--5","value":"x.example.com"}' >>o.jsonl
$ echo '{"type":"observed-data","id":"observed-data--2","first_observed":"2026-01-01T00:00:30Z","last_observed":"2026-01-01T00:00:30Z","number_observed":1,"object_refs":["domain-name--5"]}' >>o.jsonl
$ tocsin match --patterns p.txt --observations o.jsonl --json
{"pattern":"i1","observations":["observed-data--2"]}
{"pattern":"[ipv4-addr:value = '198.51.100.7'] FOLLOWEDBY [domain-name:value LIKE '%.example.com'] WITHIN 60 SECONDS","observations":["observed-data--1","observed-data--2"]}
$ tocsin match --patterns p.txt --observations - <o.jsonl
i1	observed-data--2
[ipv4-addr:value = '198.51.100.7'] FOLLOWEDBY [domain-name:value LIKE '%.example.com'] WITHIN 60 SECONDS	observed-data--1 observed-data--2

# One JSON text over many lines.
$ (echo '{"type":"bundle","id":"bundle--1","objects":['; sed '1,2s/$/,/' o.jsonl; echo ']}') >b.json
$ tocsin match --patterns p.txt --observations b.json --json
{"pattern":"i1","observations":["observed-data--2"]}
{"pattern":"[ipv4-addr:value = '198.51.100.7'] FOLLOWEDBY [domain-name:value LIKE '%.example.com'] WITHIN 60 SECONDS","observations":["observed-data--1","observed-data--2"]}

# Nothing matched; a pattern that is none; one that cannot be decided in bounded time.
$ echo "[file:name = 'a']" >none.txt
$ tocsin match --patterns none.txt --observations o.jsonl
[1]
$ printf '%s\n' '[file:size = ]' "([file:name = 'a'] FOLLOWEDBY [file:name = 'b']) REPEATS 100 TIMES" >bad.txt
$ tocsin match --patterns bad.txt --observations o.jsonl
2> tocsin match: bad.txt:1:14: expected a value (text, number, true, false, h'..', b'..' or t'..'), found ]
2> [file:size = ]
2>              ^
[3]
$ tocsin match --patterns bad.txt --observations o.jsonl --keep-going
2> tocsin match: bad.txt:1:14: expected a value (text, number, true, false, h'..', b'..' or t'..'), found ]
2> [file:size = ]
2>              ^
2> tocsin match: bad.txt:2:1: more than 64 [...] depend on each other here (REPEATS over FOLLOWEDBY, OR or WITHIN counts them as often as it says)
2> ([file:name = 'a'] FOLLOWEDBY [file:name = 'b']) REPEATS 100 TIMES
2> ^
2> tocsin match: 2 pieces of input were skipped
[1]
$ echo "[file:name MATCHES '(']" >bad.txt
$ tocsin match --patterns bad.txt --observations o.jsonl
2> tocsin match: bad.txt:1:2: the regular expression is none: missing closing parenthesis
2> [file:name MATCHES '(']
2>  ^
[3]
$ tocsin match --patterns p.txt
2> tocsin match: --patterns FILE and --observations FILE are needed; see tocsin match --help
[2]
$ echo '{"type":"observed-data","id":"observed-data--9","first_observed":"yesterday"}' >bad.jsonl
$ tocsin match --patterns p.txt --observations bad.jsonl
2> tocsin match: bad.jsonl:1: observed-data--9: first_observed: an observation needs a time here, such as 2026-01-31T08:00:00Z
[3]
$ echo "[file:name != 'a']" >none.txt
$ tocsin match --patterns none.txt --observations o.jsonl --explain 2>&1 | sed 's/[0-9]* bytes/N bytes/'
1 patterns, 0 decided by the index alone, N bytes
1 comparisons that no literal leads to, at most 20000:
  [file:name != 'a']

# a file that is not there is no answer; what editors put in front is passed over
$ tocsin match --patterns nowhere.txt --observations -
2> tocsin match: nowhere.txt: there is no such file
[4]
$ printf '\357\273\277[ipv4-addr:value = "x"]\r\n' | tr '"' "'" >marked.txt; printf '\357\273\277{"type":"observed-data","id":"o","first_observed":"2026-01-01T00:00:00Z","last_observed":"2026-01-01T00:00:00Z","number_observed":1,"objects":{"0":{"type":"ipv4-addr","value":"x"}}}\r\n' >marked.jsonl
$ tocsin match --patterns marked.txt --observations marked.jsonl --json
{"pattern":"[ipv4-addr:value = 'x']","observations":["o"]}
$ printf '[a:b = ]\n' >>marked.txt; tocsin match --patterns marked.txt --observations marked.jsonl --json --keep-going
{"pattern":"[ipv4-addr:value = 'x']","observations":["o"]}
2> tocsin match: marked.txt:2:8: expected a value (text, number, true, false, h'..', b'..' or t'..'), found ]
2> [a:b = ]
2>        ^
2> tocsin match: 1 piece of input was skipped
