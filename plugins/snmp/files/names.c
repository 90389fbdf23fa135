/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of metrics as SMI writes them: letters and digits alone. Any thread.
 */
#include "files.h"

char *
mcp_snmp_identifier(const char *name)
{
    GString *text = g_string_new(NULL);
    gboolean begins_word = FALSE;

    for (; *name != '\0'; name++) {
        if (g_ascii_isalnum(*name))
            g_string_append_c(text, begins_word ? g_ascii_toupper(*name) : *name);
        begins_word = !g_ascii_isalnum(*name);
    }
    return g_string_free(text, FALSE);
}

char *
mcp_snmp_type_name(const char *name)
{
    char *text = mcp_snmp_identifier(name);

    text[0] = g_ascii_toupper(text[0]);
    return text;
}
