/* SPDX-License-Identifier: Apache-2.0 */
/* Standard input, a JSON text on each line; standard output, its canonical form on each line, or
 * "! why". The other side of jcs_node.js. */
#include "codec/jcs.h"
#include "codec/json.h"

#include <stdio.h>

int main(void)
{
    static char line[1 << 20];
    struct tc_buf b;
    tc_buf_init(&b, 1 << 22);
    while (fgets(line, sizeof line, stdin)) {
        struct tc_json j = {0};
        struct tc_diag d;
        tc_diag_init(&d);
        tc_buf_clear(&b);
        struct tc_str text = tc_str_trim(tc_str_cstr(line));
        if (tc_json_read(text, sizeof line, 0, &j, &d) || tc_jcs_write(j.root, &b, &d))
            (void)printf("! %s\n", d.message);
        else
            (void)printf("%s\n", tc_buf_z(&b));
        tc_json_fini(&j);
    }
    tc_buf_fini(&b);
    return 0;
}
