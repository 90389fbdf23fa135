/* SPDX-License-Identifier: Apache-2.0 */
/* The control plugin's scripts, as a provider of the dialog suite. */
#include "dialog_suite.h"

static char *
open_scripts(void)
{
    return g_strdup("");
}

static void
close_scripts(void)
{
}

static gboolean
describe(DialogKind kind, GHashTable *parameters)
{
    static const char *const steps[] = {
        [DIALOG_SHORT] = "[{\"wait\":\"10ms\"},{\"hangup\":true}]",
        [DIALOG_LASTING] = "[{\"wait\":\"60s\"}]",
        [DIALOG_BROKEN] = "[{\"play\":\"/no/such/file.wav\"}]",
        [DIALOG_FAULTY] = "[{\"wait\":\"soon\"}]",
    };

    g_hash_table_insert(parameters, g_strdup("steps"), g_strdup(steps[kind]));
    return TRUE;
}

const DialogProvider dialog_provider = {
    .name = "script",
    .plugins = ", control",
    .open = open_scripts,
    .close = close_scripts,
    .describe = describe,
};
