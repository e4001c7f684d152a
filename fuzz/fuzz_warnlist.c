/* SPDX-License-Identifier: Apache-2.0 */
/* Warning lists and values: a list as JSON, a line "----", a JSON list of values that are looked
 * for. Asked twice, a value gets the same answer. */
#include "target.h"

#include "codec/json.h"
#include "watch/warnlist.h"

static void look(struct tc_warnlists *w, struct tc_str text)
{
    struct tc_json j = {0};
    yyjson_val *one;
    size_t i, n;
    if (fuzz_err(tc_json_read(text, 1 << 20, 0, &j, NULL)))
        return;
    yyjson_arr_foreach (j.root, i, n, one) {
        const char *first = tc_warnlists_hit(w, one);
        HOLDS(first == tc_warnlists_hit(w, one));
        HOLDS(!first || tc_warnlists_count(w));
        if (fuzz_starved()) /* the header says what may be missed then */
            (void)fuzz_err(TC_E_NOMEM);
        fuzz_tell(first ? first : "-", first ? strlen(first) : 1);
    }
    tc_json_fini(&j);
}

int fuzz_one(const uint8_t *data, size_t size)
{
    struct tc_str s = tc_str_view((const char *)data, size);
    size_t cut = tc_str_find(s, TC_STR("----\n"));
    struct tc_warnlists *w = tc_warnlists_new();
    struct tc_diag d;
    tc_diag_init(&d);
    if (!fuzz_have(w != NULL))
        return 0;
    tc_err e = fuzz_err(tc_warnlists_add(w, tc_str_view(s.p, cut == SIZE_MAX ? s.n : cut), &d));
    HOLDS(!e || d.message[0]);
    if (!e && cut != SIZE_MAX)
        look(w, tc_str_view(s.p + cut + 5, s.n - cut - 5));
    tc_warnlists_free(w);
    return 0;
}
