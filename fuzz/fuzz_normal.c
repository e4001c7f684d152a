/* SPDX-License-Identifier: Apache-2.0 */
/* One spelling of a value, by its shape and as each kind of key field: within its bounds, and what
 * is of a kind stays what it is when it is spelled again. The same text, line by line, is also what
 * somebody asks of a place and a time: what is accepted is within its bounds. */
#include "target.h"

#include "watch/near.h"
#include "watch/normal.h"

#include <assert.h>

static void place(struct tc_str s)
{
    struct tc_str line[4] = {{"", 0}, {"", 0}, {"", 0}, {"", 0}};
    struct tc_near_ask a = {.limit = 1};
    struct tc_diag d;
    tc_diag_init(&d);
    for (int i = 0; i < 4 && s.n; i++) {
        size_t end = tc_str_find(s, TC_STR("\n")), n = end < s.n ? end : s.n;
        line[i] = tc_str_view(s.p, n);
        n += n < s.n;
        s = tc_str_view(s.p + n, s.n - n);
    }
    if (fuzz_err(tc_near_read(line[0], line[1], line[2], line[3], &a, &d)))
        return;
    assert(a.id.n || (a.lat >= -90 && a.lat <= 90 && a.lon >= -180 && a.lon <= 180));
    assert(a.metres >= 0 && a.metres <= TC_NEAR_METRES && a.during >= -1 &&
           a.during <= TC_NEAR_DURING);
}

int fuzz_one(const uint8_t *data, size_t size)
{
    static char once[TC_MAX_VALUE], twice[TC_MAX_VALUE];
    size_t n = tc_normal_value(tc_str_view((const char *)data, size), once);
    assert(n <= sizeof once);
    size_t m = tc_normal_value(tc_str_view(once, n), twice);
    assert(m <= sizeof twice);
    place(tc_str_view((const char *)data, size));
    for (int k = TC_SPELLING_VALUE; k < TC_SPELLING_COUNT; k++) {
        enum tc_spelling as = (enum tc_spelling)k, apart, again;
        bool is = tc_normal_as(as, tc_str_view((const char *)data, size), once, &n, &apart);
        assert(n <= sizeof once);
        if (!is || as == TC_SPELLING_VALUE)
            continue;
        is = tc_normal_as(as, tc_str_view(once, n), twice, &m, &again);
        HOLDS(is && m == n && again == apart && memcmp(once, twice, n) == 0);
    }
    return 0;
}
