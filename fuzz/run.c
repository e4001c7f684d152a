/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a target, and refuses allocations while it runs: this program's malloc, calloc and realloc
 * stand before the real ones (the sanitizer's, or the C library's), for the libraries' calls too.
 *
 * With FUZZ_NOMEM=1 in the environment every input of libFuzzer is run twice, the second time
 * with one refusal, whose place is drawn from the input. */
#include "target.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifdef SANITIZED
#define REAL(name) __interceptor_##name
#else
#define REAL(name) __libc_##name
#endif
#define SEEN __attribute__((visibility("default")))

void *REAL(malloc)(size_t n);
void *REAL(calloc)(size_t n, size_t size);
void *REAL(realloc)(void *p, size_t n);

void __sanitizer_print_stack_trace(void);

bool fuzz_show;
static _Thread_local bool held;
static _Atomic bool on;
static _Atomic int64_t counted, first = INT64_MAX, last;
static bool nomem;
static uint64_t told;

static bool refused(void)
{
    if (!atomic_load_explicit(&on, memory_order_relaxed) || held)
        return false;
    int64_t k = atomic_fetch_add(&counted, 1) + 1;
    bool yes = k >= atomic_load(&first) && k <= atomic_load(&last);
#ifdef SANITIZED
    if (yes && fuzz_show) {
        fuzz_hold();
        __sanitizer_print_stack_trace();
        fuzz_go_on();
    }
#endif
    if (yes)
        errno = ENOMEM;
    return yes;
}

#ifdef SANITIZED
/* The sanitizer asks for this in each new thread, and cannot bear that it fails. */
SEEN int pthread_getattr_np(pthread_t thread, pthread_attr_t *attr)
{
    static int (*real)(pthread_t, pthread_attr_t *);
    held = true;
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "pthread_getattr_np");
    int status = real(thread, attr);
    held = false;
    return status;
}
#endif

SEEN void *malloc(size_t n)
{
    return refused() ? NULL : REAL(malloc)(n);
}

SEEN void *calloc(size_t n, size_t size)
{
    return refused() ? NULL : REAL(calloc)(n, size);
}

SEEN void *realloc(void *p, size_t n)
{
    return refused() ? NULL : REAL(realloc)(p, n);
}

bool fuzz_starved(void)
{
    return atomic_load(&counted) >= atomic_load(&first);
}

void fuzz_hold(void)
{
    atomic_store(&on, false);
}

void fuzz_go_on(void)
{
    atomic_store(&on, true);
}

void fuzz_tell(const void *p, size_t n)
{
    const unsigned char *b = p;
    for (size_t i = 0; i < n; i++)
        told = (told ^ b[i]) * UINT64_C(0x100000001b3); /* FNV-1a */
    told = (told ^ n) * UINT64_C(0x100000001b3);
}

tc_err fuzz_err(tc_err e)
{
    if (e == TC_E_NOMEM) {
        HOLDS(fuzz_starved() && "NOMEM, and nothing was refused");
        nomem = true;
    }
    fuzz_tell(&e, sizeof e);
    return e;
}

bool fuzz_have(bool ok)
{
    if (!ok)
        (void)fuzz_err(TC_E_NOMEM);
    return ok;
}

void fuzz_broken(const char *what, const char *file, int line)
{
    fuzz_hold();
    (void)fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

void fuzz_run(const uint8_t *data, size_t size, struct fuzz_run *r)
{
    atomic_store(&first, r->refuse ? r->refuse : INT64_MAX);
    atomic_store(&last, r->from_then ? INT64_MAX : r->refuse);
    atomic_store(&counted, 0);
    nomem = false;
    told = UINT64_C(0xcbf29ce484222325);
    fuzz_go_on();
    (void)fuzz_one(data, size);
    fuzz_hold();
    r->allocations = atomic_load(&counted);
    r->starved = fuzz_starved();
    r->nomem = nomem;
    r->told = told;
    atomic_store(&first, INT64_MAX);
}

void fuzz_same(const struct fuzz_run *with, const struct fuzz_run *without)
{
    if (!with->starved || with->nomem || with->told == without->told)
        return;
    (void)fprintf(stderr,
                  "allocation %lld%s was refused: neither NOMEM nor the answer without refusal\n",
                  (long long)with->refuse, with->from_then ? " and all after it" : "");
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int mode = -1;
    struct fuzz_run plain = {.refuse = 0};
    if (mode < 0)
        mode = getenv("FUZZ_NOMEM") != NULL;
    fuzz_run(data, size, &plain);
    if (!mode || plain.allocations == 0)
        return 0;
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < size; i++)
        h = (h ^ data[i]) * UINT64_C(0x100000001b3);
    struct fuzz_run poor = {.refuse = (int64_t)((h >> 8) % (uint64_t)plain.allocations) + 1,
                            .from_then = (h & 1) != 0};
    fuzz_run(data, size, &poor);
    fuzz_same(&poor, &plain);
    return 0;
}
