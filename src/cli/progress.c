/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define REDRAW (TC_SECOND / 10)

static int width(void)
{
    struct winsize w;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
        return w.ws_col;
    return 80;
}

static void amount(char *out, size_t size, double v, bool bytes)
{
    if (bytes)
        (void)snprintf(out, size, "%.1f MB", v / 1e6);
    else if (v >= 1e6)
        (void)snprintf(out, size, "%.2f M", v / 1e6);
    else if (v >= 1e4)
        (void)snprintf(out, size, "%.1f k", v / 1e3);
    else
        (void)snprintf(out, size, "%.0f", v);
}

static void remaining(char *out, size_t size, double seconds)
{
    if (seconds >= 3600 * 100)
        (void)snprintf(out, size, "more than 99 h left");
    else if (seconds >= 60)
        (void)snprintf(out, size, "%d:%02d left", (int)seconds / 60, (int)seconds % 60);
    else
        (void)snprintf(out, size, "%d s left", (int)(seconds + 0.999));
}

static void bar(char *out, size_t cells, double share)
{
    size_t full = (size_t)(share * (double)cells);
    for (size_t i = 0; i < cells; i++)
        out[i] = i < full ? '#' : '.';
    out[cells] = '\0';
}

void tc_progress_format(const struct tc_progress *p, int64_t elapsed, int columns, char *out,
                        uint64_t size)
{
    bool bytes = strcmp(p->unit, "B") == 0;
    double seconds = (double)elapsed / (double)TC_SECOND;
    double rate = seconds > 0 ? (double)p->done / seconds : 0;
    char done[32], speed[32], left[48] = "", cells[21] = "";
    amount(done, sizeof done, (double)p->done, bytes);
    amount(speed, sizeof speed, rate, bytes);
    const char *unit = bytes ? "" : p->unit, *gap = bytes ? "" : " ";
    int n;
    if (p->total) {
        double share = p->done >= p->total ? 1 : (double)p->done / (double)p->total;
        bar(cells, 20, share);
        if (rate > 0)
            remaining(left, sizeof left,
                      (double)(p->total - (p->done > p->total ? p->total : p->done)) / rate);
        n = snprintf(out, size, "%s [%s] %3d%%  %s%s%s  %s%s%s/s  %s", p->what, cells,
                     (int)(share * 100), done, gap, unit, speed, gap, unit, left);
    } else {
        n = snprintf(out, size, "%s  %s%s%s  %s%s%s/s", p->what, done, gap, unit, speed, gap, unit);
    }
    if (n >= columns && columns > 0 && (uint64_t)columns <= size)
        out[columns - 1] = '\0'; /* a full last column would wrap */
}

static void draw(struct tc_progress *p, int64_t now)
{
    char line[256];
    tc_progress_format(p, now - p->started, width(), line, sizeof line);
    (void)fprintf(stderr, "\r%s\033[K", line);
    (void)fflush(stderr);
    p->drawn = now;
}

void tc_progress_start(struct tc_progress *p, const char *what, const char *unit, uint64_t total)
{
    const char *term = getenv("TERM");
    *p = (struct tc_progress){.what = what, .unit = unit, .total = total};
    p->on = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
    p->started = p->drawn = tc_time_monotonic();
}

void tc_progress_at(struct tc_progress *p, uint64_t done)
{
    p->done = done;
    if (!p->on)
        return;
    int64_t now = tc_time_monotonic();
    if (now - p->drawn >= REDRAW)
        draw(p, now);
}

void tc_progress_end(struct tc_progress *p)
{
    if (p->on && p->drawn != p->started)
        (void)fputs("\r\033[K", stderr);
    p->on = false;
}
