/* SPDX-License-Identifier: Apache-2.0 */
/* Who fails, and when: assets that need services from each other, and what an outage does along
 * these needs over time. The meaning is that of "tocsin impact" (man tocsin-impact). Times are
 * whole seconds. No files, no network, no clock, nothing by chance. */
#ifndef TOCSIN_NETWORK_H
#define TOCSIN_NETWORK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* For one thread. Text that is given is copied. Functions that return int return 0, or -1 when
 * something was refused and nothing was changed; then tc_network_error says what. */
typedef struct tc_network tc_network;

tc_network *tc_network_new(void); /* NULL = out of memory */
void tc_network_free(tc_network *n);
const char *tc_network_error(const tc_network *n); /* of the last call that failed */

int tc_network_asset(tc_network *n, const char *id);

/* A group of suppliers of one service that an asset needs. */
struct tc_network_need {
    const char *asset, *service;
    int flow;        /* not 0: suppliers count only while they are connected to a source
                        (electricity, gas, water, data); 0: mutual support holds (control, staff) */
    uint32_t need;   /* suppliers that must be up; 0 = all */
    int64_t buffer;  /* how long the asset goes on without (diesel, stock, battery) */
    int64_t restore; /* how long it takes to come back once the group holds again */
    const char *const *suppliers;
    size_t count;
};
int tc_network_need(tc_network *n, const struct tc_network_need *need);

struct tc_network_failure {
    const char *asset;   /* lives until the callback returns */
    int64_t at;          /* first failure, from the start of the outages */
    int64_t until;       /* when it is back; -1 = not within the reckoning */
    const char *service; /* what it failed for want of; NULL: it is one of the given outages */
};
typedef void tc_network_tell(void *arg, const struct tc_network_failure *failure);

/* The given assets fail at 0, for length seconds (-1 = for good); tell gets every failure up to the
 * horizon: the given ones first, then by time, then by id. May be called again and again; after the
 * first call assets and needs can no longer be added. */
int tc_network_fail(tc_network *n, const char *const *assets, size_t count, int64_t length,
                    int64_t horizon, tc_network_tell *tell, void *arg);

#ifdef __cplusplus
}
#endif

#endif
