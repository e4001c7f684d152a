/* SPDX-License-Identifier: Apache-2.0 */
/* Files as "tocsin import" takes them. The first line says what it is: "kev", "cap", "stix",
 * "register" (assets, a line "----", dependencies), or "auto"; with a "+" behind it what is wrong
 * is skipped. What was taken adds nothing when it comes again; what was refused has added nothing.
 */
#include "target.h"

#include "node.h"

#include <assert.h>
#include <unistd.h>

static void wrong(void *arg, const struct tc_diag *d)
{
    unsigned *n = arg;
    HOLDS(d->message[0]);
    (*n)++;
}

static tc_err import(struct fuzz_node *f, enum tc_file_format format, bool keep_going,
                     struct tc_str text, struct tc_import_result *r)
{
    static const char *const names[] = {"first", "second"};
    int fds[2] = {-1, -1};
    size_t files = 1, cut = tc_str_find(text, TC_STR("----\n"));
    unsigned told = 0;
    struct tc_diag d;
    const struct tc_import_options o = {
        .from = {.principal = &f->may, .community = f->community, .unmarked = TC_TLP_AMBER},
        .format = format,
        .keep_going = keep_going,
        .skipped = wrong,
        .wrong = wrong,
        .arg = &told};
    tc_diag_init(&d);
    if (format == TC_FILE_REGISTER && cut != SIZE_MAX) {
        fds[1] = fuzz_file(tc_str_view(text.p + cut + 5, text.n - cut - 5));
        text.n = cut;
        files = 2;
    }
    fds[0] = fuzz_file(text);
    uint64_t head = tc_journal_head(f->n->journal);
    tc_err e = tc_import(f->n, names, fds, files, &o, r, &d);
    HOLDS(!e || d.message[0] || told);
    HOLDS(!e || tc_journal_head(f->n->journal) == head);
    for (size_t i = 0; i < files; i++)
        (void)close(fds[i]);
    return fuzz_err(e);
}

int fuzz_one(const uint8_t *data, size_t size)
{
    static const struct {
        const char *word;
        enum tc_file_format format;
    } kinds[] = {{"kev", TC_FILE_KEV},
                 {"cap", TC_FILE_CAP},
                 {"stix", TC_FILE_STIX},
                 {"register", TC_FILE_REGISTER},
                 {"auto", TC_FILE_AUTO}};
    struct tc_str text = tc_str_view((const char *)data, size);
    struct tc_import_result r = {0}, again = {0};
    size_t nl = tc_str_find(text, TC_STR("\n"));
    if (nl == SIZE_MAX || size > 1u << 18)
        return 0;
    struct tc_str word = {text.p, nl};
    bool keep_going = tc_str_ends(word, TC_STR("+"));
    word.n -= keep_going;
    text = tc_str_view(text.p + nl + 1, text.n - nl - 1);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        if (!tc_str_is(word, kinds[k].word))
            continue;
        fuzz_node_fresh(2000);
        struct fuzz_node *f = fuzz_node();
        if (import(f, kinds[k].format, keep_going, text, &r))
            return 0;
        assert(r.added + r.same + r.skipped <= r.read + r.added);
        if (!import(f, kinds[k].format, keep_going, text, &again))
            HOLDS(again.added == 0);
    }
    return 0;
}
