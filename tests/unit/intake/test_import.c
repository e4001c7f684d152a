/* SPDX-License-Identifier: Apache-2.0 */
/* Files and bodies: what is taken, what is refused and with which words, and that a refusal changes
 * nothing. */
#include "fixture.h"

#include "base/limits.h"
#include "model/extensions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* An identity number i, with this name. */
static void add_identity(struct tc_buf *b, unsigned i, const char *name)
{
    tc_buf_fmt(b,
               "{\"type\":\"identity\",\"spec_version\":\"2.1\",\"id\":\"identity--00000000-0000-"
               "4000-8000-%012u\",\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"2026-01-"
               "01T00:00:00.000Z\",\"name\":\"%s\",\"identity_class\":\"organization\"}",
               i, name);
}

static void bundle(struct tc_buf *b, unsigned n)
{
    tc_buf_init(b, 64u << 20);
    tc_buf_cstr(b, "{\"type\":\"bundle\",\"id\":\"bundle--00000000-0000-4000-8000-000000000000\","
                   "\"objects\":[\n");
    for (unsigned i = 0; i < n; i++) {
        if (i)
            tc_buf_cstr(b, ",\n");
        add_identity(b, i, "x");
    }
}

static void refused(struct fix *f, const char *text, tc_err code, const char *says)
{
    uint64_t before = fix_head(f);
    assert_int_equal(fix_import(f, "f.json", tc_str_cstr(text), false), code);
    if (!strstr(f->d.message, says))
        fail_msg("\"%s\" is not in \"%s\"", says, f->d.message);
    assert_string_equal(f->d.file, "f.json");
    assert_int_equal(fix_head(f), before);
}

static void kinds(void **state)
{
    struct fix *f = *state;
    refused(f, "", TC_E_SYNTAX, "empty");
    refused(f, "hello", TC_E_UNSUPPORTED, "neither STIX");
    refused(f, "\x1f\x8b\x08", TC_E_UNSUPPORTED, "neither STIX");
    refused(f, "{\"Event\":{\"info\":\"x\"}}", TC_E_UNSUPPORTED, "MISP");
    refused(f, "{\"type\":\"bundle\",\"objects\":[{\"type\":\"iden", TC_E_SYNTAX, "middle");
    refused(f, "[1]", TC_E_INVALID, "element 0");
    refused(f, "[{\"type\":\"identity\"}]", TC_E_INVALID, "`id`");
    refused(f, "<alert/>", TC_E_UNSUPPORTED, "holds no CAP");
    refused(f, "<alert", TC_E_SYNTAX, "well-formed");
    /* nothing in it, and nothing wrong with it */
    assert_int_equal(fix_import(f, "f", TC_STR("{\"type\":\"bundle\",\"id\":\"x\"}"), false),
                     TC_OK);
    assert_int_equal(f->result.read, 0);
}

static void values(void **state)
{
    struct fix *f = *state;
    static const char *const wrong[][2] = {
        {"\"type\":\"observed-data\",\"first_observed\":\"2026-02-30T00:00:00Z\",\"last_observed\":"
         "\"2026-03-01T00:00:00Z\",\"number_observed\":1,\"object_refs\":[\"url--00000000-0000-"
         "4000-"
         "8000-000000000000\"]",
         "first_observed"},
        {"\"type\":\"observed-data\",\"first_observed\":\"2026-02-03T00:00:00Z\",\"last_observed\":"
         "\"2026-03-01T00:00:00Z\",\"number_observed\":99999999999999999999,\"object_refs\":[\"url-"
         "-"
         "00000000-0000-4000-8000-000000000000\"]",
         "number_observed"},
        {"\"type\":\"location\",\"latitude\":91,\"longitude\":5.0", "latitude"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct tc_buf b;
        const char *type = wrong[i][0] + 8;
        size_t n = strcspn(type, "\"");
        tc_buf_init(&b, 4096);
        tc_buf_fmt(&b,
                   "[{%s,\"spec_version\":\"2.1\",\"id\":\"%.*s--00000000-0000-4000-8000-"
                   "000000000001\",\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"2026-01-"
                   "01T00:00:00.000Z\"}]",
                   wrong[i][0], (int)n, type);
        refused(f, tc_buf_z(&b), TC_E_INVALID, "");
        assert_non_null(strstr(f->d.path, wrong[i][1]));
        assert_memory_equal(f->d.object, type, n);
        tc_buf_fini(&b);
    }
}

static void one_bad_in_ten_thousand(void **state)
{
    struct fix *f = *state;
    struct tc_buf b;
    bundle(&b, 10000);
    tc_buf_cstr(&b, "]}");
    char *bad = strstr(tc_buf_z(&b), "000000007777");
    char *name = strstr(bad, "\"name\"");
    memcpy(name, "\"nAme\"", 6);
    assert_int_equal(fix_import(f, "big.json", tc_buf_view(&b), false), TC_E_INVALID);
    assert_string_equal(f->d.object, "identity--00000000-0000-4000-8000-000000007777");
    assert_non_null(strstr(f->d.path, "name"));
    assert_int_equal(fix_head(f), 0);
    /* with keep_going all others are there, and it is told which one is not */
    assert_int_equal(fix_import(f, "big.json", tc_buf_view(&b), true), TC_OK);
    assert_int_equal(f->result.read, 10000);
    assert_int_equal(f->result.added, 9999);
    assert_int_equal(f->result.skipped, 1);
    assert_int_equal(f->n_skipped, 1);
    assert_string_equal(f->skipped.object, "identity--00000000-0000-4000-8000-000000007777");
    /* and once more adds nothing */
    assert_int_equal(fix_import(f, "big.json", tc_buf_view(&b), true), TC_OK);
    assert_int_equal(f->result.added, 0);
    assert_int_equal(f->result.same, 9999);
    tc_buf_fini(&b);
}

/* A file that goes through windows, read twice: 100 MB, checked before anything is written. */
static void larger_than_memory(void **state)
{
    struct fix *f = *state;
    enum { OBJECTS = 15000, TEXT = 6800 };
    static char name[TEXT + 1];
    struct tc_buf b;
    memset(name, 'n', TEXT);
    tc_buf_init(&b, 128u << 20);
    tc_buf_cstr(&b, "{\"type\":\"bundle\",\"objects\":[");
    for (unsigned i = 0; i < OBJECTS; i++) {
        if (i)
            tc_buf_char(&b, ',');
        add_identity(&b, i, name);
    }
    size_t end = b.n;
    /* the first object again, thousands later, with another name */
    tc_buf_char(&b, ',');
    add_identity(&b, 0, "other");
    tc_buf_cstr(&b, "]}");
    assert_int_equal(fix_import(f, "large.json", tc_buf_view(&b), false), TC_E_CONFLICT);
    assert_int_equal(f->d.offset, end + 1);
    assert_int_equal(fix_head(f), 0);
    assert_int_equal(fix_import(f, "large.json", tc_buf_view(&b), true), TC_OK);
    assert_int_equal(f->result.read, OBJECTS + 1);
    assert_int_equal(f->result.added, OBJECTS);
    assert_int_equal(f->result.skipped, 1);
    /* cut off at the very end */
    b.n = end;
    assert_int_equal(fix_import(f, "large.json", tc_buf_view(&b), false), TC_E_SYNTAX);
    tc_buf_cstr(&b, "]}");
    assert_int_equal(fix_import(f, "large.json", tc_buf_view(&b), false), TC_OK);
    assert_int_equal(f->result.same, OBJECTS);
    tc_buf_fini(&b);
}

static void repeats(void **state)
{
    struct fix *f = *state;
    struct tc_buf b;
    bundle(&b, 3);
    tc_buf_cstr(&b, ",\n");
    add_identity(&b, 1, "another name");
    tc_buf_cstr(&b, "]}");
    assert_int_equal(fix_import(f, "f.json", tc_buf_view(&b), false), TC_E_CONFLICT);
    assert_string_equal(f->d.object, "identity--00000000-0000-4000-8000-000000000001");
    assert_int_equal(fix_head(f), 0);
    assert_int_equal(fix_import(f, "f.json", tc_buf_view(&b), true), TC_OK);
    assert_int_equal(f->result.added, 3);
    assert_int_equal(f->result.skipped, 1);
    tc_buf_fini(&b);
    /* word for word the same is harmless */
    bundle(&b, 5);
    tc_buf_cstr(&b, ",\n");
    add_identity(&b, 4, "x");
    tc_buf_cstr(&b, "]}");
    assert_int_equal(fix_import(f, "f.json", tc_buf_view(&b), false), TC_OK);
    assert_int_equal(f->result.added, 2);
    assert_int_equal(f->result.same, 4);
    tc_buf_fini(&b);
}

static void bytes_are_kept(void **state)
{
    struct fix *f = *state;
    static const char text[] =
        "{\"id\":\"identity--00000000-0000-4000-8000-00000000000a\",  \"type\" : \"identity\",\n"
        "\"x_n\":1.50e+0,\"name\":\"caf\\u00e9 \\/\",\"spec_version\":\"2.1\",\"created\":"
        "\"2026-01-01T00:00:00.000Z\",\"modified\":\"2026-01-01T00:00:00.000Z\"}";
    struct tc_buf b;
    tc_buf_init(&b, 4096);
    tc_buf_fmt(&b, "[%s]", text);
    assert_int_equal(fix_import(f, "f.json", tc_buf_view(&b), false), TC_OK);
    char *kept = fix_newest(f, &f->principal, "identity--00000000-0000-4000-8000-00000000000a");
    assert_string_equal(kept, text);
    free(kept);
    tc_buf_fini(&b);
}

/* ---- markings ---- */

#define MARKED(refs)                                                                               \
    "[{\"type\":\"identity\",\"spec_version\":\"2.1\",\"id\":\"identity--00000000-0000-4000-8000-" \
    "00000000000b\",\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"2026-01-01T00:00:00."  \
    "000Z\",\"name\":\"x\"" refs "}]"

static int reads(struct fix *f, const struct tc_principal *p)
{
    char *text = fix_newest(f, p, "identity--00000000-0000-4000-8000-00000000000b");
    int there = text[0] != '\0';
    free(text);
    return there;
}

/* bits: 1 anonymous, 2 another organisation, 4 the organisation that brought it */
static void marked(void **state, const char *text, int who)
{
    struct fix *f = *state;
    const struct tc_principal other = {.org = 4711};
    assert_int_equal(fix_import(f, "f.json", tc_str_cstr(text), false), TC_OK);
    assert_int_equal(f->result.added, 1);
    assert_int_equal(reads(f, &tc_principal_anonymous) + 2 * reads(f, &other) +
                         4 * reads(f, &f->principal),
                     who);
}

static void unmarked(void **state)
{
    marked(state, MARKED(""), 4);
}

static void clear(void **state)
{
    marked(state,
           MARKED(",\"object_marking_refs\":[\"marking-definition--94868c89-83c2-464b-929b-"
                  "a1a8aa3c8487\"]"),
           7);
}

static void green_1(void **state)
{
    marked(state,
           MARKED(",\"object_marking_refs\":[\"marking-definition--34098fce-860f-48ae-8e50-"
                  "ebd3cc5e41da\"]"),
           6);
}

static void red(void **state)
{
    marked(state,
           MARKED(",\"object_marking_refs\":[\"marking-definition--e828b379-4e03-4974-9ac4-"
                  "e53a884c97c1\"]"),
           0);
}

static void strictest(void **state)
{
    marked(state,
           MARKED(",\"object_marking_refs\":[\"marking-definition--94868c89-83c2-464b-929b-"
                  "a1a8aa3c8487\"],\"granular_markings\":[{\"selectors\":[\"name\"],\"marking_"
                  "ref\":\"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421\"}]"),
           4);
}

static void unknown_marking(void **state)
{
    marked(state,
           MARKED(",\"object_marking_refs\":[\"marking-definition--94868c89-83c2-464b-929b-"
                  "a1a8aa3c8487\",\"marking-definition--00000000-0000-4000-8000-000000000001\"]"),
           4);
}

static void statement(void **state)
{
    struct fix *f = *state;
    /* the definition stands behind the object that needs it */
    static const char text[] =
        "[{\"type\":\"identity\",\"spec_version\":\"2.1\",\"id\":\"identity--00000000-0000-4000-"
        "8000-"
        "00000000000b\",\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"2026-01-01T00:00:"
        "00."
        "000Z\",\"name\":\"x\",\"object_marking_refs\":[\"marking-definition--94868c89-83c2-464b-"
        "929b-a1a8aa3c8487\",\"marking-definition--00000000-0000-4000-8000-000000000002\"]},"
        "{\"type\":\"marking-definition\",\"spec_version\":\"2.1\",\"id\":\"marking-definition--"
        "00000000-0000-4000-8000-000000000002\",\"created\":\"2026-01-01T00:00:00.000Z\","
        "\"definition_type\":\"statement\",\"definition\":{\"statement\":\"Copyright\"}}]";
    assert_int_equal(fix_import(f, "f.json", tc_str_cstr(text), false), TC_OK);
    assert_true(reads(f, &tc_principal_anonymous));
}

/* Named recipients narrow every marking; whom nobody knows is nobody. */
static void recipients(void **state)
{
    struct fix *f = *state;
    struct tc_buf b;
    uint32_t number;
    const struct tc_org org = {.name = {"Hospital group", 14}, .country = {"BE", 2}};
    assert_int_equal(tc_access_org_add(f->n->access, &org, &number, &f->d), TC_OK);
    struct tc_arena *a = tc_arena_new(1u << 16);
    struct tc_org there;
    assert_int_equal(tc_access_org_by(f->n->access, number, TC_STR(""), a, &there), TC_OK);
    const struct tc_principal named = {.org = number}, other = {.org = 4711};
    for (int known = 0; known < 2; known++) {
        tc_buf_init(&b, 8192);
        tc_buf_fmt(
            &b,
            "[{\"type\":\"identity\",\"spec_version\":\"2.1\",\"id\":\"identity--00000000-"
            "0000-4000-8000-00000000000b\",\"created\":\"2026-01-01T00:00:00.000Z\","
            "\"modified\":\"2026-01-0%dT00:00:00.000Z\",\"name\":\"x\",\"object_marking_refs\":"
            "[\"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb\"],\"extensions\":{"
            "\"" TC_EXT_SHARING "\":{\"extension_type\":\"property-extension\","
            "\"recipient_refs\":[\"identity--00000000-0000-4000-8000-0000000000ff\"",
            1 + known);
        if (known)
            tc_buf_fmt(&b, ",\"%.*s\"", TC_FMT(there.identity));
        tc_buf_cstr(&b, "]}}}]");
        assert_int_equal(fix_import(f, "f.json", tc_buf_view(&b), false), TC_OK);
        assert_int_equal(f->result.added, 1);
        assert_int_equal(reads(f, &named), known);
        assert_int_equal(reads(f, &other), 0);
        assert_int_equal(reads(f, &f->principal), 1);
        tc_buf_fini(&b);
    }
    tc_arena_free(a);
}

static void classified(void **state)
{
    struct fix *f = *state;
    static const char *const texts[] = {
        MARKED(",\"labels\":[\"Restreint UE\"]"),
        MARKED(",\"labels\":[\"R-UE/EU-R\"]"),
        MARKED(",\"description\":\"EU CONFIDENTIAL\\nabout a site\""),
        "[{\"type\":\"marking-definition\",\"spec_version\":\"2.1\",\"id\":\"marking-definition--"
        "00000000-0000-4000-8000-000000000003\",\"created\":\"2026-01-01T00:00:00.000Z\","
        "\"definition_type\":\"statement\",\"definition\":{\"statement\":\"tr\\u00e8s secret "
        "ue\"}}]",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(fix_import(f, "f.json", tc_str_cstr(texts[i]), true), TC_E_CLASSIFIED);
        assert_int_equal(fix_head(f), 0);
    }
    /* prose about secrets, and words that are no classification */
    marked(state,
           MARKED(",\"description\":\"how they stole a top secret file\",\"labels\":[\"LIMITE\"]"),
           4);
}

/* ---- bodies in memory ---- */

static void body(void **state)
{
    struct fix *f = *state;
    struct tc_intake_from from = {.principal = &f->principal, .unmarked = TC_TLP_AMBER};
    struct tc_intake_batch *batch;
    struct tc_buf b;
    bundle(&b, 2);
    tc_buf_cstr(&b, ",{\"type\":\"identity\",\"id\":\"identity--00000000-0000-4000-8000-"
                    "000000000009\"},{\"foo\":1}]}");
    assert_int_equal(tc_intake_prepare(f->n, &from, tc_buf_view(&b), &batch, &f->d), TC_OK);
    tc_buf_fini(&b);
    assert_int_equal(tc_intake_count(batch), 4);
    assert_int_equal(tc_intake_item(batch, 0)->state, TC_ITEM_PENDING);
    assert_int_equal(tc_intake_item(batch, 2)->state, TC_ITEM_SKIPPED);
    assert_string_equal(tc_intake_item(batch, 2)->id,
                        "identity--00000000-0000-4000-8000-000000000009");
    assert_int_equal(tc_intake_item(batch, 3)->state, TC_ITEM_SKIPPED);
    assert_string_equal(tc_intake_item(batch, 3)->id, "");
    assert_int_equal(fix_head(f), 0);
    assert_int_equal(tc_intake_append(batch), TC_OK);
    assert_int_equal(tc_intake_item(batch, 1)->state, TC_ITEM_NEW);
    assert_int_equal(tc_intake_item(batch, 1)->seq, 2);
    tc_intake_free(batch);
    assert_int_equal(tc_intake_prepare(f->n, &from, TC_STR("{}"), &batch, &f->d), TC_OK);
    assert_int_equal(tc_intake_count(batch), 0);
    assert_int_equal(tc_intake_append(batch), TC_OK);
    tc_intake_free(batch);
    assert_int_equal(tc_intake_prepare(f->n, &from, TC_STR("[{"), &batch, &f->d), TC_E_SYNTAX);
    from.community = 99;
    assert_int_equal(tc_intake_prepare(f->n, &from, TC_STR("{}"), &batch, &f->d), TC_E_DENIED);
}

static void own(void **state)
{
    struct fix *f = *state;
    struct tc_buf b;
    struct tc_item item;
    tc_buf_init(&b, 4096);
    add_identity(&b, 5, "own");
    struct tc_own_object o = {tc_buf_view(&b), {.tlp = TC_TLP_CLEAR}};
    assert_int_equal(tc_intake_own(f->n, &o, 1, &item, &f->d), TC_OK);
    assert_int_equal(item.state, TC_ITEM_NEW);
    assert_int_equal(tc_intake_own(f->n, &o, 1, &item, &f->d), TC_OK);
    assert_int_equal(item.state, TC_ITEM_SAME);
    assert_int_equal(fix_head(f), 1);
    tc_buf_fini(&b);
}

/* ---- registers ---- */

#define HEAD_A "id,name,kind,sector,operator,country,lat,lon,people\n"
#define HEAD_D "asset,service,mode,group,need,supplier,share,buffer,restore\n"

static void a_register(void **state)
{
    struct fix *f = *state;
    struct tc_str assets =
        TC_STR(HEAD_A "P1,Plant,plant,energy,Op,NL,52.0,5.0,0\n"
                      "S1,Station,substation,energy,Grid authority,NL,52.1,5.1,1000\n");
    struct tc_str deps = TC_STR(HEAD_D "S1,electricity,flow,grid,1,P1,,PT1H,\n");
    assert_int_equal(fix_import2(f, assets, deps), TC_OK);
    assert_int_equal(fix_count(f, "infrastructure"), 2);
    assert_int_equal(fix_count(f, "relationship"), 3);
    assert_int_equal(fix_count(f, "identity"), 1); /* the other operator is an organisation here */
    assert_int_equal(fix_import2(f, assets, deps), TC_OK);
    assert_int_equal(f->result.added, 0);
    /* a changed row is one new version */
    assets = TC_STR(HEAD_A "P1,Plant,plant,energy,Op,NL,52.0,5.0,0\n"
                           "S1,Station,substation,energy,Grid authority,NL,52.1,5.1,2000\n");
    assert_int_equal(fix_import2(f, assets, deps), TC_OK);
    assert_int_equal(f->result.added, 1);
    /* what is gone is revoked: plant, its place and the link to it, its operator, the dependency */
    assets = TC_STR(HEAD_A "S1,Station,substation,energy,Grid authority,NL,52.1,5.1,2000\n");
    deps = TC_STR(HEAD_D "S1,electricity,flow,grid,1,S1,,PT1H,\n");
    assert_int_equal(fix_import2(f, assets, deps), TC_E_INVALID); /* an asset that feeds itself */
    deps = TC_STR(HEAD_D);
    assert_int_equal(fix_import2(f, assets, deps), TC_OK);
    assert_int_equal(f->result.added, 5);
    assert_int_equal(fix_import2(f, assets, deps), TC_OK);
    assert_int_equal(f->result.added, 0);
}

static void bad_register(void **state)
{
    struct fix *f = *state;
    static const struct {
        const char *a, *d, *file;
        unsigned line;
    } wrong[] = {
        {HEAD_A "A,x,k,s,o,NL,91,5,0\n", HEAD_D, "assets.csv", 2},
        {HEAD_A "A,x,k,s,o,NL,1,5,99999999999999999999999\n", HEAD_D, "assets.csv", 2},
        {HEAD_A "A,x,k,s,o,NL,1,5,0\nA,x,k,s,o,NL,1,5,0\n", HEAD_D, "assets.csv", 3},
        {HEAD_A "A,x,k,s,o,NL,1,5,0\n", HEAD_D "A,e,flow,g,1,NOBODY,,,\n", "dependencies.csv", 2},
        {HEAD_A "A,x,k,s,o,NL,1,5,0\n", HEAD_D "A,e,flow,g,1,A,,PT1X,\n", "dependencies.csv", 2},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(fix_import2(f, tc_str_cstr(wrong[i].a), tc_str_cstr(wrong[i].d)),
                         TC_E_INVALID);
        assert_string_equal(f->d.file, wrong[i].file);
        assert_int_equal(f->d.line, wrong[i].line);
        assert_int_equal(fix_head(f), 0);
    }
}

/* ---- the catalogue ---- */

static void catalogue(void **state)
{
    struct fix *f = *state;
#define KEV(released, entries)                                                                     \
    "{\"title\":\"t\",\"dateReleased\":\"" released "\",\"vulnerabilities\":[" entries "]}"
#define ENTRY(cve, name)                                                                           \
    "{\"cveID\":\"" cve "\",\"vulnerabilityName\":\"" name                                         \
    "\",\"dateAdded\":\"2026-01-02\",\"dueDate\":\"2026-02-03\",\"cwes\":[\"CWE-1\"]}"
    assert_int_equal(
        fix_import(f, "k",
                   TC_STR(KEV("2026-01-03T10:00:00.1Z",
                              ENTRY("CVE-2026-1234", "a") "," ENTRY("CVE-2026-12345", "b"))),
                   false),
        TC_OK);
    assert_int_equal(f->result.added, 3);
    assert_int_equal(
        fix_import(f, "k",
                   TC_STR(KEV("2026-01-04T10:00:00.1Z",
                              ENTRY("CVE-2026-1234", "a") "," ENTRY("CVE-2026-12345", "c"))),
                   false),
        TC_OK);
    assert_int_equal(f->result.added, 1);
    assert_int_equal(fix_count(f, "vulnerability"), 2);
    refused(f, KEV("2026-01-04T10:00:00.1Z", ENTRY("CVE-26-1234", "a")), TC_E_INVALID, "CVE");
    assert_string_equal(f->d.path, "vulnerabilities[0].cveID");
}

int main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, fix_up, fix_down)
    const struct CMUnitTest tests[] = {
        T(kinds),
        T(values),
        T(one_bad_in_ten_thousand),
        T(larger_than_memory),
        T(repeats),
        T(bytes_are_kept),
        T(unmarked),
        T(clear),
        T(green_1),
        T(red),
        T(strictest),
        T(statement),
        T(unknown_marking),
        T(classified),
        T(recipients),
        T(body),
        T(own),
        T(a_register),
        T(bad_register),
        T(catalogue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
