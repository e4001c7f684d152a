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
    char text[2048], line[2048], when[TC_TIME_SIZE];
    va_list ap;
    va_start(ap, fmt);
    int m = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (m < 0)
        return;
    tc_time_format(tc_time_now(), 3, when);
    size_t len = (size_t)snprintf(line, sizeof line, "%s %s ", when, names[level]);
    len += tc_str_show(tc_str_cstr(text), line + len, sizeof line - len - 1);
    line[len++] = '\n';
    /* one write, so that lines of several threads do not mix; nobody to tell when it fails */
    ssize_t ignored = write(STDERR_FILENO, line, len);
    (void)ignored;
}
