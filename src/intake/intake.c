/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/intake.h"

#include "base/limits.h"
#include "codec/slices.h"
#include "intake/prep.h"

#include <stdlib.h>

/* An entry for the journal and the item that tells of it: items in the order of the input, entries
 * only for those that are fit. */
struct tc_intake_batch {
    struct tc_node *n;
    struct tc_arena *arena;
    struct tc_item *items;
    size_t n_items, cap;
    struct tc_entry_in *entries;
    size_t *item_of; /* entry -> item */
    size_t n_entries;
    struct tc_principal who; /* a copy: whom the outcomes are told */
    tc_journal_done done;
    void *arg;
};

/* The body once more, 300 bytes of entry and ids for each object, and what JSON needs. */
#define BATCH_ARENA (TC_MAX_BODY + (size_t)TC_MAX_BODY_OBJECTS * 1024 + (8u << 20))

static struct tc_intake_batch *batch_new(struct tc_node *n)
{
    struct tc_intake_batch *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->n = n;
    b->arena = tc_arena_new(BATCH_ARENA);
    if (!b->arena) {
        free(b);
        return NULL;
    }
    return b;
}

void tc_intake_free(struct tc_intake_batch *b)
{
    if (!b)
        return;
    tc_arena_free(b->arena);
    free(b->items);
    free(b->entries);
    free(b->item_of);
    free(b);
}

static tc_err batch_grow(struct tc_intake_batch *b)
{
    if (b->n_items < b->cap)
        return TC_OK;
    if (b->cap == TC_MAX_BODY_OBJECTS)
        return TC_E_LIMIT;
    size_t cap = b->cap ? b->cap * 4 : 16;
    if (cap > TC_MAX_BODY_OBJECTS)
        cap = TC_MAX_BODY_OBJECTS;
    struct tc_item *items = realloc(b->items, cap * sizeof *items);
    if (items)
        b->items = items;
    struct tc_entry_in *entries = realloc(b->entries, cap * sizeof *entries);
    if (entries)
        b->entries = entries;
    size_t *item_of = realloc(b->item_of, cap * sizeof *item_of);
    if (item_of)
        b->item_of = item_of;
    if (!items || !entries || !item_of)
        return TC_E_NOMEM;
    b->cap = cap;
    return TC_OK;
}

struct preparing {
    struct tc_intake_batch *b;
    struct tc_markings *markings;
    struct tc_repeats *repeats;
    struct tc_prep *prep;
    uint32_t community;
    struct tc_diag *d;
};

static tc_err add_object(void *arg, const struct tc_slice *s)
{
    struct preparing *p = arg;
    struct tc_intake_batch *b = p->b;
    tc_err e = batch_grow(b);
    if (e)
        return tc_diag_set(p->d, e,
                           e == TC_E_LIMIT ? "more than %u objects in one body" : "out of memory",
                           TC_MAX_BODY_OBJECTS);
    struct tc_item *item = &b->items[b->n_items];
    struct tc_entry_in *entry = &b->entries[b->n_entries];
    *item = (struct tc_item){.version = TC_TIME_NONE, .added = TC_TIME_NONE};
    tc_diag_init(&item->diag);
    item->diag.offset = s->offset;
    e = tc_prep_object(p->prep, s->bytes, TC_PREP_CHECK | TC_PREP_GATE, b->arena, entry,
                       &item->diag);
    if (!e)
        e = tc_prep_repeat(p->repeats, entry, tc_repeat_key(entry->id, entry->version, entry->body),
                           &item->diag);
    if (tc_prep_objects_fault(e)) {
        if (s->index == 0 && tc_prep_is_empty(p->prep, s->bytes))
            return TC_OK;
        (void)tc_str_copy(tc_str_cstr(item->diag.object), item->id, sizeof item->id);
        item->state = TC_ITEM_SKIPPED;
        b->n_items++;
        return TC_OK;
    }
    if (e) {
        if (p->d)
            *p->d = item->diag;
        return e;
    }
    (void)tc_str_copy(entry->id, item->id, sizeof item->id);
    item->version = entry->version;
    item->state = TC_ITEM_PENDING;
    entry->community = p->community;
    b->item_of[b->n_entries++] = b->n_items++;
    return TC_OK;
}

static bool keep_who(struct tc_intake_batch *b, const struct tc_principal *who)
{
    size_t bytes = who->communities.n * sizeof *who->communities.v;
    size_t since = who->since.n * sizeof *who->since.v;
    size_t only = who->only.n * sizeof *who->only.v;
    size_t withheld = who->withheld.n * sizeof *who->withheld.v;
    uint32_t *list = tc_arena_alloc(b->arena, bytes + since + only + withheld + 1);
    if (!list)
        return false;
    if (bytes)
        memcpy(list, who->communities.v, bytes);
    if (since)
        memcpy(list + who->communities.n, who->since.v, since);
    if (only)
        memcpy(list + who->communities.n + who->since.n, who->only.v, only);
    uint32_t *last = list + who->communities.n + who->since.n + who->only.n;
    if (withheld)
        memcpy(last, who->withheld.v, withheld);
    b->who = *who;
    b->who.withheld.v = last;
    b->who.communities.v = list;
    b->who.since.v = list + who->communities.n;
    b->who.only.v = list + who->communities.n + who->since.n;
    return true;
}

static tc_err prepare(struct preparing *p, const struct tc_principal *who, struct tc_str body)
{
    struct tc_str copy = tc_arena_dup(p->b->arena, body);
    if (!copy.p || !keep_who(p->b, who))
        return tc_diag_set(p->d, tc_arena_err(p->b->arena), "the body is larger than %u bytes",
                           TC_MAX_BODY);
    tc_err e = tc_slices_memory(copy, TC_MAX_OBJECT, add_object, p, p->d);
    return e ? e : tc_prep_finish(p->markings, p->b->entries, p->b->n_entries, p->d);
}

tc_err tc_intake_not_there(const struct tc_intake_from *from, struct tc_diag *d)
{
    return tc_diag_set(d, TC_E_DENIED,
                       from->principal->only.n
                           ? "this token posts to its own communities only"
                           : "the organisation is no member of this community, or only reads it");
}

tc_err tc_intake_prepare(struct tc_node *n, const struct tc_intake_from *from, struct tc_str body,
                         struct tc_intake_batch **out, struct tc_diag *d)
{
    if (body.n > TC_MAX_BODY)
        return tc_diag_set(d, TC_E_LIMIT, "the body is larger than %u bytes", TC_MAX_BODY);
    if (body.n == 0)
        return tc_diag_set(d, TC_E_SYNTAX, "the input is empty");
    if (!tc_access_may_write(n->access, from->principal, from->community))
        return tc_intake_not_there(from, d);
    struct preparing p = {.b = batch_new(n),
                          .markings = tc_markings_new(n, from),
                          .repeats = tc_repeats_new(),
                          .community = from->community,
                          .d = d};
    p.prep = tc_prep_new(n, p.markings);
    tc_err e = p.b && p.prep && p.repeats ? prepare(&p, from->principal, body)
                                          : tc_diag_set(d, TC_E_NOMEM, "out of memory");
    tc_prep_free(p.prep);
    tc_repeats_free(p.repeats);
    tc_markings_free(p.markings);
    if (e)
        tc_intake_free(p.b);
    else
        *out = p.b;
    return e;
}

size_t tc_intake_count(const struct tc_intake_batch *b)
{
    return b->n_items;
}

const struct tc_item *tc_intake_item(const struct tc_intake_batch *b, size_t i)
{
    return &b->items[i];
}

const struct tc_audience *tc_intake_audience(const struct tc_intake_batch *b, size_t i)
{
    size_t lo = 0, hi = b->n_entries; /* item_of ascends */
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (b->item_of[mid] < i)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < b->n_entries && b->item_of[lo] == i
               ? tc_journal_audience_of(b->n->journal, b->entries[lo].audience)
               : NULL;
}

/* ---- appending ---- */

static void item_outcome(struct tc_item *item, const struct tc_entry_in *e)
{
    item->seq = e->seq;
    item->added = e->added;
    if (item->version == TC_TIME_NONE)
        item->version = e->added;
    if (tc_prep_outcome(e, &item->diag))
        item->state = TC_ITEM_SKIPPED;
    else
        item->state = e->outcome == TC_OUT_SAME ? TC_ITEM_SAME : TC_ITEM_NEW;
}

/* May it know that there is such an object? From memory: the writer's thread waits for nothing. */
static bool may_know(struct tc_intake_batch *b, const struct tc_entry_in *e)
{
    const struct tc_query q = {.ids = &e->id,
                               .n_ids = 1,
                               .versions = 1u << TC_VERSIONS_ALL,
                               .added_after = TC_TIME_NONE,
                               .no_body = true};
    uint64_t n = 0;
    return tc_journal_count(b->n->journal, &b->who, &q, &n) == TC_OK && n > 0;
}

/* Whoever may read nothing of the object that stands in the way is told one thing, whatever the
 * reason: not whose it is, not whether it was revoked, not whether the content agreed, not since
 * when it has been there. That the same bytes are here already is told as if they were new. */
static void outcomes(struct tc_intake_batch *b)
{
    for (size_t i = 0; i < b->n_entries; i++) {
        struct tc_item *item = &b->items[b->item_of[i]];
        struct tc_entry_in *e = &b->entries[i];
        bool hides = e->outcome != TC_OUT_APPENDED && !may_know(b, e);
        if (hides) {
            e->seq = 0;
            e->added = TC_TIME_NONE;
        }
        item_outcome(item, e);
        if (hides && item->state == TC_ITEM_SAME)
            item->state = TC_ITEM_NEW;
        else if (hides)
            (void)tc_diag_set(&item->diag, TC_E_DENIED, "this id cannot be used here");
    }
}

tc_err tc_intake_append(struct tc_intake_batch *b)
{
    tc_err e = b->n_entries ? tc_journal_append(b->n->journal, b->entries, b->n_entries) : TC_OK;
    if (!e)
        outcomes(b);
    return e;
}

static void appended(void *arg, tc_err result)
{
    struct tc_intake_batch *b = arg;
    if (!result)
        outcomes(b);
    b->done(b->arg, result);
}

tc_err tc_intake_submit(struct tc_intake_batch *b, tc_journal_done done, void *arg)
{
    b->done = done;
    b->arg = arg;
    if (!b->n_entries) {
        done(arg, TC_OK);
        return TC_OK;
    }
    return tc_journal_submit(b->n->journal, b->entries, b->n_entries, appended, b);
}

/* ---- the node's own conclusions ---- */

static tc_err own_entries(struct tc_node *n, struct tc_prep *prep,
                          const struct tc_own_object *objects, size_t count, struct tc_arena *a,
                          struct tc_entry_in *entries, struct tc_diag *d)
{
    for (size_t i = 0; i < count; i++) {
        tc_err e = tc_prep_object(prep, objects[i].text, TC_PREP_CHECK, a, &entries[i], d);
        if (e)
            return e;
        entries[i].community = objects[i].audience.community;
        e = tc_journal_audience(n->journal, &objects[i].audience, &entries[i].audience);
        if (e)
            return tc_diag_set(d, e, "the audience could not be stored");
    }
    return TC_OK;
}

tc_err tc_intake_own(struct tc_node *n, const struct tc_own_object *objects, size_t count,
                     struct tc_item *items, struct tc_diag *d)
{
    static const struct tc_intake_from from = {.principal = &tc_principal_system,
                                               .unmarked = TC_TLP_AMBER};
    if (count == 0)
        return TC_OK;
    struct tc_arena *a = tc_arena_new(count * 1024 + (1u << 20));
    struct tc_markings *markings = tc_markings_new(n, &from);
    struct tc_prep *prep = tc_prep_new(n, markings);
    struct tc_entry_in *entries = a ? tc_arena_zalloc(a, count, sizeof *entries) : NULL;
    tc_err e = prep && entries ? own_entries(n, prep, objects, count, a, entries, d)
                               : tc_diag_set(d, TC_E_NOMEM, "out of memory");
    if (!e) {
        e = tc_journal_append(n->journal, entries, count);
        if (e)
            (void)tc_diag_set(d, e, "the journal did not take it");
    }
    for (size_t i = 0; i < count && !e && items; i++) {
        items[i] = (struct tc_item){.version = entries[i].version};
        tc_diag_init(&items[i].diag);
        (void)tc_str_copy(entries[i].id, items[i].id, sizeof items[i].id);
        item_outcome(&items[i], &entries[i]);
    }
    tc_prep_free(prep);
    tc_markings_free(markings);
    tc_arena_free(a);
    return e;
}
