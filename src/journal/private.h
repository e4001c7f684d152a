/* SPDX-License-Identifier: Apache-2.0 */
/* What journal.c, writer.c and reader.c share. Nobody else includes this. */
#ifndef TC_JOURNAL_PRIVATE_H
#define TC_JOURNAL_PRIVATE_H

#include "journal/heads.h"
#include "journal/journal.h"
#include "journal/names.h"
#include "journal/readable.h"
#include "journal/store.h"

#include <pthread.h>

enum { TC_POOL = 4, TC_LISTENERS = 16 };

struct tc_job;

struct tc_listener {
    void (*tell)(void *arg, uint64_t head);
    void *arg;
};

struct tc_journal {
    bool read_only;
    int lock_fd;
    tc_time (*clock)(void);
    struct tc_journal_sealer sealer; /* seal NULL: there is none */
    struct tc_buf sealed, opened;    /* the writer's */
    _Atomic uint64_t told_damaged;   /* entry that the log named last: not again at each reading */
    int64_t ready_us;

    struct tc_heads *heads;
    struct tc_names *types, *creators;
    struct tc_audiences *audiences;
    struct tc_readable_cache *readable;

    /* The writer's connection, in a read_only journal the refresher's (under refresh). */
    struct tc_store *store;
    pthread_mutex_t refresh;
    uint32_t kept_types, kept_creators, kept_audiences; /* durable up to these numbers */

    pthread_mutex_t pool_lock;
    pthread_cond_t pool_free;
    struct tc_store *pool[TC_POOL];
    int pool_n;

    pthread_mutex_t lock; /* for all below */
    pthread_cond_t work, room, grown;
    struct tc_job *first, **last;
    size_t queued;
    bool stop, running;
    _Atomic bool unwiped; /* erased bytes may stand in the log */
    pthread_t thread;

    pthread_mutex_t listeners_lock;
    struct tc_listener listeners[TC_LISTENERS];
};

tc_err tc_writer_start(struct tc_journal *j) TC_MUST_USE;
void tc_writer_stop(struct tc_journal *j); /* after what was submitted is done */

/* The place of an entry. Views live as long as the journal. */
void tc_place_of(const struct tc_journal *j, uint64_t seq, const struct tc_head *h,
                 struct tc_journal_place *out);

/* A reading connection; waits while all are in use. */
struct tc_store *tc_pool_take(struct tc_journal *j);
void tc_pool_give(struct tc_journal *j, struct tc_store *s);

/* Reads on from the database what is there beyond our head; for start-up and read_only. */
tc_err tc_journal_read_on(struct tc_journal *j) TC_MUST_USE;

#endif
