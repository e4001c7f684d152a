/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/warnlist.h"

#include "base/map.h"
#include "codec/json.h"
#include "pattern/value.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum kind { STRING, HOSTNAME, CIDR, SUBSTRING, REGEX };

#define KEY_MAX 1024 /* a value that is looked up; longer ones are on no list of values */

struct slow {
    uint32_t list;
    struct tc_str text;  /* SUBSTRING, lower case; owned */
    struct tc_test test; /* REGEX */
    bool regex;
};

struct tc_warnlists {
    char **names;
    size_t n;
    struct tc_map *values; /* kind, then the value or net -> list */
    struct slow *slow;
    size_t n_slow, cap_slow;
    bool bits[2][129]; /* prefix lengths that some net has */
    struct tc_values *scratch;
};

static const char *const kinds[] = {"string", "hostname", "cidr", "substring", "regex"};

/* ---- keys: a letter for the kind, then the value without case ---- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static struct tc_str text_key(enum kind kind, struct tc_str s, char out[KEY_MAX + 1])
{
    if (s.n > KEY_MAX)
        return tc_str_view("", 0);
    out[0] = "shc"[kind];
    for (size_t i = 0; i < s.n; i++)
        out[i + 1] = lower(s.p[i]);
    return tc_str_view(out, s.n + 1);
}

static struct tc_str net_key(const struct tc_net *net, unsigned bits, char out[KEY_MAX + 1])
{
    size_t bytes = net->family == 4 ? 4 : 16;
    out[0] = 'c';
    out[1] = (char)net->family;
    out[2] = (char)bits;
    for (size_t i = 0; i < bytes; i++) {
        unsigned left = bits > 8 * i ? bits - 8 * (unsigned)i : 0;
        unsigned mask = left >= 8 ? 0xffu : 0xffu << (8 - left) & 0xffu;
        out[3 + i] = (char)(net->b[i] & mask);
    }
    return tc_str_view(out, 3 + bytes);
}

/* ---- reading ---- */

static tc_err put(struct tc_warnlists *w, struct tc_str key)
{
    uint64_t list = w->n;
    bool added;
    return key.n ? tc_map_intern(w->values, key, &list, &added) : TC_OK;
}

static tc_err add_cidr(struct tc_warnlists *w, struct tc_str s, struct tc_diag *d)
{
    char key[KEY_MAX + 1];
    struct tc_net net = tc_net_of(s);
    if (!net.family)
        return tc_diag_set(d, TC_E_INVALID, "'%.*s' is no address or net", TC_FMT(s));
    w->bits[net.family == 6][net.bits] = true;
    return put(w, net_key(&net, net.bits, key));
}

static tc_err add_slow(struct tc_warnlists *w, struct slow *s)
{
    if (w->n_slow == TC_WARNLIST_MAX_SLOW)
        return TC_E_LIMIT;
    if (w->n_slow == w->cap_slow) {
        size_t cap = w->cap_slow ? 2 * w->cap_slow : 32;
        struct slow *v = reallocarray(w->slow, cap, sizeof *v);
        if (!v)
            return TC_E_NOMEM;
        w->slow = v;
        w->cap_slow = cap;
    }
    s->list = (uint32_t)w->n;
    w->slow[w->n_slow++] = *s;
    return TC_OK;
}

static tc_err add_substring(struct tc_warnlists *w, struct tc_str s)
{
    struct slow x = {.regex = false};
    char *copy = malloc(s.n + 1);
    if (!copy)
        return TC_E_NOMEM;
    for (size_t i = 0; i < s.n; i++)
        copy[i] = lower(s.p[i]);
    x.text = tc_str_view(copy, s.n);
    tc_err e = add_slow(w, &x);
    if (e)
        free(copy);
    return e;
}

static tc_err add_regex(struct tc_warnlists *w, struct tc_str s, struct tc_diag *d)
{
    struct slow x = {.regex = true};
    struct tc_buf text;
    bool nocase = s.n > 2 && s.p[0] == '/' && tc_str_ends(s, TC_STR("/i"));
    if (nocase)
        s = tc_str_view(s.p + 1, s.n - 3);
    else if (s.n > 1 && s.p[0] == '/' && s.p[s.n - 1] == '/')
        s = tc_str_view(s.p + 1, s.n - 2);
    tc_buf_init(&text, TC_PATTERN_MAX_REGEX);
    tc_buf_cstr(&text, nocase ? "(?i)" : "");
    tc_buf_str(&text, s);
    const struct tc_lit lit = {.kind = TC_LIT_STRING, .s = tc_buf_view(&text)};
    const struct tc_cmp cmp = {.kind = TC_CMP_TEST, .op = TC_OP_MATCHES, .lits = &lit, .n_lits = 1};
    tc_err e = text.err ? text.err : tc_test_init(&cmp, TC_READ_PLAIN, w->scratch, &x.test, d);
    if (!e && (e = add_slow(w, &x)))
        tc_test_fini(&x.test);
    tc_buf_fini(&text);
    return e;
}

static tc_err add_entry(struct tc_warnlists *w, enum kind kind, struct tc_str s, struct tc_diag *d)
{
    char key[KEY_MAX + 1];
    s = tc_str_trim(s);
    if (!s.n)
        return TC_OK;
    switch (kind) {
    case CIDR:
        return add_cidr(w, s, d);
    case SUBSTRING:
        return add_substring(w, s);
    case REGEX:
        return add_regex(w, s, d);
    case HOSTNAME:
        if (s.p[0] == '.')
            s = tc_str_view(s.p + 1, s.n - 1);
        break;
    case STRING:
        break;
    }
    return put(w, text_key(kind, s, key));
}

static bool kind_of(struct tc_str s, enum kind *out)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (tc_str_is(s, kinds[i])) {
            *out = (enum kind)i;
            return true;
        }
    return false;
}

static tc_err add_list(struct tc_warnlists *w, yyjson_val *root, struct tc_diag *d)
{
    struct tc_str name = {"", 0}, type = {"", 0};
    yyjson_val *list = tc_json_get(root, "list"), *one;
    size_t i, n;
    enum kind kind;
    char shown[TC_MAX_NAME];
    if (!tc_json_str(root, "name", &name) || !tc_json_str(root, "type", &type) ||
        !yyjson_is_arr(list) || !kind_of(type, &kind))
        return tc_diag_set(d, TC_E_INVALID,
                           "a warning list has a name, a type (string, hostname, cidr, substring "
                           "or regex) and a list");
    char **names = reallocarray(w->names, w->n + 1, sizeof *names);
    if (!names)
        return TC_E_NOMEM;
    w->names = names;
    (void)tc_str_show(name, shown, sizeof shown);
    if (!(names[w->n] = strdup(shown)))
        return TC_E_NOMEM;
    tc_err e = TC_OK;
    yyjson_arr_foreach (list, i, n, one)
        if (!e && yyjson_is_str(one))
            e = add_entry(w, kind, tc_json_view(one), d);
    w->n++;
    return e == TC_E_LIMIT ? tc_diag_set(d, e, "more entries than the bound allows") : e;
}

tc_err tc_warnlists_add(struct tc_warnlists *w, struct tc_str json, struct tc_diag *d)
{
    struct tc_json j = {0};
    tc_err e = tc_json_read(json, TC_WARNLIST_MAX_FILE, 0, &j, d);
    e = e ? e : add_list(w, j.root, d);
    tc_json_fini(&j);
    return e;
}

static tc_err add_file(struct tc_warnlists *w, int dir, const char *name, struct tc_diag *d)
{
    struct tc_buf text;
    struct stat st;
    ssize_t got = 1;
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
    tc_diag_file(d, name);
    if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode)) {
        tc_err e = fd < 0 ? tc_err_from_errno(errno) : TC_E_INVALID;
        if (fd >= 0)
            (void)close(fd);
        return tc_diag_set(d, e, "the warning list cannot be read");
    }
    tc_buf_init(&text, TC_WARNLIST_MAX_FILE);
    while (got > 0 && !text.err) {
        char *room = tc_buf_room(&text, 1u << 16);
        got = room ? read(fd, room, 1u << 16) : 0;
        text.n += got > 0 ? (size_t)got : 0;
    }
    (void)close(fd);
    tc_err e = got < 0    ? tc_diag_set(d, TC_E_IO, "the warning list cannot be read")
               : text.err ? tc_diag_set(d, text.err, "the warning list is too large")
                          : tc_warnlists_add(w, tc_buf_view(&text), d);
    tc_buf_fini(&text);
    return e;
}

static int wanted(const struct dirent *item)
{
    return tc_str_ends(tc_str_cstr(item->d_name), TC_STR(".json"));
}

tc_err tc_warnlists_load(struct tc_warnlists *w, const char *dir, struct tc_diag *d)
{
    struct dirent **list = NULL;
    tc_err e = TC_OK;
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT
                   ? TC_OK
                   : tc_diag_set(d, tc_err_from_errno(errno), "the folder cannot be read");
    int n = scandirat(fd, ".", &list, wanted, alphasort);
    if (n < 0)
        e = tc_diag_set(d, tc_err_from_errno(errno), "the folder cannot be read");
    if (n > TC_WARNLIST_MAX_FILES)
        e = tc_diag_set(d, TC_E_LIMIT, "more than %d warning lists", TC_WARNLIST_MAX_FILES);
    for (int i = 0; i < n; i++) {
        if (!e)
            e = add_file(w, fd, list[i]->d_name, d);
        free(list[i]);
    }
    free(list);
    (void)close(fd);
    return e;
}

/* ---- asking ---- */

static const char *lookup(const struct tc_warnlists *w, struct tc_str key)
{
    uint64_t list = 0;
    return key.n && tc_map_get(w->values, key, &list) ? w->names[list] : NULL;
}

static const char *hit_net(const struct tc_warnlists *w, struct tc_str s)
{
    char key[KEY_MAX + 1];
    struct tc_net net = tc_net_of(s);
    const char *name = NULL;
    for (unsigned bits = 0; net.family && !name && bits <= net.bits; bits++)
        if (w->bits[net.family == 6][bits])
            name = lookup(w, net_key(&net, bits, key));
    return name;
}

/* "https://user@host:1/x", "somebody@host", "host". */
static struct tc_str host_of(struct tc_str s)
{
    size_t at = tc_str_find(s, TC_STR("://"));
    if (at != SIZE_MAX)
        s = tc_str_view(s.p + at + 3, s.n - at - 3);
    size_t n = 0;
    while (n < s.n && s.p[n] != '/' && s.p[n] != '?' && s.p[n] != '#')
        n++;
    s.n = n;
    for (n = s.n; n > 0 && s.p[n - 1] != '@'; n--)
        ;
    s = tc_str_view(s.p + n, s.n - n);
    for (n = 0; n < s.n && s.p[n] != ':'; n++)
        ;
    s.n = n;
    return s;
}

static const char *hit_host(const struct tc_warnlists *w, struct tc_str s)
{
    char key[KEY_MAX + 1];
    const char *name = NULL;
    s = host_of(s);
    while (!name && s.n) {
        name = lookup(w, text_key(HOSTNAME, s, key));
        size_t dot = 0;
        while (dot < s.n && s.p[dot] != '.')
            dot++;
        dot += dot < s.n;
        s = tc_str_view(s.p + dot, s.n - dot);
    }
    return name;
}

static const char *hit_slow(struct tc_warnlists *w, yyjson_val *value, struct tc_str s)
{
    struct tc_buf b;
    const char *name = NULL;
    if (!w->n_slow)
        return NULL;
    tc_buf_init(&b, TC_MAX_OBJECT);
    char *room = tc_buf_room(&b, s.n + 1);
    for (size_t i = 0; room && i < s.n; i++)
        room[i] = lower(s.p[i]);
    for (size_t i = 0; room && !name && i < w->n_slow; i++) {
        const struct slow *x = &w->slow[i];
        bool hit = x->regex ? tc_test_holds(&x->test, value, w->scratch)
                            : tc_str_find(tc_str_view(room, s.n), x->text) != SIZE_MAX;
        name = hit ? w->names[x->list] : NULL;
    }
    tc_buf_fini(&b);
    return name;
}

const char *tc_warnlists_hit(struct tc_warnlists *w, yyjson_val *value)
{
    char key[KEY_MAX + 1];
    if (!yyjson_is_str(value))
        return NULL;
    struct tc_str s = tc_json_view(value);
    const char *name = lookup(w, text_key(STRING, s, key));
    name = name ? name : hit_net(w, s);
    name = name ? name : hit_host(w, s);
    return name ? name : hit_slow(w, value, s);
}

size_t tc_warnlists_count(const struct tc_warnlists *w)
{
    return w->n;
}

struct tc_warnlists *tc_warnlists_new(void)
{
    struct tc_warnlists *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->values = tc_map_new(TC_WARNLIST_MAX_ENTRIES);
    w->scratch = tc_values_new();
    if (w->values && w->scratch)
        return w;
    tc_warnlists_free(w);
    return NULL;
}

void tc_warnlists_free(struct tc_warnlists *w)
{
    if (!w)
        return;
    for (size_t i = 0; i < w->n; i++)
        free(w->names[i]);
    for (size_t i = 0; i < w->n_slow; i++) {
        free((void *)(uintptr_t)w->slow[i].text.p);
        if (w->slow[i].regex)
            tc_test_fini(&w->slow[i].test);
    }
    free(w->names);
    free(w->slow);
    tc_map_free(w->values);
    tc_values_free(w->scratch);
    free(w);
}
