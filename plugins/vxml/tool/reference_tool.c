/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mcpctl vxml reference: what authors may count on, as Markdown, out of the tables by which pages
 * are read and settings are. One thread.
 */
#include <string.h>

#include "config.h"
#include "element_table.h"
#include "rules.h"
#include "support_table.h"
#include "tool.h"

static const char *const support_words[] = {"yes", "in part", "no"};

static void
print_cell(const char *text)
{
    for (; text != NULL && *text != '\0'; text++)
        g_print(*text == '|' ? "\\|" : "%c", *text);
}

static const char *
type_words(char mark)
{
    switch (mark) {
    case '?':
        return "true or false";
    case '@':
        return "time";
    case '#':
        return "whole number";
    default:
        return "";
    }
}

static void
print_attribute(const char *element, char *word)
{
    gsize length = strcspn(word, "!?@#");
    char mark = word[length];
    const McpVxmlSupportDef *def;
    gboolean expression;

    word[length] = '\0';
    if (length == 0)
        return;
    def = mcp_vxml_support_find(element, word);
    expression = g_str_has_suffix(word, "expr") || strcmp(word, "cond") == 0 ||
                 strcmp(word, "array") == 0 || strcmp(word, "expritem") == 0;
    g_print("| `%s`%s | ", word, mark == '!' ? " (required)" : "");
    if (def != NULL && def->values != NULL)
        print_cell(def->values);
    else
        g_print("%s", expression ? "ECMAScript" : type_words(mark));
    g_print(" | %s | %s |\n", support_words[def != NULL ? def->support : MCP_VXML_SUPPORT_FULL],
            def != NULL && def->note != NULL ? def->note : "");
}

static void
print_element(McpVxmlKind kind)
{
    const McpVxmlElementDef *element = mcp_vxml_element_def_of(kind);
    const McpVxmlSupportDef *def;
    g_auto(GStrv) words = NULL;

    if (element == NULL)
        return;
    def = mcp_vxml_support_find(element->name, NULL);
    words = g_strsplit(element->attributes, " ", -1);
    g_print("\n### %s\n\nSupported: %s%s%s.\n", element->name,
            support_words[def != NULL ? def->support : MCP_VXML_SUPPORT_FULL],
            def != NULL && def->note != NULL ? "; " : "",
            def != NULL && def->note != NULL ? def->note : "");
    for (const McpVxmlChoice *choice = mcp_vxml_choices; choice->names[0] != NULL; choice++)
        if (choice->kind == kind) {
            g_autofree char *list = g_strjoinv("`, `", (char **)choice->names);

            g_print("%s one of `%s`.\n", choice->required ? "Exactly" : "At most", list);
        }
    if (*element->attributes == '\0' || *element->attributes == '*')
        return;
    g_print("\n| attribute | value | supported | |\n|---|---|---|---|\n");
    for (guint i = 0; words[i] != NULL; i++)
        print_attribute(element->name, words[i]);
}

static void
print_property(const McpVxmlPropertyDef *def, McpVxmlConfig *config)
{
    static const char *const types[] = {"time", "true or false", "0.0 to 1.0", "whole number",
                                        "word", "words",         "key",        "text"};
    const char *fallback = g_hash_table_lookup(config->properties, def->name);

    g_print("| `%s` | ", def->name);
    print_cell(def->values != NULL ? def->values : types[def->type]);
    g_print(" | %s%s | %s | %s |\n",
            fallback != NULL ? fallback : (def->fallback != NULL ? def->fallback : ""),
            fallback != NULL ? " (a setting)" : "", support_words[def->support],
            def->note != NULL ? def->note : "");
}

static void
print_rules(void)
{
    g_print("\n## What mcpctl vxml lint finds\n\n| rule | severity | what | hint |\n"
            "|---|---|---|---|\n");
    for (const McpVxmlRule *rule = mcp_vxml_rules; rule->id != NULL; rule++) {
        g_print("| `%s` | %s | ", rule->id, mcp_vxml_severity_to_string(rule->severity));
        print_cell(rule->summary);
        g_print(" | ");
        print_cell(rule->hint);
        g_print(" |\n");
    }
}

static McpVxmlToolExit
run(char **arguments, guint n_arguments)
{
    g_autoptr(McpVxmlConfig) config = mcp_vxml_config_new(NULL);

    if (n_arguments != 0) {
        mcp_vxml_tool_complain("usage: reference");
        return MCP_VXML_TOOL_USAGE;
    }
    g_print("<!-- SPDX-License-Identifier: Apache-2.0 -->\n"
            "# What authors may count on\n\n"
            "VoiceXML 2.0 and 2.1 as this platform carries them out. Written by `mcpctl vxml "
            "reference` from the\ntables by which it reads pages: tests/harness/test_reference.py "
            "keeps it fresh.\n\n## Elements\n");
    for (int kind = 0; kind < MCP_VXML_N_KINDS; kind++)
        print_element((McpVxmlKind)kind);
    g_print("\n## Properties\n\n| property | value | default | supported | |\n"
            "|---|---|---|---|---|\n");
    for (const McpVxmlPropertyDef *def = mcp_vxml_property_defs; def->name != NULL; def++)
        print_property(def, config);
    print_rules();
    return MCP_VXML_TOOL_OK;
}

const McpVxmlTool mcp_vxml_reference_tool = {
    "reference", "", "Prints the authors' reference (Markdown).", NULL, run};
