/* SPDX-License-Identifier: Apache-2.0 */
/* A set of patterns that is compiled once and fed with observations. Each [...] is indexed by
 * literals that must hold (index.h), so that an observation meets only the patterns that could
 * match; what is found is then evaluated on the one root object (STIX 2.1 section 9.6: all of one
 * [...] holds on the same object) and, where there is more than one [...], goes to when.h.
 *
 * A pattern of one equality or one ISSUBSET needs neither tree nor text: its entry in the index is
 * the pattern, about 110 bytes with an id of 47.
 *
 * Ownership: everything is copied in. Ids are unique; their memory is reused. One thread. */
#ifndef TC_PATTERN_SET_H
#define TC_PATTERN_SET_H

#include "pattern/observation.h"
#include "pattern/when.h"

/* Patterns that no literal leads to: each is looked at whenever its path has a value. More are
 * refused with LIMIT. */
#define TC_SET_MAX_RESIDUAL 20000u
/* An id, bytes; patterns in a set. */
#define TC_SET_MAX_ID       65535u
#define TC_SET_MAX_PATTERNS 0x7ffffff0u

struct tc_set;

struct tc_set_match {
    struct tc_str pattern; /* id */
    uint32_t handle;
    const struct tc_str *observations; /* ids; of one binding */
    size_t n;
    bool parted;       /* the pattern has a "per"; then also: */
    struct tc_str per; /* the value that they share, as text; as long as the observation */
};

/* Anything but OK stops the feeding, which returns it. The set must not be changed inside. */
typedef tc_err (*tc_set_emit)(void *arg, const struct tc_set_match *m);

struct tc_set_options {
    int64_t late; /* microseconds; 0 = TC_WHEN_LATE; see when.h */
};

struct tc_set *tc_set_new(const struct tc_set_options *o); /* o may be NULL; NULL = NOMEM */
void tc_set_free(struct tc_set *s);                        /* NULL is fine */

/* SYNTAX, INVALID, LIMIT with place and reason in d; CONFLICT when the id is there. *handle (may be
 * NULL) names the pattern until it is removed. Observations fed before do not count for it. */
tc_err tc_set_add(struct tc_set *s, struct tc_str id, struct tc_str pattern, uint32_t *handle,
                  struct tc_diag *d) TC_MUST_USE;
/* The pattern holds among observations that share a value at this object path; one without a value
 * there is passed over, one with several counts for each. Values are the same when "=" says so:
 * text by its bytes, numbers by what they are. An empty path: as tc_set_add. */
tc_err tc_set_add_per(struct tc_set *s, struct tc_str id, struct tc_str pattern, struct tc_str per,
                      uint32_t *handle, struct tc_diag *d) TC_MUST_USE;
bool tc_set_find(const struct tc_set *s, struct tc_str id, uint32_t *handle);
struct tc_str tc_set_id(const struct tc_set *s, uint32_t handle); /* until a change */
void tc_set_remove(struct tc_set *s, uint32_t handle);

/* For each observation, in turn, the patterns that it completes: there is a legal binding that it
 * takes part in. One match each; of a pattern with "per" one for each value. */
tc_err tc_set_feed(struct tc_set *s, const struct tc_observation *v, size_t n, tc_set_emit emit,
                   void *arg) TC_MUST_USE;
/* An observation that was fed before, of which more is known now (an object that it refers to came
 * in): it is not counted twice. Patterns of one [...] are told of again. */
tc_err tc_set_feed_again(struct tc_set *s, const struct tc_observation *o, tc_set_emit emit,
                         void *arg) TC_MUST_USE;
/* What is dated later than this cannot make others expire. */
void tc_set_clock(struct tc_set *s, tc_time now);
/* How far back the patterns look, microseconds of event time: the longest WITHIN; INT64_MAX when
 * one has none, 0 when each is decided by one observation. */
int64_t tc_set_span(const struct tc_set *s);

struct tc_set_counts {
    uint64_t patterns;
    uint64_t direct;     /* need no evaluation */
    uint64_t residual;   /* without a literal, see TC_SET_MAX_RESIDUAL */
    uint64_t remembered; /* observations, summed over patterns */
    uint64_t forgotten;  /* over TC_WHEN_MAX_SEEN */
    uint64_t undecided;  /* arrivals for which a pattern took too much work */
    uint64_t regex_gave_up;
    uint64_t partitions; /* values of "per" that are remembered */
    uint64_t dropped;    /* that were let go over the bounds of per.h */
    uint64_t cut;        /* observations with too many values for the paths, the index, or "per" */
    uint64_t bytes;      /* of memory, nearly all */
};
struct tc_set_counts tc_set_counts(const struct tc_set *s);
bool tc_set_any(const struct tc_set *s); /* is there a pattern? */
/* Walks the patterns without a literal: start with *at = 0; false at the end. */
bool tc_set_residual(const struct tc_set *s, size_t *at, uint32_t *handle);

#endif
