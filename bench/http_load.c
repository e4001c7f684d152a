/* SPDX-License-Identifier: Apache-2.0 */
/* A small HTTP load generator, one thread, epoll, keep-alive, so that what is measured is the
 * server:
 *
 *   http_load get  PORT PATH LOGIN:PASSWORD CONNECTIONS SECONDS
 *   http_load post PORT PATH LOGIN:PASSWORD CONNECTIONS COUNT
 *
 * Loopback only. post sends one new indicator with each request. Prints one line of JSON. */
#include "base/id.h"
#include "base/num.h"
#include "base/time.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_SAMPLES (1u << 21)

struct conn {
    int fd;
    struct tc_buf out;
    size_t sent;
    char head[4096]; /* of the answer */
    size_t n_head, body_left;
    bool in_body;
    int64_t began;
};

static struct {
    const char *path;
    char auth[256];
    bool post;
    uint64_t limit, asked, done, bad, bytes;
    int64_t until;
    uint32_t *us;
    size_t samples;
} run;

static void make_request(struct conn *c)
{
    char id[TC_UUID_TEXT], body[600];
    struct tc_uuid u = tc_uuid_v4();
    tc_buf_clear(&c->out);
    if (!run.post) {
        tc_buf_fmt(&c->out,
                   "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic %s\r\nAccept: "
                   "application/taxii+json;version=2.1\r\n\r\n",
                   run.path, run.auth);
        return;
    }
    tc_uuid_format(&u, id);
    int n = snprintf(body, sizeof body,
                     "{\"objects\":[{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":"
                     "\"indicator--%s\",\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":"
                     "\"2026-01-01T00:00:00.000Z\",\"name\":\"measured\",\"pattern\":"
                     "\"[ipv4-addr:value = '198.51.100.3']\",\"pattern_type\":\"stix\","
                     "\"valid_from\":\"2026-01-01T00:00:00Z\"}]}",
                     id);
    tc_buf_fmt(&c->out,
               "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic %s\r\nContent-Type: "
               "application/taxii+json;version=2.1\r\nAccept: "
               "application/taxii+json;version=2.1\r\nContent-Length: %d\r\n\r\n%s",
               run.path, run.auth, n, body);
}

static bool more_wanted(void)
{
    return run.post ? run.asked < run.limit : tc_time_monotonic() < run.until;
}

/* Starts the next request; false when there is none. */
static bool start(struct conn *c)
{
    if (!more_wanted())
        return false;
    run.asked++;
    make_request(c);
    c->sent = c->n_head = c->body_left = 0;
    c->in_body = false;
    c->began = tc_time_monotonic();
    while (c->sent < c->out.n) {
        ssize_t n = send(c->fd, c->out.p + c->sent, c->out.n - c->sent, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        c->sent += (size_t)n;
    }
    return true;
}

static void finished(struct conn *c)
{
    int64_t us = tc_time_monotonic() - c->began;
    run.done++;
    if (run.samples < MAX_SAMPLES)
        run.us[run.samples++] = (uint32_t)us;
}

/* Reads the head; leaves in body_left what is still to come. */
static bool head_done(struct conn *c)
{
    struct tc_str h = tc_str_view(c->head, c->n_head);
    size_t end = tc_str_find(h, TC_STR("\r\n\r\n"));
    if (end == SIZE_MAX)
        return false;
    size_t at = tc_str_find(h, TC_STR("Content-Length: "));
    uint64_t length = 0;
    if (at != SIZE_MAX && at < end) {
        struct tc_str v = tc_str_view(h.p + at + 16, h.n - at - 16);
        v.n = tc_str_find(v, TC_STR("\r\n"));
        if (tc_num_u64(v, UINT32_MAX, &length))
            length = 0;
    }
    run.bad += c->head[9] != '2';
    size_t have = c->n_head - end - 4;
    c->body_left = length > have ? (size_t)length - have : 0;
    c->in_body = true;
    return true;
}

/* false: the connection is of no more use. */
static bool readable(struct conn *c)
{
    static char sink[1u << 20];
    for (;;) {
        char *to = c->in_body ? sink : c->head + c->n_head;
        size_t room = c->in_body ? sizeof sink : sizeof c->head - c->n_head;
        if (c->in_body && c->body_left < room)
            room = c->body_left;
        ssize_t n = room ? recv(c->fd, to, room, MSG_DONTWAIT) : 0;
        if (n < 0)
            return errno == EAGAIN;
        if (n == 0)
            return false;
        run.bytes += (uint64_t)n;
        if (c->in_body)
            c->body_left -= (size_t)n;
        else
            c->n_head += (size_t)n;
        if (!c->in_body && !head_done(c))
            continue;
        if (c->in_body && c->body_left == 0) {
            finished(c);
            return start(c);
        }
    }
}

static int dial(uint64_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) != 0)
        return -1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static int by_size(const void *a, const void *b)
{
    uint32_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x < y ? -1 : x > y;
}

static double quantile(double q)
{
    size_t at = (size_t)(q * (double)(run.samples - 1));
    return run.samples ? run.us[at] / 1000.0 : 0;
}

static void loop(uint64_t port, struct conn *conns, size_t n)
{
    int ep = epoll_create1(EPOLL_CLOEXEC);
    size_t live = 0;
    for (size_t i = 0; i < n; i++) {
        tc_buf_init(&conns[i].out, 1u << 16);
        conns[i].fd = dial(port);
        struct epoll_event ev = {.events = EPOLLIN, .data.ptr = &conns[i]};
        if (conns[i].fd >= 0 && epoll_ctl(ep, EPOLL_CTL_ADD, conns[i].fd, &ev) == 0 &&
            start(&conns[i]))
            live++;
    }
    while (live) {
        struct epoll_event ev[64];
        int got = epoll_wait(ep, ev, 64, 10000);
        if (got <= 0)
            break;
        for (int i = 0; i < got; i++) {
            struct conn *c = ev[i].data.ptr;
            if (c->fd >= 0 && !readable(c)) {
                (void)close(c->fd);
                c->fd = -1;
                live--;
            }
        }
    }
    for (size_t i = 0; i < n; i++)
        tc_buf_fini(&conns[i].out);
    (void)close(ep);
}

int main(int argc, char **argv)
{
    uint64_t port, n, amount;
    if (argc != 7 || sodium_init() < 0 || tc_num_u64(tc_str_cstr(argv[2]), 65535, &port) ||
        tc_num_u64(tc_str_cstr(argv[5]), 1000, &n) ||
        tc_num_u64(tc_str_cstr(argv[6]), 100000000, &amount))
        return 2;
    run.post = strcmp(argv[1], "post") == 0;
    run.path = argv[3];
    run.limit = amount;
    (void)sodium_bin2base64(run.auth, sizeof run.auth, (const unsigned char *)argv[4],
                            strlen(argv[4]), sodium_base64_VARIANT_ORIGINAL);
    run.us = calloc(MAX_SAMPLES, sizeof *run.us);
    struct conn *conns = calloc((size_t)n, sizeof *conns);
    if (!run.us || !conns)
        return 4;
    int64_t began = tc_time_monotonic();
    run.until = began + (int64_t)amount * TC_SECOND;
    loop(port, conns, (size_t)n);
    double s = (double)(tc_time_monotonic() - began) / 1e6;
    qsort(run.us, run.samples, sizeof *run.us, by_size);
    (void)printf("{\"done\":%llu,\"bad\":%llu,\"seconds\":%.3f,\"per_second\":%.0f,"
                 "\"mb_per_second\":%.1f,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"max_ms\":%.2f}\n",
                 (unsigned long long)run.done, (unsigned long long)run.bad, s, (double)run.done / s,
                 (double)run.bytes / s / 1e6, quantile(0.5), quantile(0.99), quantile(1));
    free(conns);
    free(run.us);
    return run.done ? 0 : 1;
}
