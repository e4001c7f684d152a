/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/ranking.h"

#include "codec/jsonw.h"
#include "impact/pairs.h"
#include "model/audience.h"
#include "watch/casefile.h"

#include <stdlib.h>

static const char *const words[] = {"people-hours", "people", "assets", "states"};

bool tc_critical_by_parse(struct tc_str word, enum tc_critical_by *out)
{
    for (int i = TC_BY_PEOPLE_TIME; i <= TC_BY_MEMBER_STATES; i++)
        if (tc_str_is(word, words[i])) {
            *out = (enum tc_critical_by)i;
            return true;
        }
    return false;
}

const char *tc_critical_by_word(enum tc_critical_by by)
{
    return words[by];
}

/* A question waits on a thread that others need, too. */
#define TIME_MAX (5 * TC_SECOND)

static bool too_long(void *begun)
{
    return tc_time_monotonic() - *(const int64_t *)begun > TIME_MAX;
}

static tc_err said_too_long(struct tc_diag *diag)
{
    return tc_diag_set(
        diag, TC_E_TIMEOUT,
        "more than a served node reckons at once; ask for fewer, or the command line");
}

/* The settings as they hold for this asker. */
static struct tc_impact_settings settings_of(const struct tc_sitting *s)
{
    struct tc_impact_settings set = s->settings;
    set.suppress_below = s->suppress_below;
    return set;
}

static void saw_case(struct tc_sitting *s, const struct tc_case *x)
{
    tc_desk_saw(s, x->asset);
    for (size_t i = 0; i < x->n_reasons; i++)
        tc_desk_saw(s, x->reason[i].asset);
}

static tc_err put_ranked(struct tc_sitting *s, const struct tc_ranking_ask *ask, uint32_t asset,
                         uint32_t rank, struct tc_jsonw *w)
{
    const struct tc_impact_settings set = settings_of(s);
    struct tc_case x;
    tc_err e = tc_case_make(s->g, s->cascade, asset, ask->horizon, &x);
    if (e)
        return e;
    tc_jsonw_object(w);
    tc_jsonw_ku64(w, "rank", rank);
    tc_case_json(&x, s->g, &set, w);
    tc_jsonw_object_end(w);
    saw_case(s, &x);
    tc_case_fini(&x);
    return TC_OK;
}

static tc_err put_ranking(struct tc_sitting *s, const struct tc_ranking_ask *ask,
                          struct tc_jsonw *w, int64_t *begun, struct tc_diag *diag)
{
    const struct tc_critical_opts o = {.horizon = ask->horizon, .threads = 1};
    struct tc_critical_row *rows = calloc(s->g->n + 1u, sizeof *rows);
    uint32_t *order = calloc(s->g->n + 1u, sizeof *order);
    uint32_t top = ask->top < s->g->n ? ask->top : s->g->n;
    tc_err e = rows && order ? tc_critical_run(s->g, &o, rows) : TC_E_NOMEM;
    if (!e)
        tc_critical_rank(rows, s->g->n, ask->by, order);
    tc_jsonw_name(w, "ranking");
    tc_jsonw_array(w);
    for (uint32_t i = 0; !e && i < top; i++)
        e = too_long(begun) ? said_too_long(diag) : put_ranked(s, ask, order[i], i + 1, w);
    tc_jsonw_array_end(w);
    free(rows);
    free(order);
    return e;
}

static void put_pair(const struct tc_sitting *s, const struct tc_together *t, struct tc_jsonw *w)
{
    bool hides = t->people && t->people < s->suppress_below;
    tc_jsonw_object(w);
    tc_jsonw_kstr(w, "first", tc_graph_id(s->g, t->first));
    tc_jsonw_kstr(w, "second", tc_graph_id(s->g, t->second));
    tc_jsonw_ku64(w, "failed", t->failed);
    tc_desk_people(s, w, t->people);
    if (!hides) {
        tc_jsonw_ku64(w, "people_hours", t->people_seconds / 3600);
        tc_jsonw_ku64(w, "people_hours_alone", t->alone / 3600);
    }
    tc_jsonw_ku64(w, "member_states", t->member_states);
    tc_jsonw_kbool(w, "two_or_more_states", t->member_states >= 2);
    tc_jsonw_kbool(w, "six_or_more_states", t->member_states >= 6);
    tc_jsonw_object_end(w);
}

static tc_err put_pairs(struct tc_sitting *s, const struct tc_ranking_ask *ask, struct tc_jsonw *w,
                        int64_t *begun, struct tc_diag *diag)
{
    uint32_t assets[TC_RANKING_PAIR];
    size_t n = ask->n_pairs, count = n * (n - 1) / 2;
    tc_err e =
        n < 2 || n > TC_RANKING_PAIR
            ? tc_diag_set(diag, TC_E_INVALID, "pairs are made of 2 to %u assets", TC_RANKING_PAIR)
            : TC_OK;
    for (size_t i = 0; !e && i < n; i++) {
        e = tc_desk_asset(s, ask->pairs[i], &assets[i], diag);
        if (!e)
            tc_desk_saw(s, assets[i]);
    }
    if (e)
        return e;
    struct tc_together *rows = calloc(count, sizeof *rows);
    e = rows ? tc_pairs_run(s->cascade, s->g, assets, n, ask->horizon, rows, too_long, begun)
             : TC_E_NOMEM;
    e = e == TC_E_TIMEOUT ? said_too_long(diag) : e;
    tc_jsonw_name(w, "pairs");
    tc_jsonw_array(w);
    for (size_t i = 0; !e && i < count; i++)
        put_pair(s, &rows[i], w);
    tc_jsonw_array_end(w);
    free(rows);
    return e;
}

tc_err tc_ranking_ask(struct tc_desk *d, const struct tc_principal *p,
                      const struct tc_ranking_ask *ask, struct tc_buf *out, struct tc_diag *diag)
{
    struct tc_sitting s;
    tc_err e = tc_desk_begin(d, p, &s, diag);
    int64_t begun = tc_time_monotonic();
    struct tc_jsonw w = tc_jsonw_into(out);
    if (!e) {
        tc_jsonw_object(&w);
        tc_jsonw_kcstr(&w, "scope", s.scope == TC_DESK_ALL ? "all" : "readable");
        tc_jsonw_ku64(&w, "assets", s.g->n);
        tc_jsonw_ku64(&w, "horizon", ask->horizon);
        tc_jsonw_kcstr(&w, "by", words[ask->by]);
        e = put_ranking(&s, ask, &w, &begun, diag);
        if (!e && ask->n_pairs)
            e = put_pairs(&s, ask, &w, &begun, diag);
        tc_jsonw_object_end(&w);
    }
    e = e ? e : s.unnoted;
    tc_desk_end(&s);
    return e ? e : out->err;
}

tc_err tc_ranking_case(struct tc_desk *d, const struct tc_principal *p, struct tc_str id,
                       uint32_t horizon, enum tc_case_form form, struct tc_buf *out,
                       struct tc_diag *diag)
{
    struct tc_sitting s;
    struct tc_case x = {0};
    uint32_t asset = 0;
    char at[TC_TIME_SIZE];
    tc_time_format(tc_time_now(), 0, at);
    tc_err e = tc_desk_begin(d, p, &s, diag);
    if (!e && tc_desk_asset(&s, id, &asset, NULL))
        e = TC_E_NOTFOUND;
    e = e ? e : tc_case_make(s.g, s.cascade, asset, horizon, &x);
    if (!e) {
        const struct tc_impact_settings set = settings_of(&s);
        struct tc_jsonw w = tc_jsonw_into(out);
        saw_case(&s, &x);
        if (form == TC_CASE_JSON) {
            tc_jsonw_object(&w);
            tc_jsonw_kcstr(&w, "scope", s.scope == TC_DESK_ALL ? "all" : "readable");
            tc_case_json(&x, s.g, &set, &w);
            tc_jsonw_object_end(&w);
        } else if (form == TC_CASE_HTML) {
            tc_case_html(&x, s.g, &set, at, tc_tlp_label(TC_TLP_AMBER), out);
        } else {
            tc_case_text(&x, s.g, &set, at, tc_tlp_label(TC_TLP_AMBER), out);
        }
        tc_case_fini(&x);
    }
    e = e ? e : s.unnoted;
    tc_desk_end(&s);
    return e ? e : out->err;
}
