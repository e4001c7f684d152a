/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/sphere.h"

#include <math.h>

#define RADIUS  6371008.8
#define DEGREES (180 / 3.14159265358979323846)
#define SPARE   1e-6 /* degrees: 0.1 m, more than what doubles lose here */

double tc_sphere_metres(double lat_a, double lon_a, double lat_b, double lon_b)
{
    double dy = sin((lat_b - lat_a) / DEGREES / 2), dx = sin((lon_b - lon_a) / DEGREES / 2);
    double h = dy * dy + cos(lat_a / DEGREES) * cos(lat_b / DEGREES) * dx * dx;
    return 2 * RADIUS * asin(sqrt(h < 1 ? h : 1));
}

/* The meridian that touches the circle of angle d round latitude a is asin(sin d / cos a) away. */
struct tc_sphere_box tc_sphere_box(double lat, double lon, double metres)
{
    double d = metres / RADIUS * DEGREES + SPARE;
    struct tc_sphere_box b = {lat - d, lat + d, -180, 180};
    if (b.south > -90 && b.north < 90) {
        double turn = asin(sin(d / DEGREES) / cos(lat / DEGREES)) * DEGREES + SPARE;
        if (turn < 180) {
            b.west = lon - turn < -180 ? lon - turn + 360 : lon - turn;
            b.east = lon + turn > 180 ? lon + turn - 360 : lon + turn;
        }
    }
    b.south = b.south < -90 ? -90 : b.south;
    b.north = b.north > 90 ? 90 : b.north;
    return b;
}
