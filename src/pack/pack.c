/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/pack.h"

#include "base/limits.h"
#include "pack/files.h"

/* Tables of all packs together; the largest known set takes 400 KiB. */
#define PACK_ARENA ((size_t)32 << 20)

struct loading {
    struct tc_arena *arena;
    struct tc_pack_blocks blocks;
    tc_pack_tell tell;
    void *arg;
    struct tc_diag *first; /* the caller's */
    bool told;
    tc_err worst;
    const char *const *dirs;
    size_t n_dirs;
};

static void tell_one(void *arg, const struct tc_diag *d)
{
    struct loading *l = arg;
    if (!l->told && l->first)
        *l->first = *d;
    l->told = true;
    if (l->tell)
        l->tell(l->arg, d);
}

static void tell_read(struct loading *l, tc_err e, const struct tc_diag *d)
{
    l->worst = e;
    tell_one(l, d);
}

static void read_text(struct loading *l, const char *file, struct tc_str text)
{
    struct tc_diag d;
    tc_diag_init(&d);
    tc_err e = tc_pack_read(l->arena, file, text, NULL, &l->blocks, &d);
    if (e)
        tell_read(l, e, &d);
}

static void refuse_file(struct loading *l, const char *file, tc_err e, const char *says)
{
    struct tc_diag d;
    tc_diag_init(&d);
    tc_diag_file(&d, file);
    (void)tc_diag_set(&d, e, "%s", says);
    tell_read(l, e, &d);
}

static bool ends_with(const char *name, const char *tail)
{
    return tc_str_ends(tc_str_cstr(name), tc_str_cstr(tail));
}

/* ---- files ---- */

static void load_file(struct loading *l, const char *path)
{
    struct tc_diag d;
    struct tc_str text;
    tc_diag_init(&d);
    tc_err e = tc_pack_file(l->arena, path, &text, &d);
    if (e)
        tell_read(l, e, &d);
    else
        read_text(l, path, text);
}

static void load_folder(struct loading *l, const char *dir)
{
    struct tc_pack_names types, rules;
    tc_err e = tc_pack_names(l->arena, dir, "types", ".types", &types);
    if (!e && !types.there)
        e = tc_pack_names(l->arena, dir, "rules", ".rules", &rules);
    if (e)
        l->worst = e;
    else if (!types.there && !rules.there)
        refuse_file(l, dir, TC_E_NOTFOUND, "is no pack: it has no folder types/ and no rules/");
    else if (types.there && types.n == 0)
        refuse_file(l, dir, TC_E_NOTFOUND, "holds no .types file in its folder types/");
    for (size_t i = 0; !e && i < types.n; i++)
        load_file(l, types.v[i]);
}

static void load_builtin(struct loading *l)
{
    for (size_t i = 0; i < tc_pack_builtin_count; i++) {
        const struct tc_pack_file *f = &tc_pack_builtin[i];
        if (!ends_with(f->path, ".types") ||
            tc_pack_named(l->arena, l->dirs, l->n_dirs, f->pack)) /* stands in its place */
            continue;
        const char *name = tc_arena_fmt(l->arena, "%s/%s", f->pack, f->path);
        read_text(l, name ? name : f->path, tc_str_view(f->data, f->size));
    }
}

/* ---- loading ---- */

static tc_err start(struct loading *l, tc_pack_tell tell, void *arg, struct tc_diag *d)
{
    *l = (struct loading){.arena = tc_arena_new(PACK_ARENA), .tell = tell, .arg = arg, .first = d};
    tc_pack_blocks_init(&l->blocks);
    return l->arena ? TC_OK : tc_diag_set(d, TC_E_NOMEM, "out of memory");
}

static tc_err finish(struct loading *l, struct tc_types **out)
{
    tc_err e = l->worst ? l->worst : tc_pack_compile(l->arena, l->blocks.first, tell_one, l, out);
    if (e && !l->told)
        (void)tc_diag_set(l->first, e, "%s", tc_err_text(e));
    if (e)
        tc_arena_free(l->arena);
    return e;
}

tc_err tc_pack_load(const char *const *dirs, size_t n, tc_pack_tell tell, void *arg,
                    struct tc_types **out, struct tc_diag *d)
{
    struct loading l;
    tc_err e = start(&l, tell, arg, d);
    if (e)
        return e;
    l.dirs = dirs;
    l.n_dirs = n;
    load_builtin(&l);
    for (size_t i = 0; i < n; i++)
        load_folder(&l, dirs[i]);
    return finish(&l, out);
}

tc_err tc_pack_load_text(struct tc_str text, bool builtin, tc_pack_tell tell, void *arg,
                         struct tc_types **out, struct tc_diag *d)
{
    struct loading l;
    tc_err e = start(&l, tell, arg, d);
    if (e)
        return e;
    if (builtin)
        load_builtin(&l);
    struct tc_str copy = tc_arena_dup(l.arena, text);
    if (copy.p || text.n == 0)
        read_text(&l, "text", copy);
    else
        l.worst = tc_arena_err(l.arena);
    return finish(&l, out);
}

struct tc_str tc_pack_builtin_text(const char *pack, const char *path)
{
    for (size_t i = 0; i < tc_pack_builtin_count; i++)
        if (strcmp(tc_pack_builtin[i].pack, pack) == 0 &&
            strcmp(tc_pack_builtin[i].path, path) == 0)
            return tc_str_view(tc_pack_builtin[i].data, tc_pack_builtin[i].size);
    return (struct tc_str){0};
}
