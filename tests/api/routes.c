/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the route table, one route a line: method, path, name, who may call it. */
#include "http/routes.h"

#include <stdio.h>

static const char *who(unsigned roles)
{
    switch (roles) {
    case TC_ANYONE:
        return "anyone, also without signing in";
    case TC_SIGNED:
        return "whoever is signed in";
    case TC_SELF:
        return "whoever is signed in, but not by a token";
    case TC_READS:
        return "reader, reporter, analyst, releaser or steward";
    case TC_SUBJECTS:
        return "reader, reporter, analyst, releaser, steward or auditor";
    case TC_REPORTS:
        return "reporter, analyst, releaser or steward";
    case TC_ANALYSES:
        return "analyst";
    case TC_AUDITS:
        return "auditor";
    case TC_STEWARDS:
        return "steward";
    case TC_RELEASES:
        return "releaser";
    default:
        return "?";
    }
}

int main(void)
{
    for (size_t i = 0; i < tc_route_count; i++)
        (void)printf("%s\t%s\t%s\t%s\n", tc_routes[i].method, tc_routes[i].path, tc_routes[i].name,
                     who(tc_routes[i].roles));
    return 0;
}
