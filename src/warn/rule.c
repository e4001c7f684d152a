/* SPDX-License-Identifier: Apache-2.0 */
/* The rule of release, kept as DIR/warnings.json: {"release": "hand"}. */
#include "warn/warn.h"

#include "codec/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static const char *const words[] = {"hand", "exercise", "all"};

const char *tc_warn_rule_word(enum tc_warn_auto rule)
{
    return words[rule];
}

bool tc_warn_rule_parse(struct tc_str word, enum tc_warn_auto *out)
{
    for (int i = TC_WARN_BY_HAND; i <= TC_WARN_AUTO_ALL; i++)
        if (tc_str_is(word, words[i])) {
            *out = (enum tc_warn_auto)i;
            return true;
        }
    return false;
}

static bool path_of(const char *dir, const char *name, char out[4096])
{
    int n = snprintf(out, 4096, "%s/%s", dir, name);
    return n > 0 && n < 4096;
}

tc_err tc_warn_rule_get(const char *dir, enum tc_warn_auto *out, struct tc_diag *d)
{
    char path[4096], text[256];
    struct tc_json j = {0};
    struct tc_str word = {"", 0};
    if (!path_of(dir, "warnings.json", path))
        return tc_diag_set(d, TC_E_LIMIT, "the folder's name is too long");
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT) {
        *out = TC_WARN_BY_HAND;
        return TC_OK;
    }
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
    tc_err e = n < 0 ? tc_err_from_errno(errno) : TC_OK;
    if (fd >= 0)
        (void)close(fd);
    tc_diag_file(d, path);
    e = e ? e : tc_json_read(tc_str_view(text, (size_t)n), sizeof text, 0, &j, d);
    (void)(!e && tc_json_str(j.root, "release", &word));
    if (!e && !tc_warn_rule_parse(word, out))
        e = tc_diag_set(d, TC_E_INVALID, "release must be hand, exercise or all");
    tc_json_fini(&j);
    return e;
}

tc_err tc_warn_rule_set(const char *dir, enum tc_warn_auto rule, struct tc_diag *d)
{
    char path[4096], next[4096], text[64];
    if (!path_of(dir, "warnings.json", path) || !path_of(dir, "warnings.json.new", next))
        return tc_diag_set(d, TC_E_LIMIT, "the folder's name is too long");
    int n = snprintf(text, sizeof text, "{\"release\": \"%s\"}\n", words[rule]);
    int fd = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    tc_err e = fd < 0 || write(fd, text, (size_t)n) != n || fsync(fd) != 0
                   ? tc_err_from_errno(errno)
                   : TC_OK;
    if (fd >= 0 && close(fd) != 0 && !e)
        e = TC_E_IO;
    if (!e && rename(next, path) != 0)
        e = tc_err_from_errno(errno);
    return e ? tc_diag_set(d, e, "%s: %s", path, tc_err_text(e)) : TC_OK;
}
