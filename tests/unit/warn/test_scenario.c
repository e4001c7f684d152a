/* SPDX-License-Identifier: Apache-2.0 */
/* From report to warning on a node in a temporary folder: two operators, each told of its own
 * assets only, along the chain alert, update, cancel; and everything again from the start. */
#include "base/limits.h"
#include "codec/json.h"
#include "intake/intake.h"
#include "model/extensions.h"
#include "pack/pack.h"
#include "warn/cap_out.h"
#include "warn/warn.h"
#include "watch/impact.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define SUB1  "infrastructure--10000000-0000-4000-8000-000000000001"
#define SUB2  "infrastructure--10000000-0000-4000-8000-000000000002"
#define PUMP  "infrastructure--10000000-0000-4000-8000-000000000003"
#define HOSP  "infrastructure--10000000-0000-4000-8000-000000000004"
#define STORM "incident--20000000-0000-4000-8000-000000000001"

struct fix {
    char root[64], dir[96];
    struct tc_node *n;
    struct tc_impact *impact;
    struct tc_warn *warn;
    enum tc_warn_auto rule;
    const struct tc_types *types;
    uint32_t grid, care, secret, shared; /* organisations, communities */
    char grid_id[TC_ID_MAX], care_id[TC_ID_MAX];
    uint32_t releaser;
    uint32_t as; /* organisation that posts; 0 = the node's own */
};

static void empty(const char *dir)
{
    DIR *list = opendir(dir);
    const struct dirent *item;
    while (list && (item = readdir(list)) != NULL)
        (void)unlinkat(dirfd(list), item->d_name, 0);
    if (list)
        (void)closedir(list);
    (void)rmdir(dir);
}

static void org(struct fix *f, const char *name, uint32_t *number, char id[TC_ID_MAX])
{
    struct tc_arena *a = tc_arena_new(1u << 16);
    struct tc_org o = {.name = tc_str_cstr(name), .country = TC_STR("NL")};
    assert_int_equal(tc_access_org_add(f->n->access, &o, number, NULL), TC_OK);
    assert_int_equal(tc_access_org_by(f->n->access, *number, TC_STR(""), a, &o), TC_OK);
    assert_true(tc_str_copy(o.identity, id, TC_ID_MAX));
    tc_arena_free(a);
}

/* warn: false = the process dies before the second reader has seen anything. */
static void start_with(struct fix *f, bool warn)
{
    struct tc_diag d;
    tc_diag_init(&d);
    assert_int_equal(tc_node_open(f->dir, TC_NODE_COMMAND, &f->n, &d), TC_OK);
    if (!f->n->types)
        f->n->types = f->types;
    assert_int_equal(tc_impact_watch(f->n, &f->impact), TC_OK);
    if (warn)
        assert_int_equal(tc_warn_watch(f->n, f->rule, &f->warn), TC_OK);
    assert_int_equal(tc_node_start(f->n, &d), TC_OK);
}

static void start(struct fix *f)
{
    start_with(f, true);
}

static void stop(struct fix *f)
{
    tc_node_close(f->n);
    tc_warn_free(f->warn);
    tc_impact_free(f->impact);
    f->n = NULL;
    f->impact = NULL;
    f->warn = NULL;
}

/* fmt: one object, '#' for '"'. */
__attribute__((format(printf, 3, 4))) static void post(struct fix *f, uint32_t community,
                                                       const char *fmt, ...)
{
    char text[4096];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    for (char *c = text; *c; c++)
        if (*c == '#')
            *c = '"';
    const struct tc_principal by = {.org = f->as ? f->as : f->n->org};
    const struct tc_intake_from from = {&by, community, TC_TLP_AMBER};
    struct tc_intake_batch *b = NULL;
    struct tc_diag d;
    tc_diag_init(&d);
    assert_int_equal(tc_intake_prepare(f->n, &from, tc_str_cstr(text), &b, &d), TC_OK);
    assert_int_equal(tc_intake_count(b), 1);
    assert_string_equal(tc_intake_item(b, 0)->diag.message, "");
    assert_int_equal(tc_intake_append(b), TC_OK);
    assert_int_equal(tc_intake_item(b, 0)->state, TC_ITEM_NEW);
    tc_intake_free(b);
}

static void asset(struct fix *f, uint32_t community, const char *id, const char *name,
                  const char *sector, const char *by, double lat)
{
    post(f, community,
         "{#type#:#infrastructure#,#spec_version#:#2.1#,#id#:#%s#,#created_by_ref#:#%s#,"
         "#created#:#2026-01-01T00:00:00.000Z#,#modified#:#2026-01-01T00:00:00.000Z#,#name#:#%s#,"
         "#extensions#:{#%s#:{#extension_type#:#property-extension#,#sector#:#%s#,#country#:#NL#,"
         "#operator_ref#:#%s#,#latitude#:%.1f,#longitude#:5.5,#people#:1000}}}",
         id, f->n->identity, name, TC_EXT_ASSET, sector, by, lat);
}

static void needs(struct fix *f, unsigned number, const char *from, const char *service,
                  const char *to, const char *need, const char *buffer)
{
    post(f, f->secret,
         "{#type#:#relationship#,#spec_version#:#2.1#,#id#:#relationship--30000000-0000-4000-8000-"
         "0000000000%02u#,#created_by_ref#:#%s#,#created#:#2026-01-01T00:00:00.000Z#,#modified#:"
         "#2026-01-01T00:00:00.000Z#,#relationship_type#:#depends-on#,#source_ref#:#%s#,"
         "#target_ref#:#%s#,#extensions#:{#%s#:{#extension_type#:#property-extension#,#service#:"
         "#%s#,#mode#:#flow#,#group#:#a#,#need#:#%s#,#buffer#:#%s#}}}",
         number, f->n->identity, from, to, TC_EXT_DEPENDENCY, service, need, buffer);
}

static void incident(struct fix *f, int minute, const char *affected, const char *more)
{
    post(f, f->as == f->care ? f->shared : f->secret,
         "{#type#:#incident#,#spec_version#:#2.1#,#id#:#%s#,#created_by_ref#:#%s#,"
         "#created#:#2026-11-21T10:00:00.000Z#,#modified#:#2026-11-21T10:%02d:00.000Z#,"
         "#name#:#Conductor galloping#,#extensions#:{#%s#:{#extension_type#:#property-extension#,"
         "%s%s%s#started#:#2026-11-21T10:00:00Z#%s}}}",
         STORM, f->grid_id, minute, TC_EXT_EVENT, *affected ? "#affected_refs#:[" : "", affected,
         *affected ? "]," : "", more);
}

static void settle(struct fix *f)
{
    assert_int_equal(tc_node_settle(f->n, 10 * TC_SECOND), TC_OK);
}

static int setup(void **state)
{
    struct fix *f = calloc(1, sizeof *f);
    const struct tc_org point = {.name = TC_STR("Contact point"), .country = TC_STR("NL")};
    struct tc_types *types = NULL;
    struct tc_diag d;
    tc_diag_init(&d);
    (void)snprintf(f->root, sizeof f->root, "/tmp/tocsin-warn-XXXXXX");
    assert_non_null(mkdtemp(f->root));
    (void)snprintf(f->dir, sizeof f->dir, "%s/node", f->root);
    assert_int_equal(tc_pack_load(NULL, 0, NULL, NULL, &types, &d), TC_OK);
    f->types = types;
    assert_int_equal(tc_node_init(f->dir, "Test <node>", &point, &d), TC_OK);
    start(f);
    org(f, "Grid operator", &f->grid, f->grid_id);
    org(f, "Care group", &f->care, f->care_id);
    const struct tc_community energy = {.title = TC_STR("energy"), .kind = TC_STR("sector")};
    const struct tc_community all = {.title = TC_STR("all"), .kind = TC_STR("network")};
    assert_int_equal(tc_access_community_add(f->n->access, &energy, &f->secret, NULL), TC_OK);
    assert_int_equal(tc_access_community_add(f->n->access, &all, &f->shared, NULL), TC_OK);
    struct tc_access *x = f->n->access;
    assert_int_equal(tc_access_member_set(x, f->secret, f->n->org, true, true, NULL), TC_OK);
    assert_int_equal(tc_access_member_set(x, f->shared, f->n->org, true, true, NULL), TC_OK);
    assert_int_equal(tc_access_member_set(x, f->secret, f->grid, true, true, NULL), TC_OK);
    assert_int_equal(tc_access_member_set(x, f->shared, f->grid, true, true, NULL), TC_OK);
    assert_int_equal(tc_access_member_set(x, f->shared, f->care, true, true, NULL), TC_OK);
    const struct tc_person duty = {.org = f->n->org,
                                   .roles = TC_ROLE_RELEASER,
                                   .login = TC_STR("duty"),
                                   .name = TC_STR("Duty officer"),
                                   .active = true};
    assert_int_equal(tc_access_person_add(x, &duty, TC_STR(""), &f->releaser, NULL), TC_OK);
    asset(f, f->secret, SUB1, "Substation Quartz", "energy", f->grid_id, 52.1);
    asset(f, f->shared, SUB2, "Substation Opal", "energy", f->grid_id, 52.2);
    asset(f, f->secret, PUMP, "Pumping station Beryl", "drinking_water", f->grid_id, 52.3);
    asset(f, f->secret, HOSP, "Hospital Amber", "health", f->care_id, 52.4);
    needs(f, 1, HOSP, "electricity", SUB1, "1", "PT4H");
    needs(f, 2, HOSP, "electricity", SUB2, "1", "PT4H");
    needs(f, 3, PUMP, "electricity", SUB1, "1", "PT2H");
    needs(f, 4, HOSP, "water", PUMP, "1", "PT6H");
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fix *f = *state;
    stop(f);
    empty(f->dir);
    empty(f->root);
    tc_types_free((struct tc_types *)(uintptr_t)f->types);
    free(f);
    return 0;
}

/* ---- looking ---- */

struct eye {
    struct tc_arena *a;
    struct tc_principal p;
    struct tc_buf b;
    struct tc_json j;
    yyjson_val *list;
};

static void look(struct fix *f, uint32_t number, struct eye *e)
{
    e->a = tc_arena_new(1u << 16);
    e->j = (struct tc_json){0};
    tc_buf_init(&e->b, 1u << 24);
    assert_int_equal(tc_access_org_principal(f->n->access, number, e->a, &e->p), TC_OK);
    assert_int_equal(tc_warn_list(f->n, &e->p, 0, &e->b), TC_OK);
    assert_int_equal(tc_json_read(tc_buf_view(&e->b), 1u << 24, 0, &e->j, NULL), TC_OK);
    e->list = tc_json_get(e->j.root, "warnings");
}

static void away(struct eye *e)
{
    tc_json_fini(&e->j);
    tc_buf_fini(&e->b);
    tc_arena_free(e->a);
}

static bool says(const struct eye *e, const char *what)
{
    return tc_str_find(tc_buf_view(&e->b), tc_str_cstr(what)) != SIZE_MAX;
}

static size_t count(const struct eye *e)
{
    return yyjson_arr_size(e->list);
}

static const char *field(const struct eye *e, size_t i, const char *name)
{
    const char *s = yyjson_get_str(tc_json_get(yyjson_arr_get(e->list, i), name));
    return s ? s : "";
}

static void as_duty(struct fix *f, struct eye *e)
{
    struct tc_login *l = NULL;
    look(f, f->n->org, e);
    assert_int_equal(tc_access_login_as(f->n->access, f->releaser, &l), TC_OK);
    e->p.person = l->principal.person;
    e->p.roles = l->principal.roles;
    tc_login_unref(l);
}

static uint64_t head(struct fix *f)
{
    return tc_journal_head(f->n->journal);
}

/* ---- the scenario ---- */

static void own_assets_only(struct fix *f)
{
    struct eye e;
    look(f, f->care, &e);
    assert_int_equal(count(&e), 1);
    assert_string_equal(field(&e, 0, "message_type"), "alert");
    assert_string_equal(field(&e, 0, "state"), "released");
    assert_true(says(&e, "Hospital Amber"));
    assert_true(says(&e, "2026-11-21T14:00:00.000Z")); /* 10:00 and four hours of diesel */
    assert_true(says(&e, "2026-11-21 14:00 UTC"));
    assert_false(says(&e, "Quartz"));
    assert_false(says(&e, SUB1));
    assert_true(says(&e, "Substation Opal")); /* readable: posted where the care group is */
    assert_true(says(&e, "\"sector\":\"energy\",\"country\":\"NL\""));
    assert_false(says(&e, "Beryl"));
    assert_false(says(&e, PUMP));
    assert_false(says(&e, STORM)); /* not even that there is such a report */
    assert_false(says(&e, "galloping"));
    away(&e);
    look(f, f->grid, &e);
    assert_int_equal(count(&e), 1);
    assert_true(says(&e, "Substation Quartz"));
    assert_true(says(&e, "Pumping station Beryl"));
    assert_false(says(&e, "Hospital"));
    assert_false(says(&e, HOSP));
    away(&e);
}

static void cap_of(struct fix *f, uint32_t number, const char *must, const char *must_not)
{
    struct eye e;
    look(f, number, &e);
    struct tc_str id = tc_str_cstr(field(&e, 0, "id"));
    struct tc_buf xml, feed;
    tc_buf_init(&xml, 1u << 20);
    tc_buf_init(&feed, 1u << 20);
    assert_int_equal(tc_cap_message(f->n, &e.p, id, &xml), TC_OK);
    assert_true(tc_str_find(tc_buf_view(&xml), tc_str_cstr(must)) != SIZE_MAX);
    assert_true(tc_str_find(tc_buf_view(&xml), tc_str_cstr(must_not)) == SIZE_MAX);
    const struct tc_cap_feed_options o = {.base = TC_STR("https://node.example")};
    assert_int_equal(tc_cap_feed(f->n, &e.p, &o, &feed), TC_OK);
    assert_true(tc_str_find(tc_buf_view(&feed), TC_STR("<title>Test &lt;node&gt;</title>")) !=
                SIZE_MAX);
    assert_true(tc_str_find(tc_buf_view(&feed), id) != SIZE_MAX);
    assert_true(tc_str_find(tc_buf_view(&feed), tc_str_cstr(must_not)) == SIZE_MAX);
    /* what one may not read is not there */
    struct tc_principal other = {.org = number == f->care ? f->grid : f->care};
    tc_buf_clear(&xml);
    assert_int_equal(tc_cap_message(f->n, &other, id, &xml), TC_E_NOTFOUND);
    assert_int_equal(tc_warn_get(f->n, &other, id, &xml), TC_E_NOTFOUND);
    assert_int_equal(tc_warn_acknowledge(f->n, &other, id, NULL), TC_E_NOTFOUND);
    assert_int_equal(tc_warn_release(f->n, &other, id, NULL, NULL), TC_E_NOTFOUND);
    tc_buf_fini(&xml);
    tc_buf_fini(&feed);
    away(&e);
}

#define BOTH "#" SUB1 "#,#" SUB2 "#"

static void again_changes_nothing(struct fix *f)
{
    uint64_t before = head(f);
    stop(f); /* the readers keep all in memory: a start reads everything from the first entry on */
    start(f);
    settle(f);
    assert_int_equal(head(f), before);
}

static void alert_update_cancel(void **state)
{
    struct fix *f = *state;
    struct eye e;
    tc_warn_set_auto(f->warn, f->rule = TC_WARN_AUTO_ALL);
    incident(f, 0, BOTH, "");
    settle(f);
    own_assets_only(f);
    cap_of(f, f->care, "<areaDesc>Hospital Amber</areaDesc>", "Quartz");
    cap_of(f, f->grid, "Pumping station Beryl", "Hospital");
    again_changes_nothing(f);

    /* an hour more until the end is known, one substation back: the hospital still stands */
    incident(f, 20, "#" SUB1 "#", ",#expected_end#:#2026-11-21T20:00:00Z#");
    settle(f);
    look(f, f->grid, &e);
    assert_int_equal(count(&e), 2);
    assert_string_equal(field(&e, 0, "message_type"), "update");
    assert_string_equal(field(&e, 1, "message_type"), "alert");
    assert_true(says(&e, "\"change\":\"spared\"")); /* Opal */
    away(&e);
    look(f, f->care, &e);
    assert_int_equal(count(&e), 2);
    /* power comes from Opal, but the pumps fail at 12:00 and the tank is empty at 18:00 */
    assert_string_equal(field(&e, 0, "message_type"), "update");
    assert_true(says(&e, "2026-11-21T18:00:00.000Z"));
    assert_true(says(&e, "\"change\":\"later\""));
    assert_false(says(&e, "Beryl"));
    away(&e);
    again_changes_nothing(f);
    incident(f, 21, "#" SUB1 "#", ",#expected_end#:#2026-11-21T20:00:00Z#,#status#:#open#");
    settle(f);
    look(f, f->care, &e);
    assert_int_equal(count(&e), 2); /* nothing new: no message */
    away(&e);

    incident(f, 40, "#" SUB1 "#", ",#status#:#closed#");
    settle(f);
    for (int i = 0; i < 2; i++) {
        look(f, i ? f->care : f->grid, &e);
        assert_int_equal(count(&e), 3);
        assert_string_equal(field(&e, 0, "message_type"), "cancel");
        yyjson_val *refs = tc_json_get(yyjson_arr_get(e.list, 0), "references");
        assert_int_equal(yyjson_arr_size(refs), 2);
        away(&e);
    }
    cap_of(f, f->care, "<msgType>Cancel</msgType>", "Quartz");
    again_changes_nothing(f);
    incident(f, 50, BOTH, ""); /* open again: a chain of its own */
    settle(f);
    look(f, f->care, &e);
    assert_int_equal(count(&e), 4);
    assert_string_equal(field(&e, 0, "message_type"), "alert");
    away(&e);
}

static void a_crash_between_finding_and_warning(void **state)
{
    struct fix *f = *state;
    struct eye e;
    f->rule = TC_WARN_AUTO_ALL;
    stop(f);
    start_with(f, false);
    incident(f, 0, BOTH, "");
    settle(f);
    stop(f);
    start(f);
    settle(f);
    own_assets_only(f);
    again_changes_nothing(f);
    stop(f); /* the same for the end of it */
    start_with(f, false);
    incident(f, 10, BOTH, ",#status#:#closed#");
    settle(f);
    stop(f);
    start(f);
    settle(f);
    look(f, f->care, &e);
    assert_int_equal(count(&e), 2);
    assert_string_equal(field(&e, 0, "message_type"), "cancel");
    away(&e);
    again_changes_nothing(f);
}

static void drafts_are_released_by_hand(void **state)
{
    struct fix *f = *state;
    struct eye e, duty;
    incident(f, 0, BOTH, "");
    settle(f);
    look(f, f->care, &e);
    assert_int_equal(count(&e), 0);
    as_duty(f, &duty);
    assert_int_equal(count(&duty), 2);
    assert_string_equal(field(&duty, 0, "state"), "draft");
    size_t mine = strcmp(field(&duty, 0, "recipient_ref"), f->care_id) == 0 ? 0 : 1;
    struct tc_str id = tc_str_cstr(field(&duty, mine, "id"));
    struct tc_principal reader = duty.p;
    reader.roles = TC_ROLE_READER;
    assert_int_equal(tc_warn_release(f->n, &e.p, id, NULL, NULL), TC_E_NOTFOUND);
    assert_int_equal(tc_warn_release(f->n, &reader, id, NULL, NULL), TC_E_DENIED);
    assert_int_equal(tc_warn_release(f->n, &duty.p, id, NULL, NULL), TC_OK);
    assert_int_equal(tc_warn_release(f->n, &duty.p, id, NULL, NULL), TC_E_CONFLICT);
    away(&e);
    settle(f);
    look(f, f->care, &e);
    assert_int_equal(count(&e), 1);
    assert_true(says(&e, "\"acknowledged\":false"));
    assert_int_equal(tc_warn_acknowledge(f->n, &duty.p, id, NULL), TC_E_DENIED);
    assert_int_equal(tc_warn_delivered(f->n, &e.p, &id, 1), TC_OK);
    uint64_t before = head(f);
    assert_int_equal(tc_warn_delivered(f->n, &e.p, &id, 1), TC_OK);
    assert_int_equal(tc_warn_delivered(f->n, &duty.p, &id, 1), TC_OK);
    assert_int_equal(head(f), before); /* once, and only by the recipient */
    assert_int_equal(tc_warn_acknowledge(f->n, &e.p, id, NULL), TC_OK);
    assert_int_equal(tc_warn_acknowledge(f->n, &e.p, id, NULL), TC_OK);
    assert_int_equal(head(f), before + 1);
    away(&e);
    away(&duty);
    look(f, f->n->org, &e); /* the node's people see the receipt and one version of each */
    assert_int_equal(count(&e), 2);
    assert_true(says(&e, "\"acknowledged\":true"));
    away(&e);
    again_changes_nothing(f);

    incident(f, 30, "#" SUB2 "#", ""); /* the hospital keeps its power: a draft of a cancel */
    settle(f);
    look(f, f->care, &e);
    assert_int_equal(count(&e), 1);
    away(&e);
    look(f, f->n->org, &e);
    assert_int_equal(count(&e), 3);
    assert_string_equal(field(&e, 0, "state"), "draft");
    away(&e);
    incident(f, 31, BOTH, ""); /* and back: that draft has nothing to say any more */
    settle(f);
    look(f, f->n->org, &e);
    assert_true(says(&e, "\"state\":\"withdrawn\""));
    away(&e);
    again_changes_nothing(f);
}

static void an_exercise_is_never_real(void **state)
{
    struct fix *f = *state;
    struct eye e;
    tc_warn_set_auto(f->warn, f->rule = TC_WARN_AUTO_EXERCISE);
    incident(f, 0, "#" SUB1 "#", ",#exercise#:true");
    settle(f);
    look(f, f->grid, &e);
    assert_int_equal(count(&e), 1);
    for (size_t i = 0; i < count(&e); i++) {
        assert_string_equal(field(&e, i, "status"), "exercise");
        assert_memory_equal(field(&e, i, "name"), "EXERCISE, NOT REAL: ", 20);
        assert_true(strlen(field(&e, i, "note")) > 0);
    }
    away(&e);
    cap_of(f, f->grid, "<status>Exercise</status>", "<status>Actual</status>");
    incident(f, 10, "#" SUB1 "#", ""); /* it turns real: not released by itself, not an update */
    settle(f);
    look(f, f->grid, &e);
    assert_int_equal(count(&e), 2);
    assert_string_equal(field(&e, 0, "message_type"), "cancel");
    assert_string_equal(field(&e, 0, "status"), "exercise");
    away(&e);
    look(f, f->n->org, &e);
    assert_string_equal(field(&e, 0, "status"), "actual");
    assert_string_equal(field(&e, 0, "state"), "draft");
    assert_string_equal(field(&e, 0, "message_type"), "alert");
    away(&e);
}

static void areas_hit_what_stands_in_them(void **state)
{
    struct fix *f = *state;
    struct eye e;
    tc_warn_set_auto(f->warn, f->rule = TC_WARN_AUTO_ALL);
    incident(f, 0, "",
             ",#certainty#:#Possible#,#areas#:[{#label#:#Coast#,#polygon#:[[52.35,5],[52.45,5],"
             "[52.45,6],[52.35,6],[52.35,5]]}]");
    settle(f);
    look(f, f->care, &e);
    assert_int_equal(count(&e), 1);
    assert_string_equal(field(&e, 0, "certainty"), "Possible");
    assert_true(says(&e, "\"how\":\"area\""));
    away(&e);
    look(f, f->grid, &e);
    assert_int_equal(count(&e), 0);
    away(&e);
}

/* Anybody may report, and it is reckoned with; but who is neither the node's organisation nor the
 * operator of what is reported out makes drafts only, which say who it was. */
static void who_reports_decides_what_releases_itself(void **state)
{
    struct fix *f = *state;
    struct eye e, duty;
    tc_warn_set_auto(f->warn, f->rule = TC_WARN_AUTO_ALL);
    f->as = f->care;
    incident(f, 0, "#" SUB1 "#", "");
    settle(f);
    look(f, f->grid, &e);
    assert_int_equal(count(&e), 0);
    away(&e);
    as_duty(f, &duty);
    assert_int_equal(count(&duty), 2);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(field(&duty, i, "state"), "draft");
        assert_string_equal(field(&duty, i, "reported_by_ref"), f->care_id);
        assert_string_equal(field(&duty, i, "reporter_name"), "Care group");
    }
    size_t grids = strcmp(field(&duty, 0, "recipient_ref"), f->grid_id) == 0 ? 0 : 1;
    struct tc_str id = tc_str_cstr(field(&duty, grids, "id"));
    assert_int_equal(tc_warn_release(f->n, &duty.p, id, NULL, NULL), TC_OK);
    away(&duty);
    look(f, f->grid, &e);
    assert_int_equal(count(&e), 1);
    assert_true(says(&e, "Substation Quartz"));
    assert_false(says(&e, f->care_id)); /* who reported is not the recipient's to know */
    assert_false(says(&e, "Care group"));
    away(&e);
    again_changes_nothing(f);
    incident(f, 30, "#" SUB1 "#", ",#status#:#closed#"); /* nor does its end go out by itself */
    settle(f);
    look(f, f->grid, &e);
    assert_int_equal(count(&e), 1);
    away(&e);
    look(f, f->n->org, &e);
    size_t at = 0;
    while (at + 1 < count(&e) && strcmp(field(&e, at, "message_type"), "cancel") != 0)
        at++;
    assert_string_equal(field(&e, at, "message_type"), "cancel");
    assert_string_equal(field(&e, at, "state"), "draft");
    away(&e);
    again_changes_nothing(f);
}

static void an_operator_reports_its_own(void **state)
{
    struct fix *f = *state;
    struct eye e;
    tc_warn_set_auto(f->warn, f->rule = TC_WARN_AUTO_ALL);
    f->as = f->grid;
    incident(f, 0, "#" SUB1 "#,#" HOSP "#", ""); /* one of them is not its own */
    settle(f);
    look(f, f->care, &e);
    assert_int_equal(count(&e), 0);
    away(&e);
    incident(f, 10, BOTH, "");
    settle(f);
    own_assets_only(f);
    again_changes_nothing(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(alert_update_cancel, setup, teardown),
        cmocka_unit_test_setup_teardown(a_crash_between_finding_and_warning, setup, teardown),
        cmocka_unit_test_setup_teardown(drafts_are_released_by_hand, setup, teardown),
        cmocka_unit_test_setup_teardown(an_exercise_is_never_real, setup, teardown),
        cmocka_unit_test_setup_teardown(areas_hit_what_stands_in_them, setup, teardown),
        cmocka_unit_test_setup_teardown(who_reports_decides_what_releases_itself, setup, teardown),
        cmocka_unit_test_setup_teardown(an_operator_reports_its_own, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
