/* SPDX-License-Identifier: Apache-2.0 */
/* The conference plugin's bridges, as a provider of the dialog suite. */
#include "dialog_suite.h"
#include "harness.h"

static char *
open_bridges(void)
{
    return g_strdup("[sip.peer \"lab\"]\naddresses = 127.0.0.0/8\nservices = *\n"
                    "dial = sip:*@pbx.example.com, sips:*@pbx.example.com\n");
}

static void
close_bridges(void)
{
    g_autoptr(FakeSession) callee = fake_last_placed();
}

/* Nothing keeps it from being prepared; the fake signalling has no sips:, which it tells late. */
static gboolean
describe(DialogKind kind, GHashTable *parameters)
{
    static const char *const targets[] = {
        [DIALOG_SHORT] = "sips:agent@pbx.example.com",
        [DIALOG_LASTING] = "sip:agent@pbx.example.com",
        [DIALOG_BROKEN] = "",
        [DIALOG_FAULTY] = "sip:agent@other.example.com",
    };

    g_hash_table_insert(parameters, g_strdup("target"), g_strdup(targets[kind]));
    return kind != DIALOG_BROKEN;
}

const DialogProvider dialog_provider = {
    .name = "bridge",
    .plugins = ", conference",
    .open = open_bridges,
    .close = close_bridges,
    .describe = describe,
    .arrives = TRUE,
};
