/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times and fetching where each value may be right by itself: units that were mixed up, and
 * settings that cannot both be meant. One thread.
 */
#include <string.h>

#include "interpreter_private.h"
#include "lint_private.h"

/* What is shorter or longer than this was hardly meant. */
static const struct {
    const char *name;
    gint64 least;
    gint64 most;
} ranges[] = {
    {"timeout", G_USEC_PER_SEC / 10, 600 * (gint64)G_USEC_PER_SEC},
    {"interdigittimeout", G_USEC_PER_SEC / 10, 60 * (gint64)G_USEC_PER_SEC},
    {"termtimeout", 0, 60 * (gint64)G_USEC_PER_SEC},
    {"fetchtimeout", G_USEC_PER_SEC / 10, 600 * (gint64)G_USEC_PER_SEC},
    {"fetchaudiodelay", 0, 60 * (gint64)G_USEC_PER_SEC},
    {"maxtime", G_USEC_PER_SEC / 2, 86400 * (gint64)G_USEC_PER_SEC},
    {"finalsilence", G_USEC_PER_SEC / 10, 60 * (gint64)G_USEC_PER_SEC},
};

static void
check_range(McpVxmlLint *lint, McpVxmlSpot spot, const char *name, const char *value)
{
    gint64 time;

    if (!mcp_vxml_time(value, &time))
        return;
    for (guint i = 0; i < G_N_ELEMENTS(ranges); i++)
        if (strcmp(ranges[i].name, name) == 0 && (time < ranges[i].least || time > ranges[i].most))
            mcp_vxml_lint_tell(lint, spot, "suspicious-time", NULL, "%s of %s", name, value);
}

/* A property in force at @node as far as the page says it. */
static const char *
property_at(const McpXmlNode *node, const char *name)
{
    const char *value = NULL;

    for (; node != NULL && value == NULL; node = mcp_xml_parent(node))
        for (const McpXmlNode *child = mcp_xml_first_element(node); child != NULL;
             child = mcp_xml_next_element(child))
            if (mcp_vxml_node_is(child, MCP_VXML_PROPERTY) &&
                g_strcmp0(mcp_xml_attribute(child, "name"), name) == 0)
                value = mcp_xml_attribute(child, "value");
    return value;
}

static gboolean
time_of(const McpXmlNode *node, const char *name, gint64 *out_time)
{
    const char *value = mcp_xml_attribute(node, name);

    if (value == NULL)
        value = property_at(node, name);
    return value != NULL && mcp_vxml_time(value, out_time);
}

/* The audio would begin when the fetch has failed already. */
static void
check_fetch_audio(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    gint64 delay;
    gint64 timeout;

    if (mcp_xml_attribute(node, "fetchaudio") == NULL || !time_of(node, "fetchaudiodelay", &delay))
        return;
    if (time_of(node, "fetchtimeout", &timeout) && delay >= timeout)
        mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, node, "fetchaudio", 0}, "contradiction",
                           "make fetchaudiodelay shorter than fetchtimeout",
                           "fetchaudio would begin after fetchtimeout only");
}

static void
check_ages(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    const char *max_age = mcp_xml_attribute(node, "maxage");
    const char *max_stale = mcp_xml_attribute(node, "maxstale");

    if (g_strcmp0(max_age, "0") == 0 && max_stale != NULL && strcmp(max_stale, "0") != 0)
        mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, node, "maxstale", 0}, "contradiction",
                           "leave out maxstale", "with maxage=\"0\" nothing stale is taken");
}

static gboolean
names_recording(const McpXmlNode *node, char **out_name)
{
    const McpXmlNode *form = mcp_vxml_node_up(node, MCP_VXML_FORM);
    const char *list = mcp_xml_attribute(node, "namelist");
    g_auto(GStrv) words = g_strsplit_set(list != NULL ? list : "", " \t\r\n", -1);

    for (const McpXmlNode *item = form != NULL ? mcp_xml_first_element(form) : NULL; item != NULL;
         item = mcp_xml_next_element(item)) {
        const char *name = mcp_xml_attribute(item, "name");

        if (!mcp_vxml_node_is(item, MCP_VXML_RECORD) || name == NULL ||
            !g_strv_contains((const char *const *)words, name))
            continue;
        *out_name = g_strdup(name);
        return TRUE;
    }
    return FALSE;
}

static void
check_submission(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    gboolean post = g_strcmp0(mcp_xml_attribute(node, "method"), "post") == 0;
    gboolean parts = g_strcmp0(mcp_xml_attribute(node, "enctype"), "multipart/form-data") == 0;
    g_autofree char *name = NULL;

    if (!mcp_vxml_node_is(node, MCP_VXML_SUBMIT) && !mcp_vxml_node_is(node, MCP_VXML_SUBDIALOG))
        return;
    if (parts && !post)
        mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, node, "enctype", 0}, "contradiction",
                           "write method=\"post\"", "enctype has no meaning for a GET");
    else if (!post && names_recording(node, &name))
        mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, node, "namelist", 0}, "recording-by-get", NULL,
                           "\"%s\" is a recording", name);
}

static void
check_record(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    const char *max_time = mcp_xml_attribute(node, "maxtime");
    const char *silence = mcp_xml_attribute(node, "finalsilence");
    gint64 longest;
    gint64 shortest;

    if (mcp_vxml_node_is(node, MCP_VXML_RECORD) && max_time != NULL && silence != NULL &&
        mcp_vxml_time(max_time, &longest) && mcp_vxml_time(silence, &shortest) &&
        shortest >= longest)
        mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, node, "finalsilence", 0}, "contradiction",
                           "make finalsilence shorter",
                           "finalsilence never ends a recording of maxtime %s", max_time);
}

static void
check_prompt(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    if (g_strcmp0(mcp_xml_attribute(node, "bargein"), "false") == 0 &&
        mcp_xml_attribute(node, "bargeintype") != NULL)
        mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, node, "bargeintype", 0}, "contradiction",
                           "leave out one of them", "bargeintype has no meaning without bargein");
}

static void
check_node(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    const char *name = mcp_xml_attribute(node, "name");
    const char *value = mcp_xml_attribute(node, "value");
    const McpXmlAttribute *attributes;
    guint n_attributes;

    attributes = mcp_xml_attributes(node, &n_attributes);
    for (guint i = 0; i < n_attributes; i++)
        check_range(lint, (McpVxmlSpot){page, node, attributes[i].name, 0}, attributes[i].name,
                    attributes[i].value);
    if (mcp_vxml_node_is(node, MCP_VXML_PROPERTY) && name != NULL && value != NULL)
        check_range(lint, (McpVxmlSpot){page, node, "value", 0}, name, value);
    check_fetch_audio(lint, page, node);
    check_ages(lint, page, node);
    check_submission(lint, page, node);
    check_record(lint, page, node);
    if (mcp_vxml_node_is(node, MCP_VXML_PROMPT))
        check_prompt(lint, page, node);
}

void
mcp_vxml_lint_times(McpVxmlLint *lint, McpVxmlPage *page)
{
    mcp_vxml_page_each(lint, page, check_node);
}
