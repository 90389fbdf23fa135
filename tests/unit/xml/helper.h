/* SPDX-License-Identifier: Apache-2.0 */
/* What the XML tests share: parsing a literal, and failing with the parser's own message. */
#pragma once

#include <string.h>

#include "xml/xml.h"

static inline McpXmlDocument *
parse_ok(const char *text)
{
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
    g_autoptr(GError) error = NULL;
    McpXmlSource source = {.url = "http://h.example/app/page.vxml"};
    McpXmlDocument *document = mcp_xml_parse(bytes, &source, NULL, &error);

    g_assert_no_error(error);
    g_assert_nonnull(document);
    return document;
}

static inline void
assert_refused(GBytes *bytes, const McpXmlSource *source, McpXmlError code)
{
    g_autoptr(GError) error = NULL;
    McpXmlPosition position = {0, 0};
    McpXmlDocument *document = mcp_xml_parse(bytes, source, &position, &error);

    g_assert_null(document);
    g_assert_error(error, MCP_XML_ERROR, (int)code);
    g_test_message("%s", error->message);
}
