/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report.h"

#include <stdio.h>

static const char style[] =
    "*{box-sizing:border-box}"
    "body{font:14px/1.45 system-ui,'Liberation Sans',Arial,sans-serif;color:#111;background:#fff;"
    "max-width:60em;margin:0 auto;padding:0 1.2em 2em}"
    ".mark{text-align:center;font-weight:700;letter-spacing:.04em;border:1px solid #111;"
    "padding:.25em;margin:.8em 0}"
    "h1{font-size:1.7em;margin:.6em 0 .1em}h2{font-size:1.2em;margin:1.6em 0 .4em;"
    "border-bottom:2px solid #1d4e89;break-after:avoid}"
    ".about{margin:0 0 1em;color:#333}"
    ".facts{display:flex;flex-wrap:wrap;gap:.6em 2em;margin:1em 0}"
    ".facts div{min-width:7em}.facts b{display:block;font-size:1.6em;line-height:1.2}"
    "table{border-collapse:collapse;width:100%;margin:.4em 0;font-size:.93em}"
    "thead{display:table-header-group}tr{break-inside:avoid}"
    "th,td{text-align:left;vertical-align:top;padding:.22em .6em .22em 0;"
    "border-bottom:1px solid #bbb}th{border-bottom:2px solid #444}"
    ".n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
    "figure{margin:1em 0;break-inside:avoid}figcaption{font-weight:600;margin-bottom:.3em}"
    "svg{width:100%;height:auto;display:block}svg text{font-size:11px;fill:#111}"
    ".t{white-space:nowrap}"
    "ul{margin:.3em 0;padding-left:1.3em}";

/* The marking stands at both ends, and on every page that is printed where the browser knows boxes
 * in the margin (CSS Paged Media). */
static void page_style(struct tc_buf *b, const struct tc_report_head *h)
{
    tc_buf_fmt(b,
               "@media print{body{font-size:9.5pt;max-width:none;padding:0}table{font-size:.86em}"
               "h2{margin-top:1.1em}.facts{gap:.4em 1.2em}}"
               "@page{size:A4;margin:20mm 16mm 18mm;"
               "@top-center{content:\"%s\";font:700 10pt sans-serif}"
               "@bottom-left{content:\"%s\";font:700 9pt sans-serif}"
               "@bottom-right{content:counter(page) \" / \" counter(pages);font:9pt sans-serif}}",
               h->marking, h->marking);
}

void tc_report_begin(struct tc_buf *b, const struct tc_report_head *h)
{
    char made[TC_TIME_SIZE];
    tc_time_format(h->made, 0, made);
    tc_buf_cstr(b, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                   "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                   "style-src 'unsafe-inline'\">\n<title>");
    tc_report_text(b, tc_str_cstr(h->title));
    tc_buf_cstr(b, "</title><style>");
    tc_buf_cstr(b, style);
    page_style(b, h);
    tc_buf_cstr(b, "</style></head><body>\n<div class=\"mark\">");
    tc_report_text(b, tc_str_cstr(h->marking));
    tc_buf_cstr(b, "</div>\n<h1>");
    tc_report_text(b, tc_str_cstr(h->title));
    tc_buf_cstr(b, "</h1>\n<p class=\"about\">");
    tc_report_text(b, tc_str_cstr(h->about));
    tc_buf_fmt(b, "<br>Made %s by tocsin.</p>\n", made);
}

void tc_report_end(struct tc_buf *b, const struct tc_report_head *h)
{
    tc_buf_cstr(b, "<div class=\"mark\">");
    tc_report_text(b, tc_str_cstr(h->marking));
    tc_buf_cstr(b, "</div>\n</body></html>\n");
}

void tc_report_text(struct tc_buf *b, struct tc_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '&')
            tc_buf_cstr(b, "&amp;");
        else if (c == '<')
            tc_buf_cstr(b, "&lt;");
        else if (c == '>')
            tc_buf_cstr(b, "&gt;");
        else if (c == '"')
            tc_buf_cstr(b, "&quot;");
        else if (c == '\'')
            tc_buf_cstr(b, "&#39;");
        else
            tc_buf_char(b, c < 0x20 || c == 0x7f ? ' ' : (char)c);
    }
}

void tc_report_fmt(struct tc_buf *b, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    tc_report_text(b, tc_str_cstr(text));
}

void tc_report_heading(struct tc_buf *b, const char *text)
{
    tc_buf_cstr(b, "<h2>");
    tc_report_text(b, tc_str_cstr(text));
    tc_buf_cstr(b, "</h2>\n");
}

void tc_report_number(struct tc_buf *b, uint64_t v)
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)v);
    for (int i = 0; i < n; i++) {
        if (i && (n - i) % 3 == 0)
            tc_buf_cstr(b, "\xe2\x80\xaf"); /* narrow no-break space */
        tc_buf_char(b, digits[i]);
    }
}

void tc_report_facts_begin(struct tc_buf *b)
{
    tc_buf_cstr(b, "<div class=\"facts\">");
}

void tc_report_fact(struct tc_buf *b, uint64_t v, const char *of_what)
{
    tc_buf_cstr(b, "<div><b>");
    tc_report_number(b, v);
    tc_buf_cstr(b, "</b>");
    tc_report_text(b, tc_str_cstr(of_what));
    tc_buf_cstr(b, "</div>");
}

void tc_report_facts_end(struct tc_buf *b)
{
    tc_buf_cstr(b, "</div>\n");
}

void tc_report_table(struct tc_buf *b, const char *const *titles, size_t n)
{
    tc_buf_cstr(b, "<table><thead><tr>");
    for (size_t i = 0; i < n; i++) {
        bool number = titles[i][0] == '#';
        tc_buf_cstr(b, number ? "<th class=\"n\">" : "<th>");
        tc_report_text(b, tc_str_cstr(titles[i] + number));
        tc_buf_cstr(b, "</th>");
    }
    tc_buf_cstr(b, "</tr></thead><tbody>\n");
}

void tc_report_row(struct tc_buf *b)
{
    tc_buf_cstr(b, "<tr>");
}

void tc_report_row_end(struct tc_buf *b)
{
    tc_buf_cstr(b, "</tr>\n");
}

void tc_report_cell(struct tc_buf *b, struct tc_str s)
{
    tc_buf_cstr(b, "<td>");
    tc_report_text(b, s);
    tc_buf_cstr(b, "</td>");
}

void tc_report_cell_number(struct tc_buf *b, uint64_t v)
{
    tc_buf_cstr(b, "<td class=\"n\">");
    tc_report_number(b, v);
    tc_buf_cstr(b, "</td>");
}

void tc_report_table_end(struct tc_buf *b)
{
    tc_buf_cstr(b, "</tbody></table>\n");
}
