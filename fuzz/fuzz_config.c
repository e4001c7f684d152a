/* SPDX-License-Identifier: Apache-2.0 */
/* The files by which an administrator decides: the first line is the file's name (impact.json,
 * register.json, warnings.json), or "words" for the sentences of a language. Each is refused with a
 * word and its place, or within its bounds; sentences are filled in whatever braces they hold. */
#include "target.h"

#include "node.h"
#include "warn/warn.h"
#include "warn/words.h"
#include "watch/settings.h"
#include "watch/standing.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char dir[64];

static void forget(void)
{
    static const char *const names[] = {"impact.json", "register.json", "warnings.json"};
    char path[96];
    for (int i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(dir);
}

static void put(const char *name, struct tc_str text)
{
    char path[96];
    fuzz_hold();
    if (!dir[0]) {
        (void)snprintf(dir, sizeof dir, "%s/tocsin-config-XXXXXX",
                       access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        bool ok = mkdtemp(dir) != NULL;
        assert(ok);
        (void)atexit(forget);
    }
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert(fd >= 0);
    ssize_t n = write(fd, text.p, text.n);
    assert(n == (ssize_t)text.n);
    (void)close(fd);
    fuzz_go_on();
}

static void impact(struct tc_str text, struct tc_diag *d)
{
    struct tc_impact_settings s;
    put("impact.json", text);
    memset(&s, 0, sizeof s);
    tc_err e = fuzz_err(tc_impact_settings_get(dir, &s, d));
    HOLDS(!e || d->message[0]);
    if (e)
        return;
    assert(memchr(s.as_of, 0, sizeof s.as_of) && memchr(s.decided_by, 0, sizeof s.decided_by));
    fuzz_tell(&s.suppress_below, sizeof s.suppress_below);
}

static void standing(struct tc_str text, struct tc_diag *d)
{
    struct fuzz_node *f = fuzz_node();
    struct tc_standing *s = tc_standing_new(f->officer_org, f->n->access);
    if (!fuzz_have(s != NULL))
        return;
    put("register.json", text);
    tc_err e = fuzz_err(tc_standing_load(s, dir, d));
    HOLDS(!e || d->message[0]);
    bool keeper = !e && tc_standing_keeper(s, f->reader_org);
    HOLDS(e || tc_standing_keeper(s, f->officer_org));
    HOLDS(!tc_standing_keeper(s, 0));
    fuzz_tell(&keeper, sizeof keeper);
    tc_standing_free(s);
}

static void rule(struct tc_str text, struct tc_diag *d)
{
    enum tc_warn_auto now = TC_WARN_BY_HAND, again;
    put("warnings.json", text);
    tc_err e = fuzz_err(tc_warn_rule_get(dir, &now, d));
    HOLDS(!e || d->message[0]);
    assert(now <= TC_WARN_AUTO_ALL);
    if (!e && !fuzz_err(tc_warn_rule_set(dir, now, d)) &&
        !fuzz_err(tc_warn_rule_get(dir, &again, d)))
        HOLDS(again == now);
    fuzz_tell(&now, sizeof now);
}

static void words(struct tc_str text, struct tc_diag *d)
{
    static const char *const keys[] = {"headline", "service.water", "event", "description"};
    const struct tc_word values[] = {{"name", TC_STR("{name}")}, {"time", TC_STR("now")}};
    struct tc_words *w = NULL;
    struct tc_buf b;
    tc_err e = fuzz_err(tc_words_parse(text, &w, d));
    HOLDS(!e || d->message[0] || e == TC_E_NOMEM);
    if (e)
        return;
    tc_buf_init(&b, 1u << 16);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        tc_words_fill(w, keys[i], values, 2, &b);
        (void)tc_words_get(w, tc_str_cstr(keys[i]));
        (void)tc_words_code(w, "service.", tc_str_cstr(keys[i]));
    }
    HOLDS(tc_str_utf8(tc_buf_view(&b)));
    (void)fuzz_err(b.err);
    fuzz_tell(b.p, b.n);
    (void)tc_words_serves(w, TC_STR("NL"));
    tc_buf_fini(&b);
    tc_words_free(w);
}

int fuzz_one(const uint8_t *data, size_t size)
{
    struct tc_str s = tc_str_view((const char *)data, size), name;
    size_t nl = tc_str_find(s, TC_STR("\n"));
    struct tc_diag d;
    tc_diag_init(&d);
    if (nl == SIZE_MAX)
        return 0;
    name = tc_str_view(s.p, nl);
    s = tc_str_view(s.p + nl + 1, s.n - nl - 1);
    if (tc_str_is(name, "impact.json"))
        impact(s, &d);
    else if (tc_str_is(name, "register.json"))
        standing(s, &d);
    else if (tc_str_is(name, "warnings.json"))
        rule(s, &d);
    else if (tc_str_is(name, "words"))
        words(s, &d);
    return 0;
}
