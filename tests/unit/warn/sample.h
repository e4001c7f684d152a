/* SPDX-License-Identifier: Apache-2.0 */
/* One message with everything in it, for the tests of this folder. */
#ifndef TC_TEST_WARN_SAMPLE_H
#define TC_TEST_WARN_SAMPLE_H

#include "warn/message.h"
#include "warn/text.h"

static inline tc_time sample_time(const char *z)
{
    tc_time t = TC_TIME_NONE;
    return tc_time_parse_z(tc_str_cstr(z), &t) ? TC_TIME_NONE : t;
}

/* Fills *m with two hits and the texts of all languages; lives as long as the arena. */
static inline void sample(struct tc_arena *a, struct tc_message *m)
{
    struct tc_warn_hit *h = tc_arena_zalloc(a, 2, sizeof *h);
    struct tc_warn_cause *c = tc_arena_zalloc(a, 2, sizeof *c);
    struct tc_warn_text *t = tc_arena_zalloc(a, 8, sizeof *t);
    struct tc_warn_reference *r = tc_arena_zalloc(a, 1, sizeof *r);
    c[0] = (struct tc_warn_cause){.sector = TC_STR("energy"), .country = TC_STR("NL")};
    c[1] = (struct tc_warn_cause){
        .asset = TC_STR("infrastructure--6a1f6f5e-3f0a-4f3f-9a37-5a5f6a1f6f5e"),
        .name = TC_STR("Substation \"North\" <A&B>"),
        .sector = TC_STR("energy"),
        .country = TC_STR("DE")};
    h[0] = (struct tc_warn_hit){.asset =
                                    TC_STR("infrastructure--11111111-1111-4111-8111-111111111111"),
                                .name = TC_STR("Hospital <East> & Co"),
                                .sector = TC_STR("health"),
                                .country = TC_STR("NL"),
                                .how = TC_HIT_SUPPLY,
                                .change = TC_HIT_NEW,
                                .service = TC_STR("electricity"),
                                .at = sample_time("2026-11-21T14:10:00Z"),
                                .early = sample_time("2026-11-21T13:00:00Z"),
                                .late = sample_time("2026-11-21T18:00:00Z"),
                                .back = TC_TIME_NONE,
                                .percent = 80,
                                .placed = true,
                                .lat = 53.2,
                                .lon = -6.56,
                                .causes = c,
                                .n_causes = 2};
    h[1] = (struct tc_warn_hit){.asset =
                                    TC_STR("infrastructure--22222222-2222-4222-8222-222222222222"),
                                .name = TC_STR("Clinic West"),
                                .how = TC_HIT_DIRECT,
                                .change = TC_HIT_SPARED,
                                .at = TC_TIME_NONE,
                                .early = TC_TIME_NONE,
                                .late = TC_TIME_NONE,
                                .back = TC_TIME_NONE};
    r[0] = (struct tc_warn_reference){TC_STR("warning--33333333-3333-4333-8333-333333333333"),
                                      sample_time("2026-11-21T10:00:00Z")};
    *m = (struct tc_message){.id = TC_STR("warning--44444444-4444-4444-8444-444444444444"),
                             .created = sample_time("2026-11-21T11:00:00Z"),
                             .modified = sample_time("2026-11-21T11:05:00Z"),
                             .sender = TC_STR("identity--55555555-5555-4555-8555-555555555555"),
                             .sender_name = TC_STR("Contact point"),
                             .recipient = TC_STR("identity--66666666-6666-4666-8666-666666666666"),
                             .recipient_name = TC_STR("Hospitals East"),
                             .state = TC_WARN_RELEASED,
                             .kind = TC_WARN_UPDATE,
                             .status = TC_WARN_EXERCISE,
                             .urgency = TC_URGENCY_FUTURE,
                             .severity = TC_SEVERITY_SEVERE,
                             .certainty = TC_CERTAINTY_LIKELY,
                             .response = TC_RESPONSE_PREPARE,
                             .sent = sample_time("2026-11-21T11:05:00Z"),
                             .onset = sample_time("2026-11-21T14:10:00Z"),
                             .expires = sample_time("2026-11-22T14:10:00Z"),
                             .released_by = TC_STR("rule"),
                             .references = r,
                             .n_references = 1,
                             .hits = h,
                             .n_hits = 2};
    m->note = tc_warn_note(tc_words_builtin(0), TC_WARN_EXERCISE);
    size_t n = 0;
    for (; n < 8 && tc_words_builtin(n); n++)
        if (tc_warn_text(m, tc_words_builtin(n), a, &t[n]))
            break;
    m->texts = t;
    m->n_texts = n;
}

#endif
