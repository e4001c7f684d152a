/* SPDX-License-Identifier: Apache-2.0 */
/* Distances on the Earth as a sphere of its mean radius, 6371008.8 m (IUGG): within 0.6 % of those
 * on the ellipsoid. Degrees, north and east positive. Pure. */
#ifndef TC_WATCH_SPHERE_H
#define TC_WATCH_SPHERE_H

/* Along the great circle (haversine). */
double tc_sphere_metres(double lat_a, double lon_a, double lat_b, double lon_b);

/* west > east: it crosses the date line. Round a pole it has all longitudes. */
struct tc_sphere_box {
    double south, north, west, east;
};

/* Everything that is at most so far away is in it, with a hand's breadth to spare. */
struct tc_sphere_box tc_sphere_box(double lat, double lon, double metres);

#endif
