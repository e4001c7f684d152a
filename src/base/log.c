/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "base/time.h"

#include <stdio.h>
#include <unistd.h>

static int max_level = TC_LOG_INFO;

void tc_log_set_level(enum tc_log_level level)
{
    __atomic_store_n(&max_level, (int)level, __ATOMIC_RELAXED);
}

void tc_log(enum tc_log_level level, const char *fmt, ...)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    if ((int)level > __atomic_load_n(&max_level, __ATOMIC_RELAXED))
        return;
    char line[2048], when[TC_TIME_SIZE];
    tc_time_format(tc_time_now(), 3, when);
    int n = snprintf(line, sizeof line, "%s %s ", when, names[level]);
    va_list ap;
    va_start(ap, fmt);
    int m = vsnprintf(line + n, sizeof line - (size_t)n - 1, fmt, ap);
    va_end(ap);
    if (m < 0)
        return;
    size_t len = (size_t)n + (size_t)m;
    if (len > sizeof line - 2)
        len = sizeof line - 2;
    for (size_t i = (size_t)n; i < len; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = '?';
    line[len++] = '\n';
    /* one write, so that lines of several threads do not mix; nobody to tell when it fails */
    ssize_t ignored = write(STDERR_FILENO, line, len);
    (void)ignored;
}
