/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin register check: what is doubtful in a register that breaks no rule. */
#include "base/arena.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/map.h"
#include "cli/ask.h"
#include "cli/register_graph.h"
#include "cli/register_verbs.h"
#include "codec/jsonw.h"
#include "impact/health.h"

#include <stdio.h>
#include <stdlib.h>

#define MANY_OF_A_KIND 3 /* assets of a kind that say what is usual for it */

enum kind {
    NO_SOURCE,
    SHORT,
    HIDDEN,
    SHARED,
    ALONE,
    NO_SUPPLIERS,
    NO_OPERATOR,
    STRANGER,
    UNTESTED,
    STALE,
    QUIET,
    NOBODY_NEEDS,
    NO_PLACE,
    KINDS
};

static const struct {
    const char *name, *severity, *title, *act;
} kinds[KINDS] = {
    [NO_SOURCE] = {"no-source", "high", "Fed by nobody: down without any outage",
                   "name the source that feeds them, or correct who supplies whom"},
    [SHORT] = {"short", "high", "More is drawn than can be carried: down without any outage",
               "correct capacity, demand or priority, or find another supplier"},
    [HIDDEN] = {"hidden-single-point", "high", "Single points hidden behind several suppliers",
                "find a supplier that does not hang on it, or a stock that outlasts its repair"},
    [SHARED] = {"shared-cause", "high", "Suppliers that one cause would strike together",
                "find a supplier that does not stand there, or a stock that outlasts the repair"},
    [ALONE] = {"isolated", "medium", "Needs nobody and is needed by nobody",
               "ask the operator what it needs and who lives on it, or take it out"},
    [NO_SUPPLIERS] = {"no-suppliers", "medium", "No supplier named, unlike others of its kind",
                      "ask the operator what it needs"},
    [NOBODY_NEEDS] = {"nobody-needs", "low", "Named by nobody, unlike others of its kind",
                      "ask those around it who their supplier is"},
    [NO_OPERATOR] = {"no-operator", "medium", "No operator: nobody would be warned",
                     "enter who runs it"},
    [STRANGER] = {"operator-not-here", "medium",
                  "Operators that are no organisations of this node: no warning reaches them",
                  "add them with tocsin org, or correct the name in the register"},
    [UNTESTED] = {"untested", "medium", "Buffers that nobody has tested lately",
                  "have the operator run on it once, and enter the day in the column tested"},
    [STALE] = {"stale", "medium", "Entries that nobody has looked at lately",
               "have the operator confirm it, and enter the day in the column as_of"},
    [QUIET] = {"unconfirmed", "medium", "Operators that have confirmed nothing lately",
               "ask them to: tocsin register confirm"},
    [NO_PLACE] = {"no-place", "low", "No place: no hazard area will be seen to hit them",
                  "enter lat and lon"},
};

struct finding {
    enum kind kind;
    struct tc_str asset; /* empty: of the register */
    const char *says;
};

struct usual { /* of a kind of asset */
    uint32_t n, supplied, needed;
};

struct check {
    const struct tc_cli_files *f;
    const struct tc_register *r;
    const struct tc_reg_check_ask *ask;
    struct tc_graph *g;
    struct tc_arena *a;
    struct tc_list found, usual;
    struct tc_map *kinds;
    uint32_t *needs, *needed; /* by asset: groups of it; groups that it supplies */
    uint64_t count[KINDS];
    bool whole;
    tc_err e;
};

TC_PRINTF(4, 5)
static void find(struct check *x, enum kind kind, struct tc_str asset, const char *fmt, ...)
{
    char text[600];
    va_list ap;
    uint32_t at;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    struct finding *f = tc_list_push(&x->found, sizeof *f, &at);
    const char *says = tc_arena_cstr(x->a, tc_str_cstr(text));
    if (!f || !says) {
        x->e = TC_E_NOMEM;
        return;
    }
    *f = (struct finding){kind, asset, says};
    x->count[kind]++;
}

/* ---- what one asset says ---- */

static struct usual *usual_of(struct check *x, struct tc_str kind)
{
    uint64_t at = x->usual.n;
    bool added = false;
    uint32_t i;
    if (tc_map_intern(x->kinds, kind, &at, &added) ||
        (added && !tc_list_push(&x->usual, sizeof(struct usual), &i))) {
        x->e = TC_E_NOMEM;
        return NULL;
    }
    return TC_LIST_AT(x->usual, struct usual, at);
}

static void count_links(struct check *x)
{
    for (size_t k = 0; k < x->r->group_count; k++)
        x->needs[x->r->groups[k].asset]++;
    for (size_t i = 0; i < x->r->row_count; i++)
        x->needed[x->r->rows[i].supplier]++;
    for (size_t v = 0; v < x->r->asset_count && !x->e; v++) {
        struct usual *u = x->r->assets[v].kind.n ? usual_of(x, x->r->assets[v].kind) : NULL;
        if (!u)
            continue;
        u->n++;
        u->supplied += x->needs[v] > 0;
        u->needed += x->needed[v] > 0;
    }
}

static void check_links(struct check *x, size_t v)
{
    const struct tc_reg_asset *a = &x->r->assets[v];
    const struct usual *u = a->kind.n ? usual_of(x, a->kind) : NULL;
    bool many = u && u->n > MANY_OF_A_KIND;
    if (!x->needs[v] && !x->needed[v])
        find(x, ALONE, a->id, "no supplier is named, and nobody names it");
    else if (!x->needs[v] && many && 2 * u->supplied >= u->n)
        find(x, NO_SUPPLIERS, a->id, "no supplier is named; %u of %u of the kind '%.*s' have some",
             u->supplied, u->n, TC_FMT(a->kind));
    else if (!x->needed[v] && many && 2 * u->needed >= u->n)
        find(x, NOBODY_NEEDS, a->id, "nobody names it; %u of %u of the kind '%.*s' supply somebody",
             u->needed, u->n, TC_FMT(a->kind));
}

/* Of a node: each operator once. */
static void check_operators(struct check *x)
{
    struct tc_map *assets = tc_map_new(TC_MAX_ASSETS);
    struct tc_str name;
    uint64_t n;
    size_t at = 0;
    x->e = assets ? TC_OK : TC_E_NOMEM;
    for (size_t v = 0; v < x->r->asset_count && !x->e; v++) {
        struct tc_str by = x->r->assets[v].operated_by;
        n = 0;
        if (by.n && !tc_map_get(x->f->here, by, &n)) {
            n = 0;
            (void)tc_map_get(assets, by, &n);
            x->e = tc_map_put(assets, by, n + 1);
        }
    }
    while (!x->e && tc_map_next(assets, &at, &name, &n))
        find(x, STRANGER, TC_STR(""), "'%.*s', who runs %llu of the assets", TC_FMT(name),
             (unsigned long long)n);
    tc_map_free(assets);
}

/* An entry of a node: when anybody last looked at it is known. */
static const struct tc_cli_lately *lately_of(const struct check *x, size_t v)
{
    uint64_t at;
    return x->f->lately_of && tc_map_get(x->f->lately_of, x->r->assets[v].id, &at)
               ? TC_LIST_AT(x->f->lately, const struct tc_cli_lately, at)
               : NULL;
}

static bool is_old(const struct check *x, tc_time t)
{
    return t < x->ask->now - x->ask->older * TC_SECOND;
}

/* Of a node: operators of whose entries none was looked at. */
static void check_quiet(struct check *x)
{
    struct tc_map *newest = tc_map_new(TC_MAX_ASSETS);
    struct tc_str name;
    uint64_t t;
    size_t at = 0;
    x->e = newest ? TC_OK : TC_E_NOMEM;
    for (size_t v = 0; v < x->r->asset_count && !x->e; v++) {
        const struct tc_cli_lately *l = lately_of(x, v);
        struct tc_str by = x->r->assets[v].operated_by;
        if (l && by.n && (!tc_map_get(newest, by, &t) || (tc_time)t < l->at))
            x->e = tc_map_put(newest, by, (uint64_t)l->at);
    }
    while (!x->e && tc_map_next(newest, &at, &name, &t))
        if (is_old(x, (tc_time)t)) {
            char day[TC_TIME_SIZE];
            tc_time_format((tc_time)t, 0, day);
            find(x, QUIET, TC_STR(""), "'%.*s', nothing since %.10s", TC_FMT(name), day);
        }
    tc_map_free(newest);
}

static void check_lately(struct check *x, const struct tc_reg_asset *a,
                         const struct tc_cli_lately *l)
{
    char day[TC_TIME_SIZE];
    tc_time_format(l->at, 0, day);
    if (l->by == TC_LATELY_AS_OF && l->at > x->ask->now + 86400 * TC_SECOND)
        find(x, STALE, a->id, "as of %.*s, which is yet to come", TC_FMT(a->as_of_text));
    else if (is_old(x, l->at))
        find(x, STALE, a->id, "%s %.10s", tc_lately_word(l->by), day);
}

static void check_entries(struct check *x)
{
    bool dated = x->f->lately_of != NULL;
    for (size_t v = 0; v < x->r->asset_count; v++)
        dated = dated || x->r->assets[v].as_of != TC_TIME_NONE;
    if (!dated && x->r->asset_count)
        find(x, STALE, TC_STR(""), "no entry says when it was looked at (column as_of)");
    for (size_t v = 0; v < x->r->asset_count && !x->e; v++) {
        const struct tc_reg_asset *a = &x->r->assets[v];
        check_links(x, v);
        if (!a->operated_by.n)
            find(x, NO_OPERATOR, a->id, "no operator is named");
        if (!a->placed)
            find(x, NO_PLACE, a->id, "no place is given");
        const struct tc_cli_lately *l = lately_of(x, v);
        if (l)
            check_lately(x, a, l);
        else if (dated && a->as_of == TC_TIME_NONE)
            find(x, STALE, a->id, "the entry does not say when it was looked at");
        else if (dated && a->as_of > x->ask->now + 86400 * TC_SECOND)
            find(x, STALE, a->id, "as of %.*s, which is yet to come", TC_FMT(a->as_of_text));
        else if (dated && is_old(x, a->as_of))
            find(x, STALE, a->id, "as of %.*s", TC_FMT(a->as_of_text));
    }
}

static void check_buffers(struct check *x)
{
    uint64_t buffers = 0, tested = 0;
    for (size_t k = 0; k < x->r->group_count; k++) {
        buffers += x->r->groups[k].buffer_hi > 0;
        tested += x->r->groups[k].buffer_hi > 0 && x->r->groups[k].tested != TC_TIME_NONE;
    }
    if (buffers && !tested) {
        find(x, UNTESTED, TC_STR(""),
             "none of %llu buffers says when it was tested (column tested)",
             (unsigned long long)buffers);
        return;
    }
    for (size_t k = 0; k < x->r->group_count && !x->e; k++) {
        const struct tc_reg_group *g = &x->r->groups[k];
        struct tc_str id = x->r->assets[g->asset].id;
        if (g->buffer_hi && g->tested == TC_TIME_NONE)
            find(x, UNTESTED, id, "%.*s: %.*s on its own, never tested", TC_FMT(g->service),
                 TC_FMT(g->buffer_text));
        else if (g->buffer_hi && g->tested < x->ask->now - x->ask->older * TC_SECOND)
            find(x, UNTESTED, id, "%.*s: %.*s on its own, tested %.*s", TC_FMT(g->service),
                 TC_FMT(g->buffer_text), TC_FMT(g->tested_text));
    }
}

/* ---- what the engine finds ---- */

static void check_sources(struct check *x)
{
    const struct tc_cascade_opts o = {.horizon = TC_CASCADE_MAX_TIME};
    struct tc_cascade *c = tc_cascade_new(x->g);
    size_t n = 0;
    x->e = c ? tc_cascade_run(c, NULL, 0, &o, NULL) : TC_E_NOMEM;
    const struct tc_failure *f = x->e ? NULL : tc_cascade_failures(c, &n);
    for (size_t i = 0; i < n && !x->e; i++) {
        struct tc_str id = tc_graph_id(x->g, f[i].asset);
        if (f[i].group == TC_NONE)
            continue;
        struct tc_str service = x->g->services[x->g->service[f[i].group]],
                      via = tc_graph_id(x->g, f[i].via);
        if (f[i].flags & TC_FAIL_PHANTOM)
            find(x, NO_SOURCE, id,
                 "%.*s: those that supply it live on each other, and no source is "
                 "behind them",
                 TC_FMT(service));
        else if (f[i].flags & TC_FAIL_SHED)
            find(x, SHORT, id, "%.*s: %.*s stands, and cannot carry all that is drawn from it",
                 TC_FMT(service), TC_FMT(via));
        else
            find(x, NO_SOURCE, id, "%.*s: %.*s is down without any outage, too", TC_FMT(service),
                 TC_FMT(via));
    }
    tc_cascade_free(c);
}

/* The common causes of a register, and the assets of each. */
struct causes {
    struct tc_str *name;
    struct tc_health_set *sets;
    uint32_t *member; /* what the sets point into */
    size_t n;
};

struct mention {
    uint32_t cause, asset;
};

static int by_cause(const void *a, const void *b)
{
    const struct mention *x = a, *y = b;
    if (x->cause != y->cause)
        return x->cause < y->cause ? -1 : 1;
    return x->asset < y->asset ? -1 : x->asset > y->asset;
}

/* Each name of "Inn valley; duct 7". */
static tc_err mention_all(struct check *x, const struct tc_reg_asset *a, struct tc_map *names,
                          struct tc_list *name, struct tc_list *all)
{
    struct tc_str s = a->causes;
    uint32_t v, i;
    if (!tc_graph_find(x->g, a->id, &v))
        return TC_OK;
    while (s.n) {
        const char *end = memchr(s.p, ';', s.n);
        struct tc_str one = tc_str_trim(tc_str_view(s.p, end ? (size_t)(end - s.p) : s.n));
        uint64_t at = name->n;
        bool added = false;
        s = end ? tc_str_view(end + 1, s.n - (size_t)(end + 1 - s.p)) : tc_str_view("", 0);
        if (!one.n)
            continue;
        tc_err e = tc_map_intern(names, one, &at, &added);
        struct tc_str *kept = !e && added ? tc_list_push(name, sizeof *kept, &i) : NULL;
        struct mention *m = e ? NULL : tc_list_push(all, sizeof *m, &i);
        if (e || !m || (added && !kept))
            return e ? e : TC_E_NOMEM;
        if (kept)
            *kept = one;
        *m = (struct mention){(uint32_t)at, v};
    }
    return TC_OK;
}

static tc_err gather_causes(struct check *x, struct tc_map *names, struct causes *c)
{
    struct tc_list name = {.n = 0}, all = {.n = 0};
    tc_err e = TC_OK;
    for (size_t i = 0; i < x->r->asset_count && !e; i++)
        e = mention_all(x, &x->r->assets[i], names, &name, &all);
    c->name = name.v;
    c->n = e ? 0 : name.n;
    c->sets = calloc(name.n + 1u, sizeof *c->sets);
    c->member = calloc(all.n + 1u, sizeof *c->member);
    if (!e && (!c->sets || !c->member))
        e = TC_E_NOMEM;
    if (!e && all.n)
        qsort(all.v, all.n, sizeof(struct mention), by_cause);
    for (uint32_t i = 0; !e && i < all.n; i++) {
        const struct mention *m = TC_LIST_AT(all, struct mention, i);
        struct tc_health_set *set = &c->sets[m->cause];
        c->member[i] = m->asset;
        if (!set->n++)
            set->assets = &c->member[i];
    }
    free(all.v);
    return e;
}

static void say_hidden(struct check *x, const struct tc_hidden *h)
{
    const struct tc_graph *g = x->g;
    struct tc_str service = g->services[g->service[h->group]];
    char more[80] = "";
    if (h->others)
        (void)snprintf(more, sizeof more,
                       h->others == 1 ? "; so does %u other single outage"
                                      : "; so do %u other single outages",
                       h->others);
    if (h->shed)
        find(x, HIDDEN, tc_graph_id(g, g->group[h->group].owner),
             "%.*s: with %.*s alone down the others cannot carry it, and %u assets fail%s",
             TC_FMT(service), TC_FMT(tc_graph_id(g, h->asset)), h->failed, more);
    else
        find(x, HIDDEN, tc_graph_id(g, g->group[h->group].owner),
             "%.*s: %u of %u suppliers fail with %.*s alone, which takes %u assets%s",
             TC_FMT(service), h->lost, g->in_first[h->group + 1] - g->in_first[h->group],
             TC_FMT(tc_graph_id(g, h->asset)), h->failed, more);
}

static void say_shared(struct check *x, const struct tc_hidden *h, struct tc_str cause)
{
    const struct tc_graph *g = x->g;
    struct tc_str service = g->services[g->service[h->group]];
    if (h->shed)
        find(x, SHARED, tc_graph_id(g, g->group[h->group].owner),
             "%.*s: with the common cause '%.*s' what is left cannot carry it", TC_FMT(service),
             TC_FMT(cause));
    else
        find(x, SHARED, tc_graph_id(g, g->group[h->group].owner),
             "%.*s: %u of %u suppliers fail with the common cause '%.*s'", TC_FMT(service), h->lost,
             g->in_first[h->group + 1] - g->in_first[h->group], TC_FMT(cause));
}

static void look_for_hidden(struct check *x, const struct causes *c)
{
    const struct tc_health_opts o = {.sets = c->sets, .sets_n = c->n, .work = TC_MAX_HEALTH_WORK};
    struct tc_health h;
    x->e = tc_health_run(x->g, &o, &h);
    if (x->e)
        return;
    for (size_t i = 0; i < h.n && !x->e; i++)
        if (h.hidden[i].asset != TC_NONE)
            say_hidden(x, &h.hidden[i]);
        else
            say_shared(x, &h.hidden[i], c->name[h.hidden[i].set]);
    x->whole = h.looked_at == x->g->n;
    tc_health_fini(&h);
}

static void check_hidden(struct check *x)
{
    struct causes c = {.n = 0};
    struct tc_map *names = tc_map_new(TC_MAX_ASSETS);
    x->e = names ? gather_causes(x, names, &c) : TC_E_NOMEM;
    if (!x->e)
        look_for_hidden(x, &c);
    tc_map_free(names);
    free(c.name);
    free(c.sets);
    free(c.member);
}

/* ---- telling ---- */

static int by_kind(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    int c = tc_str_cmp(x->asset, y->asset);
    return c ? c : strcmp(x->says, y->says);
}

static bool print_json(const struct check *x)
{
    struct tc_buf b;
    tc_buf_init(&b, (size_t)4 << 30);
    struct tc_jsonw w = tc_jsonw_into(&b);
    tc_jsonw_object(&w);
    tc_jsonw_ku64(&w, "assets", x->r->asset_count);
    tc_jsonw_ku64(&w, "dependencies", x->r->row_count);
    tc_jsonw_kbool(&w, "all_outages_looked_at", x->whole);
    tc_jsonw_name(&w, "findings");
    tc_jsonw_array(&w);
    for (uint32_t i = 0; i < x->found.n; i++) {
        const struct finding *f = TC_LIST_AT(x->found, struct finding, i);
        tc_jsonw_object(&w);
        tc_jsonw_kcstr(&w, "severity", kinds[f->kind].severity);
        tc_jsonw_kcstr(&w, "kind", kinds[f->kind].name);
        tc_jsonw_ktext(&w, "asset", f->asset);
        tc_jsonw_kcstr(&w, "says", f->says);
        tc_jsonw_kcstr(&w, "do", kinds[f->kind].act);
        tc_jsonw_object_end(&w);
    }
    tc_jsonw_array_end(&w);
    tc_jsonw_object_end(&w);
    tc_buf_char(&b, '\n');
    bool ok = !b.err && fwrite(b.p, 1, b.n, stdout) == b.n;
    tc_buf_fini(&b);
    return ok;
}

static void print_text(const struct check *x)
{
    enum kind last = KINDS;
    uint64_t shown = 0;
    for (uint32_t i = 0; i < x->found.n; i++) {
        const struct finding *f = TC_LIST_AT(x->found, struct finding, i);
        if (f->kind != last) {
            (void)printf("%s%s: %s (%llu)\n", i ? "\n" : "", kinds[f->kind].severity,
                         kinds[f->kind].title, (unsigned long long)x->count[f->kind]);
            (void)printf("  what to do: %s\n", kinds[f->kind].act);
            shown = 0;
        }
        last = f->kind;
        if (shown++ < x->ask->top)
            (void)printf("  %.*s%s%s\n", TC_FMT(f->asset), f->asset.n ? ": " : "", f->says);
        else if (shown == x->ask->top + 1)
            (void)printf("  ... and %llu more (--json has all)\n",
                         (unsigned long long)(x->count[f->kind] - x->ask->top));
    }
    (void)printf("%s%zu assets, %zu dependencies: ", x->found.n ? "\n" : "", x->r->asset_count,
                 x->r->row_count);
    if (x->found.n)
        (void)printf("%u findings\n", x->found.n);
    else
        (void)printf("in good order\n");
    if (!x->whole)
        (void)printf("Not every single outage was looked at: it would have taken too long.\n");
}

static void check_all(struct check *x)
{
    struct tc_diag d;
    tc_diag_init(&d);
    count_links(x);
    if (!x->e)
        check_entries(x);
    if (!x->e && x->f->node)
        check_operators(x);
    if (!x->e && x->f->node)
        check_quiet(x);
    if (!x->e)
        check_buffers(x);
    if (!x->e)
        x->e = tc_register_graph(x->r, &x->g, &d);
    if (!x->e)
        check_sources(x);
    if (!x->e)
        check_hidden(x);
    if (!x->e && x->found.n)
        qsort(x->found.v, x->found.n, sizeof(struct finding), by_kind);
}

int tc_register_check(const struct tc_cli_files *f, const struct tc_reg_check_ask *ask)
{
    struct check x = {.f = f,
                      .r = f->r,
                      .ask = ask,
                      .a = tc_arena_new((size_t)4 << 30),
                      .kinds = tc_map_new(TC_MAX_ASSETS),
                      .needs = calloc(f->r->asset_count + 1, sizeof *x.needs),
                      .needed = calloc(f->r->asset_count + 1, sizeof *x.needed)};
    struct tc_diag d;
    bool ok = true;
    tc_diag_init(&d);
    if (x.a && x.kinds && x.needs && x.needed)
        check_all(&x);
    else
        x.e = TC_E_NOMEM;
    if (!x.e && ask->json)
        ok = print_json(&x);
    else if (!x.e)
        print_text(&x);
    int status = x.e ? tc_cli_fail("register", x.e, &d) : !ok ? 4 : x.found.n ? 1 : 0;
    tc_graph_free(x.g);
    tc_arena_free(x.a);
    tc_map_free(x.kinds);
    free(x.found.v);
    free(x.usual.v);
    free(x.needs);
    free(x.needed);
    return status;
}
