/* SPDX-License-Identifier: Apache-2.0 */
/* The case file for people: one list of headings and rows, written as a page or as Markdown. */
#include "watch/casefile.h"

#include <stdio.h>

struct page {
    struct tc_buf *out;
    bool html;
};

static const char top[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Case "
    "file</title><style>"
    "body{font:11pt/1.4 system-ui,sans-serif;max-width:48em;margin:2em auto;padding:0 1em;"
    "color:#111}h1{font-size:1.5em}h2{font-size:1.1em;margin-top:1.6em}table{border-collapse:"
    "collapse;width:100%}td,th{border:1px solid #999;padding:.25em .5em;text-align:left;"
    "vertical-align:top}thead{display:table-header-group}tr{break-inside:avoid}.bar{background:#"
    "347;height:.7em;display:inline-block}.mark{text-align:center;font-weight:700;border:1px solid "
    "#111;"
    "padding:.25em;margin:.8em 0}@media print{body{margin:0;max-width:"
    "none}h2{break-after:avoid}}";

/* Boxes in the margin of each sheet (CSS Paged Media). */
static void page_style(struct tc_buf *b, const char *marking)
{
    tc_buf_fmt(b,
               "@page{size:A4;margin:20mm 16mm 18mm;"
               "@top-center{content:\"%s\";font:700 10pt sans-serif}"
               "@bottom-left{content:\"%s\";font:700 9pt sans-serif}"
               "@bottom-right{content:counter(page) \" / \" counter(pages);font:9pt sans-serif}}"
               "</style></head><body>\n",
               marking, marking);
}

static void put_marking(struct tc_buf *b, bool html, const char *marking)
{
    tc_buf_fmt(b, html ? "<div class=\"mark\">%s</div>\n" : "\n**%s**\n", marking);
}

static void escaped(struct tc_buf *b, struct tc_str s, bool html)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        const char *as = !html       ? (c == '|' ? "\\|" : NULL)
                         : c == '&'  ? "&amp;"
                         : c == '<'  ? "&lt;"
                         : c == '>'  ? "&gt;"
                         : c == '"'  ? "&quot;"
                         : c == '\'' ? "&#39;"
                                     : NULL;
        if (as)
            tc_buf_cstr(b, as);
        else
            tc_buf_char(b, c < 32 || c == 127 ? ' ' : (char)c);
    }
}

static void heading(struct page *p, int level, const char *text)
{
    if (p->html)
        tc_buf_fmt(p->out, "<h%d>%s</h%d>\n", level, text, level);
    else
        tc_buf_fmt(p->out, "\n%s %s\n\n", level == 1 ? "#" : "##", text);
}

static void cell(struct page *p, struct tc_str s)
{
    tc_buf_cstr(p->out, p->html ? "<td>" : "| ");
    escaped(p->out, s, p->html);
    tc_buf_cstr(p->out, p->html ? "</td>" : " ");
}

static void cell_u64(struct page *p, uint64_t v)
{
    char t[24];
    (void)snprintf(t, sizeof t, "%llu", (unsigned long long)v);
    cell(p, tc_str_cstr(t));
}

static void cell_people(struct page *p, const struct tc_impact_settings *s, uint64_t people)
{
    if (tc_case_hides(s, people))
        cell(p, TC_STR("too few to be told"));
    else
        cell_u64(p, people);
}

static void row_begin(struct page *p)
{
    if (p->html)
        tc_buf_cstr(p->out, "<tr>");
}

static void row_end(struct page *p)
{
    tc_buf_cstr(p->out, p->html ? "</tr>\n" : "|\n");
}

/* titles: NULL at the end */
static void table_begin(struct page *p, const char *const *titles)
{
    if (p->html)
        tc_buf_cstr(p->out, "<table><thead><tr>");
    for (size_t i = 0; titles[i]; i++)
        tc_buf_fmt(p->out, p->html ? "<th>%s</th>" : "| %s ", titles[i]);
    tc_buf_cstr(p->out, p->html ? "</tr></thead><tbody>\n" : "|\n");
    for (size_t i = 0; !p->html && titles[i]; i++)
        tc_buf_cstr(p->out, "|---");
    if (!p->html)
        tc_buf_cstr(p->out, "|\n");
}

static void table_end(struct page *p)
{
    if (p->html)
        tc_buf_cstr(p->out, "</tbody></table>\n");
}

static void line(struct page *p, const char *name, struct tc_str value)
{
    row_begin(p);
    cell(p, tc_str_cstr(name));
    cell(p, value);
    row_end(p);
}

static void line_u64(struct page *p, const char *name, uint64_t value)
{
    row_begin(p);
    cell(p, tc_str_cstr(name));
    cell_u64(p, value);
    row_end(p);
}

static void about(struct page *p, const struct tc_case *x, const struct tc_graph *g,
                  const struct tc_impact_settings *s, const char *at)
{
    static const char *const titles[] = {"Asset", "", NULL};
    table_begin(p, titles);
    line(p, "id", tc_graph_id(g, x->asset));
    line(p, "name", tc_graph_name(g, x->asset));
    line(p, "sector", g->sectors[g->sector[x->asset]]);
    line(p, "country", tc_graph_country(g, x->asset));
    line_u64(p, "horizon, hours", x->horizon / 3600);
    line(p, "made", tc_str_cstr(at));
    table_end(p);
    heading(p, 2, "What its outage alone does");
    table_begin(p, (const char *const[]){"Within the horizon", "", NULL});
    line_u64(p, "assets that fail, itself counted", x->failed);
    row_begin(p);
    cell(p, TC_STR("people"));
    cell_people(p, s, x->tally.people);
    row_end(p);
    if (!tc_case_hides(s, x->tally.people))
        line_u64(p, "people x hours", x->people_seconds / 3600);
    line_u64(p, "Member States of the EU", x->tally.member_states);
    line(p, "two or more Member States",
         x->tally.member_states >= 2 ? TC_STR("yes") : TC_STR("no"));
    line(p, "six or more Member States (CER Article 17)",
         x->tally.member_states >= 6 ? TC_STR("yes") : TC_STR("no"));
    line_u64(p, "groups it supplies that hold without it", x->groups_hold);
    line_u64(p, "groups that run on a buffer for a while", x->groups_buffered);
    line_u64(p, "groups that stop at once", x->groups_stop);
    table_end(p);
}

static void criteria(struct page *p, const struct tc_case *x, const struct tc_impact_settings *s)
{
    struct tc_criterion_row rows[TC_CRITERIA];
    tc_case_criteria(x, s, rows);
    heading(p, 2, "Criteria");
    table_begin(p,
                (const char *const[]){"Criterion", "What", "Value", "Threshold", "Result", NULL});
    for (int i = 0; i < TC_CRITERIA; i++) {
        char value[64] = "not known", threshold[32] = "none entered";
        if (rows[i].known)
            (void)snprintf(value, sizeof value, "%llu %s", (unsigned long long)rows[i].value,
                           rows[i].unit);
        if (rows[i].by < TC_THRESHOLDS && s->given[rows[i].by])
            (void)snprintf(threshold, sizeof threshold, "%llu",
                           (unsigned long long)s->threshold[rows[i].by]);
        row_begin(p);
        cell(p, tc_str_cstr(rows[i].law));
        cell(p, tc_str_cstr(rows[i].text));
        cell(p, tc_str_cstr(value));
        cell(p, tc_str_cstr(threshold));
        cell(p, tc_str_cstr(tc_judged_word(rows[i].judged)));
        row_end(p);
    }
    table_end(p);
    if (s->as_of[0]) {
        tc_buf_char(p->out, '\n'); /* another table */
        table_begin(p, (const char *const[]){"Thresholds", "", NULL});
        line(p, "as of", tc_str_cstr(s->as_of));
        line(p, "decided by", tc_str_cstr(s->decided_by));
        table_end(p);
    }
}

static void bar(struct page *p, uint64_t part, uint64_t all)
{
    unsigned percent = all ? (unsigned)(100 * part / all) : 0;
    if (p->html)
        tc_buf_fmt(p->out, "<td><span class=\"bar\" style=\"width:%u%%\"></span> %u %%</td>",
                   percent / 2, percent);
    else
        tc_buf_fmt(p->out, "| %u %% ", percent);
}

static void reasons(struct page *p, const struct tc_case *x, const struct tc_graph *g,
                    const struct tc_impact_settings *s)
{
    heading(p, 2, "Why: the ways by which it spreads");
    table_begin(p, (const char *const[]){"Through", "Name", "For want of", "Assets", "People",
                                         "Of the people x hours", NULL});
    for (size_t i = 0; i < x->n_reasons; i++) {
        const struct tc_case_reason *r = &x->reason[i];
        row_begin(p);
        cell(p, tc_graph_id(g, r->asset));
        cell(p, tc_graph_name(g, r->asset));
        cell(p, r->group == TC_NONE ? TC_STR("") : g->services[g->service[r->group]]);
        cell_u64(p, r->assets);
        cell_people(p, s, r->people);
        bar(p, r->people_seconds, x->people_seconds);
        row_end(p);
    }
    table_end(p);
}

static void parts(struct page *p, const struct tc_impact_settings *s, const char *title,
                  const struct tc_tally_part *part, size_t n)
{
    heading(p, 2, title);
    table_begin(p, (const char *const[]){title, "Assets", "People", NULL});
    for (size_t i = 0; i < n; i++) {
        row_begin(p);
        cell(p, part[i].name);
        cell_u64(p, part[i].assets);
        cell_people(p, s, part[i].people);
        row_end(p);
    }
    table_end(p);
}

static void assume(struct page *p, const char *text)
{
    tc_buf_cstr(p->out, p->html ? "<li>" : "- ");
    escaped(p->out, tc_str_cstr(text), p->html);
    tc_buf_cstr(p->out, p->html ? "</li>\n" : "\n");
}

static void assumed(struct page *p, const struct tc_case *x, const struct tc_graph *g)
{
    char text[256];
    heading(p, 2, "What was assumed");
    if (p->html)
        tc_buf_cstr(p->out, "<ul>\n");
    (void)snprintf(text, sizeof text,
                   "It fails alone, at once and for good; looked %u hours ahead, in a register of "
                   "%u assets and %u dependencies.",
                   x->horizon / 3600, g->n, g->e);
    assume(p, text);
    assume(p, "Ranges of buffers count with their shortest time. Nobody steps in.");
    assume(p, tc_graph_needs_engine(g)
                  ? "A supplier that runs short sheds in the order of priority; calendars count "
                    "with their highest hour."
                  : "No capacity is in the register: nothing overloads.");
    assume(p, "People are those that the register gives to the assets that fail, at any hour the "
              "same, added up: who is counted at two counts twice.");
    assume(p, "Criteria without a threshold are not judged; thresholds are the authority's.");
    if (p->html)
        tc_buf_cstr(p->out, "</ul>\n");
}

static void all(struct page *p, const struct tc_case *x, const struct tc_graph *g,
                const struct tc_impact_settings *s, const char *at, const char *marking)
{
    if (p->html) {
        tc_buf_cstr(p->out, top);
        page_style(p->out, marking);
    }
    put_marking(p->out, p->html, marking);
    heading(p, 1, "Case file");
    about(p, x, g, s, at);
    criteria(p, x, s);
    reasons(p, x, g, s);
    parts(p, s, "Sectors", x->tally.sectors, x->tally.sector_count);
    parts(p, s, "Countries", x->tally.countries, x->tally.country_count);
    assumed(p, x, g);
    put_marking(p->out, p->html, marking);
    if (p->html)
        tc_buf_cstr(p->out, "</body></html>\n");
}

void tc_case_html(const struct tc_case *x, const struct tc_graph *g,
                  const struct tc_impact_settings *s, const char *at, const char *marking,
                  struct tc_buf *out)
{
    struct page p = {out, true};
    all(&p, x, g, s, at, marking);
}

void tc_case_text(const struct tc_case *x, const struct tc_graph *g,
                  const struct tc_impact_settings *s, const char *at, const char *marking,
                  struct tc_buf *out)
{
    struct page p = {out, false};
    all(&p, x, g, s, at, marking);
}
