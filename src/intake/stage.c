/* SPDX-License-Identifier: Apache-2.0 */
/*   add, keep ---> prepare (two threads) ---> submit ---> (journal's writer) ---> wait ---> clear
 *
 * Threads take blocks of objects by an atomic counter and write into entries[i], keys[i] and
 * state[i] of their own objects only. What depends on order (repeats, which error is the first) is
 * done afterwards by the caller's thread, so the result does not depend on who was faster. */
#include "intake/stage.h"

#include "base/limits.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define THREADS 2
#define BLOCK   32
/* Under this many objects a second thread costs more than it brings. */
#define WORTH_A_THREAD 200
/* Diagnoses kept of one stage; what is beyond is counted. */
#define MAX_TOLD 1000

struct text {
    struct tc_str bytes;
    uint64_t offset;
};

struct fault {
    size_t index;
    struct tc_diag d;
};

struct tc_stage {
    struct tc_import_job *j;
    struct tc_arena *kept;
    struct text *texts;
    struct tc_entry_in *entries;
    struct tc_repeat_key *keys;
    tc_err *state;
    size_t n, cap;
    size_t n_fit;   /* entries[0 .. n_fit) after preparing */
    bool submitted; /* their outcomes are to be counted */
    struct tc_prep *prep[THREADS];
    struct tc_arena *ids[THREADS];
    unsigned what;
    _Atomic size_t next;
    _Atomic bool stop;
    pthread_mutex_t lock; /* faults; pending and failed */
    pthread_cond_t less;
    struct fault *faults;
    size_t n_faults;
    size_t pending;
    tc_err failed;
};

tc_err tc_import_job_init(struct tc_import_job *j, struct tc_node *n,
                          const struct tc_import_options *o, const char *name)
{
    *j = (struct tc_import_job){.n = n, .o = o, .name = name};
    j->markings = tc_markings_new(n, &o->from);
    j->repeats = tc_repeats_new();
    if (j->markings && j->repeats)
        return TC_OK;
    tc_import_job_fini(j);
    return TC_E_NOMEM;
}

void tc_import_job_fini(struct tc_import_job *j)
{
    tc_markings_free(j->markings);
    tc_repeats_free(j->repeats);
    free(j->left_out);
}

struct tc_stage *tc_stage_new(struct tc_import_job *j, size_t ceiling)
{
    struct tc_stage *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->j = j;
    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_cond_init(&s->less, NULL);
    s->kept = tc_arena_new(ceiling);
    s->faults = malloc(MAX_TOLD * sizeof *s->faults);
    bool ok = s->kept && s->faults;
    for (size_t i = 0; i < THREADS; i++) {
        s->prep[i] = tc_prep_new(j->n, j->markings);
        s->ids[i] = tc_arena_new(ceiling);
        ok = ok && s->prep[i] && s->ids[i];
    }
    if (ok)
        return s;
    tc_stage_free(s);
    return NULL;
}

static void wait_idle(struct tc_stage *s)
{
    (void)pthread_mutex_lock(&s->lock);
    while (s->pending)
        (void)pthread_cond_wait(&s->less, &s->lock);
    (void)pthread_mutex_unlock(&s->lock);
}

void tc_stage_free(struct tc_stage *s)
{
    if (!s)
        return;
    wait_idle(s);
    for (size_t i = 0; i < THREADS; i++) {
        tc_prep_free(s->prep[i]);
        tc_arena_free(s->ids[i]);
    }
    tc_arena_free(s->kept);
    free(s->faults);
    free(s->texts);
    free(s->entries);
    free(s->keys);
    free(s->state);
    (void)pthread_mutex_destroy(&s->lock);
    (void)pthread_cond_destroy(&s->less);
    free(s);
}

void tc_stage_clear(struct tc_stage *s)
{
    s->n = s->n_fit = s->n_faults = 0;
    tc_arena_reset(s->kept);
    for (size_t i = 0; i < THREADS; i++)
        tc_arena_reset(s->ids[i]);
}

size_t tc_stage_count(const struct tc_stage *s)
{
    return s->n;
}

/* ---- adding ---- */

static tc_err grow(struct tc_stage *s)
{
    size_t cap = s->cap ? s->cap * 2 : 256;
    struct text *texts = realloc(s->texts, cap * sizeof *texts);
    if (texts)
        s->texts = texts;
    struct tc_entry_in *entries = realloc(s->entries, cap * sizeof *entries);
    if (entries)
        s->entries = entries;
    struct tc_repeat_key *keys = realloc(s->keys, cap * sizeof *keys);
    if (keys)
        s->keys = keys;
    tc_err *state = realloc(s->state, cap * sizeof *state);
    if (state)
        s->state = state;
    if (!texts || !entries || !keys || !state)
        return TC_E_NOMEM;
    s->cap = cap;
    return TC_OK;
}

tc_err tc_stage_add(struct tc_stage *s, struct tc_str text, uint64_t offset)
{
    if (s->n == s->cap) {
        tc_err e = grow(s);
        if (e)
            return e;
    }
    s->texts[s->n++] = (struct text){text, offset};
    return TC_OK;
}

tc_err tc_stage_keep(struct tc_stage *s, struct tc_str text, uint64_t offset)
{
    struct tc_str copy = tc_arena_dup(s->kept, text);
    return copy.p ? tc_stage_add(s, copy, offset) : tc_arena_err(s->kept);
}

/* ---- preparing ---- */

static void note_fault(struct tc_stage *s, size_t i, tc_err e, const struct tc_diag *d)
{
    (void)pthread_mutex_lock(&s->lock);
    if (s->n_faults < MAX_TOLD)
        s->faults[s->n_faults++] = (struct fault){i, *d};
    (void)pthread_mutex_unlock(&s->lock);
    s->state[i] = e;
    /* without keep_going the first fault in the order of the input is still ahead of us only in
     * blocks that were already taken: nobody takes a new one */
    if (!s->j->o->keep_going || !tc_prep_objects_fault(e))
        atomic_store(&s->stop, true);
}

static void prepare_one(struct tc_stage *s, size_t thread, size_t i)
{
    struct tc_diag d;
    struct tc_entry_in *e = &s->entries[i];
    tc_diag_init(&d);
    d.offset = s->texts[i].offset;
    s->state[i] = TC_OK;
    tc_err err = tc_prep_object(s->prep[thread], s->texts[i].bytes, s->what, s->ids[thread], e, &d);
    if (err) {
        note_fault(s, i, err, &d);
        return;
    }
    e->community = s->j->o->from.community;
    s->keys[i] = tc_repeat_key(e->id, e->version, e->body);
}

static void prepare_blocks(struct tc_stage *s, size_t thread)
{
    while (!atomic_load(&s->stop)) {
        size_t from = atomic_fetch_add(&s->next, BLOCK);
        if (from >= s->n)
            return;
        size_t to = s->n - from < BLOCK ? s->n : from + BLOCK;
        for (size_t i = from; i < to; i++)
            prepare_one(s, thread, i);
    }
}

static void *helper(void *arg)
{
    prepare_blocks(arg, 1);
    return NULL;
}

static void prepare_all(struct tc_stage *s)
{
    pthread_t thread;
    atomic_store(&s->next, 0);
    atomic_store(&s->stop, false);
    bool helped = s->n >= WORTH_A_THREAD && pthread_create(&thread, NULL, helper, s) == 0;
    prepare_blocks(s, 0);
    if (helped)
        (void)pthread_join(thread, NULL);
}

static int by_index(const void *a, const void *b)
{
    size_t x = ((const struct fault *)a)->index, y = ((const struct fault *)b)->index;
    return (x > y) - (x < y);
}

/* The fault to report when the input is refused: what forbids it as a whole, else the first. */
static const struct fault *worst(const struct tc_stage *s)
{
    for (size_t i = 0; i < s->n_faults; i++)
        if (!tc_prep_objects_fault(s->faults[i].d.code))
            return &s->faults[i];
    return &s->faults[0];
}

static tc_err refuse(const struct tc_stage *s, const struct tc_diag *why, struct tc_diag *d)
{
    if (d) {
        *d = *why;
        tc_diag_file(d, s->j->name);
    }
    return why->code;
}

static void tell_skipped(const struct tc_stage *s, const struct tc_diag *why)
{
    struct tc_diag d = *why;
    tc_diag_file(&d, s->j->name);
    if (s->j->o->skipped)
        s->j->o->skipped(s->j->o->arg, &d);
}

static tc_err leave_out(struct tc_import_job *j, uint64_t offset)
{
    if (j->n_left_out == j->cap_left_out) {
        size_t cap = j->cap_left_out ? j->cap_left_out * 2 : 64;
        uint64_t *grown = realloc(j->left_out, cap * sizeof *grown);
        if (!grown)
            return TC_E_NOMEM;
        j->left_out = grown;
        j->cap_left_out = cap;
    }
    j->left_out[j->n_left_out++] = offset;
    return TC_OK;
}

/* Moves what is fit together; repeats are looked for in the order of the input. */
static tc_err keep_fit(struct tc_stage *s, bool repeats, struct tc_diag *d)
{
    size_t to = 0, fault = 0;
    for (size_t i = 0; i < s->n; i++) {
        struct tc_diag why;
        if (!s->state[i] && repeats) {
            tc_diag_init(&why);
            why.offset = s->texts[i].offset;
            s->state[i] = tc_prep_repeat(s->j->repeats, &s->entries[i], s->keys[i], &why);
            if (s->state[i] && (!s->j->o->keep_going || !tc_prep_objects_fault(s->state[i])))
                return refuse(s, &why, d);
            if (s->state[i])
                tell_skipped(s, &why);
        } else if (s->state[i] && fault < s->n_faults && s->faults[fault].index == i) {
            tell_skipped(s, &s->faults[fault++].d);
        }
        if (!s->state[i])
            s->entries[to++] = s->entries[i];
        else if (leave_out(s->j, s->texts[i].offset))
            return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    }
    s->j->result.skipped += s->n - to;
    s->n_fit = to;
    return TC_OK;
}

tc_err tc_stage_prepare(struct tc_stage *s, unsigned what, bool repeats, struct tc_diag *d)
{
    s->what = what;
    s->n_faults = 0;
    prepare_all(s);
    if (s->n_faults) {
        qsort(s->faults, s->n_faults, sizeof *s->faults, by_index);
        const struct fault *f = worst(s);
        if (!s->j->o->keep_going || !tc_prep_objects_fault(f->d.code))
            return refuse(s, &f->d, d);
    }
    return keep_fit(s, repeats, d);
}

/* ---- appending ---- */

static void group_done(void *arg, tc_err result)
{
    struct tc_stage *s = arg;
    (void)pthread_mutex_lock(&s->lock);
    if (result && !s->failed)
        s->failed = result;
    s->pending--;
    (void)pthread_cond_signal(&s->less);
    (void)pthread_mutex_unlock(&s->lock);
}

/* The journal is full of what waits: until one of our groups is in, or, when it is others' work,
 * until the journal grows. */
static void wait_for_room(struct tc_stage *s)
{
    struct tc_journal *j = s->j->n->journal;
    uint64_t head = tc_journal_head(j);
    (void)pthread_mutex_lock(&s->lock);
    size_t was = s->pending; /* the group that found no room counts, too */
    while (was > 1 && s->pending >= was)
        (void)pthread_cond_wait(&s->less, &s->lock);
    (void)pthread_mutex_unlock(&s->lock);
    if (was <= 1)
        (void)tc_journal_wait(j, head, TC_SECOND / 10);
}

tc_err tc_stage_submit(struct tc_stage *s, struct tc_diag *d)
{
    tc_err e = tc_prep_finish(s->j->markings, s->entries, s->n_fit, d);
    s->submitted = true;
    for (size_t i = 0; i < s->n_fit && !e; i += TC_STAGE_GROUP) {
        size_t n = s->n_fit - i < TC_STAGE_GROUP ? s->n_fit - i : TC_STAGE_GROUP;
        (void)pthread_mutex_lock(&s->lock);
        s->pending++;
        (void)pthread_mutex_unlock(&s->lock);
        while ((e = tc_journal_submit(s->j->n->journal, s->entries + i, n, group_done, s)) ==
               TC_E_BUSY)
            wait_for_room(s);
        if (e) {
            group_done(s, e);
            (void)tc_diag_set(d, e, "the journal does not take more");
        }
    }
    return e;
}

static void count_outcome(struct tc_stage *s, const struct tc_entry_in *e)
{
    struct tc_import_result *r = &s->j->result;
    struct tc_diag why;
    tc_diag_init(&why);
    if (tc_prep_outcome(e, &why)) {
        r->skipped++;
        tell_skipped(s, &why);
    } else if (e->outcome == TC_OUT_SAME) {
        r->same++;
    } else {
        r->added++;
        if (!r->first_seq || e->seq < r->first_seq)
            r->first_seq = e->seq;
        if (e->seq > r->last_seq)
            r->last_seq = e->seq;
        const struct tc_witness *x = s->j->o->from.principal->witness;
        if (x) /* who imports has it on record, as who reads */
            x->saw(x->arg, e->seq, e->audience);
    }
}

tc_err tc_stage_wait(struct tc_stage *s, struct tc_diag *d)
{
    wait_idle(s);
    if (s->failed)
        return tc_diag_set(d, s->failed, "%s; at least %llu objects had been added",
                           tc_err_text(s->failed), (unsigned long long)s->j->result.added);
    for (size_t i = 0; i < s->n_fit && s->submitted; i++)
        count_outcome(s, &s->entries[i]);
    s->submitted = false;
    return TC_OK;
}
