/* SPDX-License-Identifier: Apache-2.0 */
/* The forms of a register: random registers through each form and back, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "codec/csv.h"
#include "model/register_out.h"

#include <stdio.h>

#define DHEAD "asset,service,mode,group,need,supplier,share,buffer,restore\n"
#define AHEAD "id,name,kind,sector,operator,country,lat,lon,people\n"

static struct tc_buf told;

static void report(void *ctx, const struct tc_diag *d)
{
    (void)ctx;
    tc_buf_fmt(&told, "%s%s:%u:%s: %s", told.n ? "\n" : "", d->file, (unsigned)d->line, d->path,
               d->message);
}

/* ---- there and back ---- */

static uint64_t seed;

static uint32_t any(uint32_t n) /* xorshift64 */
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 20) % n;
}

static const char *one_of(const char *const *list, uint32_t n)
{
    return list[any(n)];
}

static void field(struct tc_buf *b, const char *text, char end)
{
    tc_csv_quote(b, tc_str_cstr(text));
    tc_buf_char(b, end);
}

static void random_assets(struct tc_buf *b, uint32_t n)
{
    static const char *const names[] = {"",        "Plant \"A\"", "a, b", "\xc3\x89lys\xc3\xa9",
                                        "=1+1",    "{\"x\":1}",   "007",  "null",
                                        "\\u0000", "<b>&amp;"};
    static const char *const lats[] = {"52.10", "0", "-0.5", "1e1", "52", "89.99999"};
    static const char *const lons[] = {"4.3", "-179.99", "1E0", "0.0", "180", "-0"};
    static const char *const people[] = {"", "0", "17000000", "12"};
    static const char *const lands[] = {"", "NL", "DE", "XK"};
    char id[32];
    tc_buf_cstr(b, AHEAD);
    for (uint32_t i = 0; i < n; i++) {
        bool placed = any(3) > 0;
        (void)snprintf(id, sizeof id, "%s%u", any(4) ? "A," : "0", i);
        field(b, id, ',');
        field(b, one_of(names, 10), ',');
        field(b, any(2) ? "plant" : "", ',');
        field(b, any(2) ? "energy" : "", ',');
        field(b, one_of(names, 10), ',');
        field(b, one_of(lands, 4), ',');
        field(b, placed ? one_of(lats, 6) : "", ',');
        field(b, placed ? one_of(lons, 6) : "", ',');
        field(b, one_of(people, 4), '\n');
    }
}

/* stix: only spellings that STIX keeps. */
static void random_rows(struct tc_buf *b, struct tc_str assets, bool stix)
{
    static const char *const durations[] = {"", "PT4H", "PT4H..PT12H", "P1D"};
    struct tc_reg_walk *w;
    struct tc_str cell[TC_REG_COLUMNS_MAX];
    struct tc_str first = {"", 0};
    bool some = false;
    assert_int_equal(tc_reg_walk_open(assets, false, &w), TC_OK);
    tc_buf_cstr(b, DHEAD);
    while (tc_reg_walk_next(w, cell)) {
        char id[64];
        struct tc_buf row;
        if (!some) { /* cells do not outlive their row when they had quotes */
            static char kept[64];
            assert_true(tc_str_copy(cell[0], kept, sizeof kept));
            first = tc_str_cstr(kept);
            some = true;
            continue;
        }
        assert_true(tc_str_copy(cell[0], id, sizeof id));
        tc_buf_init(&row, 4096);
        field(&row, id, ',');
        field(&row, any(2) ? "electricity" : "1", ',');
        field(&row, any(2) ? "flow" : "support", ',');
        field(&row, any(2) ? "" : "main|x", ',');
        uint32_t kind = any(4);
        field(&row,
              kind == 0   ? (stix ? "1" : "")
              : kind == 1 ? "1"
              : kind == 2 ? "all"
                          : "60%",
              ',');
        tc_csv_quote(&row, first);
        tc_buf_char(&row, ',');
        field(&row, kind < 3 ? "" : stix || any(2) ? "0.75" : "70 %", ',');
        field(&row, one_of(durations, 4), ',');
        field(&row, one_of(durations, 4), '\n');
        if (any(3))
            tc_buf_str(b, tc_buf_view(&row));
        tc_buf_fini(&row);
    }
    assert_int_equal(tc_reg_walk_close(w, TC_OK), TC_OK);
}

static tc_err write_as(enum tc_reg_form form, const struct tc_reg_source *s, struct tc_buf *out)
{
    return form == TC_REG_JSON      ? tc_reg_out_json(s, out)
           : form == TC_REG_GEOJSON ? tc_reg_out_geojson(s, out)
                                    : tc_reg_out_stix(s, 0, out);
}

static void as_csv(const struct tc_reg_source *s, struct tc_buf *out)
{
    tc_buf_clear(out);
    for (int t = 0; t < 2; t++)
        assert_int_equal(tc_reg_out_csv(s->table[t].csv, t, out), TC_OK);
}

static void there_and_back(enum tc_reg_form form, uint64_t start)
{
    const struct tc_register_opts o = {.report = report};
    struct tc_reg_source a = {.errors = 0}, b = {.errors = 0};
    struct tc_buf assets, rows, text, before, after;
    struct tc_register *r = NULL;
    struct tc_diag d;
    tc_diag_init(&d);
    seed = start;
    tc_buf_clear(&told);
    tc_buf_init(&assets, 1 << 20);
    tc_buf_init(&rows, 1 << 20);
    tc_buf_init(&text, 1 << 20);
    tc_buf_init(&before, 1 << 20);
    tc_buf_init(&after, 1 << 20);
    random_assets(&assets, 1 + any(12));
    if (form == TC_REG_STIX) { /* an asset without a name comes back with its id */
        tc_buf_clear(&assets);
        tc_buf_cstr(&assets, AHEAD "A,A,,,,,,,\n\"b,\"\"\",\"n\"\"\",plant,energy,Op,NL,52.10,"
                                   "4.3,120\n0,0,,,Op,,,,\n");
    }
    random_rows(&rows, tc_buf_view(&assets), form == TC_REG_STIX);
    assert_int_equal(tc_reg_source_add(&a, tc_buf_view(&assets), "a", TC_REG_CSV_ASSETS, &o, &d),
                     0);
    assert_int_equal(
        tc_reg_source_add(&a, tc_buf_view(&rows), "d", TC_REG_CSV_DEPENDENCIES, &o, &d), 0);
    if (tc_reg_source_read(&a, &o, &r, &d))
        fail_msg("seed %llu: %s", (unsigned long long)start, tc_buf_z(&told));
    tc_register_free(r);
    assert_int_equal(write_as(form, &a, &text), TC_OK);
    assert_int_equal(tc_reg_form_of(tc_buf_view(&text)), form);
    if (tc_reg_source_add(&b, tc_buf_view(&text), "x", form, &o, &d) ||
        tc_reg_source_read(&b, &o, &r, &d))
        fail_msg("seed %llu: %s %s", (unsigned long long)start, tc_buf_z(&told), d.message);
    tc_register_free(r);
    as_csv(&a, &before);
    as_csv(&b, &after);
    assert_string_equal(tc_buf_z(&before), tc_buf_z(&after));
    tc_reg_source_fini(&a);
    tc_reg_source_fini(&b);
    tc_buf_fini(&assets);
    tc_buf_fini(&rows);
    tc_buf_fini(&text);
    tc_buf_fini(&before);
    tc_buf_fini(&after);
}

static void every_form_keeps_every_cell(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= 300; i++) {
        there_and_back(TC_REG_JSON, i * 0x9e3779b97f4a7c15u);
        there_and_back(TC_REG_GEOJSON, i * 0x9e3779b97f4a7c15u);
        there_and_back(TC_REG_STIX, i * 0x9e3779b97f4a7c15u);
    }
}

/* ---- what is refused, and where ---- */

static void refuses(const char *text, const char *errors)
{
    const struct tc_register_opts o = {.report = report};
    struct tc_reg_source s = {.errors = 0};
    struct tc_register *r = NULL;
    struct tc_diag d;
    tc_diag_init(&d);
    tc_buf_clear(&told);
    tc_err e =
        tc_reg_source_add(&s, tc_str_cstr(text), "F", tc_reg_form_of(tc_str_cstr(text)), &o, &d);
    if (!e)
        e = tc_reg_source_read(&s, &o, &r, &d);
    assert_null(r);
    assert_int_not_equal(e, TC_OK);
    assert_string_equal(told.n ? tc_buf_z(&told) : d.message, errors);
    tc_reg_source_fini(&s);
}

static void bad_json(void **state)
{
    (void)state;
    refuses("{\"assets\":[{\"id\":\"a\",\n\"people\":1},\n{\"id\":\"b\",\"people\":-1},\n"
            "{\"id\":\"c\",\"people\":1e99},\n{\"id\":[]},{\"id\":\"a\"},7]}",
            "F:5:assets[3].id: is neither text nor a number\nF:5:assets[5]: is no object");
    refuses("{\"assets\":[{\"id\":\"a\",\n\"people\":1},\n{\"id\":\"b\",\"people\":-1},\n"
            "{\"id\":\"a\"}]}",
            "F:3:assets[1].people: '-1' is not a number of people\n"
            "F:4:assets[2].id: this id stands on line 1 already");
    refuses(
        "{\"assets\":[{\"id\":\"a\"},{\"id\":\"b\"}],\n\"dependencies\":[\n"
        "{\"asset\":\"a\",\"service\":\"s\",\"mode\":\"flow\",\"supplier\":\"zz\"},\n"
        "{\"asset\":\"a\",\"service\":\"s\",\"mode\":\"flow\",\"supplier\":\"a\"},\n"
        "{\"asset\":\"a\",\"service\":\"s\",\"mode\":\"flow\",\"group\":\"g\",\"supplier\":\"b\","
        "\"need\":2},\n"
        "{\"asset\":\"a\",\"service\":\"s\",\"mode\":\"flow\",\"group\":\"h\",\"supplier\":\"b\","
        "\"need\":\"50%\",\"share\":1.5},\n"
        "{\"asset\":\"a\",\"service\":\"s\",\"mode\":\"flow\",\"group\":\"i\",\"supplier\":\"b\","
        "\"buffer\":\"-PT1H\"},\n"
        "{\"asset\":\"a\",\"service\":\"s\",\"mode\":\"flow\",\"group\":\"j\",\"supplier\":\"b\","
        "\"buffer\":\"P365000D\"}]}",
        "F:3:dependencies[0].supplier: there is no asset 'zz'\n"
        "F:4:dependencies[1].supplier: an asset cannot depend on itself\n"
        "F:6:dependencies[3].share: a share of 1.5 is outside 0 to 1\n"
        "F:7:dependencies[4].buffer: '-PT1H' is negative\n"
        "F:8:dependencies[5].buffer: 'P365000D' is longer than ten years\n"
        "F:5:need: 2 suppliers are needed and the group has 1");
    refuses("{\"assets\":{}}", "F:0:assets: is no array");
    refuses("{\"assets\":[{\"id\":\"a\\u0007\"}]}",
            "F:1:assets[0].id: the field has a control character");
    refuses("{\"assets\":[{\"id\":\"a\"}", "not JSON: it ends too early");
    refuses("{\"assets\":[],\"assets\":[]}", "the name \"assets\" stands twice in one object");
}

#define FEATURE(geometry)                                                                          \
    "{\"type\":\"FeatureCollection\",\"features\":[\n{\"type\":\"Feature\",\"properties\":"        \
    "{\"id\":\"a\"},\"geometry\":" geometry "}]}"

static void bad_geojson(void **state)
{
    (void)state;
    refuses(FEATURE("{\"type\":\"Point\",\"coordinates\":[181,0]}"),
            "F:2:features[0].geometry.coordinates: a position is [longitude, latitude], within 180 "
            "and 90 degrees");
    refuses(FEATURE("{\"type\":\"Point\",\"coordinates\":[\"4\",\"5\"]}"),
            "F:2:features[0].geometry.coordinates: a position is [longitude, latitude], within 180 "
            "and 90 degrees");
    refuses(FEATURE("{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}"),
            "F:2:features[0].geometry.coordinates: a ring crosses itself");
    refuses(
        FEATURE("{\"type\":\"Polygon\",\"coordinates\":[[[179,0],[-179,0],[-179,1],[179,0]]]}"),
        "F:2:features[0].geometry.coordinates: it crosses the date line; RFC 7946 section 3.1.9 "
        "has it cut in two there");
    refuses(FEATURE("{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,1],[1,0],[0,1]]]}"),
            "F:2:features[0].geometry.coordinates: a ring ends where it began");
    refuses(FEATURE("{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,1],[0,0]]]}"),
            "F:2:features[0].geometry.coordinates: a ring has at least four positions");
    refuses(FEATURE("{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,1],[2,2],[0,0]]]}"),
            "F:2:features[0].geometry.coordinates: the polygon has no inside");
    refuses(
        FEATURE("{\"type\":\"GeometryCollection\",\"geometries\":[]}"),
        "F:2:features[0].geometry.type: an asset stands at a Point, or on a line or an area that "
        "a point is chosen of");
    refuses(FEATURE("7"), "F:2:features[0].geometry: is neither null nor a geometry with a type");
    refuses("{\"type\":\"FeatureCollection\"}", "F:0:features: is no array");
    refuses("{\"type\":\"Feature\"}", "F:0:type: a register is a FeatureCollection");
    refuses("{\"type\":\"FeatureCollection\",\"crs\":{\"type\":\"name\",\"properties\":{\"name\":"
            "\"urn:ogc:def:crs:EPSG::28992\"}},\"features\":[]}",
            "F:0:crs: coordinates are WGS 84, longitude first");
}

static void places(const char *geometry, double lat, double lon)
{
    const struct tc_register_opts o = {.report = report};
    struct tc_reg_source s = {.errors = 0};
    struct tc_register *r = NULL;
    struct tc_diag d;
    char text[1000];
    (void)snprintf(text, sizeof text, FEATURE("%s"), geometry);
    assert_int_equal(tc_reg_source_add(&s, tc_str_cstr(text), "F", TC_REG_GEOJSON, &o, &d), TC_OK);
    assert_int_equal(tc_reg_source_read(&s, &o, &r, &d), TC_OK);
    assert_true(r->assets[0].placed);
    assert_float_equal(r->assets[0].lat, lat, 1e-5);
    assert_float_equal(r->assets[0].lon, lon, 1e-5);
    tc_register_free(r);
    tc_reg_source_fini(&s);
}

static void lines_and_areas_have_a_point(void **state)
{
    (void)state;
    places("{\"type\":\"LineString\",\"coordinates\":[[0,0],[10,0],[10,2]]}", 0, 6);
    places("{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[4,0],[4,2],[0,2],[0,0]]]}", 1, 2);
    /* a U: its middle is outside of it */
    places(
        "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[9,0],[9,9],[6,9],[6,1],[3,1],[3,9],[0,9],"
        "[0,0]]]}",
        4.5, 1.5);
    /* a hole in the middle */
    places("{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[10,0],[10,4],[0,4],[0,0]],[[1,1],[7,1],"
           "[7,3],[1,3],[1,1]]]}",
           2, 8.5);
    places("{\"type\":\"MultiPolygon\",\"coordinates\":[[[[0,0],[1,0],[1,1],[0,1],[0,0]]],[[[5,0],"
           "[9,0],[9,2],[5,2],[5,0]]]]}",
           1, 7);
    places("{\"type\":\"Point\",\"coordinates\":[4.3,52.1,12]}", 52.1, 4.3);
}

static void bad_stix(void **state)
{
    (void)state;
    refuses("{\"type\":\"bundle\",\"objects\":[\n{\"type\":\"infrastructure\",\"id\":"
            "\"infrastructure--1\",\"name\":\"x\",\"extensions\":{\"extension-definition--7f729129-"
            "a111-599c-9063-c1bc3fdc872a\":{\"people\":-1}}}]}",
            "F:2:objects[0].people: '-1' is not a number of people");
    refuses("{\"type\":\"bundle\"}", "F:0:objects: is no array");
}

static void optional_columns_go_along(void **state)
{
    const struct tc_register_opts o = {.report = report};
    const char *a =
        "id,name,kind,sector,operator,country,lat,lon,people,capacity,common_causes,as_of\n"
        "P,P,plant,energy,Op,NL,,,0,120.5,Inn valley; duct 7,2026-03-01\n"
        "S,S,,,,,,,,,,\n";
    const char *d = "asset,service,mode,group,need,supplier,share,buffer,restore,demand,priority,"
                    "recharge,buffer_draw,restore_draw,calendar,tested\n"
                    "S,water,support,,1,P,,PT4H..PT8H,PT1H..PT2H,2.5,10,PT6H,uniform,lognormal,Mo-"
                    "Fr 07-19 100%,"
                    "2026-01-31\n";
    static const enum tc_reg_form forms[] = {TC_REG_JSON, TC_REG_GEOJSON, TC_REG_STIX};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct tc_reg_source s = {.errors = 0}, t = {.errors = 0};
        struct tc_buf text, got, want;
        struct tc_diag diag;
        tc_diag_init(&diag);
        tc_buf_init(&text, 1 << 16);
        tc_buf_init(&got, 1 << 16);
        tc_buf_init(&want, 1 << 16);
        assert_int_equal(tc_reg_source_add(&s, tc_str_cstr(a), "a", TC_REG_CSV_ASSETS, &o, &diag),
                         0);
        assert_int_equal(
            tc_reg_source_add(&s, tc_str_cstr(d), "d", TC_REG_CSV_DEPENDENCIES, &o, &diag), 0);
        assert_int_equal(write_as(forms[i], &s, &text), TC_OK);
        assert_int_equal(tc_reg_source_add(&t, tc_buf_view(&text), "x", forms[i], &o, &diag), 0);
        as_csv(&t, &got);
        tc_buf_cstr(&want, a);
        tc_buf_cstr(&want, d);
        assert_string_equal(tc_buf_z(&got), tc_buf_z(&want));
        tc_reg_source_fini(&s);
        tc_reg_source_fini(&t);
        tc_buf_fini(&text);
        tc_buf_fini(&got);
        tc_buf_fini(&want);
    }
    refuses("{\"assets\":[{\"id\":\"a\",\"as_of\":\"1969-12-31\"},{\"id\":\"b\",\"as_of\":"
            "\"soon\"}]}",
            "F:1:assets[0].as_of: 1969-12-31 is before 1970\n"
            "F:1:assets[1].as_of: 'soon' is not a day such as 2026-03-01");
}

static void forms_are_told_apart(void **state)
{
    static const struct {
        const char *text;
        enum tc_reg_form form;
    } cases[] = {
        {"", TC_REG_NONE},
        {"hello", TC_REG_NONE},
        {AHEAD, TC_REG_CSV_ASSETS},
        {"\xef\xbb\xbf" DHEAD, TC_REG_CSV_DEPENDENCIES},
        {" {\"dependencies\":[]}", TC_REG_JSON},
        {"{\"comment\":1,\"assets\":[]}", TC_REG_JSON},
        {"{ \"type\" : \"FeatureCollection\"", TC_REG_GEOJSON},
        {"{\"name\":\"x\",\"type\":\"FeatureCollection\"", TC_REG_GEOJSON},
        {"{\"type\":\"bundle\",\"objects\":[{\"name\":\"FeatureCollection\"}]}", TC_REG_STIX},
        {"{\"objects\":[{\"spec_version\":\"2.1\"}]}", TC_REG_STIX},
        {"[]", TC_REG_NONE},
        {"{}", TC_REG_NONE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(tc_reg_form_of(tc_str_cstr(cases[i].text)), cases[i].form);
}

int main(void)
{
    tc_buf_init(&told, 1 << 16);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(optional_columns_go_along),
        cmocka_unit_test(every_form_keeps_every_cell),
        cmocka_unit_test(bad_json),
        cmocka_unit_test(bad_geojson),
        cmocka_unit_test(bad_stix),
        cmocka_unit_test(lines_and_areas_have_a_point),
        cmocka_unit_test(forms_are_told_apart),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tc_buf_fini(&told);
    return failed;
}
