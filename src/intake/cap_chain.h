/* SPDX-License-Identifier: Apache-2.0 */
/* How CAP messages become versions of one incident.
 *
 *   Alert A        incident(A), version A.sent
 *   Update B -> A  incident(A), version B.sent          A is superseded: an older version
 *   Cancel C -> A  incident(A), version C.sent, revoked A and B are cancelled: revoked is final
 *
 * The incident's id is derived from the chain's root, the oldest message that is known of it. Each
 * message leaves a record (observed-data, its id derived from sender, identifier and sent) that
 * says to which root it went; so a message that refers only to the middle of a chain finds the
 * root. Messages may come in any order:
 *   - an Update whose references were never seen takes the oldest of them as the root, and when
 * that Alert arrives later, it becomes an older version of the same incident;
 *   - a Cancel that comes first leaves a revoked incident, which stays revoked;
 *   - two chains that turn out to be one: the younger incident is revoked and marked duplicate-of,
 *     and when it knew more, its newest version becomes one of the incident that stays.
 *     That mark is made for references that were not seen as well, so that such an Alert, when it
 *     comes after all, finds where it belongs.
 * Only messages of the same sender change a chain; others are related-to. The same message twice
 * changes nothing; other content under the same key is refused. Private to src/intake. */
#ifndef TC_INTAKE_CAP_CHAIN_H
#define TC_INTAKE_CAP_CHAIN_H

#include "intake/cap.h"
#include "intake/stage.h"

/* The root of a chain. */
struct tc_cap_root {
    struct tc_str sender, identifier;
    tc_time at;
    bool seen; /* a message of this chain is here */
    char incident[TC_ID_MAX];
};

#define TC_CAP_OTHERS 64 /* incidents that one message can supersede or be related to */

struct tc_cap_chain {
    struct tc_cap_root root;
    bool has_incident; /* false for Ack and Error */
    tc_time version;   /* of the incident that this message makes */
    bool final;        /* it was revoked before that: nothing is added to it */
    struct tc_cap_root others[TC_CAP_OTHERS]; /* same sender: duplicates of root from now on */
    size_t n_others;
    struct tc_cap_root related[TC_CAP_OTHERS]; /* of other senders, known here */
    size_t n_related;
    uint64_t unseen; /* references to messages that have not come (yet) */
    uint64_t own_refs;
};

enum tc_cap_seen { TC_CAP_UNKNOWN, TC_CAP_SAME, TC_CAP_OTHER_CONTENT };

void tc_cap_incident_id(const struct tc_cap_root *root, char out[TC_ID_MAX]);
void tc_cap_record_id(const struct tc_cap_key *key, char out[TC_ID_MAX]);
/* The relationship that says of what this incident is a duplicate; there is at most one. Its first
 * external reference names the root: source "cap", "sender,identifier,sent". */
void tc_cap_duplicate_id(const char *incident, char out[TC_ID_MAX]);

/* Views in *out live in the arena. before: alerts of the same document that are not stored yet,
 * with their chains. */
tc_err tc_cap_chain_find(struct tc_import_job *j, const struct tc_cap *cap,
                         const struct tc_cap *before, const struct tc_cap_chain *chains,
                         size_t n_before, struct tc_arena *a, struct tc_cap_chain *out,
                         struct tc_diag *d) TC_MUST_USE;
/* The newest version of the incident from as a version of the incident of to: the same text with
 * the other id and created. *modified is its version, TC_TIME_NONE when there is none. */
tc_err tc_cap_moved(struct tc_import_job *j, const char *from, const struct tc_cap_root *to,
                    struct tc_buf *text, tc_time *modified, struct tc_diag *d) TC_MUST_USE;
/* Was this message stored before in the community it is imported to? */
tc_err tc_cap_seen(struct tc_import_job *j, const struct tc_cap *cap, struct tc_str artifact,
                   enum tc_cap_seen *out, struct tc_diag *d) TC_MUST_USE;

#endif
