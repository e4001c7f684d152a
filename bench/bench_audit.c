/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log: appends a second (a million records, in groups, all durable), one proof of
 * inclusion at a random place, verification of all. */
#include "access/audit.h"
#include "access/audit_look.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RECORDS 1000000u
#define PROOFS  5000u

static double seconds(int64_t from)
{
    return (double)(tc_time_monotonic() - from) / 1e6;
}

static tc_err append(const char *dir)
{
    static const uint8_t seed[32] = {1};
    struct tc_audit *a = NULL;
    const struct tc_audit_event ev = {.kind = TC_AUDIT_CONSULTATION,
                                      .org = 3,
                                      .person = 17,
                                      .object =
                                          TC_STR("indicator--7d1f2a4e-3b0c-4c59-9f5e-0a51d0b3c9a1"),
                                      .how = TC_STR("GET /api/v1/objects/{object}"),
                                      .from = TC_STR("192.0.2.7")};
    tc_err e = tc_audit_open(dir, "tocsin/bench", seed, &a, NULL);
    int64_t t = tc_time_monotonic();
    for (unsigned i = 0; !e && i < RECORDS; i++) /* each 20,000th is waited for */
        e = i % 20000 == 19999 ? tc_audit_must(a, &ev) : tc_audit_write(a, &ev, NULL);
    if (!e)
        (void)printf("append    %.0f records/s, durable in groups\n", RECORDS / seconds(t));
    t = tc_time_monotonic();
    tc_audit_close(a);
    (void)printf("close     %.3f s, with the checkpoint\n", seconds(t));
    return e;
}

static tc_err prove(struct tc_audit_look *l)
{
    struct tc_merkle_proof p;
    struct tc_merkle_hash leaf;
    uint64_t place = 1;
    tc_err e = TC_OK;
    int64_t t = tc_time_monotonic();
    clock_t c = clock();
    for (unsigned i = 0; !e && i < PROOFS; i++) {
        place = place * UINT64_C(6364136223846793005) + 1442695040888963407u;
        e = tc_audit_look_inclusion(l, (place >> 20) % tc_audit_look_head(l)->size, &leaf, &p);
    }
    (void)printf("proof     %.1f us, at random places; %.1f us of the processor\n",
                 1e6 * seconds(t) / PROOFS, 1e6 * (double)(clock() - c) / CLOCKS_PER_SEC / PROOFS);
    return e;
}

int main(void)
{
    char dir[] = "/tmp/tocsin-bench-audit-XXXXXX", command[80];
    struct tc_audit_look *l = NULL;
    struct tc_audit_verdict v = {.broken = true};
    if (sodium_init() < 0 || !mkdtemp(dir))
        return 4;
    tc_err e = append(dir);
    if (!e)
        e = tc_audit_look_open(dir, NULL, &l, NULL);
    if (!e)
        e = prove(l);
    int64_t t = tc_time_monotonic();
    if (!e)
        e = tc_audit_verify(l, &v);
    if (!e)
        (void)printf("verify    %llu records in %.2f s%s\n", (unsigned long long)v.leaves,
                     seconds(t), v.broken ? ": BROKEN" : "");
    tc_audit_look_close(l);
    (void)snprintf(command, sizeof command, "rm -r %s", dir);
    return e || v.broken || system(command) != 0 ? 1 : 0;
}
