/* SPDX-License-Identifier: Apache-2.0 */
/* What a name, login, label or code may look like. Foreign text of these kinds is shown to people
 * in tables, so it carries nothing that moves the cursor, hides or re-orders text: no C0 and C1
 * controls, no line and paragraph separators, no bidirectional or zero-width controls. Pure. */
#ifndef TC_ACCESS_NAMING_H
#define TC_ACCESS_NAMING_H

#include "base/str.h"

/* UTF-8 without the characters above; max in bytes. INVALID or LIMIT, with path in d. Empty text
 * passes only when min is 0; white space at either end does not pass. */
tc_err tc_naming_text(struct tc_str s, size_t min, size_t max, const char *path,
                      struct tc_diag *d) TC_MUST_USE;
/* a-z 0-9 and . _ @ + - ; upper case is folded to lower in out (TC_MAX_LOGIN + 1 bytes). ':' is
 * excluded by HTTP Basic (RFC 7617 section 2). */
tc_err tc_naming_login(struct tc_str s, char *out, struct tc_diag *d) TC_MUST_USE;
/* a-z 0-9 '-' '.' '_' and, in lists, ','; at most max bytes; empty passes. */
tc_err tc_naming_code(struct tc_str s, bool list, size_t max, const char *path,
                      struct tc_diag *d) TC_MUST_USE;
/* Two letters A-Z (ISO 3166-1 alpha-2, or EU). */
tc_err tc_naming_country(struct tc_str s, struct tc_diag *d) TC_MUST_USE;
/* "identity--" and a UUID; empty passes. */
tc_err tc_naming_identity(struct tc_str s, struct tc_diag *d) TC_MUST_USE;

/* Bits of enum tc_role from "reader,reporter,..."; "all" = every one. INVALID names the wrong one.
 */
tc_err tc_naming_roles(struct tc_str list, uint32_t *roles, struct tc_diag *d) TC_MUST_USE;
/* The other way; out has TC_ROLES_TEXT bytes. */
#define TC_ROLES_TEXT 80
void tc_naming_roles_text(uint32_t roles, char out[TC_ROLES_TEXT]);

#endif
