/* SPDX-License-Identifier: Apache-2.0 */
#include "node/cosigned.h"

#include "access/audit_files.h"
#include "access/audit_look.h"
#include "base/log.h"
#include "base/num.h"
#include "codec/jsonw.h"
#include "node/cosigner.h"
#include "node/priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ARENA      (2u << 20)
#define AGAIN      3600 /* seconds after which also an old checkpoint is cosigned anew */
#define AHEAD      300  /* seconds that a witness's clock may be before ours */
#define LATE_TIMES 10   /* rounds without a cosignature, and at least so many seconds: */
#define LATE_LEAST 60

struct peer {
    struct tc_audit_head head; /* cosigned last; size 0 = nothing */
    uint64_t seconds;
    char line[TC_AUDIT_LINE];
    int64_t behind; /* monotonic; 0 = it cosigned the newest */
    bool refuses;
    char problem[200];
};

struct tc_cosigned {
    struct tc_node *n;
    const struct tc_cosign_config *config;
    pthread_t thread;
    pthread_mutex_t lock; /* over what follows; the thread alone writes peers */
    pthread_cond_t wake;
    bool stop;
    struct peer peers[TC_COSIGN_PEERS];
};

/* ---- what is kept ---- */

static void load(struct tc_cosigned *c, size_t i)
{
    const struct tc_cosign_peer *who = &c->config->peers[i];
    struct peer *p = &c->peers[i];
    char path[TC_AUDIT_PATH], full[TC_AUDIT_PATH + 8], note[TC_AUDIT_NOTE];
    struct tc_audit_head h;
    struct tc_str text, lines, line;
    uint64_t seconds;
    size_t n = 0;
    tc_cosign_peer_path(who->name, who->pub, path);
    (void)snprintf(full, sizeof full, "audit/%s", path);
    if (tc_audit_load(c->n->priv->dir, full, note, sizeof note, &n) ||
        tc_audit_head_read(tc_str_view(note, n), &h, &text, &lines) ||
        tc_audit_cosigned_by(&h, lines, who->name, who->pub, &seconds, &line) ||
        !tc_str_copy(line, p->line, sizeof p->line))
        return; /* the witness tells what it knows */
    p->head = h;
    p->seconds = seconds;
}

static tc_err store(struct tc_cosigned *c, const char *path, const char *note, const char *lines)
{
    char full[TC_AUDIT_PATH + 8];
    struct tc_buf b;
    (void)snprintf(full, sizeof full, "audit/%s", path);
    tc_buf_init(&b, TC_AUDIT_NOTE);
    tc_buf_cstr(&b, note);
    tc_buf_cstr(&b, lines);
    tc_err e = b.err ? b.err : tc_audit_store(c->n->priv->dir, full, tc_buf_view(&b), true);
    tc_buf_fini(&b);
    return e;
}

static bool same(const struct tc_audit_head *a, const struct tc_audit_head *b)
{
    return a->size == b->size && tc_merkle_same(&a->root, &b->root);
}

/* The checkpoint with all its lines. */
static tc_err store_newest(struct tc_cosigned *c, const struct tc_audit_look *l)
{
    struct tc_buf b;
    size_t n = 0;
    tc_buf_init(&b, TC_AUDIT_NOTE);
    for (size_t i = 0; i < c->config->n_peers; i++)
        if (same(&c->peers[i].head, tc_audit_look_head(l))) {
            tc_buf_cstr(&b, c->peers[i].line);
            n++;
        }
    tc_err e = b.err;
    if (!e && n)
        e = store(c, TC_COSIGN_NEWEST, tc_audit_look_note(l), tc_buf_z(&b));
    tc_buf_fini(&b);
    return e;
}

/* ---- asking one ---- */

static tc_err post(struct tc_cosigned *c, const struct tc_cosign_peer *who, uint64_t old,
                   struct tc_audit_look *l, struct tc_arena *a, struct tc_fetch_reply *out,
                   struct tc_diag *d)
{
    struct tc_cosign_ask ask = {.old = old, .note = tc_str_cstr(tc_audit_look_note(l))};
    struct tc_buf b;
    const char *url = tc_arena_fmt(a, "%s/add-checkpoint", who->url);
    tc_err e = url ? tc_audit_look_consistency(l, old, &ask.proof) : TC_E_NOMEM;
    if (e)
        return tc_diag_set(d, e, "the proof cannot be made: %s", tc_err_text(e));
    tc_buf_init(&b, TC_COSIGN_ASK);
    tc_cosign_ask_write(&b, &ask);
    const struct tc_fetch_ask f = {.method = "POST",
                                   .url = tc_str_cstr(url),
                                   .content_type = TC_STR("text/plain; charset=utf-8"),
                                   .body = tc_buf_view(&b)};
    e = b.err ? b.err : tc_fetch(c->n->fetch, &f, a, out, d);
    tc_buf_fini(&b);
    return e;
}

/* The line of this witness in what it answered, verified. */
static tc_err take(struct tc_cosigned *c, size_t i, const struct tc_audit_look *l,
                   struct tc_str body, struct tc_diag *d)
{
    const struct tc_cosign_peer *who = &c->config->peers[i];
    const struct tc_audit_head *h = tc_audit_look_head(l);
    char path[TC_AUDIT_PATH], text[TC_AUDIT_LINE];
    struct tc_str line;
    uint64_t seconds, now = (uint64_t)(tc_time_now() / TC_SECOND);
    if (tc_audit_cosigned_by(h, body, who->name, who->pub, &seconds, &line) ||
        !tc_str_copy(line, text, sizeof text))
        return tc_diag_set(d, TC_E_DENIED, "its answer holds no cosignature of its key");
    if (seconds > now + AHEAD)
        return tc_diag_set(d, TC_E_DENIED, "it says to have cosigned at a time that is to come");
    tc_cosign_peer_path(who->name, who->pub, path);
    tc_err e = store(c, path, tc_audit_look_note(l), text);
    if (e)
        return tc_diag_set(d, e, "its cosignature cannot be kept: %s", tc_err_text(e));
    (void)pthread_mutex_lock(&c->lock);
    c->peers[i].head = *h;
    c->peers[i].seconds = seconds;
    memcpy(c->peers[i].line, text, sizeof text);
    (void)pthread_mutex_unlock(&c->lock);
    return TC_OK;
}

static tc_err refusal(struct tc_diag *d, bool *refuses, const char *text)
{
    *refuses = true;
    return tc_diag_set(d, TC_E_CONFLICT, "%s", text);
}

/* What an answer other than 200 and 409 means. */
static tc_err declined(int status, struct tc_diag *d, bool *refuses)
{
    if (status == 422)
        return refusal(d, refuses,
                       "it does not find this log to go on from what it cosigned: history was "
                       "rewritten");
    return tc_diag_set(d, TC_E_DENIED,
                       status == 404   ? "it is no witness of this log (404)"
                       : status == 403 ? "it does not accept this log's key (403)"
                                       : "it answered with status %d",
                       status);
}

/* A second time where it names another size to go on from. */
static tc_err ask(struct tc_cosigned *c, size_t i, struct tc_audit_look *l, struct tc_arena *a,
                  bool *refuses, struct tc_diag *d)
{
    const struct tc_cosign_peer *who = &c->config->peers[i];
    const struct tc_audit_head *h = tc_audit_look_head(l);
    uint64_t old = c->peers[i].head.size <= h->size ? c->peers[i].head.size : 0, told;
    for (int round = 0; round < 2; round++) {
        struct tc_fetch_reply r;
        tc_err e = post(c, who, old, l, a, &r, d);
        if (e)
            return e;
        if (r.status == 200)
            return take(c, i, l, r.body, d);
        if (r.status != 409)
            return declined(r.status, d, refuses);
        if (tc_num_u64(tc_str_trim(r.body), TC_MERKLE_MAX, &told))
            return tc_diag_set(d, TC_E_DENIED, "it answered 409 without a size");
        if (told > h->size)
            return refusal(d, refuses,
                           "it cosigned more records than there are: this log was cut off, or put "
                           "back from a copy");
        if (told == old)
            return refusal(d, refuses, "it cosigned another history of the same size");
        old = told;
    }
    return tc_diag_set(d, TC_E_CONFLICT, "it names another size each time");
}

/* ---- rounds ---- */

static void tell(struct tc_cosigned *c, size_t i, const char *problem, bool refuses)
{
    struct peer *p = &c->peers[i];
    bool news = strcmp(p->problem, problem) != 0;
    if (news && *problem)
        tc_log(refuses ? TC_LOG_ERROR : TC_LOG_WARN, "witness %s: %s", c->config->peers[i].label,
               problem);
    else if (news)
        tc_log(TC_LOG_INFO, "witness %s: it cosigns again", c->config->peers[i].label);
    (void)pthread_mutex_lock(&c->lock);
    (void)tc_str_copy(tc_str_cstr(problem), p->problem, sizeof p->problem);
    p->refuses = refuses;
    (void)pthread_mutex_unlock(&c->lock);
}

static void one(struct tc_cosigned *c, size_t i, struct tc_audit_look *l)
{
    struct peer *p = &c->peers[i];
    const struct tc_audit_head *h = tc_audit_look_head(l);
    uint64_t now = (uint64_t)(tc_time_now() / TC_SECOND);
    bool newest = same(&p->head, h), refuses = false;
    struct tc_diag d;
    if (newest && now < p->seconds + AGAIN)
        return;
    if (!newest && !p->behind) {
        (void)pthread_mutex_lock(&c->lock);
        p->behind = tc_time_monotonic();
        (void)pthread_mutex_unlock(&c->lock);
    }
    tc_diag_init(&d);
    struct tc_arena *a = tc_arena_new(ARENA);
    tc_err e = a ? ask(c, i, l, a, &refuses, &d) : tc_diag_set(&d, TC_E_NOMEM, "out of memory");
    tc_arena_free(a);
    tell(c, i, !e ? "" : d.message[0] ? d.message : tc_err_text(e), refuses);
    if (e)
        return;
    (void)pthread_mutex_lock(&c->lock);
    p->behind = 0;
    (void)pthread_mutex_unlock(&c->lock);
    e = store_newest(c, l);
    if (e)
        tc_log(TC_LOG_WARN, "audit/" TC_COSIGN_NEWEST " cannot be written: %s", tc_err_text(e));
}

static bool stopped(struct tc_cosigned *c)
{
    (void)pthread_mutex_lock(&c->lock);
    bool stop = c->stop;
    (void)pthread_mutex_unlock(&c->lock);
    return stop;
}

static void ask_all(struct tc_cosigned *c)
{
    struct tc_audit_look *l = NULL;
    struct tc_diag d;
    uint8_t key[32];
    tc_diag_init(&d);
    tc_node_audit_key(c->n, key);
    if (tc_audit_look_open(c->n->dir, key, &l, &d)) {
        tc_log(TC_LOG_ERROR, "the audit log cannot be shown to witnesses: %s", d.message);
        return;
    }
    for (size_t i = 0; tc_audit_look_head(l)->size && i < c->config->n_peers && !stopped(c); i++)
        one(c, i, l);
    tc_audit_look_close(l);
}

static void *cosigned_main(void *arg)
{
    struct tc_cosigned *c = arg;
    while (!stopped(c)) {
        ask_all(c);
        int64_t until = tc_time_monotonic() + (int64_t)c->config->every * TC_SECOND;
        struct timespec t = {.tv_sec = (time_t)(until / TC_SECOND),
                             .tv_nsec = (long)(until % TC_SECOND) * 1000};
        (void)pthread_mutex_lock(&c->lock);
        while (!c->stop && tc_time_monotonic() < until)
            (void)pthread_cond_timedwait(&c->wake, &c->lock, &t);
        (void)pthread_mutex_unlock(&c->lock);
    }
    return NULL;
}

/* ---- starting, stopping ---- */

static void release(struct tc_cosigned *c)
{
    (void)pthread_mutex_destroy(&c->lock);
    (void)pthread_cond_destroy(&c->wake);
    free(c);
}

tc_err tc_cosigned_start(struct tc_node *n, const struct tc_cosign_config *config,
                         struct tc_cosigned **out, struct tc_diag *d)
{
    pthread_condattr_t a;
    struct tc_cosigned *c = calloc(1, sizeof *c);
    if (!c)
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    c->n = n;
    c->config = config;
    (void)pthread_mutex_init(&c->lock, NULL);
    (void)pthread_condattr_init(&a);
    (void)pthread_condattr_setclock(&a, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&c->wake, &a);
    (void)pthread_condattr_destroy(&a);
    for (size_t i = 0; i < config->n_peers; i++)
        load(c, i);
    if (pthread_create(&c->thread, NULL, cosigned_main, c) != 0) {
        release(c);
        return tc_diag_set(d, TC_E_NOMEM, "no thread to ask witnesses");
    }
    *out = c;
    return TC_OK;
}

void tc_cosigned_stop(struct tc_cosigned *c)
{
    if (!c)
        return;
    (void)pthread_mutex_lock(&c->lock);
    c->stop = true;
    (void)pthread_cond_signal(&c->wake);
    (void)pthread_mutex_unlock(&c->lock);
    (void)pthread_join(c->thread, NULL);
    release(c);
}

tc_err tc_cosign_origins(const char *dir, struct tc_fetch_origins *o, struct tc_diag *d)
{
    struct tc_cosign_config *c = NULL;
    tc_err e = tc_cosign_config_load(dir, &c, d);
    for (size_t i = 0; !e && c && i < c->n_peers; i++)
        e = tc_fetch_origin_add(o, tc_str_cstr(c->peers[i].url), d);
    if (!e && c && c->ca_file[0])
        e = tc_fetch_ca_set(o, tc_str_cstr(c->ca_file), d);
    free(c);
    return e;
}

/* ---- telling ---- */

size_t tc_cosigned_states(struct tc_cosigned *c, struct tc_cosigned_state *out)
{
    int64_t now = tc_time_monotonic();
    uint64_t limit = c->config->every * LATE_TIMES;
    (void)pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < c->config->n_peers; i++) {
        const struct peer *p = &c->peers[i];
        out[i] = (struct tc_cosigned_state){.label = c->config->peers[i].label,
                                            .records = p->head.size,
                                            .seconds = p->seconds,
                                            .refuses = p->refuses};
        out[i].behind = p->behind ? (uint64_t)((now - p->behind) / TC_SECOND) : 0;
        out[i].late = out[i].behind >= (limit < LATE_LEAST ? LATE_LEAST : limit);
        memcpy(out[i].problem, p->problem, sizeof p->problem);
    }
    (void)pthread_mutex_unlock(&c->lock);
    return c->config->n_peers;
}

void tc_cosign_status(struct tc_node *n, const struct tc_principal *p, struct tc_jsonw *w)
{
    struct tc_cosigned_state v[TC_COSIGN_PEERS];
    if (!p->system && !(p->roles & (TC_ROLE_OPERATOR | TC_ROLE_AUDITOR)))
        return;
    if (n->cosigner) {
        tc_jsonw_name(w, "witnessed");
        tc_cosigner_status(n->cosigner, w);
    }
    size_t count = n->cosigned ? tc_cosigned_states(n->cosigned, v) : 0;
    if (!count)
        return;
    tc_jsonw_name(w, "asked");
    tc_jsonw_array(w);
    for (size_t i = 0; i < count; i++) {
        tc_jsonw_object(w);
        tc_jsonw_kcstr(w, "name", v[i].label);
        tc_jsonw_ku64(w, "records", v[i].records);
        if (v[i].seconds && v[i].seconds < INT64_MAX / TC_SECOND)
            tc_jsonw_ktime(w, "cosigned", (tc_time)v[i].seconds * TC_SECOND);
        tc_jsonw_ku64(w, "behind_seconds", v[i].behind);
        if (v[i].late)
            tc_jsonw_kbool(w, "late", true);
        if (v[i].refuses)
            tc_jsonw_kbool(w, "refuses", true);
        if (v[i].problem[0])
            tc_jsonw_kcstr(w, "problem", v[i].problem);
        tc_jsonw_object_end(w);
    }
    tc_jsonw_array_end(w);
}
