/* SPDX-License-Identifier: Apache-2.0 */
/* STIX files. A file up to WHOLE bytes is read, checked and then appended. A larger one is read
 * twice through windows: the first time only to check, the second time to append, one window being
 * prepared while the journal writes the other. Memory is bounded by three windows either way. */
#include "intake/source.h"

#include "base/limits.h"
#include "codec/slices.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define WHOLE  (96u << 20)
#define WINDOW (8u << 20)
/* Ids of a window of the smallest objects (100 bytes), and objects that cross its end. */
#define STAGE_BYTES (3 * (size_t)WINDOW + 2 * (size_t)TC_MAX_OBJECT)

struct bundle {
    struct tc_import_job *j;
    int fd;
    uint64_t size, done, all; /* bytes of the file; of both passes */
    struct tc_stage *stage;   /* being filled */
    struct tc_str chunk;
    struct tc_prep *prep;
    bool first;  /* the reading that counts, and finds what is to be left out by the second */
    size_t skip; /* of what is left out: met so far */
    struct tc_diag *d;
};

tc_err tc_source_read(int fd, char *out, size_t n, struct tc_diag *d)
{
    for (size_t at = 0; at < n;) {
        ssize_t got = read(fd, out + at, n - at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return tc_diag_set(d, tc_err_from_errno(errno), "the file cannot be read");
        if (got == 0)
            return tc_diag_set(d, TC_E_IO, "the file became shorter while it was read");
        at += (size_t)got;
    }
    return TC_OK;
}

tc_err tc_source_store(struct tc_stage *s, struct tc_diag *d)
{
    tc_err e = tc_stage_prepare(s, TC_PREP_CHECK | TC_PREP_GATE, true, d);
    tc_err submitted = e ? e : tc_stage_submit(s, d);
    if (e)
        return e;
    e = tc_stage_wait(s, d);
    return submitted ? submitted : e;
}

static tc_err add_slice(void *arg, const struct tc_slice *s)
{
    struct bundle *b = arg;
    const char *p = s->bytes.p;
    if (s->index == 0 && s->bytes.n < 4096 && tc_prep_is_empty(b->prep, s->bytes))
        return TC_OK;
    if (b->first)
        b->j->result.read++;
    else if (b->skip < b->j->n_left_out && b->j->left_out[b->skip] == s->offset) {
        b->skip++;
        return TC_OK;
    }
    bool in_chunk = p >= b->chunk.p && p < b->chunk.p + b->chunk.n;
    tc_err e = in_chunk ? tc_stage_add(b->stage, s->bytes, s->offset)
                        : tc_stage_keep(b->stage, s->bytes, s->offset);
    return e ? tc_diag_set(b->d, e, "the input takes too much memory") : TC_OK;
}

static void progress(struct bundle *b, uint64_t bytes)
{
    const struct tc_import_options *o = b->j->o;
    b->done += bytes;
    if (o->progress)
        o->progress(o->arg, b->done, b->all, b->j->result.read);
}

static tc_err feed(struct bundle *b, struct tc_slices *slices, char *buffer, size_t n)
{
    tc_err e = tc_source_read(b->fd, buffer, n, b->d);
    b->chunk = tc_str_view(buffer, n);
    return e ? e : tc_slices_feed(slices, b->chunk, b->d);
}

/* ---- small enough ---- */

static tc_err import_whole(struct bundle *b)
{
    char *text = malloc((size_t)b->size ? (size_t)b->size : 1);
    struct tc_slices *slices = tc_slices_new(TC_MAX_OBJECT, add_slice, b);
    b->stage = tc_stage_new(b->j, STAGE_BYTES + 2 * (size_t)b->size);
    b->first = true;
    b->all = b->size;
    tc_err e = text && slices && b->stage ? feed(b, slices, text, (size_t)b->size)
                                          : tc_diag_set(b->d, TC_E_NOMEM, "out of memory");
    if (!e)
        e = tc_slices_end(slices, b->d);
    if (!e)
        e = tc_source_store(b->stage, b->d);
    if (!e)
        progress(b, b->size);
    tc_stage_free(b->stage);
    tc_slices_free(slices);
    free(text);
    return e;
}

/* ---- larger than memory ---- */

struct window {
    char *bytes;
    struct tc_stage *stage;
};

/* One window through the scanner into its stage. */
static tc_err fill(struct bundle *b, struct tc_slices *slices, struct window *w, uint64_t *left)
{
    size_t n = *left < WINDOW ? (size_t)*left : WINDOW;
    tc_err e = tc_stage_wait(w->stage, b->d);
    if (e)
        return e;
    tc_stage_clear(w->stage);
    b->stage = w->stage;
    e = feed(b, slices, w->bytes, n);
    *left -= n;
    if (!e && !*left)
        e = tc_slices_end(slices, b->d);
    return e;
}

static tc_err pass(struct bundle *b, struct window w[2], bool append)
{
    struct tc_slices *slices = tc_slices_new(TC_MAX_OBJECT, add_slice, b);
    uint64_t left = b->size;
    tc_err e = slices ? TC_OK : tc_diag_set(b->d, TC_E_NOMEM, "out of memory");
    unsigned what = TC_PREP_GATE | (append ? 0 : TC_PREP_CHECK);
    for (size_t turn = 0; left && !e; turn ^= 1) {
        uint64_t before = left;
        e = fill(b, slices, &w[turn], &left);
        if (!e)
            e = tc_stage_prepare(w[turn].stage, what, !append, b->d);
        if (!e && append)
            e = tc_stage_submit(w[turn].stage, b->d);
        if (!e)
            progress(b, before - left);
    }
    for (size_t i = 0; i < 2 && append; i++) {
        tc_err waited = tc_stage_wait(w[i].stage, e ? NULL : b->d);
        e = e ? e : waited;
    }
    tc_slices_free(slices);
    return e;
}

static tc_err unchanged(int fd, const struct stat *before, struct tc_diag *d)
{
    struct stat now;
    if (fstat(fd, &now) || now.st_size != before->st_size ||
        now.st_mtim.tv_sec != before->st_mtim.tv_sec ||
        now.st_mtim.tv_nsec != before->st_mtim.tv_nsec)
        return tc_diag_set(d, TC_E_CONFLICT, "the file was changed while it was read");
    return TC_OK;
}

static tc_err both_passes(struct bundle *b, struct window w[2])
{
    struct stat before;
    off_t start = lseek(b->fd, 0, SEEK_CUR);
    if (start < 0 || fstat(b->fd, &before))
        return tc_diag_set(b->d, TC_E_IO, "the file cannot be read twice");
    b->all = 2 * b->size;
    b->first = true;
    tc_err e = pass(b, w, false);
    b->first = false;
    if (!e)
        e = unchanged(b->fd, &before, b->d);
    if (!e && lseek(b->fd, start, SEEK_SET) != start)
        e = tc_diag_set(b->d, TC_E_IO, "the file cannot be read twice");
    for (size_t i = 0; i < 2; i++)
        tc_stage_clear(w[i].stage);
    tc_repeats_free(
        b->j->repeats); /* did its work; in millions of objects it is the largest part */
    b->j->repeats = NULL;
    return e ? e : pass(b, w, true);
}

static tc_err import_windows(struct bundle *b)
{
    struct window w[2] = {{0}};
    tc_err e = TC_OK;
    for (size_t i = 0; i < 2; i++) {
        w[i].bytes = malloc(WINDOW);
        w[i].stage = tc_stage_new(b->j, STAGE_BYTES);
        if (!w[i].bytes || !w[i].stage)
            e = tc_diag_set(b->d, TC_E_NOMEM, "out of memory");
    }
    if (!e)
        e = both_passes(b, w);
    for (size_t i = 0; i < 2; i++) {
        tc_stage_free(w[i].stage);
        free(w[i].bytes);
    }
    return e;
}

tc_err tc_import_stix(struct tc_import_job *j, int fd, uint64_t size, struct tc_diag *d)
{
    struct bundle b = {.j = j, .fd = fd, .size = size, .d = d};
    b.prep = tc_prep_new(j->n, j->markings);
    if (!b.prep)
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    tc_err e = size == 0      ? tc_diag_set(d, TC_E_SYNTAX, "the input is empty")
               : size > WHOLE ? import_windows(&b)
                              : import_whole(&b);
    tc_prep_free(b.prep);
    return e;
}
