/* SPDX-License-Identifier: Apache-2.0 */
/* What is said next, from what was told and what is found:
 *
 *                        found: none            found: as told      found: something else
 *      told: nothing     nothing                -                   alert
 *      told: hits        cancel                 nothing             update
 *
 * An exercise never updates a real warning nor the other way round: when an incident changes from
 * one to the other, what was told is cancelled as what it was. */
#include "warn/compose.h"

#include "warn/text.h"

#include <stdlib.h>

static bool near(tc_time a, tc_time b, int64_t tolerance)
{
    if (a == TC_TIME_NONE || b == TC_TIME_NONE)
        return a == b;
    return a - b <= tolerance && b - a <= tolerance;
}

static const struct tc_told_hit *told_of(const struct tc_told *t, struct tc_str asset)
{
    size_t lo = 0, hi = t->n_hits; /* sorted by asset */
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = tc_str_cmp(t->hits[mid].asset, asset);
        if (c == 0)
            return &t->hits[mid];
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

static enum tc_hit_change change_of(const struct tc_compose *c, const struct tc_finding *f)
{
    const struct tc_told_hit *before = c->told.any ? told_of(&c->told, f->asset) : NULL;
    if (!before)
        return TC_HIT_NEW;
    if (near(before->at, f->at, TC_WARN_TOLERANCE))
        return TC_HIT_SAME;
    return f->at < before->at ? TC_HIT_EARLIER : TC_HIT_LATER;
}

static tc_err cut_causes(const struct tc_compose *c, const struct tc_finding *f, struct tc_arena *a,
                         struct tc_warn_hit *h)
{
    struct tc_warn_cause *v = tc_arena_zalloc(a, f->n_causes + 1, sizeof *v);
    if (!v)
        return tc_arena_err(a);
    for (size_t i = 0; i < f->n_causes; i++) {
        struct tc_warn_cause cause = {.sector = f->cause[i].sector, .country = f->cause[i].country};
        if (c->name(c->arg, f->cause[i].asset, &cause.name))
            cause.asset = f->cause[i].asset;
        else
            cause.name = cause.asset = TC_STR("");
        bool twice = false;
        for (size_t k = 0; k < h->n_causes; k++) /* two that are not named read the same */
            twice = twice ||
                    (tc_str_eq(v[k].asset, cause.asset) && tc_str_eq(v[k].sector, cause.sector) &&
                     tc_str_eq(v[k].country, cause.country));
        if (!twice)
            v[h->n_causes++] = cause;
    }
    h->causes = v;
    return TC_OK;
}

static tc_err cut_hit(const struct tc_compose *c, const struct tc_finding *f, struct tc_arena *a,
                      struct tc_warn_hit *h)
{
    *h = (struct tc_warn_hit){.asset = f->asset,
                              .name = f->name.n ? f->name : f->asset,
                              .sector = f->sector,
                              .country = f->country,
                              .how = f->how,
                              .change = change_of(c, f),
                              .service = f->service,
                              .at = f->at,
                              .early = f->early,
                              .late = f->late,
                              .back = f->back,
                              .percent = f->percent,
                              .placed = f->placed,
                              .lat = f->lat,
                              .lon = f->lon};
    return cut_causes(c, f, a, h);
}

static int by_time(const void *x, const void *y)
{
    const struct tc_warn_hit *a = x, *b = y;
    bool sa = a->change == TC_HIT_SPARED, sb = b->change == TC_HIT_SPARED;
    if (sa != sb)
        return sa - sb;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return tc_str_cmp(a->asset, b->asset);
}

static bool found(const struct tc_compose *c, struct tc_str asset)
{
    for (size_t i = 0; i < c->n_findings; i++)
        if (tc_str_eq(c->findings[i].asset, asset))
            return true;
    return false;
}

static tc_err all_hits(const struct tc_compose *c, struct tc_arena *a, struct tc_message *m)
{
    size_t n = 0, told = c->told.any ? c->told.n_hits : 0;
    struct tc_warn_hit *h = tc_arena_zalloc(a, c->n_findings + told + 1, sizeof *h);
    if (!h)
        return tc_arena_err(a);
    for (size_t i = 0; i < c->n_findings; i++) {
        tc_err e = cut_hit(c, &c->findings[i], a, &h[n++]);
        if (e)
            return e;
    }
    for (size_t i = 0; i < told; i++)
        if (!found(c, c->told.hits[i].asset))
            h[n++] = (struct tc_warn_hit){.asset = c->told.hits[i].asset,
                                          .name = c->told.hits[i].name,
                                          .how = c->told.hits[i].how,
                                          .service = c->told.hits[i].service,
                                          .change = TC_HIT_SPARED,
                                          .at = c->told.hits[i].at,
                                          .early = TC_TIME_NONE,
                                          .late = TC_TIME_NONE,
                                          .back = TC_TIME_NONE};
    qsort(h, n, sizeof *h, by_time);
    m->hits = h;
    m->n_hits = n;
    return TC_OK;
}

/* Does this say something that the recipient does not know? */
static bool differs(const struct tc_compose *c, const struct tc_message *m)
{
    if (!near(m->expires, c->told.expires, TC_WARN_TOLERANCE_END) ||
        m->severity != c->told.severity)
        return true;
    for (size_t i = 0; i < m->n_hits; i++) {
        const struct tc_warn_hit *h = &m->hits[i];
        const struct tc_told_hit *before = told_of(&c->told, h->asset);
        if (h->change != TC_HIT_SAME || !before || before->how != h->how ||
            !tc_str_eq(before->service, h->service) ||
            !near(before->back, h->back, TC_WARN_TOLERANCE_END))
            return true;
    }
    return false;
}

static void reckon_words(const struct tc_compose *c, struct tc_message *m)
{
    m->severity = TC_SEVERITY_UNKNOWN;
    m->certainty = TC_CERTAINTY_UNKNOWN;
    m->onset = m->expires = TC_TIME_NONE;
    for (size_t i = 0; i < c->n_findings; i++) {
        const struct tc_finding *f = &c->findings[i];
        m->severity = f->severity < m->severity ? f->severity : m->severity;
        m->certainty = f->certainty < m->certainty ? f->certainty : m->certainty;
        m->onset = m->onset == TC_TIME_NONE || f->at < m->onset ? f->at : m->onset;
        m->expires = f->expires > m->expires ? f->expires : m->expires;
    }
    int64_t lead = m->onset - c->now;
    m->urgency = lead <= 0                  ? TC_URGENCY_IMMEDIATE
                 : lead <= 3600 * TC_SECOND ? TC_URGENCY_EXPECTED
                                            : TC_URGENCY_FUTURE;
    m->response = lead <= 3600 * TC_SECOND ? TC_RESPONSE_EXECUTE : TC_RESPONSE_PREPARE;
}

static void cancel(struct tc_message *m)
{
    m->kind = TC_WARN_CANCEL;
    m->urgency = TC_URGENCY_PAST;
    m->severity = TC_SEVERITY_MINOR;
    m->certainty = TC_CERTAINTY_OBSERVED;
    m->response = TC_RESPONSE_ALLCLEAR;
    m->onset = m->expires = TC_TIME_NONE;
}

/* English first, then what is spoken in the recipient's country; all, when that is not known. */
static tc_err all_texts(const struct tc_compose *c, struct tc_arena *a, struct tc_message *m)
{
    size_t n = 0, all = 0;
    bool known = false;
    for (; tc_words_builtin(all); all++)
        known = known || tc_words_serves(tc_words_builtin(all), c->country);
    struct tc_warn_text *t = tc_arena_zalloc(a, all + 1, sizeof *t);
    if (!t)
        return tc_arena_err(a);
    m->note = tc_words_builtin(0) ? tc_warn_note(tc_words_builtin(0), m->status) : TC_STR("");
    for (size_t i = 0; i < all; i++) {
        const struct tc_words *w = tc_words_builtin(i);
        if (i && known && !tc_words_serves(w, c->country))
            continue;
        tc_err e = tc_warn_text(m, w, a, &t[n++]);
        if (e)
            return e;
    }
    m->texts = t;
    m->n_texts = n;
    return TC_OK;
}

tc_err tc_compose(const struct tc_compose *c, struct tc_arena *a, struct tc_message *out,
                  enum tc_compose_says *says)
{
    bool turned = c->told.any && c->n_findings && c->told.exercise != c->exercise;
    bool exercise = turned || !c->n_findings ? c->told.exercise : c->exercise;
    struct tc_message m = {.sender = c->sender,
                           .sender_name = c->sender_name,
                           .recipient = c->recipient,
                           .recipient_name = c->recipient_name,
                           .status = exercise ? TC_WARN_EXERCISE : TC_WARN_ACTUAL,
                           .sent = TC_TIME_NONE,
                           .created = TC_TIME_NONE,
                           .modified = TC_TIME_NONE,
                           .references = c->told.references,
                           .n_references = c->told.any ? c->told.n_references : 0};
    *says = TC_COMPOSE_NOTHING;
    if (!c->n_findings && !c->told.any)
        return TC_OK;
    if (!c->n_findings || turned) {
        struct tc_compose none = *c;
        none.n_findings = 0;
        tc_err e = all_hits(&none, a, &m);
        if (e)
            return e;
        cancel(&m);
    } else {
        tc_err e = all_hits(c, a, &m);
        if (e)
            return e;
        m.kind = c->told.any ? TC_WARN_UPDATE : TC_WARN_ALERT;
        reckon_words(c, &m);
        if (c->told.any && !differs(c, &m))
            return TC_OK;
    }
    tc_err e = all_texts(c, a, &m);
    if (e)
        return e;
    *out = m;
    *says = TC_COMPOSE_MESSAGE;
    return TC_OK;
}

static int by_asset(const void *x, const void *y)
{
    return tc_str_cmp(((const struct tc_told_hit *)x)->asset,
                      ((const struct tc_told_hit *)y)->asset);
}

tc_err tc_told_of(const struct tc_message *m, struct tc_arena *a, struct tc_told *out)
{
    struct tc_told t = {.any = m->kind != TC_WARN_CANCEL,
                        .severity = m->severity,
                        .expires = m->expires,
                        .exercise = m->status == TC_WARN_EXERCISE};
    struct tc_told_hit *h = tc_arena_zalloc(a, m->n_hits + 1, sizeof *h);
    if (!h)
        return tc_arena_err(a);
    for (size_t i = 0; i < m->n_hits; i++) {
        const struct tc_warn_hit *from = &m->hits[i];
        if (from->change != TC_HIT_SPARED)
            h[t.n_hits++] = (struct tc_told_hit){from->asset, from->name, from->at,
                                                 from->back,  from->how,  from->service};
    }
    if (t.n_hits)
        qsort(h, t.n_hits, sizeof *h, by_asset);
    t.hits = h;
    *out = t;
    return TC_OK;
}
