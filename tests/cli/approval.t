# Two people: rules of a community, acts that wait, by the command line too.
$ tocsin init node --title "Contact point" --country NL > out; tocsin org add node Grid --country NL >>out; tocsin community add node "The circle" --alias circle >>out
$ printf 'correct horse battery staple\n' >pw; printf 'a wrong horse battery staple\n' >wrong; for i in ann:steward bo:steward cy:reader; do tocsin user add node ${i%:*} --org "Contact point" --roles ${i#*:} --password-file pw; done
ann is a user
bo is a user
cy is a user
$ tocsin community rules node circle
takes two people:   none
asks for a reason:  none
$ tocsin community rules node circle --four-eyes membership
2> tocsin community: it has not two stewards, and it takes two to give this up again
[3]
$ tocsin community join node circle "Contact point" --takes-part receive,contribute,release,steward
Contact point belongs to circle
$ tocsin community rules node circle --four-eyes membership,everything
2> tocsin community: four_eyes knows release, deletion, membership
[3]
$ tocsin community rules node circle --four-eyes membership --asks-reason membership --as cy
2> tocsin community: its stewards decide that
[1]
$ tocsin community rules node circle --four-eyes membership --asks-reason membership --as ann
takes two people:   membership
asks for a reason:  membership
$ tocsin community join node circle Grid
2> tocsin community: a reason is asked for: say why
[3]
$ tocsin community join node circle Grid --why "new member" | sed 's/approval .*/approval .../'
waits for a second person: approval ...
$ tocsin community join node circle Grid --why "new member"
2> tocsin community: the same waits for a second person already
[3]
$ tocsin community members node circle
NUMBER  NAME           COUNTRY  TAKES PART
1       Contact point  NL       receive,contribute,release,steward
$ tocsin approval list node --json | tr ',' '\n' | sed -n 's/.*"id":"\(.*\)"/\1/p' >id; tocsin approval list node | sed 's/20[0-9-]*T[0-9:.]*Z/.../; s/[0-9a-f-]\{36\}/.../'
STATE    KIND        COMMUNITY   DUE                       WHY         ID
waiting  member-set  The circle  ...  new member  ...
$ tocsin approval list node --as cy
nothing waits
$ tocsin approval approve node $(cat id) --as cy --password-file pw
2> tocsin approval: there is no such act that you could answer
[1]
$ tocsin approval approve node $(cat id) --as ann --password-file wrong
2> tocsin approval: login and password do not match, or a second factor is needed: then answer on the page
[1]
$ tocsin approval approve node $(cat id)
2> tocsin approval: somebody answers: --as LOGIN; see tocsin approval --help
[2]
$ tocsin approval refuse node $(cat id) --as ann --password-file pw
2> tocsin approval: say why, in at most 500 bytes
[3]
$ tocsin approval approve node $(cat id) --as ann --password-file pw --why "I know them" | sed 's/^\(id\|until\|what\) .*/\1 .../; s/identity--.*/identity--.../'
id ...
state        done
kind         member-set
community    The circle
what ...
asked by     the folder
why          new member
until ...
answered by  identity--...
answer       I know them
$ tocsin community members node circle
NUMBER  NAME           COUNTRY  TAKES PART
1       Contact point  NL       receive,contribute,release,steward
2       Grid           NL       receive,contribute,release
$ tocsin community rules node circle --four-eyes none --asks-reason none --as ann --why "too slow" | sed 's/approval .*/approval .../'
takes two people:   membership
asks for a reason:  membership
waits for a second person: approval ...
$ tocsin approval list node --as ann --json | tr ',' '\n' | sed -n 's/.*"id":"\(.*\)"/\1/p' >id; tocsin approval approve node $(cat id) --as ann --password-file pw
2> tocsin approval: it takes somebody else than who asked for it
[1]
$ tocsin approval withdraw node $(cat id) --as ann | grep state
state        withdrawn
$ tocsin approval approve node $(cat id) --as bo --password-file pw
2> tocsin approval: it is withdrawn
[3]
$ tocsin audit show node | grep -c "approval [0-9a-f-]*:"
5
$ tocsin community end node circle --at 2099-01-01T00:00:00Z
circle is archived: 2099-01-01T00:00:00Z
$ tocsin community list node | sed -n "s/.*ARCHIVED/ARCHIVED/p; s/.*2099/2099/p"
ARCHIVED BY ITSELF
2099-01-01T00:00:00Z
$ tocsin community end node circle --days-after 7
2> tocsin community: no event opened it: give a time
[3]
$ tocsin community end node circle
circle is archived: only by hand
