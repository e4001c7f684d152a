/* SPDX-License-Identifier: Apache-2.0 */
/* What comes over the control socket, from either side, and the small texts of src/node and
 * src/access: node.json, names, roles. A frame that was read must survive writing again. */
#include "target.h"

#include "access/naming.h"
#include "base/limits.h"
#include "node/folder.h"
#include "node/wire.h"

static void request(struct tc_str s)
{
    struct tc_wire_request r, again;
    struct tc_diag d;
    struct tc_buf b;
    tc_diag_init(&d);
    if (fuzz_err(tc_wire_request_read(s, &r, &d)))
        return;
    tc_buf_init(&b, 8u << 20);
    if (fuzz_err(tc_wire_request_write(&b, r.op, r.in, r.files)) == TC_OK) {
        HOLDS(tc_wire_length((const uint8_t *)b.p) == b.n - 4);
        if (b.n < 100000) { /* escapes may make a text near the limit longer than it was */
            tc_err e = fuzz_err(tc_wire_request_read(tc_str_view(b.p + 4, b.n - 4), &again, &d));
            HOLDS(!e && tc_str_eq(again.in, r.in) && again.files == r.files);
            if (!e)
                tc_wire_request_fini(&again);
        }
    }
    tc_buf_fini(&b);
    tc_wire_request_fini(&r);
}

static void answer(struct tc_str s)
{
    struct tc_diag d;
    struct tc_buf body;
    enum tc_wire_kind kind;
    tc_err code = TC_OK;
    tc_diag_init(&d);
    tc_buf_init(&body, 1u << 20);
    tc_err e = tc_wire_answer_read(s, 1u << 20, &kind, &body, &code, &d);
    if (fuzz_starved())
        (void)fuzz_err(e);
    if (!e)
        HOLDS(kind != TC_WIRE_ERROR || (code != TC_OK && code < TC_E_COUNT));
    tc_buf_fini(&body);
}

static void texts(struct tc_str s)
{
    char login[TC_MAX_LOGIN + 1], roles[TC_ROLES_TEXT];
    struct tc_folder_info info;
    uint32_t bits, again;
    (void)fuzz_err(tc_folder_info_parse(s, &info, NULL));
    if (tc_naming_text(s, 1, TC_MAX_NAME, "name", NULL) == TC_OK)
        for (size_t i = 0; i < s.n; i++)
            HOLDS((unsigned char)s.p[i] >= 0x20 && s.p[i] != 0x7f);
    if (tc_naming_login(s, login, NULL) == TC_OK)
        HOLDS(strlen(login) == s.n);
    if (tc_naming_roles(s, &bits, NULL) == TC_OK) {
        tc_naming_roles_text(bits, roles);
        HOLDS(tc_naming_roles(tc_str_cstr(roles), &again, NULL) == TC_OK && again == bits);
    }
}

int fuzz_one(const uint8_t *data, size_t size)
{
    struct tc_str s = {(const char *)data, size};
    request(s);
    answer(s);
    texts(s);
    return 0;
}
