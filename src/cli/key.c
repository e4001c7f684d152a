/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin key: the key that fields are sealed with at rest. */
#include "base/log.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/opts.h"
#include "cli/parts.h"
#include "node/fieldkey.h"

#include <stdio.h>

static int new (const char *file)
{
    struct tc_diag d;
    char id[TC_FIELD_KEY_ID];
    tc_diag_init(&d);
    tc_err e = tc_field_key_make(file, id, &d);
    if (e)
        return tc_cli_fail("key", e, &d);
    (void)printf("%s: the field key %s; keep a copy apart from the node's backups, without it the "
                 "fields are lost\n",
                 file, id);
    return 0;
}

static int rotate(const char *dir, const char *to)
{
    struct tc_diag d;
    struct tc_node *n = NULL;
    struct tc_resealed did;
    tc_diag_init(&d);
    tc_field_key_next(to);
    tc_err e = tc_cli_parts();
    e = e ? e : tc_node_open(dir, TC_NODE_COMMAND, &n, &d);
    if (!e)
        tc_diag_init(&d);
    e = e ? e : tc_node_reseal(n, &did, &d);
    tc_node_close(n);
    if (e)
        return tc_cli_fail("key", e, &d);
    (void)printf("%llu entr%s sealed with %s now; the key before is not needed any more\n",
                 (unsigned long long)did.entries, did.entries == 1 ? "y is" : "ies are", did.key);
    if (did.damaged)
        (void)printf("%llu could not be opened and %s as they were; the log names them\n",
                     (unsigned long long)did.damaged, did.damaged == 1 ? "stays" : "stay");
    return did.damaged != 0;
}

int tc_cmd_key(int argc, char **argv)
{
    const char *to = NULL;
    size_t n;
    const struct tc_opt opts[] = {TC_OPT_TEXT("to", &to), TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 2, 2, &n);
    if (status >= 0)
        return status;
    if (strcmp(argv[1], "new") == 0 && !to)
        return new (argv[2]);
    if (strcmp(argv[1], "rotate") == 0 && to)
        return rotate(argv[2], to);
    return tc_cli_usage("key", "it is 'new FILE' or 'rotate DIR --to FILE'");
}
