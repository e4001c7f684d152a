/* SPDX-License-Identifier: Apache-2.0 */
/* What a principal may read, written to a file: a STIX bundle of the stored bytes, the register as
 * assets.csv, or a GeoJSON map (RFC 7946) of assets and of the areas of open incidents. Only the
 * newest version of each object. Streams; any thread. */
#ifndef TC_INTAKE_EXPORT_H
#define TC_INTAKE_EXPORT_H

#include "node/node.h"

enum tc_export_format { TC_EXPORT_STIX, TC_EXPORT_CSV, TC_EXPORT_GEOJSON };

/* community 0 = all that it may read. objects: how many were written. */
tc_err tc_export(struct tc_node *n, const struct tc_principal *p, uint32_t community,
                 enum tc_export_format format, int fd, uint64_t *objects,
                 struct tc_diag *d) TC_MUST_USE;

#endif
