/* SPDX-License-Identifier: Apache-2.0 */
/* A sign-in that is under way: of one browser, for ten minutes, once, and without memory. */
#include "http/oidc_note.h"

#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define NOW (1000 * TC_SECOND)

struct fix {
    struct tc_oidc_notes *n;
    struct tc_oidc_note note, back;
    char cookie[TC_OIDC_COOKIE];
    struct tc_diag d;
};

static int setup(void **state)
{
    struct fix *f = calloc(1, sizeof *f);
    f->n = tc_oidc_notes_new();
    tc_diag_init(&f->d);
    assert_int_equal(tc_oidc_note_make(f->n, "0123456789abcdef", NOW, 77, &f->note, f->cookie),
                     TC_OK);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fix *f = *state;
    tc_oidc_notes_free(f->n);
    free(f);
    return 0;
}

static tc_err take(struct fix *f, const char *cookie, const char *with, int64_t now)
{
    tc_diag_init(&f->d);
    return tc_oidc_note_take(f->n, tc_str_cstr(cookie), tc_str_cstr(with), now, &f->back, &f->d);
}

static void comes_back_once(void **state)
{
    struct fix *f = *state;
    assert_int_equal(strlen(f->note.state), 43);
    assert_int_equal(strlen(f->note.verifier), 43); /* RFC 7636 section 4.1: at least that */
    assert_int_equal(take(f, f->cookie, f->note.state, NOW), TC_OK);
    assert_string_equal(f->back.nonce, f->note.nonce);
    assert_string_equal(f->back.verifier, f->note.verifier);
    assert_string_equal(f->back.session, "0123456789abcdef");
    assert_int_equal(f->back.began, 77);
    assert_int_equal(take(f, f->cookie, f->note.state, NOW), TC_E_AUTH);
    assert_string_equal(f->d.path, "replay");
}

static void to_its_browser_in_time(void **state)
{
    struct fix *f = *state;
    struct tc_oidc_note other;
    char others[TC_OIDC_COOKIE];
    assert_int_equal(tc_oidc_note_make(f->n, "", NOW, 0, &other, others), TC_OK);
    assert_string_not_equal(other.state, f->note.state);
    assert_int_equal(take(f, others, f->note.state, NOW), TC_E_AUTH);
    assert_string_equal(f->d.path, "state");
    assert_int_equal(take(f, f->cookie, "", NOW), TC_E_AUTH);
    assert_string_equal(f->d.path, "state");
    assert_int_equal(take(f, "", f->note.state, NOW), TC_E_AUTH);
    assert_string_equal(f->d.path, "cookie");
    int64_t over = NOW + TC_OIDC_SECONDS * TC_SECOND;
    assert_int_equal(take(f, f->cookie, f->note.state, over), TC_E_AUTH);
    assert_string_equal(f->d.path, "late");
    assert_int_equal(take(f, f->cookie, f->note.state, over - 1), TC_OK);
    /* another process has another key */
    struct tc_oidc_notes *n = f->n;
    f->n = tc_oidc_notes_new();
    assert_int_equal(take(f, others, other.state, NOW), TC_E_AUTH);
    assert_string_equal(f->d.path, "cookie");
    assert_false(tc_oidc_note_is(f->n, tc_str_cstr(others)));
    assert_true(tc_oidc_note_is(n, tc_str_cstr(others)));
    tc_oidc_notes_free(n);
}

static void any_letter_of_the_cookie(void **state)
{
    struct fix *f = *state;
    for (size_t i = 0; f->cookie[i]; i++) {
        char was = f->cookie[i];
        f->cookie[i] = was == 'A' ? 'B' : 'A';
        assert_int_equal(take(f, f->cookie, f->note.state, NOW), TC_E_AUTH);
        assert_string_equal(f->d.path, "cookie");
        f->cookie[i] = was;
    }
    assert_int_equal(take(f, f->cookie, f->note.state, NOW), TC_OK);
}

/* When the table is full nothing is let through; room comes back with time. */
static void full_is_closed(void **state)
{
    struct fix *f = *state;
    struct tc_oidc_note note;
    char cookie[TC_OIDC_COOKIE];
    for (unsigned i = 0; i <= TC_MAX_OIDC_SPENT; i++) {
        assert_int_equal(tc_oidc_note_make(f->n, "", NOW, 0, &note, cookie), TC_OK);
        assert_int_equal(take(f, cookie, note.state, NOW),
                         i < TC_MAX_OIDC_SPENT ? TC_OK : TC_E_BUSY);
    }
    int64_t later = NOW + TC_OIDC_SECONDS * TC_SECOND;
    assert_int_equal(tc_oidc_note_make(f->n, "", later, 0, &note, cookie), TC_OK);
    assert_int_equal(take(f, cookie, note.state, later), TC_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(comes_back_once, setup, teardown),
        cmocka_unit_test_setup_teardown(to_its_browser_in_time, setup, teardown),
        cmocka_unit_test_setup_teardown(any_letter_of_the_cookie, setup, teardown),
        cmocka_unit_test_setup_teardown(full_is_closed, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
