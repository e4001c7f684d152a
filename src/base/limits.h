/* SPDX-License-Identifier: Apache-2.0 */
/* Every bound of the program: unit, reason, option that changes it (none = fixed). A part that
 * needs a bound adds it here, not in its own file. */
#ifndef TC_BASE_LIMITS_H
#define TC_BASE_LIMITS_H

/* One object's JSON, bytes. Real ones are under 100 KiB; a 3 MiB artifact payload is the largest
 * that partners were seen to send. Option --max-object. */
#define TC_MAX_OBJECT (8u << 20)

/* Nesting of JSON and XML. STIX needs 9; recursion below this depth fits any thread's stack. */
#define TC_MAX_DEPTH 64

/* Body of one HTTP request, bytes; also TAXII's max_content_length. Option --max-body. */
#define TC_MAX_BODY (32u << 20)

/* Objects in one HTTP body: bounds the time that one request holds the writer. */
#define TC_MAX_BODY_OBJECTS 20000

/* Errors reported of one object, so that hostile input cannot fill a screen or a log. */
#define TC_MAX_FINDINGS 100

/* Elements of one list property. The largest list of the ATT&CK releases has under 1,000. */
#define TC_MAX_LIST 100000

/* One line of a CSV, bytes; one field. */
#define TC_MAX_CSV_LINE (1u << 20)

/* A CAP alert, bytes: the largest real one seen (with an embedded image) is under 2 MiB. */
#define TC_MAX_CAP (8u << 20)

/* TAXII page: objects (a client's limit is lowered to it) and bytes. */
#define TC_MAX_PAGE       1000
#define TC_MAX_PAGE_BYTES (32u << 20)

/* Audiences that one node can tell apart; each reader keeps one bit for each. */
#define TC_MAX_AUDIENCES (1u << 20)

/* Named recipients of one object. */
#define TC_MAX_RECIPIENTS 256

/* Organisations, people, communities of one node. */
#define TC_MAX_ORGS        100000
#define TC_MAX_PEOPLE      1000000
#define TC_MAX_COMMUNITIES 10000

/* Inboxes count as communities: each organisation has one. */
#define TC_MAX_COMMUNITY_ROWS (TC_MAX_COMMUNITIES + TC_MAX_ORGS)

/* Names, titles and labels, bytes; a description; a login (ASCII). Each fits a line of a table. */
#define TC_MAX_NAME        200
#define TC_MAX_DESCRIPTION 2000
#define TC_MAX_LOGIN       128

/* Passwords, bytes. The least is for people; the most bounds what Argon2id is fed with. */
#define TC_MIN_PASSWORD 12
#define TC_MAX_PASSWORD 1024

/* Tokens of one person and of the node: API tokens, sessions, one-time codes. */
#define TC_MAX_PERSON_TOKENS 1000
#define TC_MAX_TOKENS        1000000

/* Argon2id at once (19 MiB each) and callers waiting for their turn; over it BUSY. */
#define TC_MAX_HASHING         2
#define TC_MAX_HASHING_WAITING 32

/* Wrong passwords of one login: this many at once, then one more every so many seconds. */
#define TC_LOGIN_FAILURES        10
#define TC_LOGIN_FAILURE_SECONDS 30

/* Connections at once; over it new ones are closed. Option --max-connections. */
#define TC_MAX_CONNECTIONS 12000

/* Seconds for a whole request to arrive, however slowly it drips. Option --request-timeout. */
#define TC_REQUEST_SECONDS 30

/* A graph: assets and dependency edges. 1 M assets take about 150 MB. */
#define TC_MAX_ASSETS 4000000u
#define TC_MAX_EDGES  40000000u

/* Longest buffer, restore time or horizon that a register may name, seconds (10 years). */
#define TC_MAX_DURATION (INT64_C(10) * 366 * 86400)

#endif
