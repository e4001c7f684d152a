/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as witnesses.json and as what a log hands to a witness: refused, or within bounds and
 * written again letter by letter; and nobody's signatures are found in it. */
#include "target.h"

#include "access/cosign.h"

#include <stdlib.h>
#include <string.h>

static void config(struct tc_str in)
{
    struct tc_diag d;
    fuzz_hold();
    struct tc_cosign_config *c = calloc(1, sizeof *c);
    fuzz_go_on();
    if (!c)
        return;
    tc_diag_init(&d);
    if (fuzz_err(tc_cosign_config_parse(in, c, &d))) {
        HOLDS(d.message[0]);
    } else {
        HOLDS(c->n_logs <= TC_COSIGN_LOGS && c->n_peers <= TC_COSIGN_PEERS);
        HOLDS(c->every >= 1 && c->every <= 86400);
        for (size_t i = 0; i < c->n_logs; i++)
            HOLDS(tc_audit_origin_fits(tc_str_cstr(c->logs[i].origin)));
        for (size_t i = 0; i < c->n_peers; i++)
            HOLDS(c->peers[i].label[0] && c->peers[i].url[0]);
        fuzz_tell(c, sizeof *c);
    }
    free(c);
}

static void posted(struct tc_str in)
{
    static const uint8_t key[32] = {9};
    struct tc_cosign_ask a;
    struct tc_audit_head h;
    struct tc_str text, lines;
    struct tc_buf b;
    if (fuzz_err(tc_cosign_ask_read(in, &a)))
        return;
    HOLDS(a.proof.n < TC_MERKLE_PROOF && a.note.n < in.n);
    tc_buf_init(&b, in.n + 1);
    tc_cosign_ask_write(&b, &a);
    if (!fuzz_err(b.err))
        HOLDS(tc_str_eq(tc_buf_view(&b), in)); /* there is one way of writing it */
    tc_buf_fini(&b);
    if (fuzz_err(tc_audit_head_read(a.note, &h, &text, &lines)))
        return;
    HOLDS(text.n + 1 + lines.n == a.note.n);
    fuzz_tell(&h.size, sizeof h.size);
    HOLDS(tc_audit_note_read_as(a.note, h.origin, h.origin, key, &h) == TC_E_DENIED);
    HOLDS(tc_audit_cosigned_by(&h, lines, h.origin, key, NULL, NULL) == TC_E_DENIED);
}

int fuzz_one(const uint8_t *data, size_t size)
{
    struct tc_str s = tc_str_view((const char *)data, size);
    char name[TC_AUDIT_ORIGIN];
    uint8_t pub[32];
    config(s);
    posted(s);
    (void)fuzz_err(tc_audit_cosign_vkey_read(s, name, pub));
    return 0;
}
