/* SPDX-License-Identifier: Apache-2.0 */
/* Witnesses of audit logs (C2SP tlog-witness): whom a node witnesses and who witnesses it, as
 * DIR/witnesses.json says, and the text that a log hands to a witness. Pure but for reading the
 * file. What a witness keeps and signs is node/cosigner.h; asking is node/cosigned.h.
 *
 *   { "logs":      [{ "vkey": "NAME+HASH+KEY", "origin": "..." }],      witnessed by this node;
 *     "witnesses": [{ "vkey": "NAME+HASH+KEY", "url": "https://...",    asked by this node; each is
 *                     "name": "..." }],                                 asked at URL/add-checkpoint
 *     "every": 60,                          seconds between two rounds of asking, at least
 *     "ca_file": "/path" }                  authorities that the addresses are trusted by
 *
 * origin is the key's name where it is not said, and so is name, which only status shows. */
#ifndef TC_ACCESS_COSIGN_H
#define TC_ACCESS_COSIGN_H

#include "access/audit_form.h"

#define TC_COSIGN_LOGS  64
#define TC_COSIGN_PEERS 8 /* their lines and the log's own fit into TC_AUDIT_NOTE */
#define TC_COSIGN_EVERY 60
#define TC_COSIGN_ASK   (16u << 10) /* bytes of a request */

struct tc_cosign_log {
    char name[TC_AUDIT_ORIGIN], origin[TC_AUDIT_ORIGIN];
    uint8_t pub[32];
};

struct tc_cosign_peer {
    char label[100], name[TC_AUDIT_ORIGIN], url[512]; /* url without a slash at its end */
    uint8_t pub[32];
};

struct tc_cosign_config {
    struct tc_cosign_log logs[TC_COSIGN_LOGS];
    struct tc_cosign_peer peers[TC_COSIGN_PEERS];
    size_t n_logs, n_peers;
    uint64_t every;
    char ca_file[1024]; /* "" = the system's */
};

/* SYNTAX, INVALID, LIMIT: d says which member. */
tc_err tc_cosign_config_parse(struct tc_str json, struct tc_cosign_config *out,
                              struct tc_diag *d) TC_MUST_USE;
/* *out NULL when the folder has no witnesses.json; free it. */
tc_err tc_cosign_config_load(const char *dir, struct tc_cosign_config **out,
                             struct tc_diag *d) TC_MUST_USE;

/* ---- what is posted: "old SIZE\n", a hash in base64 a line, an empty line, the checkpoint ---- */

struct tc_cosign_ask {
    uint64_t old;
    struct tc_merkle_proof proof;
    struct tc_str note; /* a view */
};
/* SYNTAX, LIMIT: more than 63 hashes. */
tc_err tc_cosign_ask_read(struct tc_str body, struct tc_cosign_ask *out) TC_MUST_USE;
void tc_cosign_ask_write(struct tc_buf *b, const struct tc_cosign_ask *a);

/* ---- what a witness keeps of a log: its newest checkpoint, whole, as the log signed it ---- */

#define TC_COSIGN_KEPT "witnessed"
/* DIR/witnessed/HEX, of the origin's SHA-256; fork: where a second root for one size is kept. */
void tc_cosign_kept_path(const char *origin, bool fork, char out[TC_AUDIT_PATH]);

/* ---- what a log keeps of its witnesses (node/cosigned.h), relative to DIR/audit ---- */

#define TC_COSIGN_NEWEST "cosigned/newest"
void tc_cosign_peer_path(const char *name, const uint8_t pub[32], char out[TC_AUDIT_PATH]);

#endif
