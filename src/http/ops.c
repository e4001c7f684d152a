/* SPDX-License-Identifier: Apache-2.0 */
/* For those who run the node: is it alive, and how much does it do (Prometheus text format 0.0.4).
 * Numbers only; what the numbers are of, nobody learns here. */
#include "http/handlers.h"
#include "http/internal.h"
#include "http/routes.h"
#include "node/cosigned.h"
#include "node/fetch.h"
#include "node/signer.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>

tc_err tc_http_healthz(struct tc_request *r)
{
    r->status = 200;
    r->type = "text/plain; charset=utf-8";
    tc_buf_cstr(&r->out, "ok\n");
    return TC_OK;
}

static bool from_loopback(struct tc_request *r)
{
    const union MHD_ConnectionInfo *ci =
        MHD_get_connection_info(r->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (!ci || !ci->client_addr)
        return false;
    if (ci->client_addr->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, ci->client_addr, sizeof in);
        return ntohl(in.sin_addr.s_addr) >> 24 == 127;
    }
    struct sockaddr_in6 in;
    memcpy(&in, ci->client_addr, sizeof in);
    return ci->client_addr->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&in.sin6_addr);
}

static uint64_t resident_bytes(void)
{
    unsigned long long pages = 0, unused = 0;
    char text[128];
    FILE *f = fopen("/proc/self/statm", "re");
    if (!f)
        return 0;
    if (fgets(text, sizeof text, f)) {
        char *p = text;
        for (; *p >= '0' && *p <= '9'; p++)
            unused = unused * 10 + (unsigned long long)(*p - '0');
        for (p += *p == ' '; *p >= '0' && *p <= '9'; p++)
            pages = pages * 10 + (unsigned long long)(*p - '0');
    }
    (void)fclose(f);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void metric(struct tc_buf *b, const char *name, const char *type, const char *help,
                   uint64_t value)
{
    tc_buf_fmt(b, "# HELP %s %s\n# TYPE %s %s\n%s %" PRIu64 "\n", name, help, name, type, name,
               value);
}

/* A process that ends is not started again: whoever watches the node must see it. */
static void processes(struct tc_buf *b, struct tc_node *n)
{
    if (!n->signer && !n->fetch)
        return;
    tc_buf_cstr(b, "# HELP tocsin_process_up Is the process that signs, or asks outside, there.\n"
                   "# TYPE tocsin_process_up gauge\n");
    if (n->signer)
        tc_buf_fmt(b, "tocsin_process_up{process=\"signer\"} %d\n", tc_signer_lives(n->signer));
    if (n->fetch)
        tc_buf_fmt(b, "tocsin_process_up{process=\"outside\"} %d\n", tc_fetch_lives(n->fetch));
}

/* Whether history can still be shown not to be rewritten: labels are plain letters. */
static void witnesses(struct tc_buf *b, struct tc_node *n)
{
    struct tc_cosigned_state v[TC_COSIGN_PEERS];
    size_t count = n->cosigned ? tc_cosigned_states(n->cosigned, v) : 0;
    if (!count)
        return;
    tc_buf_cstr(b, "# HELP tocsin_witness_behind_seconds Since when a witness has not cosigned the "
                   "audit log.\n# TYPE tocsin_witness_behind_seconds gauge\n");
    for (size_t i = 0; i < count; i++)
        tc_buf_fmt(b, "tocsin_witness_behind_seconds{witness=\"%s\"} %" PRIu64 "\n", v[i].label,
                   v[i].behind);
    tc_buf_cstr(b, "# HELP tocsin_witness_refuses Does a witness find that history was rewritten.\n"
                   "# TYPE tocsin_witness_refuses gauge\n");
    for (size_t i = 0; i < count; i++)
        tc_buf_fmt(b, "tocsin_witness_refuses{witness=\"%s\"} %d\n", v[i].label, v[i].refuses);
}

tc_err tc_http_metrics(struct tc_request *r)
{
    struct tc_http *h = r->http;
    struct tc_buf *b = &r->out;
    /* behind a proxy everybody comes from loopback: a Forwarded header takes that right away */
    bool local = from_loopback(r) && tc_request_get(r, "Forwarded").n == 0 &&
                 tc_request_get(r, "X-Forwarded-For").n == 0;
    if (!local && !tc_request_watches(r))
        return r->login ? tc_request_fail(r, TC_E_DENIED, "for the operator and the auditor")
                        : tc_request_fail(r, TC_E_AUTH, "sign in first");
    r->status = 200;
    r->type = "text/plain; version=0.0.4; charset=utf-8";
    metric(b, "tocsin_http_requests_total", "counter", "Requests that came in.",
           atomic_load(&h->counters.requests));
    tc_buf_cstr(b, "# HELP tocsin_http_answers_total Answers by class of status.\n"
                   "# TYPE tocsin_http_answers_total counter\n");
    for (unsigned i = 2; i < 6; i++)
        tc_buf_fmt(b, "tocsin_http_answers_total{class=\"%uxx\"} %" PRIu64 "\n", i,
                   atomic_load(&h->counters.answers[i]));
    metric(b, "tocsin_http_answer_bytes_total", "counter", "Bytes of answers.",
           atomic_load(&h->counters.bytes));
    metric(b, "tocsin_http_connections", "gauge", "Open connections.", h->sweep.count);
    metric(b, "tocsin_http_swept_total", "counter", "Connections closed for being too slow.",
           atomic_load(&h->counters.swept));
    metric(b, "tocsin_http_streams", "gauge", "Open event streams.", tc_hub_count(h->hub));
    metric(b, "tocsin_objects_posted_total", "counter", "Objects handed in over HTTP.",
           atomic_load(&h->counters.posted));
    metric(b, "tocsin_journal_entries", "gauge", "Entries in the journal.",
           tc_journal_head(r->node->journal));
    processes(b, r->node);
    witnesses(b, r->node);
    metric(b, "process_resident_memory_bytes", "gauge", "Resident memory.", resident_bytes());
    return TC_OK;
}
