/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order in which plugins start: who only listens, then providers before those who require them.
 * Pure functions on descriptors.
 */
#include "plugin/order.h"

#include <string.h>

static gboolean
provides(const McpPluginDesc *desc, const McpRequires *wanted)
{
    for (const McpProvides *row = desc->provides; row != NULL && row->contract != NULL; row++) {
        if (strcmp(row->contract, wanted->contract) == 0 && row->major == wanted->major &&
            row->minor >= wanted->minor)
            return TRUE;
    }
    return FALSE;
}

static void
check_requirement(const McpPluginDesc *const *descs, guint n_descs, const McpPluginDesc *desc,
                  const McpRequires *wanted, GPtrArray *errors)
{
    for (guint i = 0; i < n_descs; i++) {
        if (provides(descs[i], wanted))
            return;
    }
    if (!wanted->optional)
        g_ptr_array_add(
            errors, g_strdup_printf("plugin %s: requires contract %s %u.%u, which no enabled "
                                    "plugin provides; see [core] plugins",
                                    desc->name, wanted->contract, wanted->major, wanted->minor));
}

/* It has nothing to do with other plugins, and is to hear what they tell when they start. */
static gboolean
only_listens(const McpPluginDesc *desc)
{
    return (desc->provides == NULL || desc->provides->contract == NULL) &&
           (desc->requires_ == NULL || desc->requires_->contract == NULL);
}

/* Whether a plugin that is not placed yet is to be before it. */
static gboolean
must_wait(const McpPluginDesc *const *descs, guint n_descs, const gboolean *placed, guint index)
{
    const McpRequires *row = descs[index]->requires_;

    for (guint i = 0; i < n_descs && !only_listens(descs[index]); i++) {
        if (!placed[i] && only_listens(descs[i]))
            return TRUE;
    }
    for (; row != NULL && row->contract != NULL; row++) {
        for (guint i = 0; i < n_descs; i++) {
            if (i != index && !placed[i] && provides(descs[i], row))
                return TRUE;
        }
    }
    return FALSE;
}

static gboolean
place_next(const McpPluginDesc *const *descs, guint n_descs, gboolean *placed, guint *out_index)
{
    for (guint i = 0; i < n_descs; i++) {
        if (placed[i] || must_wait(descs, n_descs, placed, i))
            continue;
        placed[i] = TRUE;
        *out_index = i;
        return TRUE;
    }
    return FALSE;
}

gboolean
mcp_plugin_order(const McpPluginDesc *const *descs, guint n_descs, guint *out_order,
                 GPtrArray *errors)
{
    g_autofree gboolean *placed = g_new0(gboolean, n_descs);
    guint faults = errors->len;

    for (guint i = 0; i < n_descs; i++) {
        for (const McpRequires *row = descs[i]->requires_; row != NULL && row->contract != NULL;
             row++)
            check_requirement(descs, n_descs, descs[i], row, errors);
    }
    for (guint i = 0; i < n_descs; i++) {
        if (place_next(descs, n_descs, placed, &out_order[i]))
            continue;
        for (guint j = 0; j < n_descs; j++) {
            if (!placed[j])
                g_ptr_array_add(errors, g_strdup_printf("plugin %s: requires a plugin that "
                                                        "requires it in turn",
                                                        descs[j]->name));
        }
        break;
    }
    return errors->len == faults;
}
