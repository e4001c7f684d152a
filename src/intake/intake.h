/* SPDX-License-Identifier: Apache-2.0 */
/* The one door in. Whatever arrives (TAXII, import, the page, a peer, the node's own readers)
 * becomes STIX objects here, is checked, gets its audience and is handed to the journal. */
#ifndef TC_INTAKE_INTAKE_H
#define TC_INTAKE_INTAKE_H

#include "node/node.h"

/* Who brings it and where to. */
struct tc_intake_from {
    const struct tc_principal *principal; /* whose audience rules apply; creator of what has none */
    uint32_t community;                   /* posted to; 0 = the creator's organisation alone */
    enum tc_tlp unmarked;                 /* marking of what has none: AMBER unless said */
};

enum tc_item_state { TC_ITEM_NEW, TC_ITEM_SAME, TC_ITEM_SKIPPED, TC_ITEM_PENDING };

/* What became of one object. */
struct tc_item {
    char id[TC_ID_MAX]; /* "" when it has none that can be read */
    tc_time version;
    enum tc_item_state state;
    struct tc_diag diag; /* for SKIPPED: why; code OK otherwise */
    uint64_t seq;
    tc_time added;
};

/* ---- a body in memory: TAXII envelope, bundle, one object, an array ---- */

struct tc_intake_batch; /* owns copies of everything that it needs until it is freed */

/* DENIED, with why this community (0 = none) is not posted to. */
tc_err tc_intake_not_there(const struct tc_intake_from *from, struct tc_diag *d) TC_MUST_USE;

/* Parses, checks and marks; nothing is written. Objects that break a MUST are SKIPPED items. An
 * unreadable body is an error. */
tc_err tc_intake_prepare(struct tc_node *n, const struct tc_intake_from *from, struct tc_str body,
                         struct tc_intake_batch **out, struct tc_diag *d) TC_MUST_USE;
size_t tc_intake_count(const struct tc_intake_batch *b);
const struct tc_item *tc_intake_item(const struct tc_intake_batch *b, size_t i);
/* Who will read it, once it is appended; NULL for what is not fit. */
const struct tc_audience *tc_intake_audience(const struct tc_intake_batch *b, size_t i);
/* Appends what is fit. Blocks until durable (append) or calls done on the writer's thread. */
tc_err tc_intake_append(struct tc_intake_batch *b) TC_MUST_USE;
tc_err tc_intake_submit(struct tc_intake_batch *b, tc_journal_done done, void *arg) TC_MUST_USE;
void tc_intake_free(struct tc_intake_batch *b);

/* ---- the node's own conclusions (findings, warnings, receipts) ---- */

/* One finished object of our own making, with the audience it is for. The text is copied. The same
 * id and version twice changes nothing. */
struct tc_own_object {
    struct tc_str text;
    struct tc_audience audience;
};
tc_err tc_intake_own(struct tc_node *n, const struct tc_own_object *objects, size_t count,
                     struct tc_item *items, struct tc_diag *d) TC_MUST_USE;

/* ---- files ---- */

enum tc_file_format { TC_FILE_AUTO, TC_FILE_STIX, TC_FILE_CAP, TC_FILE_KEV, TC_FILE_REGISTER };

struct tc_import_options {
    struct tc_intake_from from;
    enum tc_file_format format;
    bool keep_going; /* list what is skipped instead of refusing the file */
    /* called now and then: bytes done of all, objects so far */
    void (*progress)(void *arg, uint64_t done, uint64_t all, uint64_t objects);
    /* called for each object skipped, with file, object and path */
    void (*skipped)(void *arg, const struct tc_diag *d);
    /* called for each error of a register that is refused, TC_MAX_FINDINGS at most; others stop at
     * their first, which the answer has */
    void (*wrong)(void *arg, const struct tc_diag *d);
    void *arg;
};

struct tc_import_result {
    uint64_t read, added, same, skipped;
    uint64_t first_seq, last_seq;
};

/* Imports one file (two for a register: assets and dependencies). All or nothing unless
 * keep_going; a file larger than memory is read twice, first only to check. */
tc_err tc_import(struct tc_node *n, const char *const *names, const int *fds, size_t files,
                 const struct tc_import_options *o, struct tc_import_result *result,
                 struct tc_diag *d) TC_MUST_USE;

/* Is it a part of a register, by the names of its columns? For a regular file that stands at its
 * beginning; reads without moving. */
enum tc_csv_kind { TC_CSV_NONE, TC_CSV_ASSETS, TC_CSV_DEPENDENCIES };
enum tc_csv_kind tc_import_csv_kind(int fd);

#endif
