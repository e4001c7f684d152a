/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/audit_head.h"

#include "access/audit_files.h"
#include "codec/jsonw.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define LATEST (INT64_MAX / TC_SECOND)

/* ---- whom we ask for ---- */

static tc_err by_hand(const struct tc_opt_list *vkeys, struct tc_cli_witnesses *w,
                      struct tc_diag *d)
{
    char line[TC_AUDIT_NOTE];
    if (vkeys->n > TC_COSIGN_PEERS)
        return tc_diag_set(d, TC_E_USAGE, "--witness is there %d times at most", TC_COSIGN_PEERS);
    for (size_t i = 0; i < vkeys->n; i++) {
        int n = snprintf(line, sizeof line, "%.*s\n", TC_FMT(tc_str_cstr(vkeys->v[i])));
        if (n >= (int)sizeof line ||
            tc_audit_cosign_vkey_read(tc_str_view(line, (size_t)n), w->v[i].name, w->v[i].pub))
            return tc_diag_set(d, TC_E_USAGE,
                               "--witness takes the key of a witness, as its tocsin "
                               "audit keys says it");
    }
    w->n = vkeys->n;
    w->must = true;
    return TC_OK;
}

tc_err tc_cli_witnesses_read(const char *dir, const struct tc_opt_list *vkeys,
                             struct tc_cli_witnesses *out, struct tc_diag *d)
{
    struct tc_cosign_config *c = NULL;
    memset(out, 0, sizeof *out);
    if (vkeys->n)
        return by_hand(vkeys, out, d);
    tc_err e = tc_cosign_config_load(dir, &c, d);
    for (; !e && c && out->n < c->n_peers; out->n++) {
        memcpy(out->v[out->n].name, c->peers[out->n].name, sizeof out->v[0].name);
        memcpy(out->v[out->n].pub, c->peers[out->n].pub, 32);
    }
    free(c);
    return e;
}

/* ---- holding against the log ---- */

static void broken(struct tc_audit_verdict *v, const char *file, const char *text)
{
    if (v->broken)
        return; /* the first is told */
    v->broken = true;
    v->leaf = UINT64_MAX;
    (void)snprintf(v->file, sizeof v->file, "%s", file);
    (void)snprintf(v->message, sizeof v->message, "%s", text);
}

static void goes_on(struct tc_audit_look *l, const struct tc_audit_head *old, const char *file,
                    const char *since, struct tc_audit_verdict *v)
{
    const struct tc_audit_head *now = tc_audit_look_head(l);
    struct tc_merkle_proof p;
    char text[sizeof v->message];
    if (old->size <= now->size && !tc_audit_look_consistency(l, old->size, &p) &&
        tc_merkle_consistent(old->size, &old->root, now->size, &now->root, &p))
        return;
    (void)snprintf(text, sizeof text,
                   old->size > now->size ? "it has fewer records than the checkpoint that %s"
                                         : "history was rewritten since the checkpoint that %s",
                   since);
    broken(v, file, text);
}

static void count(struct tc_cli_witnesses *w, size_t i, const struct tc_audit_head *h,
                  struct tc_str lines)
{
    uint64_t seconds;
    if (tc_audit_cosigned_by(h, lines, w->v[i].name, w->v[i].pub, &seconds, NULL))
        return;
    w->cosigned++;
    if (h->size > w->records || (h->size == w->records && seconds > w->seconds)) {
        w->records = h->size;
        w->seconds = seconds;
    }
}

static void lacks(const struct tc_cli_witnesses *w, size_t i, struct tc_audit_verdict *v)
{
    char text[sizeof v->message];
    (void)snprintf(text, sizeof text, "there is no cosignature that holds of %.100s", w->v[i].name);
    broken(v, "cosigned", text);
}

void tc_cli_cosigned_kept(struct tc_audit_look *l, const char *dir, struct tc_cli_witnesses *w,
                          struct tc_audit_verdict *v)
{
    for (size_t i = 0; i < w->n; i++) {
        char file[TC_AUDIT_PATH], path[4300], note[TC_AUDIT_NOTE];
        struct tc_audit_head h;
        struct tc_str text, lines;
        size_t n = 0, before = w->cosigned;
        tc_cosign_peer_path(w->v[i].name, w->v[i].pub, file);
        (void)snprintf(path, sizeof path, "%s/audit/%s", dir, file);
        tc_err e = tc_audit_load(AT_FDCWD, path, note, sizeof note, &n);
        if (e == TC_E_NOTFOUND) {
            if (w->must)
                lacks(w, i, v);
            continue;
        }
        struct tc_str all = tc_str_view(note, n);
        if (e || tc_audit_look_read(l, all, &h) || tc_audit_head_read(all, &h, &text, &lines)) {
            broken(v, file, "it is damaged");
            continue;
        }
        count(w, i, &h, lines);
        if (w->cosigned == before)
            lacks(w, i, v);
        goes_on(l, &h, file, "a witness cosigned", v);
    }
}

tc_err tc_cli_cosigned_file(struct tc_audit_look *l, const char *file, struct tc_cli_witnesses *w,
                            struct tc_audit_verdict *v, struct tc_diag *d)
{
    char note[TC_AUDIT_NOTE];
    struct tc_audit_head old;
    struct tc_str text, lines;
    FILE *f = fopen(file, "rb");
    if (!f)
        return tc_diag_set(d, TC_E_NOTFOUND, "%s cannot be opened", file);
    size_t n = fread(note, 1, sizeof note, f);
    (void)fclose(f);
    tc_err e = tc_audit_look_read(l, tc_str_view(note, n), &old);
    e = e ? e : tc_audit_head_read(tc_str_view(note, n), &old, &text, &lines);
    if (e)
        return tc_diag_set(
            d, TC_E_INVALID,
            e == TC_E_SYNTAX ? "%s is no checkpoint" : "%s was not signed by this node", file);
    for (size_t i = 0; i < w->n; i++) {
        size_t before = w->cosigned;
        count(w, i, &old, lines);
        if (w->must && w->cosigned == before)
            lacks(w, i, v);
    }
    goes_on(l, &old, "checkpoint", "was kept", v);
    return TC_OK;
}

tc_err tc_cli_head_typed(struct tc_audit_look *l, uint64_t size, const char *root,
                         struct tc_audit_verdict *v, struct tc_diag *d)
{
    struct tc_audit_head h = {.size = size};
    size_t n = 0;
    const char *end = NULL;
    if (sodium_hex2bin(h.root.b, TC_MERKLE_HASH, root, strlen(root), " \n", &n, &end) != 0 ||
        n != TC_MERKLE_HASH || *end)
        return tc_diag_set(d, TC_E_USAGE, "--root takes 64 hexadecimal digits, in groups or not");
    goes_on(l, &h, "checkpoint", "was written down", v);
    return TC_OK;
}

/* ---- printing ---- */

/* The newest that was cosigned, where it is one of this log; else the log's own newest. */
static const char *newest(const char *dir, const struct tc_audit_look *l, char note[TC_AUDIT_NOTE],
                          struct tc_audit_head *h)
{
    char path[4300];
    size_t n = 0;
    (void)snprintf(path, sizeof path, "%s/audit/" TC_COSIGN_NEWEST, dir);
    if (tc_audit_load(AT_FDCWD, path, note, TC_AUDIT_NOTE - 1, &n) == TC_OK &&
        tc_audit_look_read(l, tc_str_view(note, n), h) == TC_OK) {
        note[n] = '\0';
        return note;
    }
    *h = *tc_audit_look_head(l);
    return tc_audit_look_note(l);
}

/* In threes: 1 234 567. */
static void say_size(uint64_t size)
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)size);
    (void)fputs("records   ", stdout);
    for (int i = 0; i < n; i++)
        (void)printf(i && (n - i) % 3 == 0 ? " %c" : "%c", digits[i]);
    (void)putchar('\n');
}

/* In fours, two lines of eight. */
static void say_root(const char *hex)
{
    for (int i = 0; i < 16; i++)
        (void)printf("%s%.4s", i == 0 ? "root      " : i == 8 ? "\n          " : " ", hex + 4 * i);
    (void)putchar('\n');
}

static void say_who(const struct tc_cli_witnesses *w, const struct tc_audit_head *h,
                    struct tc_str lines)
{
    for (size_t i = 0; i < w->n; i++) {
        uint64_t seconds;
        char when[TC_TIME_SIZE];
        if (tc_audit_cosigned_by(h, lines, w->v[i].name, w->v[i].pub, &seconds, NULL) ||
            seconds > LATEST)
            continue;
        tc_time_format((tc_time)seconds * TC_SECOND, 0, when);
        (void)printf("cosigned  %s by %s\n", when, w->v[i].name);
    }
}

tc_err tc_cli_head_print(struct tc_node *n, struct tc_audit_look *l, bool note, bool json,
                         struct tc_diag *d)
{
    static const struct tc_opt_list none = {NULL, 0};
    char kept[TC_AUDIT_NOTE], hex[2 * TC_MERKLE_HASH + 1], title[300];
    struct tc_audit_head h;
    struct tc_cli_witnesses w;
    struct tc_str text, lines;
    const char *all = newest(n->dir, l, kept, &h);
    tc_err e = tc_cli_witnesses_read(n->dir, &none, &w, d);
    e = e ? e : tc_audit_head_read(tc_str_cstr(all), &h, &text, &lines);
    if (e)
        return e;
    (void)sodium_bin2hex(hex, sizeof hex, h.root.b, TC_MERKLE_HASH);
    if (json) {
        struct tc_buf b;
        tc_buf_init(&b, 65536);
        struct tc_jsonw j = tc_jsonw_into(&b);
        tc_jsonw_object(&j);
        tc_jsonw_kcstr(&j, "origin", h.origin);
        tc_jsonw_ku64(&j, "records", h.size);
        tc_jsonw_kcstr(&j, "root", hex);
        tc_jsonw_kcstr(&j, "checkpoint", all);
        tc_jsonw_object_end(&j);
        (void)puts(tc_buf_z(&b));
        tc_buf_fini(&b);
        return TC_OK;
    }
    if (!note) {
        (void)tc_str_show(tc_str_cstr(n->title), title, sizeof title);
        (void)printf("audit log of %s\n%s\n\n", title, h.origin);
        say_size(h.size);
        say_root(hex);
        say_who(&w, &h, lines);
        (void)putchar('\n');
    }
    (void)fputs(all, stdout);
    return TC_OK;
}
