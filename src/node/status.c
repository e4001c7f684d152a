/* SPDX-License-Identifier: Apache-2.0 */
#include "node/status.h"

#include "model/types.h"
#include "node/priv.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static tc_err put_counts(struct tc_node *n, struct tc_arena *a, struct tc_jsonw *w)
{
    struct tc_org *orgs;
    struct tc_person *people;
    struct tc_community *communities;
    struct tc_token_info *tokens;
    size_t count[4];
    tc_err e = tc_access_orgs(n->access, a, &orgs, &count[0]);
    if (!e)
        e = tc_access_people(n->access, 0, a, &people, &count[1]);
    if (!e)
        e = tc_access_communities_for(n->access, &tc_principal_system, a, &communities, &count[2]);
    if (!e)
        e = tc_access_tokens(n->access, 0, a, &tokens, &count[3]);
    if (e)
        return e;
    tc_jsonw_ku64(w, "orgs", count[0]);
    tc_jsonw_ku64(w, "people", count[1]);
    tc_jsonw_ku64(w, "communities", count[2] - count[0]); /* inboxes are not told apart */
    tc_jsonw_ku64(w, "tokens", count[3]);
    return TC_OK;
}

static void put_readers(struct tc_node *n, uint64_t head, struct tc_jsonw *w)
{
    struct tc_watcher_state v[TC_MAX_WATCHERS];
    size_t count = tc_node_watchers(n, v, TC_MAX_WATCHERS);
    tc_jsonw_name(w, "readers");
    tc_jsonw_array(w);
    for (size_t i = 0; i < count; i++) {
        tc_jsonw_object(w);
        tc_jsonw_kcstr(w, "name", v[i].name);
        tc_jsonw_ku64(w, "cursor", v[i].cursor);
        tc_jsonw_ku64(w, "lag", head > v[i].cursor ? head - v[i].cursor : 0);
        if (v[i].failing)
            tc_jsonw_kcstr(w, "failing", v[i].failure);
        tc_jsonw_object_end(w);
    }
    tc_jsonw_array_end(w);
}

static void put_sealed(struct tc_node *n, struct tc_jsonw *w)
{
    struct tc_journal_stats s;
    tc_journal_stats(n->journal, &s);
    tc_jsonw_name(w, "sealed");
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "key", n->seals ? tc_field_keys_id(n->priv->field_keys) : "");
    tc_jsonw_ku64(w, "entries", s.sealed);
    tc_jsonw_ku64(w, "marked_types", n->types->n_sealed);
    tc_jsonw_object_end(w);
}

static void put_files(struct tc_node *n, struct tc_jsonw *w)
{
    int fd = openat(n->priv->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *item;
    struct stat st;
    uint64_t all = 0;
    tc_jsonw_name(w, "files");
    tc_jsonw_object(w);
    while (list && (item = readdir(list)) != NULL) {
        if (fstatat(fd, item->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
            continue;
        tc_jsonw_ku64(w, item->d_name, (uint64_t)st.st_blocks * 512);
        all += (uint64_t)st.st_blocks * 512;
    }
    tc_jsonw_object_end(w);
    tc_jsonw_ku64(w, "bytes", all);
    if (list)
        (void)closedir(list);
    else if (fd >= 0)
        (void)close(fd);
}

tc_err tc_node_status(struct tc_node *n, struct tc_arena *a, struct tc_jsonw *w)
{
    uint64_t head = tc_journal_head(n->journal);
    char when[TC_TIME_SIZE];
    tc_time_format(n->created, 0, when);
    tc_jsonw_kcstr(w, "title", n->title);
    tc_jsonw_kcstr(w, "identity", n->identity);
    tc_jsonw_kcstr(w, "created", when);
    tc_jsonw_kcstr(w, "dir", n->dir);
    tc_jsonw_kbool(w, "running", n->mode == TC_NODE_SERVE);
    if (n->mode == TC_NODE_SERVE)
        tc_jsonw_ku64(w, "pid", (uint64_t)getpid());
    tc_jsonw_ku64(w, "head", head);
    tc_err e = put_counts(n, a, w);
    if (e)
        return e;
    put_readers(n, head, w);
    put_sealed(n, w);
    tc_node_watch_status(n, &tc_principal_system, true, w);
    put_files(n, w);
    return TC_OK;
}
