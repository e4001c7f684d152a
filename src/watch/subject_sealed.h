/* SPDX-License-Identifier: Apache-2.0 */
/* Objects with sealed fields that hold a value. No index has these fields (model/sealed.h), so each
 * such entry is opened and looked at, as who asks may read it: some microseconds each. */
#ifndef TC_WATCH_SUBJECT_SEALED_H
#define TC_WATCH_SUBJECT_SEALED_H

#include "node/node.h"
#include "watch/values.h"

/* Adds to f, newest first and each once, the entries up to until of which a text is value, or a key
 * field is in the spelling in which values meet (extract.h). Any thread. */
tc_err tc_subject_sealed(struct tc_node *n, const struct tc_principal *eyes, struct tc_str value,
                         uint64_t until, struct tc_value_found *f) TC_MUST_USE;

#endif
