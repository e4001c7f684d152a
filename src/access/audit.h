/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log: who did what to which object, when and why (Directive (EU) 2016/680, Article 25),
 * as leaves of an RFC 6962/9162 Merkle tree with signed checkpoints. What an object says is never
 * in it.
 *
 *   NODE/audit/   vkey         the key that checkpoints are verified with (C2SP signed-note)
 *                 checkpoint   newest signed size and root (C2SP tlog-checkpoint)
 *                 tile/        the tree (C2SP tlog-tiles)
 *                 boot         which run of the machine the tiles are of; no evidence
 *                 said/N       leaf, salt and payload of 65,536 records each: all else comes from
 * it
 *
 * One thread writes. The life of a record:
 *
 *   tc_audit_write   queued, bounded       -> a group is taken as a whole
 *   writer           in said/N, fdatasync  -> durable: tc_audit_wait returns
 *   writer           in the tree; a tile of 256 is written when it is full
 *   publish          partial tiles, then the checkpoint: every TC_AUDIT_PUBLISH_US, on demand, at
 * close
 *
 * Always holds: 1. what tc_audit_wait has acknowledged survives kill -9; 2. a checkpoint is signed
 * only when everything that it speaks of is durable; 3. tiles are made again from said/ where they
 * are missing or the machine went down meanwhile, and then must give the root that was signed; 4. a
 * record that does not fit into the queue is counted, and the count becomes a record. All
 * functions: any thread. */
#ifndef TC_ACCESS_AUDIT_H
#define TC_ACCESS_AUDIT_H

#include "access/audit_form.h"

#define TC_AUDIT_QUEUE      (8u << 20) /* bytes that wait for the writer, about 40,000 records */
#define TC_AUDIT_PUBLISH_US INT64_C(10000000)

enum tc_audit_kind { /* numbers are on disk */
                     TC_AUDIT_COLLECTION = 1,
                     TC_AUDIT_ALTERATION,
                     TC_AUDIT_CONSULTATION,
                     TC_AUDIT_DISCLOSURE,
                     TC_AUDIT_COMBINATION,
                     TC_AUDIT_ERASURE,
                     TC_AUDIT_ADMINISTRATION,
                     TC_AUDIT_REFUSAL,   /* input that was turned away at the door */
                     TC_AUDIT_REDACTION, /* a record's payload was erased; object "audit:INDEX" */
                     TC_AUDIT_LOST,      /* count records found no room */
                     TC_AUDIT_SIGNIN,    /* why: "failed", or empty */
                     TC_AUDIT_KINDS
};
const char *tc_audit_kind_name(unsigned kind); /* "consultation"; "unknown" */

/* A list of journal entries as ranges ("5-1004,1007"), in the order in which they came. What does
 * not fit into one record goes into the next: who adds asks first whether the list is full, and
 * then writes a record of it, which empties it. */
struct tc_audit_list {
    uint64_t n, lo, hi;
    size_t at;
    char ranges[2048];
};
void tc_audit_list_init(struct tc_audit_list *l);
bool tc_audit_list_full(const struct tc_audit_list *l);
void tc_audit_list_add(struct tc_audit_list *l, uint64_t seq); /* not to a full one */
/* Is seq among the ranges of a payload? */
bool tc_audit_ranges_have(struct tc_str ranges, uint64_t seq);

struct tc_audit_event {
    enum tc_audit_kind kind;
    uint32_t org, person;       /* 0 = none: the node itself, or not signed in */
    struct tc_str object;       /* id, or empty */
    struct tc_audit_list *list; /* NULL = none; empty once it is written */
    uint64_t count;             /* objects, where there is no list */
    struct tc_str how;          /* route or command */
    struct tc_str why;          /* reason given, or empty */
    struct tc_str from;         /* address, or empty */
};

struct tc_audit;

/* Who signs the checkpoints: another process (node/signer.h), or the log itself with a seed. */
struct tc_audit_key {
    uint8_t pub[32], alias[32]; /* alias: what pseudonyms are made with */
    /* Over the text of h; on the writer's thread. */
    tc_err (*sign)(void *arg, const struct tc_audit_head *h, uint8_t sig[64]);
    void *arg;
};
/* As tc_audit_open; key is copied, its arg must outlive the log. */
tc_err tc_audit_open_signed(const char *node_dir, const char *origin,
                            const struct tc_audit_key *key, struct tc_audit **out,
                            struct tc_diag *d) TC_MUST_USE;
/* Makes NODE/audit when it is absent. seed: of the Ed25519 key, which the log then holds. CORRUPT:
 * what is there does not give the root that was signed; IO, FULL. */
tc_err tc_audit_open(const char *node_dir, const char *origin, const uint8_t seed[32],
                     struct tc_audit **out, struct tc_diag *d) TC_MUST_USE;
void tc_audit_close(struct tc_audit *a); /* writes and signs what waits; NULL is fine */

/* Queues a record without waiting; ticket (may be NULL) is for tc_audit_wait. Fields are copied,
 * those over their bounds are cut. a may be NULL (a node that is only looked at): then nothing is
 * done. Error: the log cannot be written to now (FULL, IO), so what it would tell of must not
 * happen; a full queue is no error here, but the ticket is then 0 and waiting for it says BUSY. */
tc_err tc_audit_write(struct tc_audit *a, const struct tc_audit_event *e,
                      uint64_t *ticket) TC_MUST_USE;
tc_err tc_audit_wait(struct tc_audit *a, uint64_t ticket) TC_MUST_USE;
/* Both: for what must not happen unless it is on record. */
tc_err tc_audit_must(struct tc_audit *a, const struct tc_audit_event *e) TC_MUST_USE;

/* A checkpoint over everything written before the call. note: as in the file. */
tc_err tc_audit_publish(struct tc_audit *a, char note[TC_AUDIT_NOTE]) TC_MUST_USE;

/* Erases payload and salt of one record, after saying so in a record of its own (by whom: e, of
 * which kind and object are set here). NOTFOUND. The tree stays as it is. */
tc_err tc_audit_redact(struct tc_audit *a, uint64_t index,
                       const struct tc_audit_event *e) TC_MUST_USE;

#endif
