/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON as it goes into a message. Any thread.
 */
#include "json_text.h"

char *
mcp_activemq_json_finish(McpJson *json)
{
    char *text = mcp_json_finish(json);
    GString *out = NULL;
    const char *done = text;

    /* Half a pair that a script has made is what it is. */
    if (!g_utf8_validate(text, -1, NULL))
        return text;
    for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        if (c <= 0xffff)
            continue;
        if (out == NULL)
            out = g_string_new(NULL);
        g_string_append_len(out, done, p - done);
        c -= 0x10000;
        g_string_append_printf(out, "\\u%04x\\u%04x", 0xd800 + (c >> 10), 0xdc00 + (c & 0x3ff));
        done = g_utf8_next_char(p);
    }
    if (out == NULL)
        return text;
    g_string_append(out, done);
    g_free(text);
    return g_string_free(out, FALSE);
}
