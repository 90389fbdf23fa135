/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of rules, which the authors' reference and SARIF repeat. Read-only; any thread.
 */
#include "rules.h"

#include <string.h>

#define NOTE(id, summary, hint)                   \
    {                                             \
        id, MCP_VXML_SEVERITY_NOTE, summary, hint \
    }
#define WARNING(id, summary, hint)                   \
    {                                                \
        id, MCP_VXML_SEVERITY_WARNING, summary, hint \
    }
#define ERROR(id, summary, hint)                   \
    {                                              \
        id, MCP_VXML_SEVERITY_ERROR, summary, hint \
    }

const McpVxmlRule mcp_vxml_rules[] = {
    /* the page as a tree */
    ERROR("not-well-formed", "The page is no well-formed XML", "an XML editor shows the place"),
    ERROR("refused", "The platform refuses the page", "going to it throws error.badfetch"),
    ERROR("unknown-element", "No such element",
          "see the list of elements in the authors' reference"),
    ERROR("misplaced-element", "The element cannot stand there", "see what its parent may contain"),
    ERROR("misplaced-text", "Text cannot stand there",
          "put it into a <prompt> of a <block> or field"),
    ERROR("missing-attribute", "A required attribute is missing", "add it"),
    WARNING("unknown-attribute", "The attribute has no meaning there", "it is not looked at"),
    ERROR("misplaced-attribute", "The attribute cannot stand on this element there",
          "leave it out"),
    ERROR("bad-boolean", "The value is neither true nor false", "write true or false"),
    ERROR("bad-time", "The value is no time", "write a number with its unit: 5s, 500ms"),
    ERROR("bad-number", "The value is no number", "write a whole number that is not negative"),
    ERROR("bad-value", "The value is none of those that the attribute may have",
          "take one of them"),
    ERROR("bad-name", "That cannot name a variable",
          "take a letter first, then letters and digits"),
    ERROR("choose-one", "Of these attributes one may be given", "decide for one"),
    ERROR("one-source", "A grammar or script has one source",
          "src, srcexpr or content: decide for one"),
    ERROR("bad-version", "The version is none that is spoken here", "write version=\"2.1\""),
    WARNING("bad-namespace", "That is not the namespace of VoiceXML",
            "write xmlns=\"http://www.w3.org/2001/vxml\""),
    ERROR("duplicate-id", "Two dialogs of a page have one id", "rename one"),
    ERROR("duplicate-item", "Two form items of a form have one name", "rename one"),
    ERROR("branch-order", "The branches of <if> are out of order",
          "<elseif>s first, one <else> last"),
    /* names */
    ERROR("undefined-variable", "The variable is declared nowhere that this place can see",
          "declare it with <var>, or mend its name"),
    ERROR("script-syntax", "The ECMAScript does not parse", "reaching it throws error.semantic"),
    ERROR("undefined-dialog", "The page has no such dialog", "mend the name behind #"),
    ERROR("undefined-item", "The form has no such item", "mend the name"),
    ERROR("missing-document", "There is no such page", "mend the address"),
    ERROR("missing-resource", "There is no such file", "mend the address"),
    ERROR("undefined-parameter", "The dialog that is called declares no such variable",
          "declare it with <var> in the form, or leave the <param> out"),
    WARNING("undefined-result", "The dialog that is called does not return it",
            "add it to the namelist of its <return>"),
    ERROR("nested-root", "An application root document has a root of its own",
          "leave out its attribute application"),
    /* grammars and keys */
    ERROR("undefined-rule", "The grammar has no such rule", "mend the name"),
    ERROR("bad-grammar", "The grammar does not compile", "activating it throws error.badfetch"),
    ERROR("unsupported-grammar", "The grammar's format is not supported", "write it in SRGS"),
    ERROR("unknown-builtin", "There is no such builtin grammar",
          "boolean, date, digits, currency, number, phone, time"),
    WARNING("no-grammar", "Nothing can fill this", "give it a type, a <grammar> or <option>s"),
    WARNING("duplicate-dtmf", "Another one has the same key", "the first one always wins"),
    ERROR("bad-dtmf", "That is no sequence of keys", "0 to 9, * and #"),
    ERROR("dtmf-conflict", "With dtmf=\"true\" the platform deals out the keys 1 to 9",
          "choices may have *, # or 0 only, or leave out dtmf=\"true\""),
    WARNING("initial-without-grammar", "No grammar of the form hears the answer",
            "give the form a <grammar>"),
    WARNING("dead-link", "Nothing activates the link", "give it a <grammar> or dtmf"),
    /* events */
    WARNING("uncaught-event", "No handler takes the event: the call ends",
            "catch it in this dialog, page or its root"),
    WARNING("unknown-event", "No such event is ever thrown", "mend its name"),
    WARNING("shadowed-handler", "An earlier handler takes the event first",
            "give it a count or a cond"),
    WARNING("useless-reprompt", "<reprompt> has no effect outside a handler", "leave it out"),
    NOTE("no-noinput", "Nobody handles noinput here",
         "a caller who says nothing hears the prompt again and again: add <noinput> with a count"),
    NOTE("no-nomatch", "Nobody handles nomatch here",
         "the platform's own text is said: add <nomatch>"),
    NOTE("no-badfetch", "Nobody handles error.badfetch around this fetch",
         "when the page cannot be had the call ends: add <catch event=\"error.badfetch\">"),
    /* flow */
    WARNING("unreachable-dialog", "Nothing leads to the dialog", "go there, or take it out"),
    WARNING("unreachable-code", "What stands here is never reached", "take it out"),
    WARNING("endless-loop", "The dialogs go round without ever asking the caller",
            "the platform ends the call after max_transitions"),
    WARNING("assignment-in-cond", "The condition assigns", "compare with == or ==="),
    WARNING("no-return", "The dialog that is called never returns", "end it with <return/>"),
    ERROR("enumerate-alone", "<enumerate> needs choices or options around it",
          "use it in a <menu>, or in a <field> with <option>s"),
    /* times, fetching, properties */
    WARNING("unknown-property", "No such property", "mend its name; it is not looked at"),
    ERROR("bad-property-value", "The value is none that the property may have", "mend it"),
    WARNING("suspicious-time", "The time is hardly meant so", "mind the unit: s or ms"),
    WARNING("contradiction", "Two settings contradict each other", "change one of them"),
    WARNING("recording-by-get", "A recording does not fit into a URL",
            "submit it with method=\"post\" and enctype=\"multipart/form-data\""),
    /* what is old, what is not there */
    ERROR("deprecated-element", "The element is one of VoiceXML 1.0", "see what took its place"),
    WARNING("deprecated-attribute", "The attribute is one of VoiceXML 1.0",
            "see what took its place"),
    WARNING("deprecated-event", "The event is one of VoiceXML 1.0", "see what took its place"),
    WARNING("deprecated-variable", "The variable is one of VoiceXML 1.0",
            "see what took its place"),
    WARNING("unsupported-element", "The platform does not carry it out",
            "reaching it throws error.unsupported"),
    WARNING("unsupported-value", "The platform does not support the value", "take another one"),
    {NULL, MCP_VXML_SEVERITY_NOTE, NULL, NULL},
};

static const char *const severities[] = {"note", "warning", "error"};

const McpVxmlRule *
mcp_vxml_rule_find(const char *id)
{
    for (const McpVxmlRule *rule = mcp_vxml_rules; rule->id != NULL; rule++)
        if (strcmp(rule->id, id) == 0)
            return rule;
    return NULL;
}

const char *
mcp_vxml_severity_to_string(McpVxmlSeverity severity)
{
    return severities[severity];
}

gboolean
mcp_vxml_severity_from_string(const char *text, McpVxmlSeverity *out_severity)
{
    for (guint i = 0; i < G_N_ELEMENTS(severities); i++)
        if (strcmp(severities[i], text) == 0) {
            *out_severity = (McpVxmlSeverity)i;
            return TRUE;
        }
    return FALSE;
}
