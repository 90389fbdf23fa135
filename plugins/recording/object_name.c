/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rule for object names, which keeps every object below the store's folder. Pure functions,
 * any thread.
 */
#include "object_name.h"
#include <mcp/error.h>
#include <string.h>

#define MAX_PARTS 8
#define MAX_PART 128

static const char *
part_fault(const char *part, gsize length)
{
    if (length == 0)
        return "has an empty part";
    if (part[0] == '.')
        return "has a part that begins with a dot";
    if (length > MAX_PART)
        return "has a part that is too long";
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isalnum(part[i]) && strchr("-_.", part[i]) == NULL)
            return "has a character that is not allowed";
    return NULL;
}

static const char *
name_fault(const char *name)
{
    const char *part = name;

    if (g_str_has_suffix(name, MCP_RECORDING_PART))
        return "ends like an unfinished object";
    for (guint n = 1; n <= MAX_PARTS; n++) {
        gsize length = strcspn(part, "/");
        const char *fault = part_fault(part, length);

        if (fault != NULL)
            return fault;
        if (part[length] == '\0')
            return NULL;
        part += length + 1;
    }
    return "has too many parts";
}

gboolean
mcp_recording_object_name_check(const char *name, GError **error)
{
    const char *fault = name == NULL ? "is missing" : name_fault(name);
    g_autofree char *shown = NULL;

    if (fault == NULL)
        return TRUE;
    shown = g_strescape(name == NULL ? "" : name, NULL);
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "object name '%.80s' %s", shown, fault);
    return FALSE;
}
