# A node is made, filled with who there is, and looked at.
$ tocsin init n --title "Contact point" --org "Grid authority" --country NL
node:           Contact point, in n
run by:         Grid authority (NL)
administrator:  admin
one-time sign-in, good for 7 days: tco_[A-Za-z0-9_-]{43} (re)
next:           tocsin serve n
$ stat -c %a n n/key n/node.json n/access.db n/journal.db
700
600
600
600
600
$ tocsin init n
2> tocsin init: there is a node in n already
[3]
$ tocsin org add n "Water works" --country BE --sectors water --role operator
organisation 2: Water works \(identity--[0-9a-f-]{36}\) (re)
$ tocsin org add n "Water works" --country BE
2> tocsin org: this name is taken
[3]
$ tocsin org add n "Rail" --country be
2> tocsin org: country: two capital letters are wanted, such as NL
[3]
$ tocsin org add n "Rail"
2> tocsin org: --country is missing, two capital letters; see tocsin org --help
[2]
$ tocsin org list n | cut -c1-50
NUMBER  NAME            COUNTRY  ROLE       SECTOR
1       Grid authority  NL       authority        
2       Water works     BE       operator   water 
$ printf 'seven quiet bells\n' >pw; tocsin user add n officer --org "Water works" --name "duty officer" --password-file pw
officer is a user
$ tocsin user add n Officer --org 1 --password-file pw
2> tocsin user: this login is taken
[3]
$ echo short | tocsin user add n other --org 1 --password-file -
2> tocsin user: the password is too short (at least 12 bytes)
[3]
$ tocsin user add n other --org Nobody
2> tocsin user: there is no organisation 'Nobody'
[1]
$ tocsin user add n other --org 1 --roles king
2> tocsin user: roles: there is no role 'king'; there are reader, reporter, analyst, releaser, steward, operator, auditor, all
[3]
$ tocsin user roles n officer --roles reader,releaser
officer has new roles
$ tocsin user factors-drop n officer
officer signs in by a password alone now
$ tocsin user deactivate n officer
officer is not active
$ tocsin user list n
LOGIN    NAME                 ORG             ROLES                                                      ACTIVE
admin    first administrator  Grid authority  reader,reporter,analyst,releaser,steward,operator,auditor  yes
officer  duty officer         Water works     reader,releaser                                            no
$ tocsin user activate n officer
officer is active
$ tocsin community add n "Energy sector" --alias energy --kind sector | cut -c1-10
community 
$ tocsin community join n energy "Water works"
Water works belongs to energy
$ tocsin community join n energy 1 --read-only
1 belongs to energy
$ tocsin community members n energy
NUMBER  NAME            COUNTRY  TAKES PART
1       Grid authority  NL       receive
2       Water works     BE       receive,contribute,release
$ tocsin community leave n energy 1
1 left energy
$ tocsin community join n 1 "Water works"
2> tocsin community: the members of an inbox cannot be changed
[3]
$ tocsin community list n | cut -c1-53
NUMBER  ALIAS   TITLE           KIND    STATE  OPEN  
1               Grid authority  inbox   open   no    
2               Water works     inbox   open   no    
3       energy  Energy sector   sector  open   no    
$ tocsin token new n officer --label feed --expires 30d
tca_[A-Za-z0-9_-]{43} (re)
$ tocsin token revoke n 0000000000000000
2> tocsin token: there is no token '0000000000000000'
[1]
$ id=$(tocsin token list n officer | tail -1 | cut -c1-16); tocsin token revoke n $id | cut -c23-
 opens nothing any more
$ tocsin token list n officer
no tokens
$ tocsin status n | grep -v -e folder -e identity -e made -e disk
title          Contact point
running        no
entries        0
known          2 organisations, 2 people, 1 communities, 1 tokens
sealed         nothing: no field key; packs mark fields of 2 types
$ tocsin status n --json | grep -o '"running":false,"head":0,"orgs":2,"people":2'
"running":false,"head":0,"orgs":2,"people":2
# What is refused, and how.
$ tocsin status nowhere
2> tocsin status: there is no folder nowhere
[2]
$ mkdir empty; tocsin status empty 2>&1 | sed "s#$PWD#.#g"
tocsin status: there is no node in ./empty; make one with: tocsin init ./empty
$ mkdir full; touch full/x; tocsin init full
2> tocsin init: full is not empty
[3]
$ chmod 770 n; tocsin user list n; chmod 700 n
2> tocsin user: others may write to n; forbid it first: chmod go-w
$ tocsin init m --country nl; ls m 2>/dev/null
2> tocsin init: country: two capital letters are wanted, such as NL
[2]
$ tocsin init m --password-file pw --admin "a b"; ls m 2>/dev/null
2> tocsin init: login: only letters a-z, digits and . _ @ + - are used
[2]
$ tocsin user zebra n x
2> tocsin user: it is add, password, roles, deactivate or activate with DIR LOGIN, 'cert DIR LOGIN FILE', 'cert-list DIR', 'cert-remove DIR LOGIN ID', 'link' or 'unlink DIR LOGIN --issuer URL --subject ID', 'link-list DIR', or 'list DIR'; see tocsin user --help
[2]
$ tocsin user add n x
2> tocsin user: --org is missing; see tocsin user --help
[2]
$ tocsin community join n energy
2> tocsin community: it is 'add DIR TITLE', 'list DIR', 'members DIR COMMUNITY', 'join DIR COMMUNITY ORG', 'leave DIR COMMUNITY ORG', 'set DIR COMMUNITY STATE', 'end DIR COMMUNITY', 'rules DIR COMMUNITY' or 'alert DIR INCIDENT'; see tocsin community --help
[2]
$ tocsin token
2> tocsin token: too few words: 0 given, 2 needed; see tocsin token --help
[2]
