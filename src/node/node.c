/* SPDX-License-Identifier: Apache-2.0 */
#include "node/node.h"

#include "codec/json.h"
#include "node/control.h"
#include "node/priv.h"
#include "pack/pack.h"

#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- making ---- */

static tc_err make_stores(const char *path, int dir, const char *title, const struct tc_org *org,
                          struct tc_diag *d)
{
    struct tc_access *x = NULL;
    struct tc_journal *j = NULL;
    struct tc_folder_info info = {.created = tc_time_now()};
    struct tc_uuid u = tc_uuid_v4();
    const struct tc_journal_options options = {.read_only = false};
    tc_id_make(TC_STR("identity"), &u, info.identity);
    if (!tc_str_copy(tc_str_cstr(title), info.title, sizeof info.title))
        return tc_diag_set(d, TC_E_LIMIT, "the title is too long");
    tc_err e = tc_folder_key_make(dir, d);
    if (!e)
        e = tc_access_open(path, &x, d);
    if (!e)
        e = tc_access_org_add(x, org, &info.org, d);
    tc_access_close(x);
    if (!e)
        e = tc_journal_open(path, &options, &j, d);
    tc_journal_close(j);
    return e ? e : tc_folder_info_write(dir, &info, d);
}

tc_err tc_node_init(const char *dir, const char *title, const struct tc_org *org, struct tc_diag *d)
{
    char path[sizeof((struct tc_node *)0)->dir];
    int fd, lock;
    if (sodium_init() < 0)
        return tc_diag_set(d, TC_E_INTERNAL, "libsodium cannot start");
    (void)umask(077);
    bool made;
    tc_err e = tc_folder_make(dir, &fd, path, sizeof path, &made, d);
    if (e)
        return e;
    e = tc_folder_lock(fd, path, &lock, d);
    if (!e) {
        e = make_stores(path, fd, title, org, d);
        if (e)
            tc_folder_unmake(fd, path, made);
        (void)close(lock);
    }
    (void)close(fd);
    return e;
}

/* ---- opening ---- */

static void cond_monotonic(pthread_cond_t *c)
{
    pthread_condattr_t a;
    (void)pthread_condattr_init(&a);
    (void)pthread_condattr_setclock(&a, CLOCK_MONOTONIC);
    (void)pthread_cond_init(c, &a);
    (void)pthread_condattr_destroy(&a);
}

static struct tc_node *node_new(enum tc_node_mode mode)
{
    struct tc_node *n = calloc(1, sizeof *n);
    struct tc_node_private *p = calloc(1, sizeof *p);
    if (!n || !p) {
        free(n);
        free(p);
        return NULL;
    }
    n->mode = mode;
    n->priv = p;
    p->dir = p->lock_fd = -1;
    (void)pthread_mutex_init(&p->lock, NULL);
    cond_monotonic(&p->moved);
    return n;
}

static tc_err open_stores(struct tc_node *n, struct tc_diag *d)
{
    bool read_only = n->mode == TC_NODE_READ_ONLY;
    const struct tc_journal_options options = {.read_only = read_only};
    tc_err e = read_only ? tc_access_open_read_only(n->dir, &n->access, d)
                         : tc_access_open(n->dir, &n->access, d);
    return e ? e : tc_journal_open(n->dir, &options, &n->journal, d);
}

tc_err tc_node_open(const char *dir, enum tc_node_mode mode, struct tc_node **out,
                    struct tc_diag *d)
{
    if (sodium_init() < 0)
        return tc_diag_set(d, TC_E_INTERNAL, "libsodium cannot start");
    (void)umask(077);
    struct tc_node *n = node_new(mode);
    if (!n)
        return TC_E_NOMEM;
    struct tc_node_private *p = n->priv;
    struct tc_folder_info info;
    struct tc_types *types = NULL;
    tc_err e = tc_folder_open(dir, &p->dir, n->dir, sizeof n->dir, d);
    if (!e)
        e = tc_folder_info_read(p->dir, n->dir, &info, d);
    if (!e && mode != TC_NODE_READ_ONLY)
        e = tc_folder_lock(p->dir, n->dir, &p->lock_fd, d);
    if (!e)
        e = tc_folder_key_read(p->dir, p->key, d);
    if (!e)
        e = tc_pack_load(NULL, 0, NULL, NULL, &types, d);
    n->types = p->types = types;
    if (!e)
        e = open_stores(n, d);
    if (e) {
        tc_node_close(n);
        return e;
    }
    memcpy(n->title, info.title, sizeof n->title);
    memcpy(n->identity, info.identity, sizeof n->identity);
    n->org = info.org;
    n->created = info.created;
    *out = n;
    return TC_OK;
}

void tc_node_close(struct tc_node *n)
{
    if (!n)
        return;
    struct tc_node_private *p = n->priv;
    tc_control_stop(p->control); /* operations first: they use everything below */
    tc_node_watch_stop(n);
    tc_journal_close(n->journal);
    tc_access_close(n->access);
    tc_types_free(p->types);
    if (p->lock_fd >= 0)
        (void)close(p->lock_fd);
    if (p->dir >= 0)
        (void)close(p->dir);
    (void)pthread_mutex_destroy(&p->lock);
    (void)pthread_cond_destroy(&p->moved);
    sodium_memzero(p, sizeof *p);
    free(p);
    free(n);
}

tc_err tc_node_start(struct tc_node *n, struct tc_diag *d)
{
    if (n->mode == TC_NODE_READ_ONLY)
        return tc_diag_set(d, TC_E_DENIED, "the node is open for reading only");
    tc_err e = tc_node_watch_start(n, d);
    if (!e && n->mode == TC_NODE_SERVE)
        e = tc_control_start(n, n->priv->dir, &n->priv->control, d);
    return e;
}

void tc_node_key(const struct tc_node *n, const char *purpose, uint8_t out[32])
{
    char context[crypto_kdf_CONTEXTBYTES] = {0};
    (void)tc_str_copy(tc_str_cstr(purpose), context, sizeof context);
    if (strlen(purpose) >= sizeof context)
        context[sizeof context - 1] = purpose[sizeof context - 1];
    (void)crypto_kdf_derive_from_key(out, 32, 1, context, n->priv->key);
}

/* ---- operations ---- */

static struct {
    const char *name;
    tc_op_fn fn;
} ops[TC_MAX_OPS];
static size_t n_ops;

tc_op_fn tc_node_op_find(struct tc_str name)
{
    for (size_t i = 0; i < n_ops; i++)
        if (tc_str_is(name, ops[i].name))
            return ops[i].fn;
    return NULL;
}

tc_err tc_node_op_add(const char *name, tc_op_fn fn)
{
    if (tc_node_op_find(tc_str_cstr(name)))
        return TC_E_CONFLICT;
    if (n_ops == TC_MAX_OPS)
        return TC_E_LIMIT;
    ops[n_ops].name = name;
    ops[n_ops++].fn = fn;
    return TC_OK;
}

tc_err tc_node_op_run(struct tc_node *n, const char *name, struct tc_str in, const int *fds,
                      size_t n_fds, struct tc_buf *out, void (*tell)(void *arg, struct tc_str json),
                      void *tell_arg, struct tc_diag *d)
{
    tc_op_fn fn = tc_node_op_find(tc_str_cstr(name));
    if (!fn)
        return tc_diag_set(d, TC_E_UNSUPPORTED, "this tocsin knows no operation '%s'", name);
    struct tc_json j = {NULL, NULL};
    tc_err e = tc_json_read(in, TC_OP_REQUEST, 0, &j, d);
    if (e)
        return e;
    struct tc_op op = {.node = n,
                       .in = j.root,
                       .fd = n_fds ? fds[0] : -1,
                       .fds = fds,
                       .n_fds = n_fds,
                       .out = out,
                       .diag = d,
                       .tell = tell,
                       .tell_arg = tell_arg};
    e = yyjson_is_obj(j.root) ? fn(&op)
                              : tc_diag_set(d, TC_E_SYNTAX, "the request is not a JSON object");
    if (!e && out->err)
        e = tc_diag_set(d, out->err, "the answer is too large");
    if (e && d && d->code == TC_OK)
        tc_diag_set(d, e, "%s", tc_err_text(e));
    tc_json_fini(&j);
    return e;
}
