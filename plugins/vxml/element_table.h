/* SPDX-License-Identifier: Apache-2.0 */
/* The schema of VoiceXML as a table: what each element is called, may contain and must have. */
#pragma once
#include "document.h"

G_BEGIN_DECLS

/** McpVxmlClass: where an element may stand; bits. */
typedef enum {
    MCP_VXML_IN_VXML = 1 << 0,       /* child of <vxml> */
    MCP_VXML_IN_FORM = 1 << 1,       /* child of <form> */
    MCP_VXML_IN_ITEM = 1 << 2,       /* child of a form item other than block, or of <menu> */
    MCP_VXML_IN_CONTENT = 1 << 3,    /* executable content */
    MCP_VXML_IN_IF = 1 << 4,         /* marker of a branch */
    MCP_VXML_IN_SPEECH = 1 << 5,     /* content of a prompt */
    MCP_VXML_IN_MENU = 1 << 6,       /* <choice> */
    MCP_VXML_IN_FIELD = 1 << 7,      /* <option> */
    MCP_VXML_IN_CALL = 1 << 8,       /* <param> of subdialog and object */
    MCP_VXML_IN_ANYTHING = 1 << 9,   /* <meta>, <metadata> */
    MCP_VXML_WITH_GRAMMARS = 1 << 10 /* <grammar> */
} McpVxmlClass;

/** McpVxmlElementDef: one element. */
typedef struct {
    McpVxmlKind kind;
    const char *name;
    guint classes;          /* McpVxmlClass of the element itself */
    guint children;         /* McpVxmlClass that its children may have */
    const char *attributes; /* blank-separated; "*": any; "!": required, "?": true or false,
                               "@": time, "#": number */
} McpVxmlElementDef;

/** McpVxmlChoice: attributes of which an element has exactly, or at most, one. */
typedef struct {
    McpVxmlKind kind;
    gboolean required;
    const char *names[5];
} McpVxmlChoice;

/** mcp_vxml_choices: rows of McpVxmlChoice; ends with a NULL name. */
extern const McpVxmlChoice mcp_vxml_choices[];

/** mcp_vxml_element_def: (nullable): the row of an element by name. */
const McpVxmlElementDef *mcp_vxml_element_def(const char *name);
/** mcp_vxml_element_def_of: the row of @kind; NULL for TEXT and SPEECH. */
const McpVxmlElementDef *mcp_vxml_element_def_of(McpVxmlKind kind);
/** mcp_vxml_is_speech_name: whether SSML 1.0 has an element of that name inside <speak>. */
gboolean mcp_vxml_is_speech_name(const char *name);
/** mcp_vxml_is_extension_attribute: whether gvp:@name of @kind is carried out. */
gboolean mcp_vxml_is_extension_attribute(McpVxmlKind kind, const char *name);

G_END_DECLS
