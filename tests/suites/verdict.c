/* SPDX-License-Identifier: Apache-2.0 */
/* What the two parsers of texts from outside say of many texts: reads "json LENGTH\n" or
 * "xml LENGTH\n" and that many bytes, again and again; answers each with one line, "ok" or
 * "KIND message". For tests/suites/test_suites.py. */
#include "base/num.h"
#include "codec/json.h"
#include "codec/xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static tc_err read_text(bool xml, struct tc_str text, struct tc_diag *d)
{
    struct tc_json j;
    struct tc_xml *root;
    struct tc_arena *a = NULL;
    tc_err e;

    if (!xml) {
        if ((e = tc_json_read(text, TC_MAX_OBJECT, 0, &j, d)) == TC_OK)
            tc_json_fini(&j);
        return e;
    }
    if (!(a = tc_arena_new(TC_MAX_OBJECT)))
        return TC_E_NOMEM;
    e = tc_xml_read(text, TC_MAX_OBJECT, a, &root, d);
    tc_arena_free(a);
    return e;
}

int main(void)
{
    char line[64];

    while (fgets(line, sizeof line, stdin)) {
        bool xml = line[0] == 'x';
        char *number = strchr(line, ' '), *text = NULL;
        uint64_t n;
        struct tc_diag d;
        tc_err e;

        if (!number ||
            tc_num_u64(tc_str_trim(tc_str_cstr(number)), (uint64_t)TC_MAX_OBJECT * 2, &n) ||
            !(text = malloc(n + 1)) || fread(text, 1, n, stdin) != n)
            return 2;
        tc_diag_init(&d);
        e = read_text(xml, (struct tc_str){text, n}, &d);
        printf("%s %s\n", e ? tc_err_name(e) : "ok", e ? d.message : "");
        fflush(stdout);
        free(text);
    }
    return 0;
}
