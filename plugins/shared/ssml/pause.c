/* SPDX-License-Identifier: Apache-2.0 */
/* What a <break> lasts: a time, or a strength of which every engine here makes the same. */
#include "ssml.h"
#include <mcp/error.h>
#include <string.h>

#define MAX_MS 20000

static gboolean
refuse(const McpXmlNode *node, const char *attribute, const char *value, GError **error)
{
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "line %u: <%s> has %s=\"%.40s\"",
                mcp_xml_line(node), mcp_xml_name(node), attribute, value);
    return FALSE;
}

/* CSS2 time: a number with "s" or "ms". */
static gboolean
parse_time(const char *text, guint *out)
{
    char *end = NULL;
    double value;

    if (!g_ascii_isdigit(text[0]) && text[0] != '.' && text[0] != '+')
        return FALSE;
    value = g_ascii_strtod(text, &end);
    if (g_str_equal(end, "s"))
        value *= 1000;
    else if (!g_str_equal(end, "ms"))
        return FALSE;
    *out = (guint)CLAMP(value, 0, MAX_MS);
    return TRUE;
}

static gboolean
find_strength(const char *name, guint *out)
{
    static const struct {
        const char *name;
        guint ms;
    } strengths[] = {{"none", 0},     {"x-weak", 100},    {"weak", 250},  {"medium", 500},
                     {"strong", 750}, {"x-strong", 1000}, {"small", 250}, {"large", 1000}};

    for (guint i = 0; i < G_N_ELEMENTS(strengths); i++) {
        if (g_str_equal(strengths[i].name, name)) {
            *out = strengths[i].ms;
            return TRUE;
        }
    }
    return FALSE;
}

gboolean
mcp_ssml_pause(const McpXmlNode *node, guint *out_ms, GError **error)
{
    const char *time = mcp_xml_attribute(node, "time");
    const char *strength = mcp_xml_attribute(node, "strength");

    if (strength == NULL)
        strength = mcp_xml_attribute(node, "size"); /* of the drafts, still in use */
    if (time != NULL)
        return parse_time(time, out_ms) || refuse(node, "time", time, error);
    if (strength == NULL)
        strength = "medium";
    return find_strength(strength, out_ms) || refuse(node, "strength", strength, error);
}
