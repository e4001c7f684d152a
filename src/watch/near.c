/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/near.h"

#include "base/limits.h"
#include "base/num.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "watch/glance.h"
#include "watch/sphere.h"

#include <math.h>
#include <stdlib.h>

/* Objects that name one place and are looked at; the newest. */
enum { NAMING = 500 };

struct kept {
    struct tc_uuid uuid;
    uint64_t seq;
    char id[TC_ID_MAX], place[TC_ID_MAX];
    struct tc_near_hit hit; /* its texts are set when it is told */
};

struct near {
    struct tc_journal *j;
    struct tc_index *x;
    const struct tc_principal *p;
    const struct tc_near_ask *ask;
    tc_err (*tell)(void *arg, const struct tc_near_hit *hit);
    void *arg;
    struct tc_near_found *found;
    struct tc_extract extract;
    struct kept kept[TC_MAX_PAGE]; /* the nearest so far, each object once */
    size_t n_kept, worst, read;
    bool enough;
};

/* ---- texts ---- */

static tc_err read_metres(struct tc_str s, double *out)
{
    double times = 1;
    s = tc_str_trim(s);
    if (tc_str_ends(s, TC_STR("km"))) {
        times = 1000;
        s.n -= 2;
    } else if (tc_str_ends(s, TC_STR("m"))) {
        s.n -= 1;
    }
    tc_err e = tc_num_double(tc_str_trim(s), 0, TC_NEAR_METRES / times, out);
    *out *= times;
    return e;
}

static tc_err read_point(struct tc_str s, double *lat, double *lon)
{
    size_t comma = tc_str_find(s, TC_STR(","));
    if (comma == SIZE_MAX)
        return TC_E_SYNTAX;
    tc_err e = tc_num_double(tc_str_trim(tc_str_view(s.p, comma)), -90, 90, lat);
    struct tc_str rest = tc_str_view(s.p + comma + 1, s.n - comma - 1);
    return e ? e : tc_num_double(tc_str_trim(rest), -180, 180, lon);
}

tc_err tc_near_read(struct tc_str around, struct tc_str within, struct tc_str during,
                    struct tc_str at, struct tc_near_ask *out, struct tc_diag *d)
{
    struct tc_near_ask a = *out;
    a.id = tc_str_view("", 0);
    a.at = TC_TIME_NONE;
    a.during = -1;
    a.lat = a.lon = a.metres = 0;
    if (tc_str_find(around, TC_STR("--")) != SIZE_MAX)
        a.id = tc_str_trim(around);
    else if (read_point(around, &a.lat, &a.lon))
        return tc_diag_set(d, TC_E_USAGE, "near what? LAT,LON in degrees, or the id of an object");
    if (read_metres(within, &a.metres))
        return tc_diag_set(d, TC_E_USAGE, "within what distance? like 500m or 2km, up to 1000km");
    if (during.n && tc_duration_parse(during, TC_NEAR_DURING, &a.during))
        return tc_diag_set(d, TC_E_USAGE, "a time before and after is like PT2H, up to P3660D");
    if (at.n && tc_time_parse_z(at, &a.at))
        return tc_diag_set(d, TC_E_USAGE, "a point in time is like 2026-01-31T12:00:00Z");
    *out = a;
    return TC_OK;
}

/* ---- where an object is ---- */

/* The properties that say where something was, by naming a location or an asset. */
static bool names_a_place(struct tc_str property)
{
    static const char *const names[] = {"where_sighted_refs", "affected_refs", "asset_ref"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (tc_str_is(property, names[i]))
            return true;
    return tc_str_ends(property, TC_STR("location_ref")) ||
           tc_str_ends(property, TC_STR("location_refs"));
}

static bool is_a_place(struct tc_str id)
{
    return tc_str_starts(id, TC_STR("location--")) || tc_str_starts(id, TC_STR("infrastructure--"));
}

struct naming {
    struct tc_str id; /* looked for; empty = any */
    bool named;
    char place[TC_ID_MAX];
};

static void on_edge(void *arg, struct tc_str property, struct tc_str id)
{
    struct naming *n = arg;
    if (n->named || !names_a_place(property) || !is_a_place(id))
        return;
    if (n->id.n ? tc_str_eq(id, n->id) : tc_str_copy(id, n->place, sizeof n->place))
        n->named = true;
}

static tc_err walk(struct near *n, const struct tc_row *row, struct naming *naming)
{
    const struct tc_extract_sink sink = {.edge = on_edge, .arg = naming};
    const struct tc_hash_key key = {0, 0};
    n->extract.sink = &sink;
    tc_err e = tc_extract_object(&n->extract, key, row->type, row->body);
    if (e == TC_E_SYNTAX) {
        n->extract.placed = n->extract.timed = false;
        e = TC_OK;
    }
    n->extract.sink = NULL;
    return e;
}

/* The newest version that the asker may read, into n->extract. NOTFOUND. */
static tc_err read_object(struct near *n, struct tc_str id, struct naming *naming)
{
    struct tc_query q = {.added_after = TC_TIME_NONE, .ids = &id, .n_ids = 1, .newest_spec = true};
    struct tc_reader *r = NULL;
    struct tc_row row;
    tc_err e = tc_reader_open(n->j, n->p, &q, &r);
    e = e ? e : tc_reader_next(r, &row);
    if (!e && !row.seq)
        e = TC_E_NOTFOUND;
    e = e ? e : walk(n, &row, naming);
    tc_reader_close(r);
    return e;
}

/* Where "located-at" leads from this object; NOTFOUND. */
static tc_err located_at(struct near *n, struct tc_str id, struct naming *place)
{
    static const struct tc_str relationship = {"relationship", 12};
    const struct tc_search s = {.kind = TC_SEARCH_KEY, .key = TC_KEY_EDGE_SOURCE, .text = id};
    struct tc_query q = {.until = tc_index_seq(n->x),
                         .added_after = TC_TIME_NONE,
                         .types = &relationship,
                         .n_types = 1,
                         .limit = NAMING};
    struct tc_hits *h = NULL;
    struct tc_row row;
    struct tc_glance ends;
    if (!q.until)
        return TC_E_NOTFOUND;
    tc_err e = tc_index_search(n->x, n->p, &s, &q, &h);
    while (!e && !place->named && !(e = tc_hits_next(h, &row)) && row.seq) {
        tc_glance_read(row.body, &ends);
        place->named = strcmp(ends.relationship, "located-at") == 0 &&
                       tc_str_eq(tc_str_cstr(ends.source), id) &&
                       tc_str_copy(tc_str_cstr(ends.target), place->place, sizeof place->place);
    }
    tc_hits_close(h);
    return e ? e : place->named ? TC_OK : TC_E_NOTFOUND;
}

/* Place and time of the object that is asked about. */
static tc_err find_centre(struct near *n, struct tc_diag *d)
{
    struct naming place = {.named = false}, none = {.named = true};
    struct tc_near_found *f = n->found;
    tc_err e = read_object(n, n->ask->id, &place);
    if (e)
        return e == TC_E_NOTFOUND ? tc_diag_set(d, e, "there is no such object") : e;
    f->timed = n->extract.timed;
    f->since = n->extract.since;
    f->until = n->extract.until;
    bool placed = n->extract.placed;
    if (!placed && !place.named)
        e = located_at(n, n->ask->id, &place);
    if (!placed && !e)
        e = read_object(n, tc_str_cstr(place.place), &none);
    if (e == TC_E_NOTFOUND || (!e && !n->extract.placed))
        return tc_diag_set(d, TC_E_INVALID, "that object has no place that you may read");
    f->lat = n->extract.south;
    f->lon = n->extract.west;
    return e;
}

/* ---- looking round ---- */

static bool of_type(const struct near *n, struct tc_str type)
{
    for (size_t i = 0; i < n->ask->n_types; i++)
        if (tc_str_eq(n->ask->types[i], type))
            return true;
    return n->ask->n_types == 0;
}

/* Its time, in n->extract, is near enough; *seconds between the two. */
static bool then(const struct near *n, int64_t *seconds)
{
    const struct tc_extract *x = &n->extract;
    const struct tc_near_found *f = n->found;
    int64_t apart = 0;
    *seconds = 0;
    if (!x->timed || !f->timed)
        return true;
    if (x->since > f->until)
        apart = x->since - f->until;
    else if (f->since > x->until)
        apart = f->since - x->until;
    *seconds = apart / TC_SECOND;
    return n->ask->during < 0 || apart <= n->ask->during * TC_SECOND;
}

/* Nearer first, then nearer in time, then newer. */
static int by_nearness(const void *a, const void *b)
{
    const struct kept *x = a, *y = b;
    if (x->hit.metres != y->hit.metres)
        return x->hit.metres < y->hit.metres ? -1 : 1;
    if (x->hit.seconds != y->hit.seconds)
        return x->hit.seconds < y->hit.seconds ? -1 : 1;
    if (x->hit.version != y->hit.version)
        return x->hit.version > y->hit.version ? -1 : 1;
    return (x->seq < y->seq) - (x->seq > y->seq);
}

/* Where it goes: its own place if it was found before, a free one, or that of what is farthest. */
static struct kept *room_for(struct near *n, const struct kept *k)
{
    for (size_t i = 0; i < n->n_kept; i++)
        if (memcmp(&n->kept[i].uuid, &k->uuid, sizeof k->uuid) == 0)
            return by_nearness(k, &n->kept[i]) < 0 ? &n->kept[i] : NULL;
    if (n->n_kept < n->ask->limit)
        return &n->kept[n->n_kept++];
    n->found->more = true;
    return by_nearness(k, &n->kept[n->worst]) < 0 ? &n->kept[n->worst] : NULL;
}

static tc_err keep(struct near *n, const struct tc_row *row, struct tc_str place, double metres)
{
    struct kept k = {
        .uuid = row->uuid, .seq = row->seq, .hit = {.version = row->version, .metres = metres}};
    if (!then(n, &k.hit.seconds) || !of_type(n, row->type) || tc_str_eq(row->id, n->ask->id) ||
        !tc_str_copy(row->id, k.id, sizeof k.id) || !tc_str_copy(place, k.place, sizeof k.place))
        return TC_OK;
    k.hit.timed = n->extract.timed && n->found->timed;
    struct kept *to = room_for(n, &k);
    if (!to)
        return TC_OK;
    *to = k;
    n->worst = n->n_kept < n->ask->limit ? 0 : n->worst;
    for (size_t i = 0; n->n_kept == n->ask->limit && i < n->n_kept; i++)
        if (by_nearness(&n->kept[i], &n->kept[n->worst]) > 0)
            n->worst = i;
    return TC_OK;
}

static tc_err tell_all(struct near *n)
{
    tc_err e = TC_OK;
    qsort(n->kept, n->n_kept, sizeof n->kept[0], by_nearness);
    for (size_t i = 0; !e && i < n->n_kept; i++) {
        struct kept *k = &n->kept[i];
        struct tc_str id = tc_str_cstr(k->id);
        k->hit.id = id;
        k->hit.type = tc_str_view(id.p, tc_str_find(id, TC_STR("--")));
        k->hit.place = tc_str_cstr(k->place);
        e = n->tell(n->arg, &k->hit);
    }
    return e;
}

/* The object at the other end of "located-at", if it has no place of its own. */
static tc_err keep_located(struct near *n, struct tc_str body, struct tc_str place, double metres)
{
    struct tc_glance ends;
    struct naming none = {.named = true};
    tc_glance_read(body, &ends);
    struct tc_str id = tc_str_cstr(ends.source);
    struct tc_query q = {.added_after = TC_TIME_NONE, .ids = &id, .n_ids = 1, .newest_spec = true};
    struct tc_reader *r = NULL;
    struct tc_row row;
    if (strcmp(ends.relationship, "located-at") != 0 || !tc_str_eq(tc_str_cstr(ends.target), place))
        return TC_OK;
    tc_err e = tc_reader_open(n->j, n->p, &q, &r);
    e = e ? e : tc_reader_next(r, &row);
    if (!e && row.seq)
        e = walk(n, &row, &none);
    if (!e && row.seq && !n->extract.placed)
        e = keep(n, &row, place, metres);
    tc_reader_close(r);
    return e;
}

/* What names this location or asset as its place, and has none of its own. */
static tc_err keep_naming(struct near *n, struct tc_str place, double metres)
{
    const struct tc_search s = {.kind = TC_SEARCH_KEY, .key = TC_KEY_EDGE, .text = place};
    struct tc_query q = {.until = tc_index_seq(n->x), .added_after = TC_TIME_NONE, .limit = NAMING};
    struct tc_hits *h = NULL;
    struct tc_row row;
    tc_err e = tc_index_search(n->x, n->p, &s, &q, &h);
    while (!e && !n->enough && !(e = tc_hits_next(h, &row)) && row.seq) {
        struct naming naming = {.id = place};
        if (n->read++ >= TC_NEAR_READ)
            n->enough = n->found->more = true;
        if (tc_str_is(row.type, "relationship")) {
            e = keep_located(n, row.body, place, metres);
            continue;
        }
        e = walk(n, &row, &naming);
        if (!e && naming.named && !n->extract.placed)
            e = keep(n, &row, place, metres);
    }
    tc_hits_close(h);
    return e;
}

static tc_err measure(struct near *n, const struct tc_row *row)
{
    struct naming none = {.named = true};
    char id[TC_ID_MAX];
    tc_err e = walk(n, row, &none);
    if (e || !n->extract.placed)
        return e;
    double metres =
        tc_sphere_metres(n->found->lat, n->found->lon, n->extract.south, n->extract.west);
    if (metres > n->ask->metres)
        return TC_OK;
    e = keep(n, row, tc_str_view("", 0), metres);
    if (!e && is_a_place(row->id) && tc_str_copy(row->id, id, sizeof id))
        e = keep_naming(n, tc_str_cstr(id), metres);
    return e;
}

/* The box of what is asked for. A place is a candidate at any time: what names it has its own. */
static struct tc_search box_of(const struct near *n)
{
    const struct tc_near_found *f = n->found;
    struct tc_sphere_box b = tc_sphere_box(f->lat, f->lon, n->ask->metres);
    struct tc_search s = {
        .kind = TC_SEARCH_BOX, .south = b.south, .north = b.north, .west = b.west, .east = b.east};
    if (f->timed && n->ask->during >= 0) {
        s.since = f->since - n->ask->during * TC_SECOND;
        s.until = f->until - TC_TIME_MAX + n->ask->during * TC_SECOND > 0
                      ? TC_TIME_MAX
                      : f->until + n->ask->during * TC_SECOND;
    }
    return s;
}

static tc_err look_round(struct near *n)
{
    const struct tc_search s = box_of(n);
    struct tc_query q = {.until = tc_index_seq(n->x), .added_after = TC_TIME_NONE};
    struct tc_hits *h = NULL;
    struct tc_row row;
    if (!q.until)
        return TC_OK;
    tc_err e = tc_index_search(n->x, n->p, &s, &q, &h);
    while (!e && !n->enough && !(e = tc_hits_next(h, &row)) && row.seq) {
        if (n->read++ >= TC_NEAR_READ) {
            n->enough = n->found->more = true;
            break;
        }
        e = measure(n, &row);
    }
    tc_hits_close(h);
    return e;
}

tc_err tc_near_in(struct tc_journal *j, struct tc_index *x, const struct tc_principal *p,
                  const struct tc_near_ask *ask,
                  tc_err (*tell)(void *arg, const struct tc_near_hit *hit), void *arg,
                  struct tc_near_found *found, struct tc_diag *d)
{
    struct near *n = calloc(1, sizeof *n);
    struct tc_near_found f = {.lat = ask->lat, .lon = ask->lon};
    if (!n)
        return TC_E_NOMEM;
    *n = (struct near){.j = j, .x = x, .p = p, .ask = ask, .tell = tell, .arg = arg, .found = &f};
    tc_extract_init(&n->extract, NULL);
    tc_err e = ask->id.n ? find_centre(n, d) : TC_OK;
    if (ask->at != TC_TIME_NONE) {
        f.timed = true;
        f.since = f.until = ask->at;
    }
    e = e ? e : look_round(n);
    e = e ? e : tell_all(n);
    tc_extract_fini(&n->extract);
    free(n);
    if (!e)
        *found = f;
    return e;
}

/* ---- as JSON ---- */

static tc_err put_hit(void *arg, const struct tc_near_hit *hit)
{
    struct tc_jsonw *w = arg;
    tc_jsonw_object(w);
    tc_jsonw_kstr(w, "id", hit->id);
    tc_jsonw_kstr(w, "type", hit->type);
    tc_jsonw_ktime(w, "version", hit->version);
    tc_jsonw_name(w, "metres");
    tc_jsonw_double(w, round(hit->metres * 10) / 10);
    if (hit->timed) {
        tc_jsonw_name(w, "seconds");
        tc_jsonw_i64(w, hit->seconds);
    }
    if (hit->place.n)
        tc_jsonw_kstr(w, "place_ref", hit->place);
    tc_jsonw_object_end(w);
    return TC_OK;
}

tc_err tc_near_put(struct tc_journal *j, struct tc_index *x, const struct tc_principal *p,
                   const struct tc_near_ask *ask, struct tc_buf *out, struct tc_diag *d)
{
    struct tc_near_found f;
    struct tc_jsonw w = tc_jsonw_into(out);
    tc_jsonw_object(&w);
    tc_jsonw_name(&w, "objects");
    tc_jsonw_array(&w);
    tc_err e = tc_near_in(j, x, p, ask, put_hit, &w, &f, d);
    if (e)
        return e;
    tc_jsonw_array_end(&w);
    tc_jsonw_name(&w, "around");
    tc_jsonw_object(&w);
    tc_jsonw_name(&w, "latitude");
    tc_jsonw_double(&w, f.lat);
    tc_jsonw_name(&w, "longitude");
    tc_jsonw_double(&w, f.lon);
    if (f.timed) {
        tc_jsonw_ktime(&w, "since", f.since);
        tc_jsonw_ktime(&w, "until", f.until);
    }
    tc_jsonw_object_end(&w);
    if (f.more)
        tc_jsonw_kbool(&w, "more", true);
    return out->err;
}
