/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of src/node: what a node has that other parts do not see. */
#ifndef TC_NODE_PRIV_H
#define TC_NODE_PRIV_H

#include "access/cosign.h"
#include "node/fieldkey.h"
#include "node/folder.h"
#include "node/node.h"

#include <pthread.h>
#include <stdatomic.h>

#define TC_MAX_WATCHERS 32
#define TC_MAX_OPS      128
#define TC_MAX_PURPOSES 32

struct tc_control; /* control.c */

struct tc_watching {
    struct tc_watcher w;
    struct tc_node *node;
    pthread_t thread;
    bool running; /* thread is to be joined */
    _Atomic uint64_t cursor;
    bool tick_failing; /* its thread's own */
    bool failing;      /* under tc_node_private.lock, with failure */
    char failure[96];
};

struct tc_node_private {
    int dir, lock_fd;                /* lock_fd -1 = read-only */
    struct tc_cosign_config *cosign; /* witnesses.json; NULL = there is none */
    uint8_t key[TC_NODE_KEY];        /* zeros where a signer has it */
    struct {                         /* what the signer told, so that it is asked once */
        char purpose[8];
        uint8_t key[32];
    } told[TC_MAX_PURPOSES];
    size_t n_told; /* under key_lock */
    pthread_mutex_t key_lock;
    struct tc_field_keys *field_keys; /* NULL = none */
    struct tc_types *types;
    struct tc_pack_rules *rules;
    pthread_mutex_t lock;
    pthread_cond_t moved; /* a cursor moved, or stop; CLOCK_MONOTONIC */
    bool started, stop;   /* under lock */
    struct tc_watching watching[TC_MAX_WATCHERS];
    size_t n_watching;
    struct tc_control *control;
};

/* watch.c */
tc_err tc_node_watch_start(struct tc_node *n, struct tc_diag *d) TC_MUST_USE;
void tc_node_watch_stop(struct tc_node *n);

/* node.c: the function of an operation, NULL = there is none. */
tc_op_fn tc_node_op_find(struct tc_str name);

#endif
