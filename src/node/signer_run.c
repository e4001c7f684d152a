/* SPDX-License-Identifier: Apache-2.0 */
/* The life of the signing process: keys, then walls, then frames. */
#include "node/landlock.h"
#include "node/seccomp.h"
#include "node/signer_work.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- what it may still do: src/node/seccomp.def ---- */

/* Signals of the terminal or of whoever stops the service are the parent's: it still signs a last
 * checkpoint. */
static void settle(void)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
    struct sigaction a = {.sa_handler = SIG_IGN};
    const struct rlimit none = {0, 0};
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        (void)sigaction(ignored[i], &a, NULL);
    (void)prctl(PR_SET_NAME, "tocsin-sign", 0, 0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)setrlimit(RLIMIT_FSIZE, &none);
}

/* No file that the parent happened to have open. */
static int leave_files(int fd)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int i = 0; i < 3; i++)
        if (null < 0 || dup2(null, i) < 0)
            _exit(4);
    if (fd != 3 && dup2(fd, 3) < 0)
        _exit(4);
    (void)close_range(4, ~0u, 0);
    return 3;
}

static tc_err lock_up(struct tc_diag *d)
{
    const struct tc_landlock nothing = {.paths = NULL};
    const struct rlimit no_files = {0, 0};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return tc_diag_set(d, TC_E_IO, "the signing process cannot give up new rights");
    /* Where the limit allows it; the seeds are locked anyway. What was never touched (60 MiB of
     * libraries) is not fetched for it. */
    (void)mlockall(MCL_CURRENT | MCL_ONFAULT);
    tc_err e = tc_landlock_version() > 0 ? tc_landlock(&nothing, d) : TC_OK;
    (void)setrlimit(RLIMIT_NOFILE, &no_files);
    if (!e && !tc_seccomp(TC_SECCOMP_SIGN))
        e = tc_diag_set(d, TC_E_IO, "the signing process cannot be locked up");
    return e;
}

/* ---- frames ---- */

static void answer(int fd, tc_err e, uint8_t *packet, size_t n)
{
    packet[0] = (uint8_t)e;
    if (send(fd, packet, n + 1, MSG_NOSIGNAL) != (ssize_t)(n + 1))
        _exit(0);
}

_Noreturn static void serve(struct tc_signer_keys *k, int fd)
{
    uint8_t in[TC_SIGNER_FRAME + 1], out[TC_SIGNER_FRAME + 1];
    for (;;) {
        size_t n_out = 0;
        ssize_t n = recv(fd, in, sizeof in, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        tc_err e = n > TC_SIGNER_FRAME ? TC_E_UNSUPPORTED
                                       : tc_signer_answer(k, in, (size_t)n, out + 1, &n_out);
        if (e == TC_E_UNSUPPORTED)
            break;
        answer(fd, e, out, n_out);
    }
    sodium_memzero(in, sizeof in);
    sodium_memzero(out, sizeof out);
    _exit(0); /* the memory goes with the process; unlocking it is a call too many */
}

_Noreturn void tc_signer_run(const char *dir, const char *tls_key, int fd, pid_t parent)
{
    struct tc_signer_keys *k = NULL;
    struct tc_diag d;
    uint8_t packet[TC_SIGNER_FRAME + 1];
    size_t n = 0;
    tc_diag_init(&d);
    settle();
    fd = leave_files(fd);
    if (getppid() != parent)
        _exit(4);
    tc_err e = tc_signer_keys_read(dir, tls_key, &k, &d);
    if (!e)
        e = lock_up(&d);
    if (e) {
        n = strnlen(d.message, sizeof packet - 1);
        memcpy(packet + 1, d.message, n);
    } else {
        (void)!tc_signer_answer(k, (const uint8_t *)"i", 1, packet + 1, &n);
    }
    answer(fd, e, packet, n);
    if (e)
        _exit(4);
    serve(k, fd);
}
