/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/results.h"

#include "cli/ask.h"
#include "cli/help.h"
#include "model/audience.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int tc_cli_results_ask(const char *command, const char **format, bool json, const char **marking,
                       const char *out)
{
    enum tc_tlp tlp = TC_TLP_AMBER;
    struct tc_str f = tc_str_cstr(*format);
    if (*format && json)
        return tc_cli_usage(command, "--json and --format exclude each other");
    if (*format && !tc_str_is(f, "csv") && !tc_str_is(f, "geojson") && !tc_str_is(f, "html"))
        return tc_cli_usage(command, "--format is csv, geojson or html");
    if (!*format && (out || *marking))
        return tc_cli_usage(command, "--out and --marking go with --format");
    if (*marking && !tc_tlp_parse(tc_str_cstr(*marking), &tlp))
        return tc_cli_usage(command,
                            "'%s' is no marking: TLP:CLEAR, TLP:GREEN, TLP:AMBER, "
                            "TLP:AMBER+STRICT, TLP:RED",
                            *marking);
    *marking = tc_tlp_label(tlp);
    return 0;
}

static int write_failed(const char *command, const char *path)
{
    struct tc_diag d;
    int why = errno ? errno : EIO;
    tc_diag_init(&d);
    tc_diag_file(&d, path);
    return tc_cli_fail(command, tc_diag_set(&d, tc_err_from_errno(why), "cannot be written"), &d);
}

static bool write_all(int fd, const struct tc_buf *b)
{
    for (size_t at = 0; at < b->n;) {
        ssize_t n = write(fd, b->p + at, b->n - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        at += (size_t)n;
    }
    return true;
}

int tc_cli_results_write(const char *command, const struct tc_buf *b, const char *out)
{
    char beside[4096];
    struct tc_diag d;
    tc_diag_init(&d);
    if (b->err)
        return tc_cli_fail(command, b->err, &d);
    if (!out)
        return fwrite(b->p, 1, b->n, stdout) == b->n ? 0 : 4;
    if ((size_t)snprintf(beside, sizeof beside, "%s.part", out) >= sizeof beside)
        return tc_cli_usage(command, "the name of the file is too long");
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return write_failed(command, out);
    bool ok = write_all(fd, b);
    ok = close(fd) == 0 && ok;
    if (ok && rename(beside, out) == 0)
        return 0;
    int status = write_failed(command, out);
    (void)unlink(beside);
    return status;
}

int tc_cli_results_end(const char *command, tc_err e, const struct tc_diag *d, struct tc_buf *b,
                       const char *out)
{
    int status = e ? tc_cli_fail(command, e, d) : tc_cli_results_write(command, b, out);
    tc_buf_fini(b);
    return status;
}

const char *tc_cli_lead(uint32_t s, char out[32])
{
    if (s == 0)
        (void)snprintf(out, 32, "now");
    else if (s < 60)
        (void)snprintf(out, 32, "%u s", s);
    else if (s < 3600)
        (void)snprintf(out, 32, "%u min", s / 60);
    else if (s < 3 * 86400)
        (void)snprintf(out, 32, "%u h %02u min", s / 3600, s / 60 % 60);
    else
        (void)snprintf(out, 32, "%u d %02u h", s / 86400, s / 3600 % 24);
    return out;
}
