/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters of an a=fmtp line. Pure functions.
 */
#include "fmtp.h"

#include <string.h>

/* More parameters than any format has. */
#define PARTS_MAX 32

char *
mcp_media_fmtp_get(const char *fmtp, const char *name)
{
    g_auto(GStrv) parts = g_strsplit(fmtp != NULL ? fmtp : "", ";", PARTS_MAX);

    for (guint i = 0; parts[i] != NULL; i++) {
        char *value = strchr(parts[i], '=');

        if (value == NULL)
            continue;
        *value++ = '\0';
        if (g_ascii_strcasecmp(g_strstrip(parts[i]), name) == 0)
            return g_strdup(g_strstrip(value));
    }
    return NULL;
}

guint
mcp_media_fmtp_get_uint(const char *fmtp, const char *name, guint min, guint max, guint fallback)
{
    g_autofree char *text = mcp_media_fmtp_get(fmtp, name);
    guint64 value = 0;

    if (text == NULL || !g_ascii_string_to_unsigned(text, 10, min, max, &value, NULL))
        return fallback;
    return (guint)value;
}
