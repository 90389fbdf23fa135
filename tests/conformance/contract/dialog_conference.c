/* SPDX-License-Identifier: Apache-2.0 */
/* The conference plugin's members of rooms, as a provider of the dialog suite. */
#include "dialog_suite.h"
#include "harness.h"

static char *
open_rooms(void)
{
    return g_strdup("");
}

static void
close_rooms(void)
{
    fake_plan = (FakePlan){0};
}

/* A room that media does not let it into is left at once. */
static void
plan(DialogKind kind)
{
    fake_plan = (FakePlan){.refuse_room = kind == DIALOG_SHORT};
}

/* Nothing keeps it from being prepared. */
static gboolean
describe(DialogKind kind, GHashTable *parameters)
{
    g_hash_table_insert(parameters, g_strdup("room"), g_strdup("den"));
    if (kind == DIALOG_FAULTY)
        g_hash_table_insert(parameters, g_strdup("role"), g_strdup("clown"));
    return kind != DIALOG_BROKEN;
}

const DialogProvider dialog_provider = {
    .name = "conference",
    .plugins = ", conference",
    .open = open_rooms,
    .close = close_rooms,
    .plan = plan,
    .describe = describe,
};
