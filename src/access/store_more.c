/* SPDX-License-Identifier: Apache-2.0 */
/* The store: second factors, certificates, links, rules, acts. */
#include "access/store_int.h"

tc_err tc_accessdb_factor_add(struct tc_accessdb *s, const struct tc_accessdb_factor *f)
{
    sqlite3_stmt *st = s->st[ADD_FACTOR];
    num(st, 1, f->person);
    num(st, 2, f->kind);
    blob(st, 3, f->id, sizeof f->id);
    blob(st, 4, f->secret.p, f->secret.n);
    num(st, 5, f->counter);
    num(st, 6, tc_time_now());
    return run(s, ADD_FACTOR);
}

tc_err tc_accessdb_factors_drop(struct tc_accessdb *s, uint32_t person)
{
    num(s->st[DROP_FACTORS], 1, person);
    return run(s, DROP_FACTORS);
}

tc_err tc_accessdb_factor_drop(struct tc_accessdb *s, uint32_t person, uint32_t kind,
                               const uint8_t id[TC_FACTOR_ID])
{
    num(s->st[DROP_FACTOR], 1, person);
    num(s->st[DROP_FACTOR], 2, kind);
    blob(s->st[DROP_FACTOR], 3, id, TC_FACTOR_ID);
    return run(s, DROP_FACTOR);
}

tc_err tc_accessdb_codes_drop(struct tc_accessdb *s, uint32_t person)
{
    num(s->st[DROP_CODES], 1, person);
    return run(s, DROP_CODES);
}

tc_err tc_accessdb_passkey_used(struct tc_accessdb *s, uint32_t person,
                                const uint8_t id[TC_FACTOR_ID], int64_t counter)
{
    num(s->st[USE_PASSKEY], 1, person);
    blob(s->st[USE_PASSKEY], 2, id, TC_FACTOR_ID);
    num(s->st[USE_PASSKEY], 3, counter);
    return run(s, USE_PASSKEY);
}

tc_err tc_accessdb_factor_used(struct tc_accessdb *s, uint32_t person, uint32_t kind,
                               int64_t counter)
{
    num(s->st[USE_FACTOR], 1, person);
    num(s->st[USE_FACTOR], 2, kind);
    num(s->st[USE_FACTOR], 3, counter);
    return run(s, USE_FACTOR);
}

tc_err tc_accessdb_recovery_spent(struct tc_accessdb *s, uint32_t person,
                                  const uint8_t id[TC_FACTOR_ID])
{
    num(s->st[SPEND_RECOVERY], 1, person);
    blob(s->st[SPEND_RECOVERY], 2, id, TC_FACTOR_ID);
    return run(s, SPEND_RECOVERY);
}

tc_err tc_accessdb_cert_add(struct tc_accessdb *s, const struct tc_accessdb_cert *c)
{
    sqlite3_stmt *st = s->st[ADD_CERT];
    blob(st, 1, c->print, TC_CERT_PRINT);
    num(st, 2, c->person);
    text(st, 3, c->subject);
    num(st, 4, c->added);
    num(st, 5, c->from);
    num(st, 6, c->until);
    return run(s, ADD_CERT);
}

tc_err tc_accessdb_cert_drop(struct tc_accessdb *s, const uint8_t print[TC_CERT_PRINT])
{
    blob(s->st[DROP_CERT], 1, print, TC_CERT_PRINT);
    return run(s, DROP_CERT);
}

tc_err tc_accessdb_link_add(struct tc_accessdb *s, const struct tc_accessdb_link *l)
{
    sqlite3_stmt *st = s->st[ADD_LINK];
    text(st, 1, l->issuer);
    text(st, 2, l->subject);
    num(st, 3, l->person);
    num(st, 4, l->added);
    return run(s, ADD_LINK);
}

tc_err tc_accessdb_link_drop(struct tc_accessdb *s, struct tc_str issuer, struct tc_str subject)
{
    text(s->st[DROP_LINK], 1, issuer);
    text(s->st[DROP_LINK], 2, subject);
    return run(s, DROP_LINK);
}

/* ---- rules and acts ---- */

static tc_err row_act(sqlite3_stmt *st, void *arg,
                      tc_err (*row)(void *arg, const struct tc_act *act))
{
    struct tc_str id = get(st, 0), digest = get(st, 5);
    struct tc_act a = {.community = u32(st, 1),
                       .state = (enum tc_act_state)u32(st, 2),
                       .kind = get(st, 3),
                       .ask = get(st, 4),
                       .org = u32(st, 6),
                       .person = u32(st, 7),
                       .people = u32(st, 8),
                       .why = get(st, 9),
                       .asked = sqlite3_column_int64(st, 10),
                       .due = sqlite3_column_int64(st, 11),
                       .second_org = u32(st, 12),
                       .second = u32(st, 13),
                       .answered = sqlite3_column_int64(st, 14),
                       .answer = get(st, 15)};
    if (!tc_str_copy(id, a.id, sizeof a.id) || digest.n != sizeof a.digest ||
        a.state > TC_ACT_LAPSED)
        return TC_E_CORRUPT;
    memcpy(a.digest, digest.p, digest.n);
    return row(arg, &a);
}

tc_err tc_accessdb_community_end(struct tc_accessdb *s, uint32_t community, tc_time ends,
                                 uint32_t days_after)
{
    num(s->st[SET_END], 1, community);
    num(s->st[SET_END], 2, ends);
    num(s->st[SET_END], 3, days_after);
    return run(s, SET_END);
}

tc_err tc_accessdb_rules_set(struct tc_accessdb *s, uint32_t community, unsigned four_eyes,
                             unsigned asks_reason)
{
    num(s->st[SET_RULES], 1, community);
    num(s->st[SET_RULES], 2, four_eyes);
    num(s->st[SET_RULES], 3, asks_reason);
    return run(s, SET_RULES);
}

tc_err tc_accessdb_acts(struct tc_accessdb *s, struct tc_str id, unsigned states, void *arg,
                        tc_err (*row)(void *arg, const struct tc_act *act))
{
    sqlite3_stmt *st = s->st[ALL_ACTS];
    tc_err e = TC_OK;
    int rc = SQLITE_DONE;
    text(st, 1, id);
    num(st, 2, states);
    while (!e && (rc = sqlite3_step(st)) == SQLITE_ROW)
        e = row_act(st, arg, row);
    (void)sqlite3_reset(st);
    (void)sqlite3_clear_bindings(st);
    return e ? e : map_error(rc);
}

tc_err tc_accessdb_act_add(struct tc_accessdb *s, const struct tc_act *a)
{
    sqlite3_stmt *st = s->st[ADD_ACT];
    text(st, 1, tc_str_cstr(a->id));
    num(st, 2, a->community);
    num(st, 3, (int64_t)a->state);
    text(st, 4, a->kind);
    text(st, 5, a->ask);
    blob(st, 6, a->digest, sizeof a->digest);
    num(st, 7, a->org);
    num(st, 8, a->person);
    num(st, 9, a->people);
    text(st, 10, a->why);
    num(st, 11, a->asked);
    num(st, 12, a->due);
    num(st, 13, a->second_org);
    num(st, 14, a->second);
    num(st, 15, a->answered);
    text(st, 16, a->answer);
    return run(s, ADD_ACT);
}

tc_err tc_accessdb_act_move(struct tc_accessdb *s, const char *id, enum tc_act_state from,
                            const struct tc_act *to)
{
    sqlite3_stmt *st = s->st[MOVE_ACT];
    text(st, 1, tc_str_cstr(id));
    num(st, 2, (int64_t)from);
    num(st, 3, (int64_t)to->state);
    num(st, 4, to->second_org);
    num(st, 5, to->second);
    num(st, 6, to->answered);
    text(st, 7, to->answer);
    tc_err e = run(s, MOVE_ACT);
    return e ? e : sqlite3_changes(s->db) == 1 ? TC_OK : TC_E_CONFLICT;
}

tc_err tc_accessdb_acts_forget(struct tc_accessdb *s, tc_time before)
{
    num(s->st[FORGET_ACTS], 1, before);
    return run(s, FORGET_ACTS);
}
