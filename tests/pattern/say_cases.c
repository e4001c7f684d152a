/* SPDX-License-Identifier: Apache-2.0 */
/* Random cases with the engine's verdict, as JSON lines {"pattern","bundle","match"}, for
 * third_voice.py. Only what the OASIS matcher has, too: STIX 2.1 form, one kind of value in a
 * property.
 *
 *   say_cases N */
#include "gen.h"
#include "rand.h"

#include "codec/json.h"
#include "codec/jsonw.h"
#include "pattern/set.h"

static tc_err note(void *arg, const struct tc_set_match *m)
{
    *(bool *)arg = m->n > 0;
    return TC_OK;
}

static bool verdict(struct tc_str pattern, struct tc_str bundle, bool *match)
{
    struct tc_set *s = tc_set_new(NULL);
    struct tc_observations *r = tc_observations_new();
    struct tc_json j = {0};
    const struct tc_observation *v;
    size_t n;
    *match = false;
    bool ok = s && r && !tc_set_add(s, TC_STR("p"), pattern, NULL, NULL) &&
              !tc_json_read(bundle, TC_MAX_OBJECT, 0, &j, NULL) &&
              !tc_observations_read(r, j.root, &v, &n, NULL) && !tc_set_feed(s, v, n, note, match);
    tc_json_fini(&j);
    tc_observations_free(r);
    tc_set_free(s);
    return ok;
}

int main(int argc, char **argv)
{
    struct gen g = {.rand = test_seed(), .plain = true};
    struct tc_buf pattern, bundle, line;
    uint64_t n = 0;
    bool match;
    if (argc != 2 || tc_num_u64(tc_str_cstr(argv[1]), 10000000, &n))
        return 2;
    tc_buf_init(&pattern, 1 << 16);
    tc_buf_init(&bundle, 1 << 20);
    tc_buf_init(&line, 1 << 21);
    for (uint64_t i = 0; i < n; i++) {
        tc_buf_clear(&pattern);
        tc_buf_clear(&bundle);
        tc_buf_clear(&line);
        gen_pattern(&g, 3, &pattern);
        gen_bundle(&g, 1 + (unsigned)(test_rand(&g.rand) % 4), &bundle);
        if (!verdict(tc_buf_view(&pattern), tc_buf_view(&bundle), &match))
            continue;
        struct tc_jsonw w = tc_jsonw_into(&line);
        tc_jsonw_object(&w);
        tc_jsonw_kstr(&w, "pattern", tc_buf_view(&pattern));
        tc_jsonw_name(&w, "bundle");
        tc_jsonw_raw(&w, tc_buf_view(&bundle));
        tc_jsonw_kbool(&w, "match", match);
        tc_jsonw_object_end(&w);
        (void)puts(tc_buf_z(&line));
    }
    tc_buf_fini(&pattern);
    tc_buf_fini(&bundle);
    tc_buf_fini(&line);
    return 0;
}
