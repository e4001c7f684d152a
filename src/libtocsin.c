/* SPDX-License-Identifier: Apache-2.0 */
/* libtocsin: the parts without input or output, for programs of others. The public functions stand
 * in the parts themselves, marked TC_API; this file holds what belongs to none of them. */
#include "tocsin/version.h"

#include "base/err.h"

TC_API const char *tc_version(void)
{
    return TC_VERSION;
}
