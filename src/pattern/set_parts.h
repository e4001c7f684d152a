/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of set*.c.
 *
 *   record     one per pattern, 32 bytes: id, and for a direct one its key and place in the chain
 *   posting    one per key of another pattern: leads to a [...] ("expr")
 *   predicate  one per different comparison, shared by all patterns that have it
 *
 * A chain of the index holds numbers: a record, or with REF_POSTING set a posting. */
#ifndef TC_PATTERN_SET_PARTS_H
#define TC_PATTERN_SET_PARTS_H

#include "base/arena.h"
#include "base/map.h"
#include "pattern/index.h"
#include "pattern/parse.h"
#include "pattern/paths.h"
#include "pattern/per.h"
#include "pattern/set.h"

#define REF_POSTING 0x80000000u

enum record_kind { RECORD_FREE, RECORD_DIRECT, RECORD_COMPLEX };

struct record {
    uint64_t id_at : 44, id_n : 16, kind : 4;
    union {
        struct tc_hash128 key;   /* DIRECT */
        struct complex *complex; /* COMPLEX */
    } u;
    uint32_t next;  /* DIRECT: of the chain; FREE: of the free ones */
    uint32_t stamp; /* DIRECT: the last observation that it was told of */
};

struct posting {
    struct tc_hash128 key; /* a 0: not in the table but in the ranges of path b / 2; b odd: spans */
    uint32_t next;         /* then: which of them */
    uint32_t expr;         /* UINT32_MAX = free */
};

struct predicate {
    struct tc_test test;
    uint32_t path, refs;
    bool one;              /* an object has one value there at the most */
    struct tc_hash128 key; /* of what it says */
    uint64_t stamp;        /* object for which result holds */
    bool result;
};

/* A comparison expression in prefix order: AND and OR are followed by their parts up to end. */
struct expr_node {
    enum tc_cmp_kind kind;
    uint32_t end;
    struct predicate *predicate;
};

struct expr {
    struct complex *of; /* NULL = free */
    uint32_t k;         /* which [...] of the pattern */
    bool exact;         /* its keys decide, the nodes need not be looked at */
    struct expr_node *nodes;
    uint32_t *postings;
    uint32_t n_nodes, n_postings;
    uint64_t done;  /* observation that it holds for */
    uint64_t tried; /* object that it was tried on */
};

struct complex {
    uint32_t record;
    uint32_t *exprs;
    size_t n_exprs;
    uint32_t residual;    /* postings of kind ANY */
    struct tc_when *when; /* with a per: only its plan */
    bool parted;
    uint32_t per_path;
    struct tc_per *per; /* NULL when one observation alone decides */
    uint64_t stamp;     /* observation in which parts was gathered */
    uint64_t parts;
    struct complex *prev, *next; /* of all; of the touched ones: touched */
    struct complex *touched;
};

struct probe_value {
    uint32_t value; /* in values */
    struct tc_hash128 key;
};

struct tc_set {
    struct tc_paths *paths;
    struct tc_probes *probes; /* by path */
    size_t n_probes;
    struct tc_pattern_index index;
    struct tc_values *values;
    struct tc_arena *arena; /* of one parse */
    struct record *records;
    size_t n_records, records_cap;
    uint32_t free_record;
    uint32_t *by_id; /* record + 1, 0 = empty */
    size_t by_id_size;
    char *ids; /* pieces of 16 bytes */
    size_t ids_n, ids_cap;
    uint64_t ids_free[(TC_SET_MAX_ID + 16) / 16 + 1]; /* lists by pieces; place + 1 */
    struct posting *postings;
    size_t n_postings, postings_cap;
    uint32_t free_posting;
    struct expr *exprs;
    size_t n_exprs, exprs_cap;
    uint32_t free_expr;
    struct tc_map *predicates; /* 16 bytes of key -> struct predicate */
    struct complex *all;
    struct tc_set_counts counts;
    int64_t late;
    struct tc_per_budget budget;
    /* feeding */
    tc_time clock;
    bool again;
    uint64_t observation; /* serial */
    uint32_t stamp;
    uint64_t object; /* serial of (observation, root) of the last evaluation */
    struct tc_path_values found;
    struct probe_value *probing;
    size_t probing_n, probing_cap;
    uint32_t *chain_head; /* by path: first value + 1 of the observation, see set_feed.c */
    uint64_t *chain_stamp;
    uint32_t *chain_next; /* by value */
    size_t chain_paths, chain_values;
    struct tc_str *out_ids;
    size_t out_cap;
    struct tc_hash128 keys[1024];
};

/* set_expr.c */
tc_err tc_set_predicate(struct tc_set *s, const struct tc_cmp *c, struct predicate **out,
                        struct tc_diag *d) TC_MUST_USE;
void tc_set_unref(struct tc_set *s, struct predicate *p);
/* The nodes of a comparison expression; predicates gain a reference each. */
tc_err tc_set_nodes(struct tc_set *s, const struct tc_cmp *c, struct expr *e,
                    struct tc_diag *d) TC_MUST_USE;
void tc_set_nodes_fini(struct tc_set *s, struct expr *e);

/* The keys of an expression: one of them is there whenever it holds. */
struct tc_set_accesses {
    struct tc_access *v;
    uint32_t *paths;
    size_t n, cap;
    bool exact;
};
tc_err tc_set_access(struct tc_set *s, const struct expr *e,
                     struct tc_set_accesses *out) TC_MUST_USE;
/* Does its i-th key lead there from so many values that the expression counts as residual? */
static inline bool tc_set_open(const struct tc_set_accesses *a, size_t i)
{
    return a->v[i].kind == TC_KEY_ANY || (!a->exact && tc_access_wide(&a->v[i]));
}
size_t tc_set_chain(const struct tc_set *s, struct tc_hash128 key, size_t most);

#endif
