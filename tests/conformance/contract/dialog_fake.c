/* SPDX-License-Identifier: Apache-2.0 */
/* The harness's dialogs, as a provider of the dialog suite. */
#include "dialog_suite.h"
#include "harness.h"

static char *
open_fake(void)
{
    return g_strdup("");
}

static void
close_fake(void)
{
}

static void
plan(DialogKind kind)
{
    fake_plan = (FakePlan){.end_at_start = kind == DIALOG_SHORT,
                           .reject_status = kind == DIALOG_BROKEN ? 500 : 0,
                           .end_on_terminate = TRUE};
}

static gboolean
describe(DialogKind kind, GHashTable *parameters)
{
    return kind != DIALOG_FAULTY;
}

const DialogProvider dialog_provider = {
    .name = "fake",
    .plugins = "",
    .open = open_fake,
    .close = close_fake,
    .plan = plan,
    .describe = describe,
};
