/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What authors may count on: values that attributes take, properties with their types and defaults,
 * and whatever is not or not wholly carried out. The lint and the authors' reference read it beside
 * the table of elements. Read-only; any thread.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** McpVxmlSupport: how much of a thing is carried out. */
typedef enum {
    MCP_VXML_SUPPORT_FULL,
    MCP_VXML_SUPPORT_PART,
    MCP_VXML_SUPPORT_NONE,
} McpVxmlSupport;

/** McpVxmlSupportDef: what is to be said of an element or one of its attributes. */
typedef struct {
    const char *element;   /* "*": any */
    const char *attribute; /* nullable: the element itself */
    const char *values;    /* nullable: "a|b": the words it may be */
    McpVxmlSupport support;
    const char *note; /* nullable */
} McpVxmlSupportDef;

/** McpVxmlPropertyType: what the value of a property is. */
typedef enum {
    MCP_VXML_PROPERTY_TIME,
    MCP_VXML_PROPERTY_BOOLEAN,
    MCP_VXML_PROPERTY_UNIT,  /* 0.0 to 1.0 */
    MCP_VXML_PROPERTY_COUNT, /* whole number */
    MCP_VXML_PROPERTY_WORD,  /* one of a list */
    MCP_VXML_PROPERTY_WORDS, /* some of a list */
    MCP_VXML_PROPERTY_KEY,   /* of a telephone, or empty */
    MCP_VXML_PROPERTY_TEXT,
} McpVxmlPropertyType;

/** McpVxmlPropertyDef: one property (VoiceXML 2.0 §6.3, 2.1 §6). */
typedef struct {
    const char *name;
    McpVxmlPropertyType type;
    const char *values;   /* nullable: "a|b" */
    const char *fallback; /* nullable: default where no setting says it */
    McpVxmlSupport support;
    const char *note; /* nullable */
} McpVxmlPropertyDef;

/** mcp_vxml_support_defs: ends with a NULL element. */
extern const McpVxmlSupportDef mcp_vxml_support_defs[];
/** mcp_vxml_property_defs: ends with a NULL name. */
extern const McpVxmlPropertyDef mcp_vxml_property_defs[];

/** mcp_vxml_support_find: (nullable): of @element, or of its @attribute (nullable). */
const McpVxmlSupportDef *mcp_vxml_support_find(const char *element, const char *attribute);
/** mcp_vxml_property_find: (nullable): by name. */
const McpVxmlPropertyDef *mcp_vxml_property_find(const char *name);
/** mcp_vxml_property_check: whether @value is one that the property may have. */
gboolean mcp_vxml_property_check(const McpVxmlPropertyDef *def, const char *value);
/** mcp_vxml_is_one_of: whether @word is in "a|b". */
gboolean mcp_vxml_is_one_of(const char *word, const char *values);

G_END_DECLS
