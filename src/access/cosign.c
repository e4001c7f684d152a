/* SPDX-License-Identifier: Apache-2.0 */
#include "access/cosign.h"

#include "access/audit_files.h"
#include "base/num.h"
#include "codec/json.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_CONFIG 65536u
#define MAX_HASHES 63u
#define B64        sodium_base64_VARIANT_ORIGINAL

/* ---- witnesses.json ---- */

static tc_err wrong(struct tc_diag *d, const char *list, size_t i, const char *member,
                    const char *text)
{
    char path[100];
    (void)(list ? snprintf(path, sizeof path, "%s[%zu].%s", list, i, member)
                : snprintf(path, sizeof path, "%s", member));
    tc_diag_path(d, path, strlen(path)); /* a long name of somebody's was cut */
    return tc_diag_set(d, TC_E_INVALID, "%s", text);
}

static tc_err known(yyjson_val *o, const char *list, size_t at, const char *const *names,
                    struct tc_diag *d)
{
    size_t i, max;
    yyjson_val *k, *v;
    if (!yyjson_is_obj(o))
        return wrong(d, list, at, "", "it must be an object");
    yyjson_obj_foreach (o, i, max, k, v) {
        const char *const *n = names;
        while (*n && !tc_str_is(tc_json_view(k), *n))
            n++;
        if (!*n)
            return wrong(d, list, at, yyjson_get_str(k), "witnesses.json has no such member");
    }
    return TC_OK;
}

/* Printable ASCII, and nothing that a line of metrics would have to escape. */
static bool plain(struct tc_str s, size_t size)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < ' ' || s.p[i] > '~' || s.p[i] == '"' || s.p[i] == '\\')
            return false;
    return s.n > 0 && s.n < size;
}

/* A key as it stands in a file, with or without the end of the line. */
static bool read_vkey(yyjson_val *o, bool log, char name[TC_AUDIT_ORIGIN], uint8_t pub[32])
{
    char text[TC_AUDIT_NOTE];
    struct tc_str s;
    if (!tc_json_str(o, "vkey", &s) || s.n + 2 > sizeof text)
        return false;
    s = tc_str_trim(s);
    int n = snprintf(text, sizeof text, "%.*s\n", TC_FMT(s));
    struct tc_str line = tc_str_view(text, (size_t)n);
    tc_err e =
        log ? tc_audit_vkey_read(line, name, pub) : tc_audit_cosign_vkey_read(line, name, pub);
    return !e && tc_audit_origin_fits(tc_str_cstr(name)) &&
           plain(tc_str_cstr(name), TC_AUDIT_ORIGIN);
}

static tc_err read_log(yyjson_val *o, size_t i, struct tc_cosign_config *c, struct tc_diag *d)
{
    static const char *const names[] = {"vkey", "origin", NULL};
    struct tc_cosign_log *l = &c->logs[i];
    tc_err e = known(o, "logs", i, names, d);
    if (e)
        return e;
    if (!read_vkey(o, true, l->name, l->pub))
        return wrong(d, "logs", i, "vkey", "it must be a log's key, as its audit/vkey says it");
    struct tc_str origin = tc_str_cstr(l->name);
    if (tc_json_get(o, "origin") && !tc_json_str(o, "origin", &origin))
        origin = TC_STR("");
    if (!tc_audit_origin_fits(origin) || !tc_str_copy(origin, l->origin, sizeof l->origin))
        return wrong(d, "logs", i, "origin", "it must be the first line of the log's checkpoints");
    for (size_t k = 0; k < i; k++)
        if (strcmp(c->logs[k].origin, l->origin) == 0)
            return wrong(d, "logs", i, "origin", "this log is there twice");
    return TC_OK;
}

static tc_err read_peer(yyjson_val *o, size_t i, struct tc_cosign_config *c, struct tc_diag *d)
{
    static const char *const names[] = {"vkey", "url", "name", NULL};
    struct tc_cosign_peer *p = &c->peers[i];
    struct tc_str s;
    tc_err e = known(o, "witnesses", i, names, d);
    if (e)
        return e;
    if (!read_vkey(o, false, p->name, p->pub))
        return wrong(d, "witnesses", i, "vkey",
                     "it must be a witness's key, as its tocsin audit keys says it");
    for (size_t k = 0; k < i; k++)
        if (strcmp(c->peers[k].name, p->name) == 0)
            return wrong(d, "witnesses", i, "vkey", "this witness is there twice");
    if (!tc_json_str(o, "url", &s) || !plain(s, sizeof p->url) || memchr(s.p, '?', s.n) ||
        memchr(s.p, '#', s.n))
        return wrong(d, "witnesses", i, "url",
                     "it must be the address that /add-checkpoint is put behind");
    s.n -= tc_str_ends(s, TC_STR("/"));
    (void)tc_str_copy(s, p->url, sizeof p->url);
    s = tc_str_cstr(p->name);
    if (s.n >= sizeof p->label)
        s.n = sizeof p->label - 1;
    if ((tc_json_get(o, "name") && !tc_json_str(o, "name", &s)) || !plain(s, sizeof p->label))
        return wrong(d, "witnesses", i, "name", "it must be a short text of plain letters");
    (void)tc_str_copy(s, p->label, sizeof p->label);
    return TC_OK;
}

static tc_err read_list(yyjson_val *o, const char *name, size_t most, size_t *n,
                        tc_err (*one)(yyjson_val *, size_t, struct tc_cosign_config *,
                                      struct tc_diag *),
                        struct tc_cosign_config *c, struct tc_diag *d)
{
    yyjson_val *v = tc_json_get(o, name), *x;
    size_t i, max;
    if (v && (!yyjson_is_arr(v) || yyjson_arr_size(v) > most)) {
        char text[80];
        (void)snprintf(text, sizeof text, "it must be a list of %zu at most", most);
        return wrong(d, NULL, 0, name, text);
    }
    yyjson_arr_foreach (v, i, max, x) {
        tc_err e = one(x, i, c, d);
        if (e)
            return e;
        *n = i + 1;
    }
    return TC_OK;
}

static tc_err read_rest(yyjson_val *o, struct tc_cosign_config *c, struct tc_diag *d)
{
    struct tc_str s = {"", 0};
    c->every = TC_COSIGN_EVERY;
    if (tc_json_get(o, "every") &&
        (!tc_json_u64(o, "every", &c->every) || c->every < 1 || c->every > 86400))
        return wrong(d, NULL, 0, "every", "it must be seconds, 1 to 86400");
    if (tc_json_get(o, "ca_file") && (!tc_json_str(o, "ca_file", &s) || !s.n || s.p[0] != '/'))
        return wrong(d, NULL, 0, "ca_file", "it must be the path of a file");
    return tc_str_copy(s, c->ca_file, sizeof c->ca_file)
               ? TC_OK
               : wrong(d, NULL, 0, "ca_file", "the path is too long");
}

tc_err tc_cosign_config_parse(struct tc_str json, struct tc_cosign_config *out, struct tc_diag *d)
{
    static const char *const names[] = {"logs", "witnesses", "every", "ca_file", NULL};
    struct tc_json j = {NULL, NULL};
    tc_err e = tc_json_read(json, MAX_CONFIG, 0, &j, d);
    if (e)
        return e;
    memset(out, 0, sizeof *out);
    e = yyjson_is_obj(j.root) ? known(j.root, NULL, 0, names, d)
                              : tc_diag_set(d, TC_E_INVALID, "witnesses.json must be an object");
    e = e ? e : read_list(j.root, "logs", TC_COSIGN_LOGS, &out->n_logs, read_log, out, d);
    e = e ? e : read_list(j.root, "witnesses", TC_COSIGN_PEERS, &out->n_peers, read_peer, out, d);
    e = e ? e : read_rest(j.root, out, d);
    tc_json_fini(&j);
    return e;
}

tc_err tc_cosign_config_load(const char *dir, struct tc_cosign_config **out, struct tc_diag *d)
{
    char path[4200];
    size_t n = 0;
    char *text = malloc(MAX_CONFIG);
    struct tc_cosign_config *c = calloc(1, sizeof *c);
    (void)snprintf(path, sizeof path, "%s/witnesses.json", dir);
    tc_err e = text && c ? tc_audit_load(AT_FDCWD, path, text, MAX_CONFIG, &n)
                         : tc_diag_set(d, TC_E_NOMEM, "out of memory");
    bool absent = e == TC_E_NOTFOUND;
    if (e && !absent)
        (void)tc_diag_set(d, e, "it cannot be read: %s", tc_err_text(e));
    if (!e)
        e = tc_cosign_config_parse(tc_str_view(text, n), c, d);
    if (e && !absent)
        tc_diag_file(d, path);
    free(text);
    if (e)
        free(c);
    else
        *out = c;
    if (absent)
        *out = NULL;
    return absent ? TC_OK : e;
}

/* ---- what is posted ---- */

static bool line_of(struct tc_str *rest, struct tc_str *line)
{
    const char *end = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
    if (!end)
        return false;
    *line = tc_str_view(rest->p, (size_t)(end - rest->p));
    *rest = tc_str_view(end + 1, rest->n - line->n - 1);
    return true;
}

/* In the one way of writing it. */
static bool hash_of(struct tc_str line, struct tc_merkle_hash *out)
{
    char again[48];
    size_t n = 0;
    return sodium_base642bin(out->b, TC_MERKLE_HASH, line.p, line.n, NULL, &n, NULL, B64) == 0 &&
           n == TC_MERKLE_HASH &&
           tc_str_is(line, sodium_bin2base64(again, sizeof again, out->b, TC_MERKLE_HASH, B64));
}

tc_err tc_cosign_ask_read(struct tc_str body, struct tc_cosign_ask *out)
{
    struct tc_cosign_ask a = {.old = 0};
    struct tc_str line;
    if (!line_of(&body, &line) || !tc_str_starts(line, TC_STR("old ")))
        return TC_E_SYNTAX;
    line = tc_str_view(line.p + 4, line.n - 4);
    if ((line.n > 1 && line.p[0] == '0') || tc_num_u64(line, TC_MERKLE_MAX, &a.old))
        return TC_E_SYNTAX;
    for (;;) {
        if (!line_of(&body, &line))
            return TC_E_SYNTAX;
        if (!line.n)
            break;
        if (a.proof.n == MAX_HASHES)
            return TC_E_LIMIT;
        if (!hash_of(line, &a.proof.v[a.proof.n++]))
            return TC_E_SYNTAX;
    }
    a.note = body;
    *out = a;
    return TC_OK;
}

void tc_cosign_ask_write(struct tc_buf *b, const struct tc_cosign_ask *a)
{
    char b64[48];
    tc_buf_fmt(b, "old %llu\n", (unsigned long long)a->old);
    for (size_t i = 0; i < a->proof.n; i++)
        tc_buf_fmt(b, "%s\n",
                   sodium_bin2base64(b64, sizeof b64, a->proof.v[i].b, TC_MERKLE_HASH, B64));
    tc_buf_char(b, '\n');
    tc_buf_str(b, a->note);
}

void tc_cosign_kept_path(const char *origin, bool fork, char out[TC_AUDIT_PATH])
{
    struct tc_merkle_hash h;
    char hex[33];
    tc_merkle_sha256(origin, strlen(origin), &h);
    (void)snprintf(out, TC_AUDIT_PATH, TC_COSIGN_KEPT "/%s%s",
                   sodium_bin2hex(hex, sizeof hex, h.b, 16), fork ? ".fork" : "");
}

void tc_cosign_peer_path(const char *name, const uint8_t pub[32], char out[TC_AUDIT_PATH])
{
    char text[TC_AUDIT_NOTE], hex[33];
    struct tc_merkle_hash h;
    tc_audit_cosign_vkey_write(name, pub, text);
    tc_merkle_sha256(text, strlen(text), &h);
    (void)snprintf(out, TC_AUDIT_PATH, "cosigned/%s", sodium_bin2hex(hex, sizeof hex, h.b, 16));
}
