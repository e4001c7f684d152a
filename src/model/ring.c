/* SPDX-License-Identifier: Apache-2.0 */
#include "model/ring.h"

#include "base/limits.h"

#include <math.h>
#include <stdlib.h>

static double nearest(double lon, double before)
{
    return lon - 360 * nearbyint((lon - before) / 360);
}

/* > 0 when c lies left of the line from a to b; each is lat, lon */
static double side(const double *a, const double *b, const double *c)
{
    return (b[1] - a[1]) * (c[0] - a[0]) - (b[0] - a[0]) * (c[1] - a[1]);
}

static bool crosses_itself(const double *p, size_t n)
{
    for (size_t i = 0; i + 1 < n; i++)
        for (size_t j = i + 2; j + 1 < n; j++) {
            const double *a = p + 2 * i, *b = a + 2, *c = p + 2 * j, *d = c + 2;
            if (side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0)
                return true;
        }
    return false;
}

const char tc_ring_no_memory[] = "no memory to look at the polygon";

const char *tc_ring_wrong(const double *points, size_t n)
{
    if (n < 4)
        return "a polygon has at least four corners, the last one again the first";
    for (size_t i = 0; i < n; i++)
        if (!(fabs(points[2 * i]) <= 90) || !(fabs(points[2 * i + 1]) <= 180))
            return "a corner is not on the Earth: latitude -90 to 90, longitude -180 to 180";
    if (fabs(points[0] - points[2 * n - 2]) > 0 || fabs(points[1] - points[2 * n - 1]) > 0)
        return "the polygon is not closed: its last corner is not its first";
    double *flat = calloc(n, 2 * sizeof *flat);
    if (!flat)
        return tc_ring_no_memory;
    for (size_t i = 0; i < n; i++) {
        flat[2 * i] = points[2 * i];
        flat[2 * i + 1] = i ? nearest(points[2 * i + 1], flat[2 * i - 1]) : points[1];
    }
    const char *why = NULL;
    if (fabs(flat[1] - flat[2 * n - 1]) > 1)
        why = "the polygon goes round a pole";
    else if (n <= TC_MAX_POLYGON_EXAMINED && crosses_itself(flat, n))
        why = TC_RING_CROSSES;
    free(flat);
    return why;
}

tc_err tc_ring_read(yyjson_val *list, struct tc_arena *a, double **points, size_t *n,
                    const char **why)
{
    size_t count = yyjson_arr_size(list), i, max;
    yyjson_val *one;
    *why = "a polygon is a list of [latitude, longitude]";
    if (!yyjson_is_arr(list))
        return TC_E_INVALID;
    if (count > TC_MAX_POLYGON)
        return TC_E_LIMIT;
    double *v = tc_arena_zalloc(a, 2 * count + 1, sizeof *v);
    if (!v)
        return TC_E_NOMEM;
    yyjson_arr_foreach (list, i, max, one) {
        yyjson_val *lat = yyjson_arr_get(one, 0), *lon = yyjson_arr_get(one, 1);
        if (yyjson_arr_size(one) != 2 || !yyjson_is_num(lat) || !yyjson_is_num(lon))
            return TC_E_INVALID;
        v[2 * i] = yyjson_get_num(lat);
        v[2 * i + 1] = yyjson_get_num(lon);
    }
    const char *bad = tc_ring_wrong(v, count);
    if (bad) {
        *why = bad;
        return bad == tc_ring_no_memory ? TC_E_NOMEM : TC_E_INVALID;
    }
    *points = v;
    *n = count;
    return TC_OK;
}
