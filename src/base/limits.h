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

/* One file of a pack, bytes; words of one of its statements; properties of one type (a set of them
 * is one 64-bit word). The largest of the packs that come along are 12 KiB, 250 and 37. */
#define TC_MAX_PACK_FILE  (1u << 20)
#define TC_MAX_PACK_WORDS 1024
#define TC_MAX_PROPERTIES 64

/* One line of a CSV, bytes; one field. */
#define TC_MAX_CSV_LINE (1u << 20)

/* A CAP alert, bytes: the largest real one seen (with an embedded image) is under 2 MiB, and in
 * base64 it must fit into one object. */
#define TC_MAX_CAP (5u << 20)

/* Points of one CAP polygon; national outlines have a few thousand. Crossing edges are looked for
 * (every pair) up to the second bound. */
#define TC_MAX_POLYGON          100000
#define TC_MAX_POLYGON_EXAMINED 2000

/* TAXII page: objects (a client's limit is lowered to it) and bytes. */
#define TC_MAX_PAGE       1000
#define TC_MAX_PAGE_BYTES (32u << 20)

/* Audiences that one node can tell apart; each reader keeps one bit for each. */
#define TC_MAX_AUDIENCES (1u << 20)

/* Object types that one node can tell apart: STIX has 40, packs add dozens, the rest is hostile. */
#define TC_MAX_TYPES (1u << 16)

/* Different created_by_ref that one node can tell apart; each takes about 150 bytes. */
#define TC_MAX_CREATORS (1u << 22)

/* (community, audience) pairs that have entries; each is one posting list. */
#define TC_MAX_POSTINGS (1u << 22)

/* Entries of one journal: sequence numbers take 32 bits in memory. */
#define TC_MAX_ENTRIES 0xfffffff0u

/* Bytes of batches that wait for the journal's writer. Over it tc_journal_append waits and
 * tc_journal_submit says BUSY. One batch may be larger. */
#define TC_MAX_JOURNAL_QUEUE (64u << 20)

/* Entries and bytes of one transaction of many batches: bounds how long a small batch waits. */
#define TC_MAX_GROUP_ENTRIES 16384
#define TC_MAX_GROUP_BYTES   (16u << 20)

/* Named recipients of one object. */
#define TC_MAX_RECIPIENTS 256

/* Release caveats on one object, each of which must hold; more of them leave the creator alone. */
#define TC_MAX_RELEASES 4

/* Different granular markings of one object that fields are taken out for, and their selectors;
 * what has more is hidden whole. Every combination of them is checked when it comes in. */
#define TC_MAX_FIELD_MARKINGS  4
#define TC_MAX_FIELD_SELECTORS 256

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
#define TC_MAX_PERSON_TOKENS     1000
#define TC_MAX_TOKEN_COMMUNITIES 64 /* that one token is for */
#define TC_MAX_TOKENS            1000000

/* A page's session gets a new secret after so many seconds; the old one then lasts so many. */
#define TC_SESSION_ROTATES 3600
#define TC_SESSION_GRACE   60

/* Passkeys of one person; challenges that were answered in the last two minutes. */
#define TC_MAX_PERSON_PASSKEYS 16
#define TC_MAX_PASSKEY_SPENT   1024

/* Client certificates of one person and of the node; a file with one; the subject that is shown. */
#define TC_MAX_PERSON_CERTS 16
#define TC_MAX_CERTS        100000
#define TC_MAX_CERT_FILE    65536
#define TC_CERT_SUBJECT     256

/* Signing in by a provider (OpenID Connect): its id token, bytes (real ones are under 4 KiB); any
 * answer of it; keys of its set; links of one person and of the node; the subject of one (OpenID
 * Connect Core section 2) and an address, bytes. */
#define TC_MAX_ID_TOKEN     (16u << 10)
#define TC_MAX_OIDC_ANSWER  (256u << 10)
#define TC_MAX_OIDC_KEYS    64
#define TC_MAX_PERSON_LINKS 16
#define TC_MAX_LINKS        1000000
#define TC_MAX_SUBJECT      255
#define TC_MAX_ISSUER       512

/* A sign-in that is under way ends after so many seconds; those that came back meanwhile are
 * remembered, and so many of them wait for the provider at once. Over it: 503. */
#define TC_OIDC_SECONDS     600
#define TC_MAX_OIDC_SPENT   8192
#define TC_MAX_OIDC_WAITING 32

/* Argon2id at once (19 MiB each) and callers waiting for their turn; over it BUSY. */
#define TC_MAX_HASHING         2
#define TC_MAX_HASHING_WAITING 32

/* Wrong passwords of one login: this many at once, then one more every so many seconds. */
#define TC_LOGIN_FAILURES        10
#define TC_LOGIN_FAILURE_SECONDS 30
/* The same of one address, whatever the logins; an office may have one. */
#define TC_ADDRESS_FAILURES        100
#define TC_ADDRESS_FAILURE_SECONDS 5

/* Connections at once; over it new ones are closed. Option --max-connections. */
#define TC_MAX_CONNECTIONS 12000

/* Seconds for a whole request to arrive, however slowly it drips. Option --request-timeout. */
#define TC_REQUEST_SECONDS 30

/* The request line's target, bytes, and the pieces of it: a match[id] of a hundred ids fits. */
#define TC_MAX_TARGET   8192
#define TC_MAX_SEGMENTS 12
#define TC_MAX_ARGS     32

/* Values of one comma-separated filter ("match[type]=a,b,c"). */
#define TC_MAX_MATCH 256

/* Memory of one connection for its request line, headers and read buffer, bytes. Taken when a
 * connection opens, touched only as bytes arrive. */
#define TC_CONNECTION_MEMORY (16u << 10)

/* Bodies held at once by all requests, bytes; over it a request gets 503. */
#define TC_MAX_BODIES (256u << 20)

/* A JSON request of the page or of a script that carries no objects, bytes. */
#define TC_MAX_FORM (256u << 10)

/* Arena of one request, bytes (bodies and answers are not in it). */
#define TC_MAX_REQUEST_ARENA (16u << 20)

/* Seconds between two requests of one connection, and for sending one answer, at most. Options
 * --idle-timeout, --send-timeout. */
#define TC_IDLE_SECONDS 60
#define TC_SEND_SECONDS 600

/* Event streams at once, events remembered for them, and the bytes of those. Option
 * --max-streams. */
#define TC_MAX_STREAMS       1000
#define TC_STREAM_RING       4096
#define TC_STREAM_RING_BYTES (8u << 20)

/* Passwords that wait for their check (each costs tens of milliseconds); over it: 503. */
#define TC_MAX_PASSWORD_QUEUE 64

/* How long a TAXII status can be asked for, hours (TAXII 2.1 section 4.3.1 wants at least 24). */
#define TC_STATUS_HOURS 25

/* Entries of one value for one audience that are kept one by one. A value that an asker may read
 * more of is hot: said to be so, and only the newest of each audience are at hand. */
#define TC_MAX_CORRELATED 1000
#define TC_HOT_KEPT       100

/* Values of one bulk look-up. */
#define TC_MAX_LOOKUP 1000

/* A rule (an indicator with the extension "rule"): an object path, bytes; languages; one sentence,
 * bytes, as written and as told; its cooldown, seconds (findings are looked up that far back). */
#define TC_MAX_RULE_PATH      1000
#define TC_MAX_RULE_LANGUAGES 40
#define TC_MAX_RULE_SAYS      2000
#define TC_MAX_RULE_COOLDOWN  (INT64_C(31) * 86400)

/* Values of "per" that one rule keeps apart, and the observations that it remembers for all of
 * them; the same for all rules of a node together. A value takes about 400 bytes, an observation
 * about 100. Over it the value that was seen longest ago is let go, and counted. */
#define TC_MAX_PARTITIONS         65536u
#define TC_MAX_PARTITION_SEEN     262144u
#define TC_MAX_ALL_PARTITIONS     262144u
#define TC_MAX_ALL_PARTITION_SEEN 1048576u

/* Different values of "per" in one observation; what it has beyond them is counted as cut. */
#define TC_MAX_PER_VALUES 64

/* A graph: assets and dependency edges. 1 M assets take about 150 MB. */
#define TC_MAX_ASSETS 4000000u
#define TC_MAX_EDGES  40000000u

/* Suppliers of one group. The largest real ones (who watches a whole grid) have hundreds. */
#define TC_MAX_SUPPLIERS 100000u

/* What an asset can carry, and what is drawn from it, in whatever unit the register counts. */
#define TC_MAX_CAPACITY INT64_C(1000000000)

/* Runs of one Monte Carlo estimate: at a million the 95 % interval of a probability is +-0.001. */
#define TC_MAX_RUNS 1000000u

/* One register file, bytes: 40 M dependencies take about 3 GB. */
#define TC_MAX_REGISTER (4ull << 30)

/* A register as JSON, GeoJSON or STIX, bytes: it is held whole, with its tree, in about three times
 * that memory. 100 k assets with 500 k dependencies as STIX take about 450 MB. */
#define TC_MAX_REGISTER_JSON ((size_t)1 << 30)

/* Failures that the search for hidden single points looks at: about a minute of one core. */
#define TC_MAX_HEALTH_WORK UINT64_C(2000000000)

/* Longest buffer, restore time or horizon that a register may name, seconds (10 years). */
#define TC_MAX_DURATION (INT64_C(10) * 366 * 86400)

/* Requests to the outside (node/fetch.h): seconds for one, bytes of its body and of the reply, of
 * its URL, of one header; how many at once and how many wait for a place; a frame that carries one
 * to the process that makes it. */
#define TC_FETCH_SECONDS 10
#define TC_FETCH_BODY    (1u << 20)
#define TC_FETCH_URL     8192
#define TC_FETCH_HEADER  4096
#define TC_FETCH_AT_ONCE 8
#define TC_FETCH_WAITING 32
#define TC_FETCH_FRAME   (TC_FETCH_BODY + (64u << 10))

#endif
