/* SPDX-License-Identifier: Apache-2.0 */
#include "warn/text.h"

#include <stdio.h>

#define MAX_TEXT (128u << 10)

void tc_warn_time(tc_time t, char out[TC_WARN_TIME_SIZE])
{
    char z[TC_TIME_SIZE];
    out[0] = '\0';
    if (t == TC_TIME_NONE)
        return;
    tc_time_format(t, 0, z);
    (void)snprintf(out, TC_WARN_TIME_SIZE, "%.10s %.5s UTC", z, z + 11);
}

static struct tc_str time_text(tc_time t, char out[TC_WARN_TIME_SIZE])
{
    tc_warn_time(t, out);
    return tc_str_cstr(out);
}

struct tc_str tc_warn_note(const struct tc_words *w, enum tc_warn_status s)
{
    switch (s) {
    case TC_WARN_EXERCISE:
        return tc_words_get(w, TC_STR("note.exercise"));
    case TC_WARN_TEST:
        return tc_words_get(w, TC_STR("note.test"));
    case TC_WARN_ACTUAL:
        break;
    }
    return TC_STR("");
}

static void put_prefix(const struct tc_message *m, const struct tc_words *w, struct tc_buf *b)
{
    if (m->status == TC_WARN_EXERCISE)
        tc_buf_str(b, tc_words_get(w, TC_STR("prefix.exercise")));
    if (m->status == TC_WARN_TEST)
        tc_buf_str(b, tc_words_get(w, TC_STR("prefix.test")));
}

/* The hit that the headline speaks of: the first in time of those not spared. */
static const struct tc_warn_hit *first_hit(const struct tc_message *m, size_t *count)
{
    const struct tc_warn_hit *first = NULL;
    *count = 0;
    for (size_t i = 0; i < m->n_hits; i++) {
        const struct tc_warn_hit *h = &m->hits[i];
        if (h->change == TC_HIT_SPARED)
            continue;
        (*count)++;
        if (!first || h->at < first->at)
            first = h;
    }
    return first;
}

static void put_cause(const struct tc_warn_hit *h, const struct tc_words *w, struct tc_buf *b)
{
    struct tc_word v[] = {{"service", tc_words_code(w, "service.", h->service)}};
    if (h->how == TC_HIT_SUPPLY)
        tc_words_fill(w, "cause.supply", v, 1, b);
    else
        tc_words_fill(w, h->how == TC_HIT_AREA ? "cause.area" : "cause.direct", NULL, 0, b);
}

static void put_event(const struct tc_message *m, const struct tc_words *w, struct tc_buf *b)
{
    size_t count;
    const struct tc_warn_hit *h = first_hit(m, &count);
    if (!h && m->n_hits)
        h = &m->hits[0];
    struct tc_word v[] = {{"service", tc_words_code(w, "service.", h ? h->service : TC_STR(""))}};
    bool supply = h && h->how == TC_HIT_SUPPLY;
    tc_words_fill(w, supply ? "event.supply" : "event.direct", v, 1, b);
}

/* Cuts at a character's first byte, so that the text stays UTF-8, and marks the cut. */
static void cut(struct tc_buf *b, size_t characters)
{
    size_t seen = 0;
    for (size_t i = 0; i < b->n; i++)
        if (((unsigned char)b->p[i] & 0xC0u) != 0x80u && ++seen > characters - 3) {
            size_t rest = 0;
            for (size_t j = i; j < b->n; j++)
                rest += ((unsigned char)b->p[j] & 0xC0u) != 0x80u;
            if (rest <= 3)
                return;
            b->n = i;
            tc_buf_cstr(b, "...");
            return;
        }
}

static void put_headline(const struct tc_message *m, const struct tc_words *w, struct tc_buf *b)
{
    size_t count;
    char at[TC_WARN_TIME_SIZE];
    const struct tc_warn_hit *h = first_hit(m, &count);
    struct tc_buf cause;
    tc_buf_init(&cause, MAX_TEXT);
    put_prefix(m, w, b);
    if (m->kind == TC_WARN_CANCEL || !h) {
        put_event(m, w, &cause);
        struct tc_word v[] = {{"event", tc_buf_view(&cause)}};
        tc_words_fill(w, "headline.cancel", v, 1, b);
    } else {
        if (m->kind == TC_WARN_UPDATE)
            tc_buf_str(b, tc_words_get(w, TC_STR("headline.update")));
        put_cause(h, w, &cause);
        char n[24];
        (void)snprintf(n, sizeof n, "%zu", count);
        struct tc_word v[] = {{"asset", h->name},
                              {"count", tc_str_cstr(n)},
                              {"cause", tc_buf_view(&cause)},
                              {"time", time_text(h->at, at)}};
        tc_words_fill(w, count == 1 ? "headline.one" : "headline.many", v, 4, b);
    }
    tc_buf_fini(&cause);
    cut(b, TC_HEADLINE_MAX);
}

static void put_country_of(const struct tc_warn_cause *c, const struct tc_words *w,
                           struct tc_buf *b)
{
    struct tc_str country = c->country.n ? c->country : tc_words_get(w, TC_STR("cause.somewhere"));
    struct tc_word v[] = {{"sector", tc_words_code(w, "sector.", c->sector)}, {"country", country}};
    tc_words_fill(w, "cause.other", v, 2, b);
}

static void put_causes(const struct tc_warn_hit *h, const struct tc_words *w, struct tc_buf *b)
{
    struct tc_buf list;
    if (!h->n_causes)
        return;
    tc_buf_init(&list, MAX_TEXT);
    for (size_t i = 0; i < h->n_causes; i++) {
        if (i)
            tc_buf_str(&list, tc_words_get(w, TC_STR("and")));
        if (h->causes[i].name.n)
            tc_buf_str(&list, h->causes[i].name);
        else
            put_country_of(&h->causes[i], w, &list);
    }
    struct tc_word v[] = {{"causes", tc_buf_view(&list)}};
    tc_words_fill(w, "hit.because", v, 1, b);
    tc_buf_fini(&list);
}

static void put_change(const struct tc_message *m, const struct tc_warn_hit *h,
                       const struct tc_words *w, struct tc_buf *b)
{
    if (m->kind != TC_WARN_UPDATE)
        return;
    if (h->change == TC_HIT_NEW)
        tc_buf_str(b, tc_words_get(w, TC_STR("hit.new")));
    if (h->change == TC_HIT_EARLIER)
        tc_buf_str(b, tc_words_get(w, TC_STR("hit.earlier")));
    if (h->change == TC_HIT_LATER)
        tc_buf_str(b, tc_words_get(w, TC_STR("hit.later")));
}

static void put_hit(const struct tc_message *m, const struct tc_warn_hit *h,
                    const struct tc_words *w, struct tc_buf *b)
{
    static const char *const keys[] = {
        [TC_HIT_SUPPLY] = "hit.supply", [TC_HIT_DIRECT] = "hit.direct", [TC_HIT_AREA] = "hit.area"};
    char at[TC_WARN_TIME_SIZE], early[TC_WARN_TIME_SIZE], late[TC_WARN_TIME_SIZE];
    char back[TC_WARN_TIME_SIZE], percent[16];
    (void)snprintf(percent, sizeof percent, "%u", h->percent);
    struct tc_buf range, likely;
    tc_buf_init(&range, MAX_TEXT);
    tc_buf_init(&likely, MAX_TEXT);
    struct tc_word v[] = {{"asset", h->name},
                          {"service", tc_words_code(w, "service.", h->service)},
                          {"time", time_text(h->at, at)},
                          {"early", time_text(h->early, early)},
                          {"late", time_text(h->late, late)},
                          {"percent", tc_str_cstr(percent)},
                          {"range", {NULL, 0}},
                          {"likely", {NULL, 0}}};
    if (h->early != TC_TIME_NONE && h->late != TC_TIME_NONE && h->early != h->late)
        tc_words_fill(w, "hit.range", v, 6, &range);
    if (h->percent)
        tc_words_fill(w, "hit.likely", v, 6, &likely);
    v[6].value = tc_buf_view(&range);
    v[7].value = tc_buf_view(&likely);
    tc_words_fill(w, h->change == TC_HIT_SPARED ? "hit.spared" : keys[h->how], v, 8, b);
    if (h->change != TC_HIT_SPARED) {
        put_causes(h, w, b);
        struct tc_word bv[] = {{"time", time_text(h->back, back)}};
        if (h->back != TC_TIME_NONE)
            tc_words_fill(w, "hit.back", bv, 1, b);
        put_change(m, h, w, b);
    }
    tc_buf_fini(&range);
    tc_buf_fini(&likely);
}

static void put_description(const struct tc_message *m, const struct tc_words *w, struct tc_buf *b)
{
    tc_buf_str(b, tc_warn_note(w, m->status));
    if (m->kind == TC_WARN_CANCEL) {
        tc_buf_cstr(b, b->n ? "\n" : "");
        tc_buf_str(b, tc_words_get(w, TC_STR("cancel.text")));
        return;
    }
    size_t n = m->n_hits < TC_WARN_TEXT_HITS ? m->n_hits : TC_WARN_TEXT_HITS;
    for (size_t i = 0; i < n; i++) {
        tc_buf_cstr(b, b->n ? "\n" : "");
        put_hit(m, &m->hits[i], w, b);
    }
    if (n < m->n_hits)
        tc_buf_fmt(b, "\n(+ %zu)", m->n_hits - n);
}

static struct tc_str keep(struct tc_buf *b, struct tc_arena *a, tc_err *err)
{
    struct tc_str s = {NULL, 0};
    if (b->err)
        *err = b->err;
    else {
        s = tc_arena_dup(a, tc_buf_view(b));
        if (!s.p)
            *err = TC_E_NOMEM;
    }
    tc_buf_clear(b);
    return s;
}

tc_err tc_warn_text(const struct tc_message *m, const struct tc_words *w, struct tc_arena *a,
                    struct tc_warn_text *out)
{
    static const char *const instruction[] = {[TC_RESPONSE_PREPARE] = "instruction.prepare",
                                              [TC_RESPONSE_EXECUTE] = "instruction.act",
                                              [TC_RESPONSE_ALLCLEAR] = "instruction.allclear"};
    struct tc_warn_text t = {.language = tc_words_language(w)};
    tc_err err = TC_OK;
    struct tc_buf b;
    tc_buf_init(&b, MAX_TEXT);
    put_prefix(m, w, &b);
    put_event(m, w, &b);
    t.event = keep(&b, a, &err);
    put_headline(m, w, &b);
    t.headline = keep(&b, a, &err);
    put_description(m, w, &b);
    t.description = keep(&b, a, &err);
    t.instruction = tc_words_get(w, tc_str_cstr(instruction[m->response]));
    tc_buf_fini(&b);
    if (err)
        return err;
    *out = t;
    return TC_OK;
}
