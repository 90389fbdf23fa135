/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/dialog.h>
#include <mcp/plugin.h>

G_BEGIN_DECLS

/**
 * The plugin "probe": its dialogs stand between the core and the dialogs under test, hand
 * everything on, and fail when a sentence of the contract does not hold. All members are atomic.
 */
typedef struct {
    guint made;     /* dialogs, without the dropped ones */
    guint faulty;   /* could not be made */
    guint prepared; /* and may start */
    guint refused;  /* by prepare_finish */
    guint started;
    guint messages;
    guint terminated;
    guint described;
    guint answered; /* offers */
    guint ended;
    guint dropped; /* dialogs let go of while they were prepared, whose callback came */
} Probe;

extern Probe probe;
extern const McpPluginDesc probe_desc;

/** probe_get: a member of @probe, read on the main thread. */
#define probe_get(member) ((guint)g_atomic_int_get((gint *)&probe.member))

G_END_DECLS
