/* SPDX-License-Identifier: Apache-2.0 */
#include "http/listen.h"

#include "base/num.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static tc_err split(const char *text, char host[256], char port[8], struct tc_diag *d)
{
    struct tc_str s = tc_str_cstr(text);
    const char *colon = strrchr(text, ':');
    if (!colon)
        return tc_diag_set(d, TC_E_USAGE, "'%s' is no address: write HOST:PORT", text);
    struct tc_str h = tc_str_view(text, (size_t)(colon - text));
    struct tc_str p = tc_str_view(colon + 1, s.n - h.n - 1);
    uint64_t n;
    if (h.n > 2 && h.p[0] == '[' && h.p[h.n - 1] == ']')
        h = tc_str_view(h.p + 1, h.n - 2);
    if (tc_num_u64(p, 65535, &n) || h.n == 0 || !tc_str_copy(h, host, 256) ||
        !tc_str_copy(p, port, 8))
        return tc_diag_set(d, TC_E_USAGE, "'%s' is no address: write HOST:PORT", text);
    return TC_OK;
}

static bool is_loopback(const struct sockaddr *a)
{
    if (a->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, a, sizeof in);
        return ntohl(in.sin_addr.s_addr) >> 24 == 127;
    }
    struct sockaddr_in6 in;
    memcpy(&in, a, sizeof in);
    return a->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&in.sin6_addr);
}

static tc_err bind_to(const struct addrinfo *ai, int *out)
{
    int one = 1;
    int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return TC_E_IO;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, ai->ai_addr, ai->ai_addrlen) != 0 || listen(fd, 4096) != 0) {
        tc_err e = errno == EACCES ? TC_E_DENIED : errno == EADDRINUSE ? TC_E_BUSY : TC_E_IO;
        (void)close(fd);
        return e;
    }
    *out = fd;
    return TC_OK;
}

static void name_of(int fd, char *where, size_t size)
{
    struct sockaddr_storage a;
    socklen_t n = sizeof a;
    char host[64] = "?", port[8] = "0";
    if (getsockname(fd, (struct sockaddr *)&a, &n) == 0)
        (void)getnameinfo((struct sockaddr *)&a, n, host, sizeof host, port, sizeof port,
                          NI_NUMERICHOST | NI_NUMERICSERV);
    (void)snprintf(where, size, a.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

tc_err tc_listen_open(const char *text, bool tls, int *fd, bool *loopback, char *where, size_t size,
                      struct tc_diag *d)
{
    char host[256], port[8];
    tc_err e = split(text, host, port, d);
    if (e)
        return e;
    struct addrinfo want = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *list = NULL;
    if (getaddrinfo(host, port, &want, &list) != 0)
        return tc_diag_set(d, TC_E_USAGE, "'%s' is no address of this machine", text);
    *loopback = is_loopback(list->ai_addr);
    if (!*loopback && !tls)
        e = tc_diag_set(d, TC_E_USAGE,
                        "%s can be reached from other machines, so TLS is needed: give --tls-cert "
                        "and --tls-key, or listen on 127.0.0.1",
                        text);
    if (!e) {
        e = bind_to(list, fd);
        if (e)
            (void)tc_diag_set(d, e,
                              e == TC_E_BUSY     ? "%s is in use by another program"
                              : e == TC_E_DENIED ? "%s needs a right that this program lacks"
                                                 : "%s cannot be listened on",
                              text);
    }
    freeaddrinfo(list);
    if (!e)
        name_of(*fd, where, size);
    return e;
}

tc_err tc_listen_file(const char *name, char **out, struct tc_diag *d)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return tc_diag_set(d, tc_err_from_errno(errno), "%s cannot be read", name);
    size_t max = 1u << 20, n = 0;
    char *p = malloc(max + 1);
    ssize_t got = 1;
    while (p && n < max && (got = read(fd, p + n, max - n)) > 0)
        n += (size_t)got;
    (void)close(fd);
    if (!p || got < 0 || n == max) {
        free(p);
        return tc_diag_set(d, p ? TC_E_IO : TC_E_NOMEM, "%s cannot be read", name);
    }
    p[n] = '\0';
    *out = p;
    return TC_OK;
}
