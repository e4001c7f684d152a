/* SPDX-License-Identifier: Apache-2.0 */
/* The page's files, embedded at build time by web/build.mjs. Static storage. */
#ifndef TC_HTTP_PAGE_H
#define TC_HTTP_PAGE_H

#include <stddef.h>

struct tc_page_file {
    const char *path; /* "/", "/page.js" ...; NULL ends the table */
    const char *type; /* media type */
    const char *etag; /* with its quotes; changes with the content */
    const unsigned char *data;
    size_t size;
    const unsigned char *gzip; /* the same packed, or NULL */
    size_t gzip_size;
};

extern const struct tc_page_file tc_page_files[];

#endif
