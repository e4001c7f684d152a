/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin audit: who did what, and the proof that nothing of it was altered. Looks by itself, for
 * reading only; only a new checkpoint is asked of whoever serves the node. */
#include "access/audit.h"
#include "access/audit_look.h"
#include "base/num.h"
#include "cli/ask.h"
#include "cli/audit_head.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/opts.h"
#include "cli/parts.h"
#include "node/node.h"

#include <stdio.h>
#include <stdlib.h>

struct given {
    const char *dir, *who, *object, *checkpoint, *why, *as, *root;
    struct tc_opt_list witnesses;
    uint64_t size;
    tc_time since;
    bool json, note;
};

/* The node for its key and its names, and its log. */
struct opened {
    struct tc_node *n;
    struct tc_audit_look *l;
};

static tc_err open_both(const char *dir, struct opened *o, struct tc_diag *d)
{
    uint8_t key[32];
    tc_err e = tc_node_open(dir, TC_NODE_READ_ONLY, &o->n, d);
    if (e)
        return e;
    tc_diag_init(d);
    tc_node_audit_key(o->n, key);
    return tc_audit_look_open(o->n->dir, key, &o->l, d);
}

static void close_both(struct opened *o)
{
    tc_audit_look_close(o->l);
    tc_node_close(o->n);
}

/* ---- verify ---- */

/* Nothing where there are no witnesses. */
static void say_cosigned(const struct tc_cli_witnesses *w)
{
    char when[TC_TIME_SIZE] = "";
    if (!w->n)
        return;
    (void)printf("%zu of %zu witnesses cosigned it", w->cosigned, w->n);
    if (w->cosigned && w->seconds < INT64_MAX / TC_SECOND) {
        tc_time_format((tc_time)w->seconds * TC_SECOND, 0, when);
        (void)printf(": %llu records, at %s", (unsigned long long)w->records, when);
    }
    (void)putchar('\n');
}

static void say_verdict(const struct tc_audit_verdict *v, const struct tc_cli_witnesses *wit,
                        bool json)
{
    unsigned long long leaves = v->leaves, later = v->later, redacted = v->redacted;
    if (json) {
        struct tc_buf b;
        tc_buf_init(&b, 4096);
        struct tc_jsonw w = tc_jsonw_into(&b);
        tc_jsonw_object(&w);
        tc_jsonw_kbool(&w, "sound", !v->broken);
        tc_jsonw_ku64(&w, "records", v->leaves);
        tc_jsonw_ku64(&w, "not_signed_yet", v->later);
        tc_jsonw_ku64(&w, "redacted", v->redacted);
        if (wit->n) {
            tc_jsonw_ku64(&w, "witnesses", wit->n);
            tc_jsonw_ku64(&w, "cosigned", wit->cosigned);
            tc_jsonw_ku64(&w, "cosigned_records", wit->records);
        }
        if (v->broken) {
            if (v->leaf != UINT64_MAX)
                tc_jsonw_ku64(&w, "first_broken", v->leaf);
            tc_jsonw_kcstr(&w, "file", v->file);
            tc_jsonw_kcstr(&w, "message", v->message);
        }
        tc_jsonw_object_end(&w);
        (void)puts(tc_buf_z(&b));
        tc_buf_fini(&b);
    } else if (v->broken) {
        (void)printf("broken: audit/%s: %s", v->file, v->message);
        if (v->leaf != UINT64_MAX)
            (void)printf(" (record %llu)", (unsigned long long)v->leaf);
        (void)putchar('\n');
    } else {
        (void)printf("sound: %llu records, as the signed checkpoint says\n", leaves);
        if (redacted)
            (void)printf("%llu of them were erased since, and a record says so\n", redacted);
        if (later)
            (void)printf("%llu more are not signed yet\n", later);
        say_cosigned(wit);
    }
}

static int verify(const struct given *g)
{
    struct opened o = {NULL, NULL};
    struct tc_audit_verdict v;
    struct tc_cli_witnesses w = {.n = 0};
    struct tc_diag d;
    tc_diag_init(&d);
    tc_err e = open_both(g->dir, &o, &d);
    if (!e)
        e = tc_cli_witnesses_read(o.n->dir, &g->witnesses, &w, &d);
    if (!e)
        e = tc_audit_verify(o.l, &v);
    if (!e && g->root)
        e = tc_cli_head_typed(o.l, g->size, g->root, &v, &d);
    if (!e && g->checkpoint)
        e = tc_cli_cosigned_file(o.l, g->checkpoint, &w, &v, &d);
    else if (!e)
        tc_cli_cosigned_kept(o.l, o.n->dir, &w, &v);
    close_both(&o);
    if (e == TC_E_CORRUPT) { /* the key or the checkpoint itself */
        v = (struct tc_audit_verdict){.broken = true, .leaf = UINT64_MAX};
        (void)tc_str_show(tc_str_cstr(d.message), v.message, sizeof v.message);
        e = TC_OK;
    }
    if (e)
        return tc_cli_fail("audit", e, &d);
    say_verdict(&v, &w, g->json);
    return v.broken ? 1 : 0;
}

/* ---- show ---- */

struct showing {
    const struct given *g;
    struct opened *o;
    struct tc_arena *a;
    uint32_t person;
    uint64_t *seqs; /* entries of the object asked for */
    size_t n_seqs;
};

static bool tells_of(const struct showing *s, yyjson_val *said)
{
    struct tc_str object, entries;
    if (tc_json_str(said, "object", &object) && tc_str_is(object, s->g->object))
        return true;
    if (!tc_json_str(said, "entries", &entries))
        return false;
    for (size_t i = 0; i < s->n_seqs; i++)
        if (tc_audit_ranges_have(entries, s->seqs[i]))
            return true;
    return false;
}

static void show_text(const struct showing *s, const struct tc_audit_record *r, const char *when,
                      yyjson_val *said)
{
    struct tc_person p;
    struct tc_str t, login = {"-", 1};
    uint64_t person = 0, count = 0;
    char text[320];
    if (tc_json_u64(said, "person", &person) && person <= UINT32_MAX &&
        tc_access_person_by(s->o->n->access, (uint32_t)person, TC_STR(""), s->a, &p) == TC_OK)
        login = p.login;
    (void)printf("%llu  %s  %-14s", (unsigned long long)r->index, when,
                 tc_audit_kind_name(r->leaf.kind));
    (void)tc_str_show(login, text, sizeof text);
    (void)printf("  %s", text);
    static const char *const members[] = {"how", "object", "from", "why"};
    for (size_t i = 0; i < 4; i++)
        if (tc_json_str(said, members[i], &t) && t.n) {
            (void)tc_str_show(t, text, sizeof text);
            (void)printf("  %s", text);
        }
    if (tc_json_u64(said, "count", &count))
        (void)printf("  (%llu)", (unsigned long long)count);
    if (r->erased)
        (void)printf("  erased");
    (void)putchar('\n');
}

static tc_err show_one(void *arg, const struct tc_audit_record *r)
{
    struct showing *s = arg;
    struct tc_json j = {NULL, NULL};
    char when[TC_TIME_SIZE];
    uint64_t person = 0;
    struct tc_diag d;
    if (s->g->since != TC_TIME_NONE && r->leaf.at < s->g->since)
        return TC_OK;
    if (!r->erased && tc_json_read(r->payload, TC_AUDIT_PAYLOAD, 0, &j, &d))
        return TC_E_CORRUPT;
    (void)tc_json_u64(j.root, "person", &person);
    if ((!s->g->who || person == s->person) && (!s->g->object || tells_of(s, j.root))) {
        tc_time_format(r->leaf.at, 3, when);
        if (s->g->json)
            (void)printf("{\"index\":%llu,\"at\":\"%s\",\"kind\":\"%s\",\"said\":%.*s}\n",
                         (unsigned long long)r->index, when, tc_audit_kind_name(r->leaf.kind),
                         r->erased ? 4 : (int)r->payload.n, r->erased ? "null" : r->payload.p);
        else
            show_text(s, r, when, j.root);
    }
    tc_json_fini(&j);
    tc_arena_reset(s->a);
    return TC_OK;
}

/* All entries of an object, for lists that tell of it by number. */
static tc_err entries_of(struct showing *s)
{
    struct tc_str id = tc_str_cstr(s->g->object);
    const struct tc_query q = {.ids = &id,
                               .n_ids = 1,
                               .versions = 1u << TC_VERSIONS_ALL,
                               .added_after = TC_TIME_NONE,
                               .no_body = true,
                               .whole = true};
    struct tc_reader *reader = NULL;
    struct tc_row row;
    struct tc_str type;
    struct tc_uuid u;
    if (tc_id_split(id, &type, &u))
        return TC_OK;
    tc_err e = tc_reader_open(s->o->n->journal, &tc_principal_system, &q, &reader);
    while (!e && !(e = tc_reader_next(reader, &row)) && row.seq) {
        uint64_t *v = realloc(s->seqs, (s->n_seqs + 1) * sizeof *v);
        if (!v)
            e = TC_E_NOMEM;
        else
            (s->seqs = v)[s->n_seqs++] = row.seq;
    }
    tc_reader_close(reader);
    return e;
}

static int show(const struct given *g)
{
    struct opened o = {NULL, NULL};
    struct showing s = {.g = g, .o = &o, .a = tc_arena_new(1u << 20)};
    struct tc_person p;
    struct tc_diag d;
    tc_diag_init(&d);
    tc_err e = s.a ? open_both(g->dir, &o, &d) : TC_E_NOMEM;
    if (!e && g->who) {
        e = tc_access_person_by(o.n->access, 0, tc_str_cstr(g->who), s.a, &p);
        if (e)
            (void)tc_diag_set(&d, e, "there is no user '%s'", g->who);
        else
            s.person = p.number;
    }
    if (!e && g->object)
        e = entries_of(&s);
    if (!e)
        e = tc_audit_look_each(o.l, 0, show_one, &s);
    close_both(&o);
    tc_arena_free(s.a);
    free(s.seqs);
    return e ? tc_cli_fail("audit", e, &d) : 0;
}

/* ---- checkpoint ---- */

static int checkpoint(const struct given *g)
{
    struct tc_ask a;
    struct tc_json r;
    struct tc_str note = {"", 0};
    tc_ask_init(&a);
    int status = tc_ask_send(&a, "audit", g->dir, "audit-checkpoint", &r);
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(&r);
    else if (tc_json_str(r.root, "checkpoint", &note))
        (void)fwrite(note.p, 1, note.n, stdout);
    tc_json_fini(&r);
    return 0;
}

/* ---- keys ---- */

/* What others need to know of this node, to verify its log or to be cosigned by it. */
static int keys(const struct given *g)
{
    struct tc_node *n = NULL;
    struct tc_diag d;
    char name[TC_AUDIT_ORIGIN], log[TC_AUDIT_NOTE], witness[TC_AUDIT_NOTE];
    uint8_t key[32];
    tc_diag_init(&d);
    tc_err e = tc_node_open(g->dir, TC_NODE_READ_ONLY, &n, &d);
    if (e)
        return tc_cli_fail("audit", e, &d);
    tc_node_audit_key(n, key);
    tc_audit_origin(n->identity, name);
    tc_audit_vkey_write(name, key, log);
    tc_node_cosign_key(n, key);
    tc_audit_witness_name(n->identity, name);
    tc_audit_cosign_vkey_write(name, key, witness);
    tc_node_close(n);
    log[strlen(log) - 1] = witness[strlen(witness) - 1] = '\0';
    (void)printf(g->json ? "{\"log\":\"%s\",\"witness\":\"%s\"}\n" : "log      %s\nwitness  %s\n",
                 log, witness);
    return 0;
}

/* ---- head ---- */

static int head(const struct given *g)
{
    struct opened o = {NULL, NULL};
    struct tc_diag d;
    tc_diag_init(&d);
    tc_err e = open_both(g->dir, &o, &d);
    e = e ? e : tc_cli_head_print(o.n, o.l, g->note, g->json, &d);
    close_both(&o);
    return e ? tc_cli_fail("audit", e, &d) : 0;
}

/* ---- redact ---- */

static int redact(const struct given *g, const char *index)
{
    struct tc_ask a;
    struct tc_json r;
    uint64_t n;
    if (tc_num_u64(tc_str_cstr(index), TC_MERKLE_MAX, &n))
        return tc_cli_usage("audit", "INDEX is the number of a record, as show tells it");
    if (!g->why)
        return tc_cli_usage("audit", "--why TEXT is needed: it goes on record");
    tc_ask_init(&a);
    tc_jsonw_ku64(&a.w, "index", n);
    tc_jsonw_kcstr(&a.w, "why", g->why);
    if (g->as)
        tc_jsonw_kcstr(&a.w, "as", g->as);
    int status = tc_ask_send(&a, "audit", g->dir, "audit-redact", &r);
    if (status >= 0)
        return status;
    if (g->json)
        tc_cli_json(&r);
    else
        (void)printf("record %llu is erased; that it was there stays provable\n",
                     (unsigned long long)n);
    tc_json_fini(&r);
    return 0;
}

static int act(const struct given *g, char **argv, size_t n)
{
    struct tc_diag d;
    tc_diag_init(&d);
    tc_err e = tc_cli_parts();
    if (e)
        return tc_cli_fail("audit", e, &d);
    if (strcmp(argv[1], "redact") == 0 && n == 3)
        return redact(g, argv[3]);
    if (strcmp(argv[1], "show") == 0 && n == 2)
        return show(g);
    if (strcmp(argv[1], "verify") == 0 && n == 2)
        return g->root && g->size == UINT64_MAX
                   ? tc_cli_usage("audit", "--root TEXT needs --size N beside it")
                   : verify(g);
    if (strcmp(argv[1], "checkpoint") == 0 && n == 2)
        return checkpoint(g);
    if (strcmp(argv[1], "head") == 0 && n == 2)
        return head(g);
    if (strcmp(argv[1], "keys") == 0 && n == 2)
        return keys(g);
    return tc_cli_usage("audit", "it is 'show DIR', 'verify DIR', 'checkpoint DIR', 'head DIR', "
                                 "'keys DIR' or 'redact DIR INDEX'");
}

int tc_cmd_audit(int argc, char **argv)
{
    struct given g = {.since = TC_TIME_NONE, .size = UINT64_MAX};
    size_t n;
    const struct tc_opt opts[] = {TC_OPT_TIME("since", &g.since),
                                  TC_OPT_TEXT("who", &g.who),
                                  TC_OPT_TEXT("object", &g.object),
                                  TC_OPT_TEXT("checkpoint", &g.checkpoint),
                                  TC_OPT_LIST("witness", &g.witnesses, 1, TC_COSIGN_PEERS),
                                  TC_OPT_U64("size", &g.size, 0, TC_MERKLE_MAX),
                                  TC_OPT_TEXT("root", &g.root),
                                  TC_OPT_TEXT("why", &g.why),
                                  TC_OPT_TEXT("as", &g.as),
                                  TC_OPT_FLAG("note", &g.note),
                                  TC_OPT_FLAG("json", &g.json),
                                  TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 2, 3, &n);
    if (status >= 0)
        return status;
    g.dir = argv[2];
    status = act(&g, argv, n);
    tc_opt_list_free(&g.witnesses);
    return status;
}
