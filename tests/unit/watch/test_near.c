/* SPDX-License-Identifier: Apache-2.0 */
/* Same place and time against a plain walk over everything: random objects all over the globe, at
 * the date line and at the poles, points and spans of time, two audiences, places by reference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../journal/fixture.h"
#include "base/limits.h"
#include "base/log.h"
#include "watch/near.h"
#include "watch/sphere.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { OBJECTS = 1500, QUESTIONS = 400 };

struct thing {
    double lat, lon;
    tc_time since, until; /* NONE = says no time */
    bool hidden;
};

struct fix {
    char *dir;
    struct tc_journal *j;
    struct tc_index *x;
    uint32_t green, red;
    struct thing all[OBJECTS];
};

static const struct tc_principal member = {.org = 5};

static int set_up(void **state)
{
    struct tc_diag d;
    struct fix *f = calloc(1, sizeof *f);
    tc_diag_init(&d);
    f->dir = strdup(tc_test_dir());
    assert_int_equal(tc_journal_open(f->dir, NULL, &f->j, &d), TC_OK);
    f->green = tc_test_audience(f->j, TC_TLP_GREEN, 1, 7);
    f->red = tc_test_audience(f->j, TC_TLP_RED, 1, 7);
    assert_int_equal(tc_index_open(f->dir, f->j, &f->x, &d), TC_OK);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fix *f = *state;
    tc_index_close(f->x);
    tc_journal_close(f->j);
    tc_test_dir_remove(f->dir);
    free(f->dir);
    free(f);
    return 0;
}

static void put(struct fix *f, const char *type, uint64_t number, bool hidden, const char *body)
{
    struct tc_entry_in in = tc_test_entry(number, 1, hidden ? f->red : f->green, 7, body);
    in.type = tc_str_cstr(type);
    assert_int_equal(tc_journal_append(f->j, &in, 1), TC_OK);
    assert_int_equal(in.outcome, TC_OUT_APPENDED);
}

static void catch_up(struct fix *f)
{
    size_t done = 1;
    while (done)
        assert_int_equal(tc_index_step(f->x, 5000, &done), TC_OK);
}

static double uniform(double low, double high)
{
    return low + (high - low) * ((double)random() / (double)RAND_MAX);
}

/* Anywhere; and often where it is difficult. */
static void place(double *lat, double *lon)
{
    *lat = asin(uniform(-1, 1)) * 180 / M_PI;
    *lon = uniform(-180, 180);
    switch (random() % 6) {
    case 0:
        *lon = (random() % 2 ? 180 : -180) + uniform(-1, 1);
        *lat = uniform(-20, -15);
        *lon -= *lon > 180 ? 360 : *lon < -180 ? -360 : 0;
        break;
    case 1:
        *lat = (random() % 2 ? 1 : -1) * uniform(88, 90);
        break;
    case 2:
        *lat = uniform(52, 52.2);
        *lon = uniform(4, 4.4);
        break;
    case 3: /* on the line itself, on the pole itself */
        *lat = random() % 2 ? 90 : 10;
        *lon = random() % 2 ? 180 : -180;
        break;
    default:
        break;
    }
}

static void uuid_text(uint64_t number, char out[TC_UUID_TEXT + 1])
{
    struct tc_uuid u = tc_test_uuid(number);
    tc_uuid_format(&u, out);
}

static void fill(struct fix *f)
{
    for (uint64_t i = 0; i < OBJECTS; i++) {
        struct thing *t = &f->all[i];
        char body[400], since[TC_TIME_SIZE], until[TC_TIME_SIZE], when[100] = "";
        place(&t->lat, &t->lon);
        t->hidden = random() % 3 == 0;
        t->since = t->until = TC_TIME_NONE;
        if (random() % 4) {
            t->since = INT64_C(1700000000) * TC_SECOND + random() % 100000 * TC_SECOND;
            t->until = t->since + random() % 4 * 1800 * TC_SECOND;
            tc_time_format(t->since, 6, since);
            tc_time_format(t->until, 6, until);
            (void)snprintf(when, sizeof when, ",\"first_observed\":\"%s\",\"last_observed\":\"%s\"",
                           since, until);
        }
        (void)snprintf(body, sizeof body,
                       "{\"type\":\"x-thing\",\"latitude\":%.17g,\"longitude\":%.17g%s}", t->lat,
                       t->lon, when);
        put(f, "x-thing", i + 1, t->hidden, body);
    }
    catch_up(f);
}

/* The angle between two vectors: another way to the same distance. */
static double plain_metres(double lat_a, double lon_a, double lat_b, double lon_b)
{
    double a[3], b[3], c[3], r = M_PI / 180;
    const double in[4] = {lat_a * r, lon_a * r, lat_b * r, lon_b * r};
    for (int i = 0; i < 2; i++) {
        double *v = i ? b : a;
        v[0] = cos(in[2 * i]) * cos(in[2 * i + 1]);
        v[1] = cos(in[2 * i]) * sin(in[2 * i + 1]);
        v[2] = sin(in[2 * i]);
    }
    for (int i = 0; i < 3; i++)
        c[i] = a[(i + 1) % 3] * b[(i + 2) % 3] - a[(i + 2) % 3] * b[(i + 1) % 3];
    return 6371008.8 * atan2(sqrt(c[0] * c[0] + c[1] * c[1] + c[2] * c[2]),
                             a[0] * b[0] + a[1] * b[1] + a[2] * b[2]);
}

struct got {
    bool has[OBJECTS + 1];
    size_t n;
    int64_t seconds[OBJECTS + 1];
    double metres; /* of the last one told: nearest first */
};

static uint64_t number_of(struct tc_str id)
{
    struct tc_uuid u;
    uint64_t n = 0;
    assert_int_equal(tc_uuid_parse(tc_str_view(id.p + id.n - 36, 36), &u), TC_OK);
    for (int i = 9; i < 16; i++)
        n = n << 8 | u.b[i];
    return n;
}

static tc_err tell(void *arg, const struct tc_near_hit *hit)
{
    struct got *g = arg;
    uint64_t n = number_of(hit->id);
    assert_true(n <= OBJECTS && !g->has[n]);
    assert_true(hit->metres >= g->metres);
    g->metres = hit->metres;
    g->has[n] = true;
    g->seconds[n] = hit->timed ? hit->seconds : -1;
    g->n++;
    return TC_OK;
}

static struct tc_near_found ask(struct fix *f, const struct tc_principal *p, struct tc_near_ask a,
                                struct got *g)
{
    struct tc_near_found found;
    struct tc_diag d;
    tc_diag_init(&d);
    *g = (struct got){.n = 0};
    a.limit = a.limit ? a.limit : TC_MAX_PAGE;
    assert_int_equal(tc_near_in(f->j, f->x, p, &a, tell, g, &found, &d), TC_OK);
    return found;
}

/* Both ways; what lies on the edge, as near as doubles tell, may be in or out. */
static void check(struct fix *f, const struct tc_principal *p, struct tc_near_ask a)
{
    static struct got g;
    struct tc_near_found found = ask(f, p, a, &g);
    const struct thing *self = a.id.n ? &f->all[number_of(a.id) - 1] : NULL;
    double lat = self ? self->lat : a.lat, lon = self ? self->lon : a.lon;
    tc_time since = a.at, until = a.at;
    size_t want = 0;
    if (self && a.at == TC_TIME_NONE) {
        since = self->since;
        until = self->until;
    }
    assert_false(found.more);
    for (size_t i = 0; i < OBJECTS; i++) {
        const struct thing *t = &f->all[i];
        double metres = plain_metres(lat, lon, t->lat, t->lon);
        int64_t apart = 0;
        if (fabs(metres - a.metres) < 0.01)
            continue;
        bool timed = since != TC_TIME_NONE && t->since != TC_TIME_NONE;
        if (timed && t->since > until)
            apart = t->since - until;
        if (timed && since > t->until)
            apart = since - t->until;
        bool in = metres < a.metres && t != self && (!t->hidden || p == &tc_principal_system) &&
                  (a.during < 0 || apart <= a.during * TC_SECOND);
        if (in != g.has[i + 1])
            fail_msg("%zu at %.9f,%.9f from %.9f,%.9f: %.3f of %.3f m, %lld of %lld s", i, t->lat,
                     t->lon, lat, lon, metres, a.metres, (long long)(apart / TC_SECOND),
                     (long long)a.during);
        if (in)
            assert_int_equal(g.seconds[i + 1], timed ? apart / TC_SECOND : -1);
        want += in;
    }
    if (want > 0)
        assert_true(g.n >= want);
}

static void test_twin(void **state)
{
    struct fix *f = *state;
    srandom(5);
    fill(f);
    for (int i = 0; i < QUESTIONS; i++) {
        static const double metres[] = {0, 500, 20000, 200000, 1000000};
        struct tc_near_ask a = {.at = TC_TIME_NONE, .during = -1, .metres = metres[random() % 5]};
        const struct tc_principal *p = random() % 2 ? &member : &tc_principal_system;
        char id[64], uuid[TC_UUID_TEXT + 1];
        place(&a.lat, &a.lon);
        if (random() % 2)
            a.during = random() % 20000;
        if (random() % 3 == 0)
            a.at = INT64_C(1700000000) * TC_SECOND + random() % 100000 * TC_SECOND;
        uint64_t n = 1 + (uint64_t)random() % OBJECTS;
        if (random() % 2 && (p == &tc_principal_system || !f->all[n - 1].hidden)) {
            uuid_text(n, uuid);
            (void)snprintf(id, sizeof id, "x-thing--%s", uuid);
            a.id = tc_str_cstr(id);
        }
        check(f, p, a);
    }
}

static void test_bounded(void **state)
{
    struct fix *f = *state;
    static struct got g;
    struct tc_near_ask a = {.lat = 52, .lon = 4, .at = TC_TIME_NONE, .during = -1, .metres = 1000};
    for (uint64_t i = 0; i < 60; i++)
        put(f, "x-thing", i + 1, i % 2, "{\"latitude\":52,\"longitude\":4}");
    catch_up(f);
    a.limit = 30;
    assert_false(ask(f, &member, a, &g).more); /* the hidden ones are not "more" */
    assert_int_equal(g.n, 30);
    a.limit = 29;
    assert_true(ask(f, &member, a, &g).more);
    assert_int_equal(g.n, 29);
    assert_false(g.has[1]); /* the oldest */
    put(f, "x-thing", 61, false, "{\"latitude\":52.001,\"longitude\":4}");
    catch_up(f);
    a.limit = 30;
    assert_true(ask(f, &member, a, &g).more);
    assert_true(g.has[1] && !g.has[61]); /* the newest is the farthest */
    const struct tc_str none[] = {TC_STR("note")};
    a.types = none;
    a.n_types = 1;
    assert_false(ask(f, &member, a, &g).more);
    assert_int_equal(g.n, 0);
}

/* A sighting at a place, an incident that names an asset, "located-at": found as if it stood
 * there, by its own time; not through what the asker may not read. */
static void test_by_reference(void **state)
{
    struct fix *f = *state;
    static struct got g;
    struct tc_diag d;
    char u[8][TC_UUID_TEXT + 1], body[600], id[80];
    for (uint64_t i = 1; i < 8; i++)
        uuid_text(i, u[i]);
    put(f, "location", 1, false, "{\"type\":\"location\",\"latitude\":52,\"longitude\":4}");
    (void)snprintf(body, sizeof body,
                   "{\"type\":\"sighting\",\"where_sighted_refs\":[\"location--%s\"],"
                   "\"first_seen\":\"2026-01-01T00:00:00Z\"}",
                   u[1]);
    put(f, "sighting", 2, false, body);
    put(f, "x-van", 3, false, "{\"type\":\"x-van\"}");
    (void)snprintf(body, sizeof body,
                   "{\"type\":\"relationship\",\"relationship_type\":\"located-at\",\"source_ref\":"
                   "\"x-van--%s\",\"target_ref\":\"location--%s\"}",
                   u[3], u[1]);
    put(f, "relationship", 4, true, body);
    (void)snprintf(body, sizeof body,
                   "{\"type\":\"note\",\"object_refs\":[\"location--%s\"],\"content\":\"x\"}",
                   u[1]);
    put(f, "note", 5, false, body);
    catch_up(f);
    struct tc_near_ask a = {.lat = 52, .lon = 4, .at = TC_TIME_NONE, .during = -1, .metres = 10};
    (void)ask(f, &tc_principal_system, a, &g);
    assert_true(g.n == 3 && g.has[1] && g.has[2] && g.has[3]);
    (void)ask(f, &member, a, &g); /* the relationship is hidden */
    assert_true(g.n == 2 && g.has[1] && g.has[2]);
    a.at = INT64_C(1767225600) * TC_SECOND + 100 * TC_SECOND; /* 2026-01-01 */
    a.during = 99;
    (void)ask(f, &member, a, &g);
    assert_true(g.n == 1 && g.has[1]);
    a.during = 100;
    (void)ask(f, &member, a, &g);
    assert_true(g.n == 2 && g.has[2] && g.seconds[2] == 100);
    /* round an object that has its place by reference */
    (void)snprintf(id, sizeof id, "x-van--%s", u[3]);
    a = (struct tc_near_ask){
        .id = tc_str_cstr(id), .at = TC_TIME_NONE, .during = -1, .metres = 10, .limit = 9};
    struct tc_near_found found = ask(f, &tc_principal_system, a, &g);
    assert_true(g.n == 2 && g.has[1] && g.has[2] && found.lat == 52 && !found.timed);
    tc_diag_init(&d);
    assert_int_equal(tc_near_in(f->j, f->x, &member, &a, tell, &g, &found, &d), TC_E_INVALID);
    (void)snprintf(id, sizeof id, "relationship--%s", u[4]);
    a.id = tc_str_cstr(id);
    assert_int_equal(tc_near_in(f->j, f->x, &member, &a, tell, &g, &found, &d), TC_E_NOTFOUND);
}

static void test_texts(void **state)
{
    static const char *const bad[][4] = {
        {"52", "5m", "", ""},         {"91,4", "5m", "", ""},      {"52,181", "5m", "", ""},
        {"52,4", "", "", ""},         {"52,4", "5 miles", "", ""}, {"52,4", "1001km", "", ""},
        {"52,4", "-1", "", ""},       {"52,4", "nan", "", ""},     {"52,4", "5m", "2 hours", ""},
        {"52,4", "5m", "P9999D", ""}, {"52,4", "5m", "", "noon"},  {"", "5m", "", ""}};
    struct tc_near_ask a = {.limit = 3};
    struct tc_diag d;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        tc_diag_init(&d);
        assert_int_equal(tc_near_read(tc_str_cstr(bad[i][0]), tc_str_cstr(bad[i][1]),
                                      tc_str_cstr(bad[i][2]), tc_str_cstr(bad[i][3]), &a, &d),
                         TC_E_USAGE);
        assert_true(d.message[0] != '\0');
    }
    assert_int_equal(tc_near_read(TC_STR("52.5, -4"), TC_STR("2 km"), TC_STR("PT2H"),
                                  TC_STR("2026-01-01T00:00:00Z"), &a, &d),
                     TC_OK);
    assert_true(a.lat == 52.5 && a.lon == -4 && a.metres == 2000 && a.during == 7200);
    assert_int_equal(a.at, INT64_C(1767225600) * TC_SECOND);
    assert_int_equal(a.limit, 3);
}

/* Nothing within the distance lies outside the box; known distances. */
static void test_sphere(void **state)
{
    (void)state;
    srandom(3);
    assert_true(fabs(tc_sphere_metres(0, 0, 0, 180) - M_PI * 6371008.8) < 1);
    assert_true(fabs(tc_sphere_metres(52, 179.9999, 52, -179.9999) - 13.69) < 0.01);
    for (int i = 0; i < 300000; i++) {
        double lat, lon, a, b, metres;
        place(&lat, &lon);
        metres = uniform(0, random() % 2 ? 1e6 : 1e3);
        struct tc_sphere_box x = tc_sphere_box(lat, lon, metres);
        /* a point at this bearing and distance */
        double d = metres / 6371008.8, t = uniform(0, 2 * M_PI), r = M_PI / 180;
        a = asin(fmin(1, fmax(-1, sin(lat * r) * cos(d) + cos(lat * r) * sin(d) * cos(t)))) / r;
        b = lon + atan2(sin(t) * sin(d) * cos(lat * r), cos(d) - sin(lat * r) * sin(a * r)) / r;
        b -= b > 180 ? 360 : b < -180 ? -360 : 0;
        bool in = a >= x.south && a <= x.north &&
                  (x.west <= x.east ? b >= x.west && b <= x.east : b >= x.west || b <= x.east);
        /* asin loses half its digits at the poles */
        if (!in && fabs(a) < 89.9999)
            fail_msg("%.9f,%.9f %.3f m: %.9f,%.9f", lat, lon, metres, a, b);
    }
}

int main(void)
{
    tc_log_set_level(TC_LOG_WARN);
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {T(test_twin), T(test_bounded), T(test_by_reference),
                                       cmocka_unit_test(test_texts), cmocka_unit_test(test_sphere)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
