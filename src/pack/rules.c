/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/rules.h"

#include "base/limits.h"
#include "base/list.h"
#include "base/num.h"
#include "pack/files.h"
#include "pack/lines.h"
#include "pack/pack.h"
#include "pattern/parse.h"

#include <stdlib.h>

#define ARENA ((size_t)64 << 20)
/* Who publishes what comes with the program (packs/critical-entities/objects). */
#define PROJECT "identity--52bd2e38-2591-4f25-86f1-3e59893c544e"

static const char *const raw[] = {"pattern", "match", "quiet", NULL};

struct loading {
    struct tc_arena *arena;
    struct tc_list rules;
    tc_pack_tell tell;
    void *arg;
    struct tc_diag *first;
    tc_err worst;
    struct tc_str pack;
    bool builtin;
};

/* ---- errors ---- */

static void tell_diag(struct loading *l, struct tc_diag *d)
{
    if (!l->worst && l->first)
        *l->first = *d;
    l->worst = d->code == TC_E_NOMEM || !l->worst ? d->code : l->worst;
    if (l->tell)
        l->tell(l->arg, d);
}

TC_PRINTF(3, 4)
static void refuse(struct loading *l, const struct tc_pack_line *at, const char *fmt, ...)
{
    struct tc_diag d;
    char text[300];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    tc_diag_init(&d);
    tc_diag_file(&d, at->file);
    tc_diag_at(&d, at->line, 0, UINT64_MAX);
    (void)tc_diag_set(&d, TC_E_INVALID, "%s", text);
    tell_diag(l, &d);
}

static void no_memory(struct loading *l)
{
    struct tc_diag d;
    tc_diag_init(&d);
    (void)tc_diag_set(&d, tc_arena_err(l->arena) ? tc_arena_err(l->arena) : TC_E_NOMEM,
                      "out of memory");
    tell_diag(l, &d);
}

/* ---- items ---- */

/* The words from the at-th on with a blank between. */
static struct tc_str words_from(struct loading *l, const struct tc_pack_line *i, uint32_t at)
{
    struct tc_buf b;
    tc_buf_init(&b, TC_MAX_PACK_FILE);
    for (uint32_t k = at; k < i->n_words; k++) {
        tc_buf_cstr(&b, k > at ? " " : "");
        tc_buf_str(&b, i->words[k].s);
    }
    struct tc_str s = tc_arena_dup(l->arena, tc_buf_view(&b));
    if (!s.p || b.err)
        no_memory(l);
    tc_buf_fini(&b);
    return s.p ? s : TC_STR("");
}

static void take_text(struct loading *l, const struct tc_pack_line *i, struct tc_str *out)
{
    if (i->n_words < 2)
        refuse(l, i, "'%.*s' needs a value", TC_FMT(i->words[0].s));
    else if (out->n)
        refuse(l, i, "'%.*s' stands here a second time", TC_FMT(i->words[0].s));
    else
        *out = words_from(l, i, 1);
}

/* "as-of 2026-11-21": the time of this version */
static void take_as_of(struct loading *l, const struct tc_pack_line *i, struct tc_rule *r)
{
    struct tc_str day = {"", 0};
    char z[] = "yyyy-mm-ddT00:00:00Z";
    take_text(l, i, &day);
    if (day.n == 10)
        memcpy(z, day.p, day.n);
    if (tc_time_parse_z(TC_STR(z), &r->created))
        refuse(l, i, "as-of is a day like 2026-11-21");
    r->modified = r->created;
}

static void take_number(struct loading *l, const struct tc_pack_line *i, struct tc_rule *r)
{
    struct tc_str text = {"", 0};
    uint64_t n = 0;
    take_text(l, i, &text);
    if (tc_num_u64(text, 100, &n))
        refuse(l, i, "confidence is a number from 0 to 100");
    r->confidence = (int)n;
}

static void take_cooldown(struct loading *l, const struct tc_pack_line *i, struct tc_rule *r)
{
    struct tc_str text = {"", 0};
    take_text(l, i, &text);
    if (tc_duration_parse(text, TC_MAX_RULE_COOLDOWN, &r->cooldown))
        refuse(l, i, "cooldown is a duration like PT1H, at most 31 days");
}

static void take_says(struct loading *l, const struct tc_pack_line *i, struct tc_rule *r,
                      struct tc_rule_says *says)
{
    if (i->n_words < 3 || !i->words[2].quoted)
        refuse(l, i, "says needs a language and a sentence: says en \"...\"");
    else if (r->n_says == TC_MAX_RULE_LANGUAGES)
        refuse(l, i, "there are at most %d languages", TC_MAX_RULE_LANGUAGES);
    else
        says[r->n_says++] = (struct tc_rule_says){i->words[1].s, words_from(l, i, 2)};
}

static void take_pattern(struct loading *l, const struct tc_pack_line *i, struct tc_pack_rule *r)
{
    if (r->pattern_line)
        refuse(l, i, "'pattern' stands here a second time");
    r->pattern_line = i->line;
    /* blanks and lines stay: an error of the parser then names the place */
    r->rule.pattern = i->words[1].s;
}

static void take_item(struct loading *l, const struct tc_pack_line *i, struct tc_pack_rule *r,
                      struct tc_rule_says *says, struct tc_pack_trial *trials)
{
    struct tc_str word = i->words[0].s;
    if (tc_str_is(word, "name"))
        take_text(l, i, &r->rule.name);
    else if (tc_str_is(word, "description"))
        take_text(l, i, &r->rule.description);
    else if (tc_str_is(word, "per"))
        take_text(l, i, &r->rule.per);
    else if (tc_str_is(word, "about"))
        take_text(l, i, &r->rule.about);
    else if (tc_str_is(word, "severity"))
        take_text(l, i, &r->rule.severity);
    else if (tc_str_is(word, "cooldown"))
        take_cooldown(l, i, &r->rule);
    else if (tc_str_is(word, "confidence"))
        take_number(l, i, &r->rule);
    else if (tc_str_is(word, "as-of"))
        take_as_of(l, i, &r->rule);
    else if (tc_str_is(word, "says"))
        take_says(l, i, &r->rule, says);
    else if (tc_str_is(word, "pattern"))
        take_pattern(l, i, r);
    else if (!tc_str_is(word, "match") && !tc_str_is(word, "quiet"))
        refuse(l, i, "'%.*s' is none of the items of a rule", TC_FMT(word));
    else if (r->n_trials == TC_PACK_MAX_TRIALS)
        refuse(l, i, "a rule has at most %d blocks of observations", TC_PACK_MAX_TRIALS);
    else
        trials[r->n_trials++] =
            (struct tc_pack_trial){tc_str_is(word, "match"), i->line, i->words[1].s};
}

/* ---- rules ---- */

static unsigned line_of(const struct tc_pack_block *b, const char *word)
{
    for (const struct tc_pack_line *i = b->items; i; i = i->next)
        if (tc_str_is(i->words[0].s, word))
            return i->line;
    return b->head->line;
}

/* The line of the item that an error of tc_rule_check is about. */
static unsigned line_at(const struct tc_pack_block *b, const char *path)
{
    static const char *const words[] = {"per", "about", "severity", "cooldown"};
    for (size_t k = 0; k < sizeof words / sizeof words[0]; k++)
        if (tc_str_ends(tc_str_cstr(path), tc_str_cstr(words[k])))
            return line_of(b, words[k]);
    size_t dot = tc_str_find(tc_str_cstr(path), TC_STR("says."));
    for (const struct tc_pack_line *i = b->items; i && dot != SIZE_MAX; i = i->next)
        if (tc_str_is(i->words[0].s, "says") && i->n_words > 1 &&
            tc_str_is(i->words[1].s, path + dot + 5))
            return i->line;
    return b->head->line;
}

static void check_values(struct loading *l, const struct tc_pack_block *b,
                         const struct tc_pack_rule *r)
{
    struct tc_pattern p;
    struct tc_diag d;
    tc_diag_init(&d);
    if (tc_rule_check(&r->rule, l->arena, &d)) {
        tc_diag_file(&d, b->head->file);
        tc_diag_at(&d, line_at(b, d.path), 0, UINT64_MAX);
        tc_diag_path(&d, "", 0);
        tell_diag(l, &d);
    }
    tc_diag_init(&d);
    if (r->pattern_line && tc_pattern_parse(r->rule.pattern, l->arena, &p, &d)) {
        tc_diag_file(&d, b->head->file);
        uint64_t line = d.line ? d.line : 1;
        /* on its first line the pattern begins somewhere behind the word "pattern" */
        tc_diag_at(&d, r->pattern_line + line - 1, line > 1 ? d.column : 0, UINT64_MAX);
        tell_diag(l, &d);
    }
}

/* In one line: blanks outside of strings become one. A comment to the end of its line stays what
 * it is. */
static struct tc_str in_one_line(struct loading *l, struct tc_str text)
{
    char *to = tc_arena_alloc(l->arena, text.n + 1);
    size_t n = 0;
    bool quoted = false;
    text = tc_str_trim(text);
    if (tc_str_find(text, TC_STR("//")) != SIZE_MAX)
        return text;
    if (!to) {
        no_memory(l);
        return TC_STR("");
    }
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool blank = !quoted && (c == ' ' || c == '\n' || c == '\r' || c == '\t');
        if (quoted && c == '\\' && i + 1 < text.n)
            to[n++] = text.p[i++];
        else if (c == '\'')
            quoted = !quoted;
        if (!blank)
            to[n++] = text.p[i];
        else if (to[n - 1] != ' ')
            to[n++] = ' ';
    }
    return tc_str_view(to, n);
}

static bool known(const struct loading *l, struct tc_str id)
{
    for (uint32_t i = 0; i < l->rules.n; i++)
        if (tc_str_eq(TC_LIST_AT(l->rules, struct tc_pack_rule, i)->rule.id, id))
            return true;
    return false;
}

static struct tc_str id_of(struct loading *l, struct tc_str word)
{
    char id[TC_ID_MAX];
    struct tc_id_name b;
    tc_id_name_begin(&b, &tc_uuid_ns_tocsin);
    tc_id_name_cstr(&b, "rule|");
    tc_id_name_str(&b, l->pack);
    tc_id_name_cstr(&b, "|");
    tc_id_name_str(&b, word);
    tc_id_name_end(&b, TC_STR("indicator"), id);
    return tc_arena_dup(l->arena, tc_str_cstr(id));
}

static void must_have(struct loading *l, const struct tc_pack_block *b,
                      const struct tc_pack_rule *r)
{
    size_t matches = 0;
    for (size_t i = 0; i < r->n_trials; i++)
        matches += r->trials[i].match;
    if (!r->rule.name.n)
        refuse(l, b->head, "the rule needs a name");
    if (!r->pattern_line)
        refuse(l, b->head, "the rule needs a pattern");
    if (r->rule.created == TC_TIME_NONE)
        refuse(l, b->head, "the rule needs as-of, the day of this version");
    if (!matches || matches == r->n_trials)
        refuse(l, b->head,
               "the rule needs observations that it matches and some that it does not: match, "
               "quiet");
}

static void take_rule(struct loading *l, const struct tc_pack_block *b)
{
    const struct tc_pack_line *h = b->head;
    if (!tc_str_is(h->words[0].s, "rule") || h->n_words != 2) {
        refuse(l, h, "a block of a .rules file begins with rule NAME");
        return;
    }
    struct tc_pack_trial *trials = tc_arena_zalloc(l->arena, TC_PACK_MAX_TRIALS, sizeof *trials);
    struct tc_rule_says *says = tc_arena_zalloc(l->arena, TC_MAX_RULE_LANGUAGES, sizeof *says);
    struct tc_pack_rule r = {.rule = {.id = id_of(l, h->words[1].s),
                                      .pattern_type = TC_STR("stix"),
                                      .creator = l->builtin ? TC_STR(PROJECT) : TC_STR(""),
                                      .created = TC_TIME_NONE,
                                      .modified = TC_TIME_NONE,
                                      .from = TC_TIME_MIN,
                                      .until = TC_TIME_MAX,
                                      .extended = true,
                                      .confidence = -1,
                                      .says = says},
                             .pack = l->pack,
                             .word = h->words[1].s,
                             .file = h->file,
                             .line = h->line,
                             .trials = trials};
    if (!trials || !says || !r.rule.id.p) {
        no_memory(l);
        return;
    }
    if (known(l, r.rule.id))
        refuse(l, h, "there is a rule with this name in this pack already");
    for (const struct tc_pack_line *i = b->items; i; i = i->next)
        take_item(l, i, &r, says, trials);
    must_have(l, b, &r);
    check_values(l, b, &r);
    r.rule.pattern = in_one_line(l, r.rule.pattern);
    struct tc_pack_rule *to = tc_list_push(&l->rules, sizeof r, &(uint32_t){0});
    if (!to || l->rules.n > TC_PACK_MAX_RULES)
        no_memory(l);
    else
        *to = r;
}

static void read_rules(struct loading *l, const char *file, struct tc_str text)
{
    struct tc_pack_blocks blocks;
    struct tc_diag d;
    tc_diag_init(&d);
    tc_pack_blocks_init(&blocks);
    if (tc_pack_read(l->arena, file, text, raw, &blocks, &d))
        tell_diag(l, &d);
    for (const struct tc_pack_block *b = blocks.first; b; b = b->next)
        take_rule(l, b);
}

/* ---- folders ---- */

static void read_file(struct loading *l, const char *path)
{
    struct tc_str text;
    struct tc_diag d;
    tc_diag_init(&d);
    if (tc_pack_file(l->arena, path, &text, &d))
        tell_diag(l, &d);
    else
        read_rules(l, path, text);
}

static void read_folder(struct loading *l, const char *dir)
{
    struct tc_pack_names files;
    l->pack = tc_pack_name(l->arena, dir);
    l->builtin = false;
    if (tc_pack_names(l->arena, dir, "rules", ".rules", &files)) {
        no_memory(l);
        return;
    }
    for (size_t i = 0; i < files.n; i++)
        read_file(l, files.v[i]);
}

static void read_builtin(struct loading *l, const char *const *dirs, size_t n)
{
    l->builtin = true;
    for (size_t i = 0; i < tc_pack_builtin_count; i++) {
        const struct tc_pack_file *f = &tc_pack_builtin[i];
        if (!tc_str_ends(tc_str_cstr(f->path), TC_STR(".rules")) ||
            tc_pack_named(l->arena, dirs, n, f->pack))
            continue;
        const char *name = tc_arena_fmt(l->arena, "%s/%s", f->pack, f->path);
        l->pack = tc_str_cstr(f->pack);
        read_rules(l, name ? name : f->path, tc_str_view(f->data, f->size));
    }
}

static tc_err begin(struct loading *l, tc_pack_tell tell, void *arg, struct tc_diag *d)
{
    *l = (struct loading){.arena = tc_arena_new(ARENA), .tell = tell, .arg = arg, .first = d};
    return l->arena ? TC_OK : tc_diag_set(d, TC_E_NOMEM, "out of memory");
}

static tc_err finish(struct loading *l, struct tc_pack_rules **out)
{
    struct tc_pack_rules *r = tc_arena_zalloc(l->arena, 1, sizeof *r);
    struct tc_pack_rule *v = tc_arena_zalloc(l->arena, l->rules.n + 1, sizeof *v);
    if (!r || !v) {
        no_memory(l);
    } else {
        if (l->rules.n)
            memcpy(v, l->rules.v, l->rules.n * sizeof *v);
        *r = (struct tc_pack_rules){l->arena, v, l->rules.n};
    }
    free(l->rules.v);
    if (l->worst)
        tc_arena_free(l->arena);
    else
        *out = r;
    return l->worst;
}

tc_err tc_pack_rules_load(const char *const *dirs, size_t n, bool builtin, tc_pack_tell tell,
                          void *arg, struct tc_pack_rules **out, struct tc_diag *d)
{
    struct loading l;
    tc_err e = begin(&l, tell, arg, d);
    if (e)
        return e;
    if (builtin)
        read_builtin(&l, dirs, n);
    for (size_t i = 0; i < n; i++)
        read_folder(&l, dirs[i]);
    return finish(&l, out);
}

tc_err tc_pack_rules_text(struct tc_str pack, struct tc_str text, tc_pack_tell tell, void *arg,
                          struct tc_pack_rules **out, struct tc_diag *d)
{
    struct loading l;
    tc_err e = begin(&l, tell, arg, d);
    if (e)
        return e;
    struct tc_str copy = tc_arena_dup(l.arena, text);
    l.pack = tc_arena_dup(l.arena, pack);
    if (copy.p || !text.n)
        read_rules(&l, "text", copy);
    else
        no_memory(&l);
    return finish(&l, out);
}

tc_err tc_pack_rules_file(const char *path, tc_pack_tell tell, void *arg,
                          struct tc_pack_rules **out, struct tc_diag *d)
{
    struct loading l;
    tc_err e = begin(&l, tell, arg, d);
    if (e)
        return e;
    const char *name = tc_arena_fmt(l.arena, "%s", path);
    l.pack = TC_STR("file");
    read_file(&l, name ? name : "");
    return finish(&l, out);
}

void tc_pack_rules_free(struct tc_pack_rules *r)
{
    if (r)
        tc_arena_free(r->arena);
}
