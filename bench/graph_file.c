/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a dependency graph in the form that "tocsin bench cascade" reads:
 *
 *   graph_file ASSETS SEED redundant|brittle FILE
 *
 * Four tiers (sources, transmission, distribution, sites: 0.5, 4.5, 20 and 75 %), one to four
 * suppliers a group from the tier above near the same relative place, now and then far away, one in
 * eight groups from the own tier. Of a group's n suppliers one is enough in eight of ten groups
 * (redundant) or in five of ten (brittle), else all are needed or two. */
#include "base/num.h"

#include <stdio.h>
#include <stdlib.h>

static uint64_t state;

static uint32_t rnd(uint32_t below)
{
    state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t x = state;
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)(((x ^ (x >> 31)) >> 32) * below >> 32);
}

struct file {
    uint32_t n, m, e, tier[5];
    uint32_t *owner, *need, *minutes, *supplier;
    uint64_t *start;
};

static uint32_t near(const struct file *f, uint32_t v, int own, int from)
{
    uint64_t width = f->tier[from + 1] - f->tier[from], own_width = f->tier[own + 1] - f->tier[own];
    uint64_t at = (uint64_t)(v - f->tier[own]) * width / own_width;
    uint64_t spread = rnd(32) ? width / 250 + 3 : width;
    return f->tier[from] + (uint32_t)((at + width - spread / 2 + rnd((uint32_t)spread)) % width);
}

static void group(struct file *f, uint32_t v, int own, int from, bool brittle)
{
    uint32_t first = f->e, want = 1 + rnd(4), n;
    for (uint32_t j = 0; j < want; j++) {
        uint32_t s = near(f, v, own, from);
        bool there = s == v;
        for (uint32_t i = first; i < f->e; i++)
            there = there || f->supplier[i] == s;
        if (!there)
            f->supplier[f->e++] = s;
    }
    n = f->e - first;
    if (!n)
        return;
    uint32_t kind = rnd(10), all = brittle ? 5 : 8;
    f->owner[f->m] = v;
    f->need[f->m] = kind < all ? 1 : n > 2 && rnd(3) ? 2 : n;
    f->minutes[f->m] = rnd(10) < 4 ? 0 : 5 + rnd(rnd(2) ? 240 : 4320);
    f->start[++f->m] = f->e;
}

static void make(struct file *f, bool brittle)
{
    for (int t = 1; t < 4; t++)
        for (uint32_t v = f->tier[t]; v < f->tier[t + 1]; v++)
            for (uint32_t k = 0; k < (t < 3 ? 2u : 2u + v % 2); k++)
                group(f, v, t, k && !rnd(8) ? t : t - 1, brittle);
    for (uint32_t v = 0; v < f->tier[1]; v++)
        if (!rnd(3))
            group(f, v, 0, 0, brittle);
}

static bool put(FILE *to, const void *p, size_t size, size_t count)
{
    return fwrite(p, size, count, to) == count;
}

static bool write_file(const struct file *f, const char *path)
{
    const uint32_t head[4] = {f->n, f->m, f->e, 0};
    FILE *to = fopen(path, "wb");
    if (!to)
        return false;
    bool ok = put(to, head, 4, 4) && put(to, f->owner, 4, f->m) && put(to, f->need, 4, f->m) &&
              put(to, f->minutes, 4, f->m) && put(to, f->start, 8, f->m + (size_t)1) &&
              put(to, f->supplier, 4, f->e);
    return fclose(to) == 0 && ok;
}

int main(int argc, char **argv)
{
    uint64_t n = 0;
    struct file f = {.m = 0};
    if (argc != 5 || tc_num_u64(tc_str_cstr(argv[1]), 4000000, &n) || n < 1000 ||
        tc_num_u64(tc_str_cstr(argv[2]), UINT64_MAX, &state)) {
        (void)fprintf(stderr, "usage: graph_file ASSETS SEED redundant|brittle FILE\n");
        return 2;
    }
    f.n = (uint32_t)n;
    const uint32_t tier[5] = {0, f.n / 200, f.n / 20, f.n / 4, f.n};
    for (int t = 0; t < 5; t++)
        f.tier[t] = tier[t];
    f.owner = calloc(3 * n, sizeof *f.owner);
    f.need = calloc(3 * n, sizeof *f.need);
    f.minutes = calloc(3 * n, sizeof *f.minutes);
    f.start = calloc(3 * n + 1, sizeof *f.start);
    f.supplier = calloc(12 * n, sizeof *f.supplier);
    bool ok = f.owner && f.need && f.minutes && f.start && f.supplier;
    if (ok) {
        make(&f, tc_str_is(tc_str_cstr(argv[3]), "brittle"));
        ok = write_file(&f, argv[4]);
    }
    free(f.owner);
    free(f.need);
    free(f.minutes);
    free(f.start);
    free(f.supplier);
    return ok ? 0 : 4;
}
