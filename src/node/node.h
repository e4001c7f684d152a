/* SPDX-License-Identifier: Apache-2.0 */
/* One node: the folder DIR, what is opened of it, and the readers that run on it. Owns everything
 * below; parts borrow the pointer. Opened once per process; the fields do not change afterwards.
 *
 *   DIR (0700)    node.json    title, identity, who runs it, format; written last by init
 *                 key          32 random bytes that all other keys are derived from
 *                 field-keys   ids of the field keys that it was sealed with (fieldkey.h)
 *                 journal.db   src/journal          access.db  src/access
 *                 audit/       src/access/audit.h
 *                 lock         held by the one process that may change the node
 *                 tocsin.sock  where the serving process takes operations
 *                 oidc.json    the provider to sign in at (access/provider.h), put there like packs
 *                 witnesses.json  who cosigns its audit log and whose it cosigns (access/cosign.h)
 *                 witnessed/   what it cosigned of others (node/cosigner.h)
 *                 packs/NAME   packs of its own, put there by whoever keeps it; read when opened
 *
 * Other parts may keep disposable files of their own in it (index.db). Everything is 0600. */
#ifndef TC_NODE_NODE_H
#define TC_NODE_NODE_H

#include "access/access.h"
#include "access/audit.h"
#include "journal/journal.h"

#include <yyjson.h>

struct tc_cosigned; /* node/cosigned.h */
struct tc_cosigner; /* node/cosigner.h */
struct tc_fetch;    /* node/fetch.h */
struct tc_signer;   /* node/signer.h */
struct tc_jsonw;
struct tc_pack_rules;
struct tc_types; /* compiled packs, src/model */

enum tc_node_mode { TC_NODE_SERVE, TC_NODE_COMMAND, TC_NODE_READ_ONLY };

struct tc_node {
    char dir[4096];
    enum tc_node_mode mode;
    char title[256];
    tc_time created;
    char identity[TC_ID_MAX]; /* identity object of this node: creator of findings and warnings */
    uint32_t org;             /* the organisation that runs the node (its number) */
    struct tc_journal *journal;
    struct tc_access *access;
    struct tc_audit *audit; /* NULL in READ_ONLY mode: nothing is recorded then */
    const struct tc_types *types;
    const struct tc_pack_rules *rules; /* of the packs (pack/rules.h) */
    struct tc_fetch *fetch;            /* the way out, borrowed; NULL = nothing is asked outside */
    struct tc_signer *signer;          /* holds the keys, borrowed; NULL = this process does */
    struct tc_cosigner *cosigner;      /* it is a witness of others; NULL = of nobody */
    struct tc_cosigned *cosigned;      /* it has witnesses; NULL = none */
    bool seals;                        /* it has a field key (fieldkey.h) */
    struct tc_node_private *priv;
};

/* Makes DIR (which must be absent or empty), its keys and stores, and the organisation that runs
 * it. CONFLICT when something is there already. */
tc_err tc_node_init(const char *dir, const char *title, const struct tc_org *org,
                    struct tc_diag *d) TC_MUST_USE;
/* USAGE when DIR holds no node, BUSY when another process holds it (never in READ_ONLY mode,
 * which takes no lock and sees what is durable), DENIED when others could write to DIR. Sets the
 * umask of the process to 077. */
tc_err tc_node_open(const char *dir, enum tc_node_mode mode, struct tc_node **out,
                    struct tc_diag *d) TC_MUST_USE;
/* For the process that serves: as tc_node_open with SERVE, but the keys are asked of the signer,
 * which must outlive the node, and never read here. */
tc_err tc_node_open_signed(const char *dir, struct tc_signer *s, struct tc_node **out,
                           struct tc_diag *d) TC_MUST_USE;
void tc_node_close(struct tc_node *n); /* stops socket and watchers first; NULL is fine */
/* A key of this node's own for one purpose ("cursor", "csrf" ...), always the same; 8 letters
 * count. Wipe it after use. Where the keys are with a signer that is gone, a key that was not asked
 * for before ends the process: to go on with a wrong one would lose what it protects. */
void tc_node_key(const struct tc_node *n, const char *purpose, uint8_t out[32]);
/* The public keys that this node signs its audit checkpoints with, and those of others. */
void tc_node_audit_key(const struct tc_node *n, uint8_t out[32]);
void tc_node_cosign_key(const struct tc_node *n, uint8_t out[32]);

/* ---- watchers: readers of the journal with a thread and a durable cursor each ---- */

struct tc_watcher {
    const char *name;
    /* Reads what is newer than after, up to head, and says how far it came in *reached. Called on
     * the watcher's own thread; what it appends must have derived ids, since after a crash it is
     * called again with an older cursor. Errors are logged and tried again with back-off. */
    tc_err (*step)(void *self, struct tc_node *n, uint64_t after, uint64_t head, uint64_t *reached);
    void *self;
    /* What it has to say of itself to p, beside its place: members of an object. Only what p may
     * read; any thread, also while it steps. NULL = nothing. */
    void (*status)(void *self, const struct tc_principal *p, bool all, struct tc_jsonw *w);
    bool last;      /* is called only up to where all others have come: what they concluded from an
                       entry is there then */
    bool ephemeral; /* keeps its state in memory: its cursor starts at 0 at each start */
    /* For what falls due by the clock: called about every second, also when nothing came in; NULL =
     * nothing does. */
    tc_err (*tick)(void *self, struct tc_node *n);
};

tc_err tc_node_watch(struct tc_node *n, const struct tc_watcher *w) TC_MUST_USE; /* copied */
/* Starts the watchers that were added; in SERVE mode also the socket. In COMMAND mode it serves
 * commands that need what the watchers find out (with tc_node_settle). Once. */
tc_err tc_node_start(struct tc_node *n, struct tc_diag *d) TC_MUST_USE;

struct tc_watcher_state {
    char name[32];
    uint64_t cursor;
    bool failing;     /* its last step failed; it is tried again */
    char failure[96]; /* text of that error */
};
/* States of the first max watchers, in the order in which they were added; returns how many. */
size_t tc_node_watchers(struct tc_node *n, struct tc_watcher_state *out, size_t max);
/* For each watcher that has something to say a member with its name. all: also how many there are
 * of what p may not read, for those who watch over the node. */
void tc_node_watch_status(struct tc_node *n, const struct tc_principal *p, bool all,
                          struct tc_jsonw *w);
/* The same for who is no watcher, here and wherever a status is told: a member of that name, filled
 * by fn with what p may read. As tc_node_op_add. */
typedef void (*tc_node_status_fn)(struct tc_node *n, const struct tc_principal *p,
                                  struct tc_jsonw *w);
tc_err tc_node_status_add(const char *name, tc_node_status_fn fn) TC_MUST_USE;
/* Entries that this watcher has not reached yet; UINT64_MAX = no such watcher. */
uint64_t tc_node_lag(struct tc_node *n, const char *watcher);
/* Waits until all watchers have reached head, for commands and tests; TIMEOUT. */
tc_err tc_node_settle(struct tc_node *n, int64_t timeout_us) TC_MUST_USE;

/* ---- operations: what the command line asks of a node, running or not ----
 * When another process serves DIR, the command line sends the operation to DIR/tocsin.sock;
 * otherwise it opens the node and calls the same function. */

struct tc_op {
    struct tc_node *node;
    const char *name;
    yyjson_val *in; /* the request object */
    int fd;         /* the first file that came along (import), or -1 */
    const int *fds; /* all of them, borrowed; read from where they stand */
    size_t n_fds;
    struct tc_buf *out;   /* one JSON object */
    struct tc_diag *diag; /* when it fails */
    /* one JSON object to show before the end (progress, a line of result) */
    void (*tell)(void *arg, struct tc_str json);
    void *tell_arg;
    tc_err unrecorded; /* what the answer tells of could not be put on record: it is none */
};

typedef tc_err (*tc_op_fn)(struct tc_op *op);

#define TC_OP_FILES   4          /* files that may come along */
#define TC_OP_REQUEST (1u << 20) /* bytes of JSON */
#define TC_OP_ANSWER  (32u << 20)

/* name must live as long as the program. Before the first call, by one thread. CONFLICT, LIMIT. */
tc_err tc_node_op_add(const char *name, tc_op_fn fn) TC_MUST_USE;
/* Runs it wherever the node is. in: JSON text of the request object; out: JSON text, appended.
 * fds are borrowed; several processes may read through them, so give them unread. */
tc_err tc_node_call(const char *dir, const char *name, struct tc_str in, int fd, struct tc_buf *out,
                    void (*tell)(void *arg, struct tc_str json), void *tell_arg,
                    struct tc_diag *d) TC_MUST_USE;
tc_err tc_node_call_files(const char *dir, const char *name, struct tc_str in, const int *fds,
                          size_t n_fds, struct tc_buf *out,
                          void (*tell)(void *arg, struct tc_str json), void *tell_arg,
                          struct tc_diag *d) TC_MUST_USE;
/* On a node that is open in this process. */
tc_err tc_node_op_run(struct tc_node *n, const char *name, struct tc_str in, const int *fds,
                      size_t n_fds, struct tc_buf *out, void (*tell)(void *arg, struct tc_str json),
                      void *tell_arg, struct tc_diag *d) TC_MUST_USE;
/* True when a process serves DIR now. */
bool tc_node_served(const char *dir);

#endif
