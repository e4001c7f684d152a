/* SPDX-License-Identifier: Apache-2.0 */
#include "warn/cap_out.h"

#include "base/limits.h"
#include "model/audience.h"

#include <math.h>
#include <stdio.h>

/* ---- XML text ---- */

/* Length of the well-formed UTF-8 character at s, 0 when it is none or not allowed in XML 1.0. */
static size_t xml_char(struct tc_str s)
{
    unsigned char c = (unsigned char)s.p[0];
    if (c < 0x80)
        return c >= 0x20 || c == '\t' || c == '\n' ? 1 : 0;
    size_t n = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
    if (n > s.n || !tc_str_utf8(tc_str_view(s.p, n)))
        return 0;
    bool not_a_char = n == 3 && c == 0xEF && (unsigned char)s.p[1] == 0xBF &&
                      (unsigned char)s.p[2] >= 0xBE; /* U+FFFE, U+FFFF */
    return not_a_char ? 0 : n;
}

static const char *xml_escape(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void tc_cap_escape(struct tc_buf *out, struct tc_str s)
{
    while (s.n) {
        const char *escape = xml_escape(s.p[0]);
        size_t n = xml_char(s);
        if (escape)
            tc_buf_cstr(out, escape);
        else if (n)
            tc_buf_add(out, s.p, n);
        else
            tc_buf_cstr(out, "\xEF\xBF\xBD");
        n = n ? n : 1;
        s = tc_str_view(s.p + n, s.n - n);
    }
}

static void put(struct tc_buf *b, const char *name, struct tc_str s)
{
    if (!s.n)
        return;
    tc_buf_fmt(b, "<%s>", name);
    tc_cap_escape(b, s);
    tc_buf_fmt(b, "</%s>\n", name);
}

static void put_z(struct tc_buf *b, const char *name, const char *z)
{
    put(b, name, tc_str_cstr(z));
}

static void put_time(struct tc_buf *b, const char *name, tc_time t)
{
    char z[TC_TIME_SIZE];
    if (t == TC_TIME_NONE)
        return;
    tc_time_format_cap(t, z);
    put_z(b, name, z);
}

/* ---- the message ---- */

/* CAP 1.2 section 3.2.1: identifiers without spaces, commas, '<' and '&'. STIX ids have none, but
 * what is stored is not trusted to be one. */
static bool plain_identifier(struct tc_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || strchr(",<&", s.p[i]))
            return false;
    return s.n > 0;
}

/* Addresses are separated by spaces; one that holds spaces stands in quotes. */
static void put_addresses(struct tc_buf *b, const struct tc_message *m)
{
    tc_buf_cstr(b, "<addresses>");
    tc_cap_escape(b, m->recipient);
    if (m->recipient_name.n && !memchr(m->recipient_name.p, '"', m->recipient_name.n)) {
        tc_buf_cstr(b, " &quot;");
        tc_cap_escape(b, m->recipient_name);
        tc_buf_cstr(b, "&quot;");
    }
    tc_buf_cstr(b, "</addresses>\n");
}

static void put_references(struct tc_buf *b, const struct tc_message *m)
{
    if (!m->n_references)
        return;
    tc_buf_cstr(b, "<references>");
    for (size_t i = 0; i < m->n_references; i++) {
        char z[TC_TIME_SIZE];
        tc_time_format_cap(m->references[i].sent, z);
        tc_buf_cstr(b, i ? " " : "");
        tc_cap_escape(b, m->sender);
        tc_buf_char(b, ',');
        tc_cap_escape(b, m->references[i].warning);
        tc_buf_fmt(b, ",%s", z);
    }
    tc_buf_cstr(b, "</references>\n");
}

static void put_degrees(struct tc_buf *b, double v)
{
    char z[32];
    (void)snprintf(z, sizeof z, "%.5f", v);
    for (char *c = z; *c; c++) /* whatever the locale's decimal sign is */
        if (*c == ',')
            *c = '.';
    tc_buf_cstr(b, z);
}

static bool on_earth(double lat, double lon)
{
    return isfinite(lat) && isfinite(lon) && lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180;
}

static void put_area(struct tc_buf *b, const struct tc_warn_hit *h)
{
    if (h->change == TC_HIT_SPARED)
        return;
    tc_buf_cstr(b, "<area>\n");
    put(b, "areaDesc", h->name);
    if (h->placed && on_earth(h->lat, h->lon)) {
        tc_buf_cstr(b, "<circle>");
        put_degrees(b, h->lat);
        tc_buf_char(b, ',');
        put_degrees(b, h->lon);
        tc_buf_cstr(b, " " TC_CAP_SITE_KM "</circle>\n");
    }
    if (h->country.n) {
        tc_buf_cstr(b, "<geocode>\n");
        put_z(b, "valueName", "ISO3166-1");
        put(b, "value", h->country);
        tc_buf_cstr(b, "</geocode>\n");
    }
    tc_buf_cstr(b, "</area>\n");
}

/* For programs: one parameter for each site, its id and the time at which it is hit. */
static void put_parameter(struct tc_buf *b, const struct tc_warn_hit *h)
{
    char z[TC_TIME_SIZE];
    if (h->at == TC_TIME_NONE || h->change == TC_HIT_SPARED)
        return;
    tc_time_format_cap(h->at, z);
    tc_buf_cstr(b, "<parameter>\n");
    put(b, "valueName", h->asset);
    put_z(b, "value", z);
    tc_buf_cstr(b, "</parameter>\n");
}

static void put_info(struct tc_buf *b, const struct tc_message *m, const struct tc_warn_text *t)
{
    tc_buf_cstr(b, "<info>\n");
    put(b, "language", t->language);
    put_z(b, "category", "Infra");
    put(b, "event", t->event);
    put_z(b, "responseType", tc_response_word(m->response));
    put_z(b, "urgency", tc_urgency_word(m->urgency));
    put_z(b, "severity", tc_severity_word(m->severity));
    put_z(b, "certainty", tc_certainty_word(m->certainty));
    put_time(b, "effective", m->sent);
    put_time(b, "onset", m->onset);
    if (m->expires > m->sent) /* a receiver drops what has expired before it was sent */
        put_time(b, "expires", m->expires);
    put(b, "senderName", m->sender_name);
    put(b, "headline", t->headline);
    put(b, "description", t->description);
    put(b, "instruction", t->instruction);
    for (size_t i = 0; i < m->n_hits; i++)
        put_parameter(b, &m->hits[i]);
    for (size_t i = 0; i < m->n_hits; i++)
        put_area(b, &m->hits[i]);
    tc_buf_cstr(b, "</info>\n");
}

static const char *msg_type(enum tc_warn_kind k)
{
    return k == TC_WARN_ALERT ? "Alert" : k == TC_WARN_UPDATE ? "Update" : "Cancel";
}

static const char *status(enum tc_warn_status s)
{
    return s == TC_WARN_EXERCISE ? "Exercise" : s == TC_WARN_TEST ? "Test" : "Actual";
}

tc_err tc_cap_write(const struct tc_message *m, struct tc_buf *b)
{
    if (m->state != TC_WARN_RELEASED || m->sent == TC_TIME_NONE || !plain_identifier(m->id) ||
        !plain_identifier(m->sender))
        return TC_E_INVALID;
    tc_buf_cstr(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                   "<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">\n");
    put(b, "identifier", m->id);
    put(b, "sender", m->sender);
    put_time(b, "sent", m->sent);
    put_z(b, "status", status(m->status));
    put_z(b, "msgType", msg_type(m->kind));
    put_z(b, "scope", "Private");
    put_addresses(b, m);
    put_z(b, "code", tc_tlp_label(TC_TLP_AMBER_STRICT));
    put(b, "note", m->note);
    put_references(b, m);
    for (size_t i = 0; i < m->n_texts; i++)
        put_info(b, m, &m->texts[i]);
    tc_buf_cstr(b, "</alert>\n");
    return b->err;
}
