/* SPDX-License-Identifier: Apache-2.0 */
/* What the journal's tests share: a temporary folder, entries, and a clock of their own. */
#ifndef TC_TEST_JOURNAL_FIXTURE_H
#define TC_TEST_JOURNAL_FIXTURE_H

#include "journal/journal.h"

/* A new folder under $TMPDIR or /tmp; the text lives until the next call. */
char *tc_test_dir(void);
void tc_test_dir_remove(const char *dir); /* with the files in it */

/* An object "indicator--<uuid of number>" with this version (seconds, 0 = none) and body. */
struct tc_entry_in tc_test_entry(uint64_t number, int64_t version, uint32_t audience,
                                 uint32_t community, const char *body);
struct tc_uuid tc_test_uuid(uint64_t number);

uint32_t tc_test_audience(struct tc_journal *j, enum tc_tlp tlp, uint32_t org, uint32_t community);

#endif
