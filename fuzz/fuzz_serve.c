/* SPDX-License-Identifier: Apache-2.0 */
/* A node's server on loopback, in this process. The input is a request: request line, header lines,
 * an empty line, a body; a line "As: officer" or "As: reader" signs it in, and Content-Length is
 * counted. There is an answer, it has a status, what says that it is JSON is JSON, and 500 is no
 * answer; on what is no HTTP the server may hang up. An input that starts with '!' is sent as it
 * is. */
#include "target.h"

#include "base/num.h"
#include "codec/json.h"
#include "http/server.h"
#include "intake/ops.h"
#include "node.h"
#include "warn/warn.h"
#include "watch/correlate.h"
#include "watch/find.h"
#include "watch/impact.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static struct tc_http *http;
static struct tc_find *find;
static struct tc_correlate *correlate;
static struct tc_impact *impact;
static struct tc_warn *warn;
static char token[2][TC_TOKEN_SIZE];
static uint16_t port;

static void opened(struct fuzz_node *f)
{
    struct tc_diag d;
    uint64_t n = 0;
    const struct tc_http_options o = {
        .listen = "127.0.0.1:0", .threads = 1, .request_seconds = 30, .idle_seconds = 2};
    tc_diag_init(&d);
    bool ok = tc_find_watch(f->n, &find) == TC_OK &&
              tc_correlate_watch(f->n, &correlate) == TC_OK &&
              tc_impact_watch(f->n, &impact) == TC_OK &&
              tc_warn_watch(f->n, TC_WARN_BY_HAND, &warn) == TC_OK &&
              tc_node_start(f->n, &d) == TC_OK && tc_http_start(f->n, &o, &http, &d) == TC_OK &&
              tc_access_token_new(f->n->access, f->officer, TC_TOKEN_API, TC_STR("fuzz"),
                                  TC_TIME_NONE, token[0], &d) == TC_OK &&
              tc_access_token_new(f->n->access, f->reader, TC_TOKEN_API, TC_STR("fuzz"),
                                  TC_TIME_NONE, token[1], &d) == TC_OK &&
              tc_num_u64(tc_str_cstr(strrchr(tc_http_url(http), ':') + 1), UINT16_MAX, &n) == TC_OK;
    assert(ok);
    port = (uint16_t)n;
}

static void closing(struct fuzz_node *f)
{
    (void)f;
    tc_http_stop(http);
}

static void fresh(void)
{
    static unsigned runs;
    fuzz_node_opened = opened;
    fuzz_node_closing = closing;
    if (++runs % 2000 == 0) {
        fuzz_node_end();
        tc_find_free(find);
        tc_correlate_free(correlate);
        tc_warn_free(warn);
        tc_impact_free(impact);
    }
    (void)fuzz_node();
}

/* "As: ..." becomes its token, Content-Length and the end of the connection are added. */
static void compose(struct tc_str s, struct tc_buf *b)
{
    size_t end = tc_str_find(s, TC_STR("\n\n"));
    struct tc_str body = {"", 0}, line;
    if (end != SIZE_MAX) {
        body = tc_str_view(s.p + end + 2, s.n - end - 2);
        s.n = end;
    }
    while (s.n) {
        size_t nl = tc_str_find(s, TC_STR("\n"));
        line = tc_str_view(s.p, nl < s.n ? nl : s.n);
        s = tc_str_view(s.p + line.n + (nl < s.n), s.n - line.n - (nl < s.n));
        if (tc_str_is(line, "As: officer") || tc_str_is(line, "As: reader"))
            tc_buf_fmt(b, "Authorization: Bearer %s", token[line.n == 10]);
        else
            tc_buf_str(b, line);
        tc_buf_cstr(b, "\r\n");
    }
    tc_buf_fmt(b, "Host: x\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n", body.n);
    tc_buf_str(b, body);
}

static int joined(void)
{
    const struct timeval wait = {.tv_sec = 20};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        fuzz_broken("the server takes no connection", __FILE__, __LINE__);
    return fd;
}

/* Everything until the server hangs up; of an event stream the head. */
static void receive(int fd, struct tc_buf *in)
{
    for (;;) {
        char *to = tc_buf_room(in, 65536);
        ssize_t n = to ? recv(fd, to, 65536, 0) : 0;
        if (n <= 0)
            return;
        in->n += (size_t)n;
        if (tc_str_find(tc_buf_view(in), TC_STR("text/event-stream")) != SIZE_MAX)
            return;
    }
}

static size_t word(struct tc_str s)
{
    size_t i = 0;
    while (i < s.n && ((s.p[i] | 0x20) >= 'a' ? (s.p[i] | 0x20) <= 'z' : s.p[i] == '-'))
        i++;
    return i;
}

/* Method, target, version and lines "Name: value". */
static bool is_http(struct tc_str s)
{
    struct tc_str line = tc_str_view(s.p, tc_str_find(s, TC_STR("\r\n")));
    size_t method = word(line), end = line.n - sizeof " HTTP/1.1" + 1;
    if (!method || line.n < method + sizeof " / HTTP/1.1" - 1 || line.p[method] != ' ' ||
        line.p[method + 1] != '/' || !tc_str_ends(line, TC_STR(" HTTP/1.1")))
        return false;
    for (size_t i = method + 1; i < end; i++)
        if (line.p[i] <= ' ' || line.p[i] >= 0x7f)
            return false;
    for (;;) {
        s = tc_str_view(line.p + line.n + 2, (size_t)(s.p + s.n - line.p) - line.n - 2);
        line = tc_str_view(s.p, tc_str_find(s, TC_STR("\r\n")));
        if (!line.n)
            return true;
        size_t name = word(line);
        if (!name || name + 2 > line.n || line.p[name] != ':' || line.p[name + 1] != ' ' ||
            !tc_str_utf8(line) || memchr(line.p, '\r', line.n))
            return false;
    }
}

static void check_answer(struct tc_str s)
{
    uint64_t status = 0;
    struct tc_json j = {0};
    size_t end = tc_str_find(s, TC_STR("\r\n\r\n"));
    bool whole = s.n > 12 && tc_str_starts(s, TC_STR("HTTP/1.1 ")) &&
                 tc_num_u64(tc_str_view(s.p + 9, 3), 599, &status) == TC_OK && end != SIZE_MAX;
    HOLDS(whole && status >= 200 && status != 500);
    if (!whole)
        return;
    struct tc_str head = {s.p, end}, body = {s.p + end + 4, s.n - end - 4};
    if (body.n && (tc_str_find(head, TC_STR("application/json")) != SIZE_MAX ||
                   tc_str_find(head, TC_STR("application/taxii+json")) != SIZE_MAX)) {
        fuzz_hold();
        HOLDS(tc_json_read(body, 64u << 20, TC_JSON_REPEATS_OK, &j, NULL) == TC_OK);
        tc_json_fini(&j);
    }
}

int fuzz_one(const uint8_t *data, size_t size)
{
    struct tc_str s = tc_str_view((const char *)data, size);
    struct tc_buf out, in;
    fresh();
    bool raw = size && data[0] == '!';
    fuzz_hold();
    tc_buf_init(&out, 1u << 20);
    tc_buf_init(&in, 64u << 20);
    if (raw)
        tc_buf_add(&out, data + 1, size - 1);
    else
        compose(s, &out);
    int fd = joined();
    fuzz_go_on();
    ssize_t sent = send(fd, out.p, out.n, MSG_NOSIGNAL);
    if (raw)
        (void)shutdown(fd, SHUT_WR);
    receive(fd, &in);
    fuzz_hold();
    (void)close(fd);
    if (!raw && sent == (ssize_t)out.n && !out.err &&
        (in.n || is_http(tc_buf_view(&out)))) /* composed: each line ends, and an empty one */
        check_answer(tc_buf_view(&in));
    tc_buf_fini(&in);
    tc_buf_fini(&out);
    return 0;
}
