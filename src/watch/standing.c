/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/standing.h"

#include "base/limits.h"
#include "codec/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TRUSTED_MAX 256u
#define FILE_MAX    (64u << 10)
#define ORGS_MAX    (1u << 24) /* numbers are given one by one: none is near */

struct tc_standing {
    uint32_t own;
    struct tc_access *x;
    uint32_t trusted[TRUSTED_MAX];
    uint32_t n_trusted;
    char **identity; /* by number; NULL = not asked for yet */
    uint32_t n_identities;
};

struct tc_standing *tc_standing_new(uint32_t own, struct tc_access *x)
{
    struct tc_standing *s = calloc(1, sizeof *s);
    if (s) {
        s->own = own;
        s->x = x;
    }
    return s;
}

void tc_standing_free(struct tc_standing *s)
{
    if (!s)
        return;
    for (uint32_t i = 0; i < s->n_identities; i++)
        free(s->identity[i]);
    free(s->identity);
    free(s);
}

/* ---- the setting ---- */

static tc_err trust(struct tc_standing *s, yyjson_val *v, struct tc_diag *d)
{
    struct tc_org org;
    struct tc_arena *a = tc_arena_new(1u << 16);
    if (!a)
        return TC_E_NOMEM;
    tc_err e =
        yyjson_is_str(v) ? tc_access_org_by(s->x, 0, tc_json_view(v), a, &org) : TC_E_INVALID;
    if (!e && !tc_str_eq(org.identity, tc_json_view(v)))
        e = TC_E_NOTFOUND; /* a name: two may have the same */
    if (!e && s->n_trusted == TRUSTED_MAX)
        e = tc_diag_set(d, TC_E_LIMIT, "at most %u organisations can be trusted", TRUSTED_MAX);
    else if (!e)
        s->trusted[s->n_trusted++] = org.number;
    else if (e == TC_E_NOTFOUND || e == TC_E_INVALID)
        e = tc_diag_set(d, TC_E_INVALID, "trusted: not the identity of an organisation here");
    tc_arena_free(a);
    return e;
}

static tc_err read_all(int fd, char *text, size_t *n)
{
    *n = 0;
    while (*n < FILE_MAX) {
        ssize_t got = read(fd, text + *n, FILE_MAX - *n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return tc_err_from_errno(errno);
        if (got == 0)
            return TC_OK;
        *n += (size_t)got;
    }
    return TC_E_LIMIT;
}

static tc_err take_setting(struct tc_standing *s, struct tc_str text, struct tc_diag *d)
{
    struct tc_json j = {0};
    yyjson_val *list, *v;
    size_t i, n;
    tc_err e = tc_json_read(text, FILE_MAX, 0, &j, d);
    if (e)
        return e;
    list = tc_json_get(j.root, "trusted");
    if (!yyjson_is_arr(list))
        e = tc_diag_set(d, TC_E_INVALID, "trusted must be a list of identities");
    else
        yyjson_arr_foreach (list, i, n, v) {
            if (!e)
                e = trust(s, v, d);
        }
    tc_json_fini(&j);
    return e;
}

tc_err tc_standing_load(struct tc_standing *s, const char *dir, struct tc_diag *d)
{
    char path[4096];
    size_t n = 0;
    int len = snprintf(path, sizeof path, "%s/register.json", dir);
    if (len < 0 || (size_t)len >= sizeof path)
        return tc_diag_set(d, TC_E_LIMIT, "the folder's name is too long");
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT)
        return TC_OK;
    tc_diag_file(d, path);
    if (fd < 0)
        return tc_diag_set(d, tc_err_from_errno(errno), "it cannot be read");
    char *text = malloc(FILE_MAX);
    tc_err e = text ? read_all(fd, text, &n) : TC_E_NOMEM;
    (void)close(fd);
    e = e ? tc_diag_set(d, e, "it cannot be read") : take_setting(s, tc_str_view(text, n), d);
    free(text);
    return e;
}

/* ---- asking ---- */

bool tc_standing_own(const struct tc_standing *s, uint32_t org)
{
    return org != 0 && org == s->own;
}

bool tc_standing_keeper(const struct tc_standing *s, uint32_t org)
{
    for (uint32_t i = 0; i < s->n_trusted; i++)
        if (org != 0 && s->trusted[i] == org)
            return true;
    return tc_standing_own(s, org);
}

static char *ask(struct tc_standing *s, uint32_t org)
{
    struct tc_org found;
    struct tc_arena *a = tc_arena_new(1u << 16);
    char *copy = NULL;
    if (a && tc_access_org_by(s->x, org, TC_STR(""), a, &found) == TC_OK &&
        (copy = malloc(found.identity.n + 1)) != NULL) {
        memcpy(copy, found.identity.p, found.identity.n);
        copy[found.identity.n] = '\0';
    }
    tc_arena_free(a);
    return copy;
}

/* The identity of an organisation never changes, so it is asked for once. */
struct tc_str tc_standing_identity(struct tc_standing *s, uint32_t org)
{
    if (org == 0 || org >= ORGS_MAX)
        return TC_STR("");
    if (org >= s->n_identities) {
        uint32_t n = org < 64 ? 64 : 2 * org;
        char **v = reallocarray(s->identity, n, sizeof *v);
        if (!v)
            return TC_STR("");
        memset(v + s->n_identities, 0, (n - s->n_identities) * sizeof *v);
        s->identity = v;
        s->n_identities = n;
    }
    if (!s->identity[org])
        s->identity[org] = ask(s, org);
    return s->identity[org] ? tc_str_cstr(s->identity[org]) : TC_STR("");
}

bool tc_standing_is(struct tc_standing *s, uint32_t org, struct tc_str identity)
{
    struct tc_str own = tc_standing_identity(s, org);
    return own.n != 0 && tc_str_eq(own, identity);
}
