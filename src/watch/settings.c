/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/settings.h"

#include "codec/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define FILE_MAX 65536u

const char *const tc_threshold_names[TC_THRESHOLDS] = {
    "users",      "dependent_sectors", "hours", "market_share", "countries",
    "casualties", "economic_loss_eur"};

static tc_err wrong(struct tc_diag *d, const char *path, const char *says)
{
    tc_diag_path(d, path, strlen(path));
    return tc_diag_set(d, TC_E_INVALID, "%s", says);
}

static bool is_threshold(struct tc_str name)
{
    for (int i = 0; i < TC_THRESHOLDS; i++)
        if (tc_str_is(name, tc_threshold_names[i]))
            return true;
    return tc_str_is(name, "as_of") || tc_str_is(name, "decided_by");
}

/* A misspelt threshold would silently be none. */
static tc_err check_names(yyjson_val *t, struct tc_diag *d)
{
    size_t i, max;
    yyjson_val *key, *v;
    yyjson_obj_foreach (t, i, max, key, v) {
        char path[64];
        if (is_threshold(tc_json_view(key)))
            continue;
        (void)tc_str_show(tc_json_view(key), path, sizeof path);
        return wrong(d, path, "this is no threshold");
    }
    return TC_OK;
}

static tc_err take_thresholds(yyjson_val *t, struct tc_impact_settings *s, struct tc_diag *d)
{
    struct tc_str text;
    if (!yyjson_is_obj(t))
        return wrong(d, "thresholds", "must be an object");
    tc_err e = check_names(t, d);
    for (int i = 0; !e && i < TC_THRESHOLDS; i++) {
        if (!tc_json_get(t, tc_threshold_names[i]))
            continue;
        s->given[i] = tc_json_u64(t, tc_threshold_names[i], &s->threshold[i]);
        if (!s->given[i])
            e = wrong(d, tc_threshold_names[i], "must be a whole number");
    }
    if (!e && tc_json_str(t, "as_of", &text) && !tc_str_copy(text, s->as_of, sizeof s->as_of))
        e = wrong(d, "as_of", "must be a date");
    if (!e && tc_json_str(t, "decided_by", &text) &&
        !tc_str_copy(text, s->decided_by, sizeof s->decided_by))
        e = wrong(d, "decided_by", "is longer than 255 bytes");
    for (int i = 0; !e && i < TC_THRESHOLDS; i++)
        if (s->given[i] && !s->as_of[0])
            e = wrong(d, "as_of", "thresholds need the date from which they hold");
    return e;
}

static tc_err take(struct tc_str text, struct tc_impact_settings *s, struct tc_diag *d)
{
    struct tc_json j = {0};
    tc_err e = tc_json_read(text, FILE_MAX, 0, &j, d);
    if (!e && tc_json_get(j.root, "suppress_below") &&
        !tc_json_u64(j.root, "suppress_below", &s->suppress_below))
        e = wrong(d, "suppress_below", "must be a whole number");
    if (!e && tc_json_get(j.root, "thresholds"))
        e = take_thresholds(tc_json_get(j.root, "thresholds"), s, d);
    tc_json_fini(&j);
    return e;
}

tc_err tc_impact_settings_get(const char *dir, struct tc_impact_settings *out, struct tc_diag *d)
{
    struct tc_impact_settings s = {.suppress_below = TC_SUPPRESS_BELOW};
    char path[4096], text[FILE_MAX];
    int len = snprintf(path, sizeof path, "%s/impact.json", dir);
    if (len < 0 || (size_t)len >= sizeof path)
        return tc_diag_set(d, TC_E_LIMIT, "the folder's name is too long");
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT) {
        *out = s;
        return TC_OK;
    }
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
    tc_err e = n < 0 ? tc_err_from_errno(errno) : TC_OK;
    if (fd >= 0)
        (void)close(fd);
    tc_diag_file(d, "impact.json");
    e = e ? e : take(tc_str_view(text, (size_t)n), &s, d);
    if (!e) {
        tc_diag_file(d, "");
        *out = s;
    }
    return e;
}
