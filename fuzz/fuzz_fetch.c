/* SPDX-License-Identifier: Apache-2.0 */
/* What goes between the node and the process that asks outside: the first byte says which. A frame
 * that was read survives writing and reading again; an origin is the origin of itself, and plain
 * http is loopback's alone. */
#include "target.h"

#include "base/limits.h"
#include "node/fetch_wire.h"

static void ask(struct tc_str s, struct tc_buf *b)
{
    struct tc_fetch_ask one, again;
    struct tc_diag d;
    tc_diag_init(&d);
    if (fuzz_err(tc_fetch_ask_read(s, &one)) || fuzz_err(tc_fetch_ask_write(b, &one, &d)))
        return;
    HOLDS(tc_str_eq(tc_str_view(b->p + 4, b->n - 4), s));
    HOLDS(tc_fetch_ask_read(tc_str_view(b->p + 4, b->n - 4), &again) == TC_OK);
    HOLDS(tc_str_eq(one.url, again.url) && tc_str_eq(one.body, again.body));
}

static void answer(struct tc_str s, struct tc_buf *b)
{
    struct tc_fetch_answer one;
    if (fuzz_err(tc_fetch_answer_read(s, &one)) || fuzz_err(tc_fetch_answer_write(b, &one)))
        return;
    HOLDS(tc_str_eq(tc_str_view(b->p + 4, b->n - 4), s));
    HOLDS(one.err < TC_E_COUNT && one.reply.status <= 0xffff);
}

static void origin(struct tc_str s)
{
    struct tc_fetch_origin o, same;
    struct tc_diag d;
    tc_diag_init(&d);
    if (fuzz_err(tc_fetch_origin_of(s, &o, &d)))
        return;
    struct tc_str text = tc_str_cstr(o.text);
    fuzz_tell(text.p, text.n);
    if (fuzz_err(tc_fetch_origin_of(text, &same, &d)))
        return;
    HOLDS(strcmp(o.text, same.text) == 0 && o.port == same.port && o.port);
    HOLDS(tc_str_starts(text, TC_STR("https://")) || tc_str_starts(text, TC_STR("http://127.")) ||
          tc_str_starts(text, TC_STR("http://localhost:")) ||
          tc_str_starts(text, TC_STR("http://[::1]:")));
    HOLDS(tc_str_find(text, TC_STR("@")) == SIZE_MAX);
}

int fuzz_one(const uint8_t *data, size_t size)
{
    struct tc_buf b;
    if (!size)
        return 0;
    struct tc_str s = tc_str_view((const char *)data + 1, size - 1);
    tc_buf_init(&b, TC_FETCH_FRAME);
    if (data[0] == 'a')
        ask(s, &b);
    else if (data[0] == 'r')
        answer(s, &b);
    else
        origin(s);
    tc_buf_fini(&b);
    return 0;
}
