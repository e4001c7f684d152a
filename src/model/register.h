/* SPDX-License-Identifier: Apache-2.0 */
/* A register of assets and their dependencies, read from two CSV texts:
 *
 *   assets.csv        id,name,kind,sector,operator,country,lat,lon,people
 *                     and, where wanted, capacity,common_causes,as_of
 *   dependencies.csv  asset,service,mode,group,need,supplier,share,buffer,restore
 *                     and, where wanted, demand,priority,recharge,buffer_draw,
 *                     restore_draw,calendar,tested
 *
 * The first row names the columns, in any order; others are ignored. White space around a field
 * does not count. One row of dependencies.csv is one supplier of one group: rows with the same
 * asset, service and group are one group, whose mode, need, buffer and restore must agree. mode is
 * flow or support. need is a count, "all", or a percentage, and then each row has its share ("0.4"
 * or "40%"); it may be empty where the group has one supplier. buffer and restore are ISO 8601
 * durations or ranges "PT4H..PT12H", empty = none. country is ISO 3166-1 alpha-2 (EL, UK and XK are
 * read too), lat and lon are WGS 84 degrees, empty together.
 *
 * The columns that may be absent: capacity, how much an asset can carry in whatever unit the
 * register counts (empty = as much as is asked for), and demand, how much a row draws of it (empty
 * = 1); priority, 0 to 65535, is the order in which a supplier that runs short serves: low numbers
 * first, empty last. common_causes: names, with ';' between, of what would strike several assets
 * at once (a valley, a cable duct). recharge is how long an empty stock takes to fill (empty = at
 * once), buffer_draw and restore_draw how a range is spread (base/draw.h), calendar the use by the
 * hour of the week (base/week.h), of the stock and of what is drawn. Rows of one group must agree
 * on the last four. as_of is the day when the entry of an asset was last looked at, tested the day
 * when the group's buffer was last tried (rows of one group must agree): "2026-03-01" or a moment,
 * from 1970 on.
 *
 * All errors are told, not only the first: each goes to a callback with file, line, asset and
 * column. The register owns all its text. One thread. Other forms of a register (JSON, GeoJSON,
 * STIX) become these two texts first: register_form.h. */
#ifndef TC_MODEL_REGISTER_H
#define TC_MODEL_REGISTER_H

#include "base/draw.h"
#include "base/time.h"

#define TC_REGISTER_WHOLE 1000000u /* a share or need of 100 %, in millionths */
#define TC_REGISTER_UNIT  1000u    /* a capacity or demand of 1, in thousandths */
#define TC_REGISTER_LAST  65535u   /* the priority of a row without one */

struct tc_reg_asset {
    struct tc_str id, name, kind, sector, operated_by, country;
    double lat, lon;
    bool placed;    /* lat and lon are given */
    bool elsewhere; /* not in this file, known to the caller: only id is set */
    uint64_t people;
    uint64_t capacity;    /* thousandths; UINT64_MAX = not limited */
    struct tc_str causes; /* as written; names with ';' between */
    struct tc_str as_of_text;
    tc_time as_of; /* TC_TIME_NONE = not given */
    uint64_t line;
};

enum tc_reg_need { TC_REG_COUNT, TC_REG_ALL, TC_REG_SHARE };

struct tc_reg_group {
    uint32_t asset; /* index of assets */
    struct tc_str service, label;
    struct tc_str need_text, buffer_text, restore_text; /* as written */
    bool flow;
    enum tc_reg_need rule;
    uint32_t need; /* COUNT: suppliers; SHARE: millionths; ALL: 0 */
    int64_t buffer_lo, buffer_hi, restore_lo, restore_hi; /* seconds */
    struct tc_str recharge_text, buffer_draw_text, restore_draw_text, calendar_text;
    int64_t recharge, buffer_likely, restore_likely; /* seconds */
    enum tc_draw buffer_draw, restore_draw;
    struct tc_str tested_text;
    tc_time tested;        /* TC_TIME_NONE = not given */
    uint32_t first, count; /* its rows are order[first .. first+count-1] */
    uint64_t line;         /* of its first row */
    bool bad;              /* never true in a finished register */
};

struct tc_reg_row {
    uint32_t group, supplier; /* indices */
    uint32_t share;           /* millionths; 0 when empty */
    bool has_share, has_demand, has_priority;
    uint16_t priority;
    uint64_t demand; /* thousandths */
    uint64_t line;
};

struct tc_register {
    struct tc_reg_asset *assets;
    struct tc_reg_group *groups;
    struct tc_reg_row *rows; /* in the order of the file */
    uint32_t *order;         /* rows, group by group */
    size_t asset_count, group_count, row_count;
    uint64_t errors, skipped; /* skipped: rows left out with keep_going */
    struct tc_register_own *own;
};

/* Where a row of a text stood before it was made into CSV, one row on one line. */
struct tc_reg_origin {
    uint64_t line;
    const char *within; /* the array that it came from, "assets", and its place in it */
    uint32_t index;
};

/* The columns of assets.csv, and of dependencies.csv, in the order in which they are written. The
 * first `required` of them must stand in the header. */
struct tc_reg_columns {
    const char *const *name;
    size_t n, required;
};
struct tc_reg_columns tc_register_columns(bool dependencies);

struct tc_register_opts {
    /* By row, for each of the texts; NULL = its lines are those of the file. */
    const struct tc_reg_origin *from[2];
    const char *assets_file, *dependencies_file; /* names for messages */
    /* Is this id an asset known elsewhere (in the node)? NULL = no. */
    bool (*known)(void *ctx, struct tc_str id);
    void *known_ctx;
    /* Each error, in the order of the files; NULL = only counted. At most TC_MAX_FINDINGS calls. */
    void (*report)(void *ctx, const struct tc_diag *diag);
    void *report_ctx;
    /* Leave out what is wrong instead of refusing: a bad row takes its whole group along. */
    bool keep_going;
};

/* Either text may be empty (.n 0) when that file is not given. On OK *out is the register, to be
 * freed with tc_register_free. INVALID when there were errors (diag holds the first), else NOMEM or
 * LIMIT. */
tc_err tc_register_read(struct tc_str assets, struct tc_str dependencies,
                        const struct tc_register_opts *opts, struct tc_register **out,
                        struct tc_diag *diag) TC_MUST_USE;
void tc_register_free(struct tc_register *r);

/* Is it one of the codes that the country column takes? */
bool tc_country_known(struct tc_str code);

#endif
