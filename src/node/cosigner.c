/* SPDX-License-Identifier: Apache-2.0 */
#include "node/cosigner.h"

#include "access/audit_files.h"
#include "access/throttle.h"
#include "base/log.h"
#include "codec/jsonw.h"
#include "node/priv.h"
#include "node/signer.h"

#include <stdlib.h>
#include <unistd.h>

/* Requests of one address without a log's signature: so many at once, then one a second. */
#define TRIES       60
#define TRY_SECONDS 1

struct tc_cosigner {
    struct tc_node *n;
    const struct tc_cosign_config *config;
    struct tc_throttle *addresses;
    pthread_mutex_t lock; /* from looking at what is kept until the signature is there */
    struct {
        struct tc_audit_head head; /* size 0 when nothing was cosigned */
        bool damaged, forked;
    } kept[TC_COSIGN_LOGS];
};

/* ---- what is kept ---- */

static void nothing_yet(const struct tc_cosign_log *l, struct tc_audit_head *h)
{
    memset(h, 0, sizeof *h);
    memcpy(h->origin, l->origin, sizeof h->origin);
    tc_merkle_sha256("", 0, &h->root);
}

static void load(struct tc_cosigner *c, size_t i)
{
    const struct tc_cosign_log *l = &c->config->logs[i];
    char path[TC_AUDIT_PATH], note[TC_AUDIT_NOTE];
    struct tc_audit_head h;
    struct tc_str text, lines;
    size_t n = 0;
    nothing_yet(l, &c->kept[i].head);
    tc_cosign_kept_path(l->origin, true, path);
    c->kept[i].forked = faccessat(c->n->priv->dir, path, F_OK, 0) == 0;
    tc_cosign_kept_path(l->origin, false, path);
    tc_err e = tc_audit_load(c->n->priv->dir, path, note, sizeof note, &n);
    if (e == TC_E_NOTFOUND)
        return;
    if (!e)
        e = tc_audit_head_read(tc_str_view(note, n), &h, &text, &lines);
    c->kept[i].damaged = e || strcmp(h.origin, l->origin) != 0;
    if (!c->kept[i].damaged)
        c->kept[i].head = h;
    else
        tc_log(TC_LOG_ERROR, "%s is damaged: %s is not cosigned", path, l->origin);
}

/* Durable, with its name. */
static tc_err keep(struct tc_cosigner *c, const char *origin, bool fork, struct tc_str note)
{
    char path[TC_AUDIT_PATH];
    tc_cosign_kept_path(origin, fork, path);
    tc_err e = tc_audit_store(c->n->priv->dir, path, note, true);
    e = e ? e : tc_audit_sync(c->n->priv->dir, TC_COSIGN_KEPT);
    return e ? e : tc_audit_sync(c->n->priv->dir, ".");
}

/* ---- a request ---- */

static void fork_seen(struct tc_cosigner *c, size_t i, const struct tc_audit_head *h,
                      struct tc_str note)
{
    if (c->kept[i].forked)
        return;
    tc_log(TC_LOG_ERROR, "%s signed a second root for %llu records: its history was rewritten",
           h->origin, (unsigned long long)h->size);
    c->kept[i].forked = keep(c, h->origin, true, note) == TC_OK;
}

/* Under the lock. */
static tc_err cosign(struct tc_cosigner *c, size_t i, const struct tc_cosign_ask *a,
                     const struct tc_audit_head *h, char line[TC_AUDIT_LINE], uint64_t *size,
                     struct tc_diag *d)
{
    const struct tc_audit_head *last = &c->kept[i].head;
    const struct tc_signer_info *who = tc_signer_info(c->n->signer);
    uint64_t now = (uint64_t)(tc_time_now() / TC_SECOND);
    uint8_t sig[64];
    *size = last->size;
    if (c->kept[i].damaged)
        return tc_diag_set(d, TC_E_CORRUPT, "what was cosigned of this log is damaged");
    bool other = h->size == last->size && !tc_merkle_same(&h->root, &last->root);
    if (other && h->size)
        fork_seen(c, i, h, a->note);
    if (a->old != last->size)
        return tc_diag_set(d, TC_E_CONFLICT, "another size was cosigned last");
    if (other && h->size)
        return tc_diag_set(d, TC_E_CONFLICT, "another root was cosigned for this size");
    if (!tc_merkle_consistent(a->old, &last->root, h->size, &h->root, &a->proof) || other)
        return tc_diag_set(d, TC_E_INVALID, "the consistency proof does not hold");
    tc_err e = h->size > last->size ? keep(c, h->origin, false, a->note) : TC_OK;
    if (e)
        return tc_diag_set(d, e, "it cannot be kept: %s", tc_err_text(e));
    c->kept[i].head = *h;
    e = tc_signer_cosign(c->n->signer, h, now, sig);
    if (e)
        return tc_diag_set(d, TC_E_IO, "the signer does not cosign it: %s", tc_err_text(e));
    tc_audit_cosign_line(who->witness, who->cosign, now, sig, line);
    return TC_OK;
}

static size_t log_of(const struct tc_cosigner *c, const char *origin)
{
    size_t i = 0;
    while (i < c->config->n_logs && strcmp(c->config->logs[i].origin, origin) != 0)
        i++;
    return i;
}

tc_err tc_cosigner_add(struct tc_cosigner *c, struct tc_str from, struct tc_str body,
                       char line[TC_AUDIT_LINE], uint64_t *size, struct tc_diag *d)
{
    struct tc_cosign_ask a;
    struct tc_audit_head h;
    struct tc_str text, lines;
    int64_t now = tc_time_monotonic();
    if (!tc_throttle_take(c->addresses, from, now))
        return tc_diag_set(d, TC_E_BUSY, "too many of these came from this address");
    tc_err e = tc_cosign_ask_read(body, &a);
    e = e ? e : tc_audit_head_read(a.note, &h, &text, &lines);
    if (e)
        return tc_diag_set(d, TC_E_SYNTAX, "it is no old size, proof and checkpoint");
    size_t i = log_of(c, h.origin);
    if (i == c->config->n_logs)
        return tc_diag_set(d, TC_E_NOTFOUND, "this node does not witness that log");
    const struct tc_cosign_log *l = &c->config->logs[i];
    if (tc_audit_note_read_as(a.note, l->name, l->origin, l->pub, &h))
        return tc_diag_set(d, TC_E_DENIED, "it bears no signature of the log's key");
    tc_throttle_return(c->addresses, from, now);
    if (a.old > h.size)
        return tc_diag_set(d, TC_E_SYNTAX, "the old size is larger than the new one");
    (void)pthread_mutex_lock(&c->lock);
    e = cosign(c, i, &a, &h, line, size, d);
    (void)pthread_mutex_unlock(&c->lock);
    return e;
}

/* ---- the rest ---- */

tc_err tc_cosigner_open(struct tc_node *n, const struct tc_cosign_config *config,
                        struct tc_cosigner **out, struct tc_diag *d)
{
    for (size_t i = 0; i < config->n_logs; i++)
        if (strcmp(config->logs[i].origin, tc_signer_info(n->signer)->origin) == 0)
            return tc_diag_set(d, TC_E_INVALID,
                               "witnesses.json: a node cannot be a witness of its own log");
    struct tc_cosigner *c = calloc(1, sizeof *c);
    struct tc_throttle *t = tc_throttle_new(TRIES, TRY_SECONDS);
    if (!c || !t) {
        free(c);
        tc_throttle_free(t);
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    }
    c->n = n;
    c->config = config;
    c->addresses = t;
    (void)pthread_mutex_init(&c->lock, NULL);
    for (size_t i = 0; i < config->n_logs; i++)
        load(c, i);
    *out = c;
    return TC_OK;
}

void tc_cosigner_close(struct tc_cosigner *c)
{
    if (!c)
        return;
    (void)pthread_mutex_destroy(&c->lock);
    tc_throttle_free(c->addresses);
    free(c);
}

void tc_cosigner_status(struct tc_cosigner *c, struct tc_jsonw *w)
{
    tc_jsonw_array(w);
    (void)pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < c->config->n_logs; i++) {
        tc_jsonw_object(w);
        tc_jsonw_kcstr(w, "origin", c->kept[i].head.origin);
        tc_jsonw_ku64(w, "records", c->kept[i].head.size);
        if (c->kept[i].forked)
            tc_jsonw_kbool(w, "forked", true);
        if (c->kept[i].damaged)
            tc_jsonw_kbool(w, "damaged", true);
        tc_jsonw_object_end(w);
    }
    (void)pthread_mutex_unlock(&c->lock);
    tc_jsonw_array_end(w);
}
