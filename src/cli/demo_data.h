/* SPDX-License-Identifier: Apache-2.0 */
/* The files of demo/, embedded at build time (tools/embed.py). Static storage. */
#ifndef TC_CLI_DEMO_DATA_H
#define TC_CLI_DEMO_DATA_H

#include <stddef.h>

struct tc_demo_file {
    const char *name;
    const unsigned char *data;
    size_t size;
};

extern const struct tc_demo_file tc_demo_assets_csv;
extern const struct tc_demo_file tc_demo_dependencies_csv;
extern const struct tc_demo_file tc_demo_storm;
extern const struct tc_demo_file tc_demo_indicators;

#endif
