/* SPDX-License-Identifier: Apache-2.0 */
/* CAP: each rule with the line it is broken in, hostile XML, and chains in any order. */
#include "fixture.h"

#include "codec/json.h"
#include "intake/cap.h"
#include "model/extensions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* An alert with parts to choose: head stands behind scope, info replaces the block. */
struct parts {
    const char *id, *sent, *status, *type, *scope, *head, *info;
};

#define INFO                                                                                       \
    "<info>\n<category>Met</category>\n<event>Storm</event>\n<urgency>Expected</urgency>\n"        \
    "<severity>Severe</severity>\n<certainty>Likely</certainty>\n"                                 \
    "<expires>2026-11-22T03:00:00+01:00</expires>\n"

static const char *alert(struct tc_buf *b, struct parts p)
{
    tc_buf_init(b, 1u << 20);
    tc_buf_fmt(b,
               "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
               "<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">\n"
               "<identifier>%s</identifier>\n<sender>desk@weather.example</sender>\n"
               "<sent>%s</sent>\n<status>%s</status>\n<msgType>%s</msgType>\n"
               "<scope>%s</scope>\n%s%s</alert>\n",
               p.id ? p.id : "A", p.sent ? p.sent : "2026-11-21T15:00:00+01:00",
               p.status ? p.status : "Actual", p.type ? p.type : "Alert",
               p.scope ? p.scope : "Public", p.head ? p.head : "",
               p.info ? p.info : INFO "</info>\n");
    return tc_buf_z(b);
}

/* ---- rules ---- */

struct said {
    unsigned musts, shoulds;
    struct tc_diag first;
};

static void say(void *arg, const struct tc_diag *d, bool must)
{
    struct said *s = arg;
    if (must && s->musts++ == 0)
        s->first = *d;
    s->shoulds += !must;
}

static void rules(void **state)
{
    (void)state;
    static const struct {
        struct parts p;
        unsigned line;
        const char *path, *says;
    } wrong[] = {
        {{.sent = "2026-11-21T15:00:00Z"}, 5, "sent", "without Z"},
        {{.sent = "2026-11-21T15:00:00.5+01:00"}, 5, "sent", "without fraction"},
        {{.sent = "2026-02-30T15:00:00+01:00"}, 5, "sent", "does not exist"},
        {{.id = "A B"}, 3, "identifier", "no space"},
        {{.status = "actual"}, 6, "status", "is not one of"},
        {{.type = "Update"}, 2, "", "must name in <references>"},
        {{.type = "Cancel", .head = "<references>x</references>\n"}, 9, "references", "sender,id"},
        {{.type = "Update",
          .head = "<references>desk@weather.example,A,2026-11-21T15:00:00+01:00</references>\n"},
         9,
         "references",
         "itself"},
        {{.type = "Update",
          .head = "<references>desk@weather.example,B,2026-11-21T16:00:00+01:00</references>\n"},
         9,
         "references",
         "later"},
        {{.scope = "Restricted"}, 2, "", "<restriction>"},
        {{.scope = "Private"}, 2, "", "<addresses>"},
        {{.head = "<restriction>x</restriction>\n"}, 9, "restriction", "only for scope"},
        {{.head = "<note>n</note>\n<code>c</code>\n"}, 10, "code", "before <note>"},
        {{.head = "<note>n</note>\n<note>n</note>\n"}, 10, "note[1]", "only once"},
        {{.head = "<colour>n</colour>\n"}, 9, "colour", "not an element"},
        {{.info = "<info><category>Met</category></info>\n"}, 9, "info[0]", "lacks <event>"},
        {{.info = INFO "<area><areaDesc>x</areaDesc>\n<polygon>1,1 2,2 3,3 1,2</polygon></area>"
                       "</info>\n"},
         17,
         "info[0].area[0].polygon[0]",
         "closed"},
        {{.info = INFO "<area><areaDesc>x</areaDesc>\n<polygon>1,1 2,2 1,1</polygon></area>"
                       "</info>\n"},
         17,
         "info[0].area[0].polygon[0]",
         "at least four"},
        {{.info = INFO "<area><areaDesc>x</areaDesc>\n<polygon>91,1 2,2 3,3 91,1</polygon></area>"
                       "</info>\n"},
         17,
         "info[0].area[0].polygon[0]",
         "latitude 91"},
        {{.info = INFO "<area><areaDesc>x</areaDesc>\n<circle>1,1</circle></area></info>\n"},
         17,
         "info[0].area[0].circle[0]",
         "radius"},
        {{.info = INFO "<area><areaDesc>x</areaDesc>\n<ceiling>9</ceiling></area></info>\n"},
         17,
         "info[0].area[0].ceiling",
         "needs <altitude>"},
        {{.info = INFO "<area><areaDesc>x</areaDesc><altitude>10</altitude>\n<ceiling>9</ceiling>"
                       "</area></info>\n"},
         17,
         "info[0].area[0].ceiling",
         "below"},
        {{.info =
              INFO "<resource><resourceDesc>x</resourceDesc><mimeType>a/b</mimeType><uri>x</uri>"
                   "</resource></info>\n"},
         16,
         "info[0].resource[0]",
         "derefUri"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct tc_buf b;
        struct tc_diag d;
        struct said s = {0};
        tc_diag_init(&d);
        const char *text = alert(&b, wrong[i].p);
        assert_int_equal(tc_cap_check(tc_str_cstr(text), say, &s, &d), TC_E_INVALID);
        if (s.musts < 1 || s.first.line != wrong[i].line ||
            strcmp(s.first.path, wrong[i].path) != 0 || !strstr(s.first.message, wrong[i].says))
            fail_msg("case %zu: %u musts, line %u, %s: %s", i, s.musts, (unsigned)s.first.line,
                     s.first.path, s.first.message);
        tc_buf_fini(&b);
    }
}

static void good_practice(void **state)
{
    (void)state;
    struct tc_buf b;
    struct said s = {0};
    const char *text = alert(
        &b, (struct parts){.status = "Exercise",
                           .sent = "2026-11-21T15:00:00+00:00",
                           .info = INFO "<area><areaDesc>x</areaDesc>"
                                        "<polygon>0,0 2,2 0,2 2,0 0,0</polygon></area></info>\n"});
    assert_int_equal(tc_cap_check(tc_str_cstr(text), say, &s, NULL), TC_OK);
    assert_int_equal(s.shoulds, 3); /* no note, +00:00, crosses itself */
    tc_buf_fini(&b);
}

static void hostile(void **state)
{
    (void)state;
    static const char *const doctypes[] = {
        "<!DOCTYPE alert [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><alert>&x;</alert>",
        ("<?xml version='1.0'?>\n<!-- <alert> --><?p i?>\n<!DOCTYPE a [<!ENTITY a \"aa\"><!ENTITY "
         "b "
         "\"&a;&a;\">]><a>&b;</a>"),
        "\xef\xbb\xbf<!doctype alert><alert/>",
    };
    struct tc_diag d;
    for (size_t i = 0; i < sizeof doctypes / sizeof *doctypes; i++) {
        tc_diag_init(&d);
        assert_int_equal(tc_cap_check(tc_str_cstr(doctypes[i]), NULL, NULL, &d), TC_E_INVALID);
        assert_non_null(strstr(d.message, "document type"));
    }
    static const char *const broken[] = {"<alert>&x;</alert>", "<a><b></a>", "<a", "<a></a><b/>"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        assert_int_equal(tc_cap_check(tc_str_cstr(broken[i]), NULL, NULL, &d), TC_E_SYNTAX);
    assert_int_equal(
        tc_cap_check(TC_STR("<?xml version='1.0' encoding='UTF-16'?><a/>"), NULL, NULL, &d),
        TC_E_UNSUPPORTED);
    assert_int_equal(tc_cap_check(TC_STR("<\0a\0/\0>\0"), NULL, NULL, &d), TC_E_UNSUPPORTED);
    struct tc_buf b;
    tc_buf_init(&b, 1u << 20);
    for (int i = 0; i < 100; i++)
        tc_buf_cstr(&b, "<a>");
    for (int i = 0; i < 100; i++)
        tc_buf_cstr(&b, "</a>");
    assert_int_equal(tc_cap_check(tc_buf_view(&b), NULL, NULL, &d), TC_E_LIMIT);
    tc_buf_fini(&b);
}

static void latin_1(void **state)
{
    (void)state;
    struct tc_buf b;
    struct tc_cap *caps;
    size_t n;
    struct tc_diag d;
    tc_buf_init(&b, 8192);
    tc_buf_cstr(&b, "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><c:alert xmlns:c=\"" TC_CAP_NS
                    "\"><c:identifier>A\xe9</c:identifier><c:sender>s</c:sender><c:sent>2026-11-21T"
                    "15:00:00-00:00</c:sent><c:status>Actual</c:status><c:msgType>Alert</c:msgType>"
                    "<c:scope>Public</c:scope></c:alert>");
    struct tc_arena *a = tc_arena_new(TC_CAP_ARENA);
    assert_int_equal(tc_cap_read(tc_buf_view(&b), a, &caps, &n, NULL, NULL, &d), TC_OK);
    assert_true(tc_str_is(caps[0].key.identifier, "A\xc3\xa9"));
    tc_arena_free(a);
    tc_buf_fini(&b);
}

/* ---- chains ---- */

#define REF(id, minute) "desk@weather.example," id ",2026-11-21T15:" minute ":00+01:00 "
#define REFS(list)      "<references>" list "</references>\n"

static const struct parts msg_a = {.id = "A"};
static const struct parts msg_b = {
    .id = "B", .sent = "2026-11-21T15:10:00+01:00", .type = "Update", .head = REFS(REF("A", "00"))};
static const struct parts msg_c = {
    .id = "C", .sent = "2026-11-21T15:20:00+01:00", .type = "Update", .head = REFS(REF("B", "10"))};
static const struct parts msg_d = {.id = "D",
                                   .sent = "2026-11-21T15:30:00+01:00",
                                   .type = "Cancel",
                                   .head = REFS(REF("A", "00") REF("B", "10") REF("C", "20"))};

static tc_err send(struct fix *f, struct parts p)
{
    struct tc_buf b;
    const char *text = alert(&b, p);
    tc_err e = fix_import(f, "a.cap", tc_str_cstr(text), false);
    tc_buf_fini(&b);
    return e;
}

/* Incidents that are not revoked, and all. */
static void incidents(struct fix *f, uint64_t *open, uint64_t *all, char newest[TC_ID_MAX])
{
    struct tc_str type = TC_STR("incident");
    struct tc_query q = {.types = &type, .n_types = 1, .added_after = TC_TIME_NONE};
    struct tc_reader *r;
    struct tc_row row;
    *open = *all = 0;
    newest[0] = '\0';
    assert_int_equal(tc_reader_open(f->n->journal, &tc_principal_system, &q, &r), TC_OK);
    while (tc_reader_next(r, &row) == TC_OK && row.seq) {
        ++*all;
        if (!row.revoked) {
            ++*open;
            (void)tc_str_copy(row.id, newest, TC_ID_MAX);
        }
    }
    tc_reader_close(r);
}

static void is_update_c(struct fix *f, const char *id)
{
    struct tc_json j;
    struct tc_str s;
    char *text = fix_newest(f, &f->principal, id);
    assert_int_equal(tc_json_read(tc_str_cstr(text), 1u << 20, 0, &j, NULL), TC_OK);
    yyjson_val *cap = tc_json_get(tc_json_get(j.root, "extensions"), TC_EXT_CAP);
    assert_true(tc_json_str(cap, "identifier", &s) && tc_str_is(s, "C"));
    tc_json_fini(&j);
    free(text);
}

/* However they come, three messages are one open incident whose newest version is the last one. */
static void orders(void **state)
{
    (void)state;
    const struct parts m[3] = {msg_a, msg_b, msg_c};
    static const int order[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                    {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (size_t i = 0; i < 6; i++) {
        void *fresh;
        uint64_t open, all;
        char id[TC_ID_MAX];
        (void)fix_up(&fresh);
        struct fix *f = fresh;
        for (size_t k = 0; k < 3; k++)
            assert_int_equal(send(f, m[order[i][k]]), TC_OK);
        incidents(f, &open, &all, id);
        if (open != 1)
            fail_msg("order %zu: %u incidents, %u open", i, (unsigned)all, (unsigned)open);
        is_update_c(f, id);
        uint64_t head = fix_head(f);
        for (size_t k = 0; k < 3; k++) {
            assert_int_equal(send(f, m[k]), TC_OK);
            assert_int_equal(f->result.added, 0);
        }
        assert_int_equal(fix_head(f), head);
        assert_int_equal(send(f, msg_d), TC_OK);
        incidents(f, &open, &all, id);
        assert_int_equal(open, 0);
        (void)fix_down(&fresh);
    }
}

static void cancel_first(void **state)
{
    struct fix *f = *state;
    uint64_t open, all;
    char id[TC_ID_MAX];
    assert_int_equal(send(f, msg_d), TC_OK);
    assert_int_equal(send(f, msg_c), TC_OK);
    assert_int_equal(send(f, msg_a), TC_OK);
    incidents(f, &open, &all, id);
    assert_int_equal(open, 0);
}

static void other_content(void **state)
{
    struct fix *f = *state;
    struct parts again = msg_a;
    assert_int_equal(send(f, msg_a), TC_OK);
    uint64_t head = fix_head(f);
    again.head = "<note>changed</note>\n";
    assert_int_equal(send(f, again), TC_E_CONFLICT);
    assert_int_equal(fix_head(f), head);
}

static void not_actual(void **state)
{
    struct fix *f = *state;
    static const char *const statuses[] = {"Exercise", "Test", "System", "Draft"};
    for (size_t i = 0; i < 4; i++) {
        char identifier[2] = {(char)('K' + i), '\0'}, id[TC_ID_MAX];
        uint64_t open, all;
        struct tc_json j;
        bool exercise = false;
        assert_int_equal(send(f, (struct parts){.id = identifier, .status = statuses[i]}), TC_OK);
        incidents(f, &open, &all, id);
        assert_int_equal(open, i + 1);
        char *text = fix_newest(f, &f->principal, id);
        assert_non_null(strstr(text, "\"name\":\"["));
        assert_int_equal(tc_json_read(tc_str_cstr(text), 1u << 20, 0, &j, NULL), TC_OK);
        yyjson_val *event = tc_json_get(tc_json_get(j.root, "extensions"), TC_EXT_EVENT);
        assert_true(tc_json_bool(event, "exercise", &exercise) && exercise);
        tc_json_fini(&j);
        free(text);
    }
}

static void secret(void **state)
{
    struct fix *f = *state;
    struct parts p = {.scope = "Restricted", .head = "<restriction>EU restricted</restriction>\n"};
    assert_int_equal(send(f, p), TC_E_CLASSIFIED);
    assert_int_equal(fix_head(f), 0);
}

int main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, fix_up, fix_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules),
        cmocka_unit_test(good_practice),
        cmocka_unit_test(hostile),
        cmocka_unit_test(latin_1),
        cmocka_unit_test(orders),
        T(cancel_first),
        T(other_content),
        T(not_actual),
        T(secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
