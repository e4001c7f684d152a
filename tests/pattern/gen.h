/* SPDX-License-Identifier: Apache-2.0 */
/* Random small patterns and observations for the property tests, as text, so that a failure can be
 * read and played again. Values come from few words, so that matches are common. */
#ifndef TC_TESTS_GEN_H
#define TC_TESTS_GEN_H

#include "base/str.h"

#include <stdint.h>

struct gen {
    uint64_t rand;
    bool plain; /* only what the OASIS matcher has, too */
};

/* A pattern of at most parts [...]. Always the language; a REPEATS may be large. */
void gen_pattern(struct gen *g, unsigned parts, struct tc_buf *out);
/* One bundle with n observed-data, 2.1 form (objects beside) or 2.0 form. */
void gen_bundle(struct gen *g, unsigned n, struct tc_buf *out);

#endif
