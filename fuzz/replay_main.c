/* SPDX-License-Identifier: Apache-2.0 */
/* A plain main for fuzz targets: gives the target every file of the folders (or files) named as
 * arguments. A sanitizer or an assert ends it at the first file that the target cannot bear; the
 * file's name was printed before. */
#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LARGEST (64u << 20)

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
    if (!status)
        (void)LLVMFuzzerTestOneInput(data, size);
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
    int status = 0;
    for (int i = 1; i < argc; i++)
        status |= replay_all(argv[i], &count);
    (void)printf("%u inputs replayed\n", count);
    return count == 0 ? 1 : status; /* an empty corpus is a mistake, not a success */
}
