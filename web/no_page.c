/* SPDX-License-Identifier: Apache-2.0 */
/* no_page.c stands in for the page where there is no npm, or no way to its registry. */
#include "http/page.h"

static const unsigned char notice[] =
    "<!doctype html><title>Tocsin</title><p>This node was built without its page. "
    "Everything is at /api/v1/, /taxii2/ and /cap/.</p>";

const struct tc_page_file tc_page_files[] = {
    {"/", "text/html; charset=utf-8", "\"none\"", notice, sizeof notice - 1, 0, 0},
    {0, 0, 0, 0, 0, 0, 0},
};
