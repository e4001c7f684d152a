/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/desk.h"

#include "base/limits.h"
#include "codec/jsonw.h"
#include "watch/settings.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Registers of others that are read for one question at the same time. */
#define READERS_MAX 2

struct tc_desk {
    struct tc_node *n;
    pthread_mutex_t lock;
    struct tc_standing *who;
    struct tc_live *live;
    uint64_t read_to;
    struct tc_cascade *cascade;
    uint64_t cascade_of; /* tc_live_changes */
    _Atomic int readers;
};

enum tc_desk_scope tc_desk_scope(const struct tc_node *n, const struct tc_principal *p)
{
    bool own = p->org != 0 && p->org == n->org && (p->roles & TC_ROLE_ANALYST);
    /* over everybody's is also over what somebody asks a reason for */
    return (p->system || own) && !p->withheld.n ? TC_DESK_ALL : TC_DESK_READABLE;
}

tc_err tc_desk_new(struct tc_node *n, struct tc_desk **out)
{
    struct tc_desk *d = calloc(1, sizeof *d);
    if (!d)
        return TC_E_NOMEM;
    d->n = n;
    if (pthread_mutex_init(&d->lock, NULL) != 0) {
        free(d);
        return TC_E_NOMEM;
    }
    *out = d;
    return TC_OK;
}

static void forget(struct tc_desk *d)
{
    tc_cascade_free(d->cascade);
    tc_live_free(d->live);
    tc_standing_free(d->who);
    d->cascade = NULL;
    d->live = NULL;
    d->who = NULL;
    d->read_to = d->cascade_of = 0;
}

void tc_desk_free(struct tc_desk *d)
{
    if (!d)
        return;
    forget(d);
    (void)pthread_mutex_destroy(&d->lock);
    free(d);
}

struct tc_node *tc_desk_node(const struct tc_desk *d)
{
    return d->n;
}

/* ---- the whole register ---- */

static tc_err follow_journal(struct tc_desk *d)
{
    uint64_t head = tc_journal_head(d->n->journal);
    const struct tc_query q = {.after = d->read_to,
                               .until = head,
                               .types = tc_live_types,
                               .n_types = tc_live_type_count,
                               .versions = 1u << TC_VERSIONS_ALL,
                               .with_deletions = true};
    struct tc_reader *r = NULL;
    struct tc_row row;
    if (head <= d->read_to)
        return TC_OK;
    tc_err e = tc_reader_open(d->n->journal, &tc_principal_system, &q, &r);
    while (!e && !(e = tc_reader_next(r, &row)) && row.seq)
        e = tc_live_row(d->live, d->n->journal, &row);
    tc_reader_close(r);
    d->read_to = e ? d->read_to : head;
    return e;
}

static tc_err open_register(struct tc_desk *d, struct tc_diag *diag)
{
    if (d->live)
        return TC_OK;
    d->who = tc_standing_new(d->n->org, d->n->access);
    d->live = d->who ? tc_live_new(d->who) : NULL;
    return d->live ? tc_standing_load(d->who, d->n->dir, diag) : TC_E_NOMEM;
}

static tc_err begin_all(struct tc_desk *d, struct tc_sitting *s, struct tc_diag *diag)
{
    tc_err e = open_register(d, diag);
    e = e ? e : follow_journal(d);
    e = e ? e : tc_live_graph(d->live, &s->g, diag);
    if (!e && (!d->cascade || d->cascade_of != tc_live_changes(d->live))) {
        tc_cascade_free(d->cascade);
        d->cascade = tc_cascade_new(s->g);
        d->cascade_of = tc_live_changes(d->live);
        e = d->cascade ? TC_OK : TC_E_NOMEM;
    }
    if (e) /* rows may have been taken in part */
        forget(d);
    s->live = d->live;
    s->cascade = d->cascade;
    return e;
}

/* ---- the part that one may read ---- */

static tc_err begin_readable(struct tc_desk *d, const struct tc_principal *p, struct tc_sitting *s,
                             struct tc_diag *diag)
{
    s->who = tc_standing_new(d->n->org, d->n->access);
    s->own = s->who ? tc_live_new(s->who) : NULL;
    s->live = s->own;
    struct tc_principal unseen = *p; /* reckoned with is not told: the answer says what was seen */
    unseen.witness = NULL;
    tc_err e = s->own ? tc_standing_load(s->who, d->n->dir, diag) : TC_E_NOMEM;
    e = e ? e : tc_live_load_as(s->own, d->n->journal, &unseen);
    e = e ? e : tc_live_graph(s->own, &s->g, diag);
    if (!e && !(s->cascade = tc_cascade_new(s->g)))
        e = TC_E_NOMEM;
    return e;
}

/* ---- a sitting ---- */

tc_err tc_desk_begin(struct tc_desk *d, const struct tc_principal *p, struct tc_sitting *out,
                     struct tc_diag *diag)
{
    *out = (struct tc_sitting){.desk = d, .p = p, .scope = tc_desk_scope(d->n, p)};
    if (out->scope == TC_DESK_ALL)
        (void)pthread_mutex_lock(&d->lock);
    else if (atomic_fetch_add(&d->readers, 1) >= READERS_MAX)
        return tc_diag_set(diag, TC_E_BUSY, "others ask now; ask again in a second");
    tc_err e = tc_impact_settings_get(d->n->dir, &out->settings, diag);
    if (e)
        return e;
    out->suppress_below = out->scope == TC_DESK_ALL ? 0 : out->settings.suppress_below;
    return out->scope == TC_DESK_ALL ? begin_all(d, out, diag) : begin_readable(d, p, out, diag);
}

void tc_desk_end(struct tc_sitting *s)
{
    if (!s->desk)
        return;
    if (s->scope == TC_DESK_ALL) {
        (void)pthread_mutex_unlock(&s->desk->lock);
    } else {
        tc_cascade_free(s->cascade);
        tc_live_free(s->own);
        tc_standing_free(s->who);
        (void)atomic_fetch_sub(&s->desk->readers, 1);
    }
    *s = (struct tc_sitting){0};
}

tc_err tc_desk_asset(const struct tc_sitting *s, struct tc_str id, uint32_t *node,
                     struct tc_diag *diag)
{
    uint32_t asset;
    const struct tc_live_asset *a = NULL;
    if (tc_live_find(s->live, id, &asset))
        a = tc_live_asset(s->live, asset);
    if (!a || !a->present || a->node == TC_NONE)
        return tc_diag_set(diag, TC_E_INVALID, "this is no asset, or none that you may read");
    *node = a->node;
    return TC_OK;
}

void tc_desk_saw(struct tc_sitting *s, uint32_t node)
{
    struct tc_str id = tc_graph_id(s->g, node);
    const struct tc_query q = {.ids = &id, .n_ids = 1, .backwards = true, .no_body = true};
    struct tc_reader *r = NULL;
    struct tc_row row;
    if (!s->p->witness)
        return;
    /* who asks over all is told of what they could not read by themselves, too */
    struct tc_principal eyes = s->scope == TC_DESK_ALL ? tc_principal_system : *s->p;
    eyes.witness = s->p->witness;
    tc_err e = tc_reader_open(s->desk->n->journal, &eyes, &q, &r);
    e = e ? e : tc_reader_next(r, &row);
    s->unnoted = s->unnoted ? s->unnoted : e;
    tc_reader_close(r);
}

void tc_desk_people(const struct tc_sitting *s, struct tc_jsonw *w, uint64_t people)
{
    if (people && people < s->suppress_below)
        tc_jsonw_ku64(w, "people_below", s->suppress_below);
    else
        tc_jsonw_ku64(w, "people", people);
}
