/* SPDX-License-Identifier: Apache-2.0 */
/* A plain main for fuzz targets: gives the target every file of the folders (or files) named as
 * arguments. A sanitizer or an assert ends it at the first file that the target cannot bear; the
 * file's name was printed before.
 *
 * Each file is then given again with allocations refused: the first, the second ... each alone, up
 * to EACH of them, from there on in strides, so that a file costs at most RUNS more; and every
 * seventh time with all after it refused as well. The run that failed is said last.
 *
 *   replay_NAME [--runs N] [--at K [--show]] FILE...
 *
 * --runs: at most so many for each file, 0 = none; --at: this one only, and --show where it is. */
#include "base/num.h"
#include "target.h"

#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGEST (64u << 20)
#define EACH    48
#define RUNS    120
#define WORK    400000 /* allocations over all runs of a file */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

static struct fuzz_run poor;
static int64_t most = RUNS, only;
static bool show;
static const char *poor_path;

/* After what a sanitizer says. */
static void say_run(void)
{
    if (poor_path)
        (void)fprintf(stderr, "%s: with allocation %lld%s refused\n", poor_path,
                      (long long)poor.refuse, poor.from_then ? " and all after it" : "");
}

static void ended(int signal)
{
    (void)signal;
    say_run();
    _exit(1);
}

static int without_memory(const char *path, const uint8_t *data, size_t size)
{
    struct fuzz_run plain = {.refuse = 0};
    fuzz_run(data, size, &plain); /* what is made once was made in the run before */
    int64_t n = plain.allocations, runs = n ? WORK / n : 0;
    runs = runs < 8 ? 8 : runs;
    runs = runs > most ? most : runs;
    int64_t each = EACH < runs / 2 ? EACH : runs / 2,
            stride = (n - each) / (runs - each) + 1; /* runs > each */
    poor_path = path;
    int64_t turn = 0;
    fuzz_show = only && show;
    for (int64_t k = only ? only : 1; k <= (only ? only : n); k += k < each ? 1 : stride) {
        poor = (struct fuzz_run){.refuse = k, .from_then = ++turn % 7 == 0};
        fuzz_run(data, size, &poor);
        fuzz_same(&poor, &plain);
    }
    poor_path = NULL;
    if (__lsan_do_recoverable_leak_check && __lsan_do_recoverable_leak_check()) {
        (void)fprintf(stderr, "%s: memory is lost when an allocation is refused\n", path);
        return 1;
    }
    return 0;
}

static int replay(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct stat st;
    if (!f || fstat(fileno(f), &st) != 0 || st.st_size < 0 || (uint64_t)st.st_size > LARGEST) {
        (void)fprintf(stderr, "%s: cannot be read\n", path);
        if (f)
            (void)fclose(f);
        return 1;
    }
    size_t size = (size_t)st.st_size;
    uint8_t *data = malloc(size ? size : 1); /* exactly as large, so that ASan sees one byte over */
    size_t n = data && size ? fread(data, 1, size, f) : 0;
    (void)fclose(f);
    (void)printf("%s\n", path);
    (void)fflush(stdout);
    int status = !data || n != size;
    if (!status) {
        (void)LLVMFuzzerTestOneInput(data, size);
        status = most ? without_memory(path, data, size) : 0;
    }
    free(data);
    return status;
}

static int replay_all(const char *path, unsigned *count)
{
    DIR *dir = opendir(path);
    if (!dir) {
        (*count)++;
        return replay(path);
    }
    int status = 0;
    const struct dirent *e;
    while ((e = readdir(dir))) {
        char file[PATH_MAX];
        if (e->d_name[0] == '.')
            continue;
        (void)snprintf(file, sizeof file, "%s/%s", path, e->d_name);
        status |= replay(file);
        (*count)++;
    }
    (void)closedir(dir);
    return status;
}

int main(int argc, char **argv)
{
    unsigned count = 0;
    void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(say_run);
    (void)signal(SIGABRT, ended);
    int status = 0;
    for (int i = 1; i < argc; i++) { /* an option holds for the files behind it */
        uint64_t n = 0;
        if (strcmp(argv[i], "--show") == 0)
            show = true;
        else if (strncmp(argv[i], "--", 2) != 0)
            status |= replay_all(argv[i], &count);
        else if (i + 1 >= argc || tc_num_u64(tc_str_cstr(argv[i + 1]), 1000000, &n))
            return 2;
        else if (strcmp(argv[i++], "--at") == 0)
            only = (int64_t)n;
        else
            most = (int64_t)n;
    }
    (void)printf("%u inputs replayed\n", count);
    return count == 0 ? 1 : status; /* an empty corpus is a mistake, not a success */
}
