# A node is made, and who is on it.
$ tocsin init node --title "Contact point" --country NL
node:           Contact point, in node
run by:         Contact point (NL)
administrator:  admin
one-time sign-in, good for 7 days: tco_[\w-]{43} (re)
next:           tocsin serve node
$ tocsin init node
2> tocsin init: there is a node in node already
[3]
$ tocsin org add node "Water company" --country nl
2> tocsin org: country: two capital letters are wanted, such as NL
[3]
$ tocsin org add node "Water company" --country NL --role operator
organisation 2: Water company \(identity--[0-9a-f-]{36}\) (re)
$ tocsin org add node "Water company" --country NL --role operator
2> tocsin org: this name is taken
[3]
$ tocsin user add node officer --org "Water company" --name "Duty officer" --roles reader,reporter
officer is a user
one-time sign-in, good for 7 days: tco_[\w-]{43} (re)
$ tocsin user add node second --org Nobody
2> tocsin user: there is no organisation 'Nobody'
[1]
$ tocsin user list node
LOGIN    NAME                 ORG            ROLES                                                      ACTIVE
admin    first administrator  Contact point  reader,reporter,analyst,releaser,steward,operator,auditor  yes
officer  Duty officer         Water company  reader,reporter                                            yes
$ tocsin community add node "Water sector" --alias water --kind sector
community [0-9a-f-]{36}: Water sector (re)
$ tocsin community join node water "Water company"
Water company belongs to water
$ tocsin community members node water
NUMBER  NAME           COUNTRY  TAKES PART
2       Water company  NL       receive,contribute,release
$ tocsin community leave node water Nobody
2> tocsin community: there is no organisation 'Nobody'
[1]
$ tocsin user deactivate node officer
officer is not active
$ tocsin user deactivate node nobody
2> tocsin user: there is no login 'nobody'
[1]
$ tocsin status node | grep -v -e disk -e folder
title          Contact point
identity       identity--[0-9a-f-]{36} (re)
made           [\dT:Z-]{20} (re)
running        no
entries        0
known          2 organisations, 2 people, 1 communities, 1 tokens
sealed         nothing: no field key; packs mark fields of 2 types
$ tocsin status nowhere
2> tocsin status: there is no folder nowhere
[2]
