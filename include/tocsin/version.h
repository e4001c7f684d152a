/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOCSIN_VERSION_H
#define TOCSIN_VERSION_H

#define TC_VERSION "0.1.0"

#ifdef __cplusplus
extern "C" {
#endif

/* The library's version, which is that of the node it comes with. Static storage. */
const char *tc_version(void);

#ifdef __cplusplus
}
#endif

#endif
