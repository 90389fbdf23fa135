/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The elements of VoiceXML 2.0 and 2.1: names, places, attributes. Read-only; any thread. Elements
 * that are known but not carried out are listed too: they give error.unsupported when reached.
 */
#include "element_table.h"

#include <string.h>

#define CONTENT (MCP_VXML_IN_CONTENT | MCP_VXML_IN_SPEECH)
#define ITEM (MCP_VXML_IN_ITEM | MCP_VXML_IN_SPEECH | MCP_VXML_WITH_GRAMMARS)
#define FETCH " fetchhint fetchtimeout@ maxage# maxstale#"
#define SUBMIT " namelist method enctype fetchaudio" FETCH
#define HANDLER " count# cond"

static const McpVxmlElementDef defs[] = {
    {MCP_VXML_ASSIGN, "assign", MCP_VXML_IN_CONTENT, 0, "name! expr!"},
    {MCP_VXML_AUDIO, "audio", MCP_VXML_IN_SPEECH, MCP_VXML_IN_SPEECH, "src expr" FETCH},
    {MCP_VXML_BLOCK, "block", MCP_VXML_IN_FORM, CONTENT, "name expr cond"},
    {MCP_VXML_CATCH, "catch", MCP_VXML_IN_VXML | MCP_VXML_IN_FORM | MCP_VXML_IN_ITEM, CONTENT,
     "event" HANDLER},
    {MCP_VXML_CHOICE, "choice", MCP_VXML_IN_MENU, MCP_VXML_IN_SPEECH | MCP_VXML_WITH_GRAMMARS,
     "dtmf accept next expr event eventexpr message messageexpr fetchaudio" FETCH},
    {MCP_VXML_CLEAR, "clear", MCP_VXML_IN_CONTENT, 0, "namelist"},
    {MCP_VXML_DATA, "data", MCP_VXML_IN_CONTENT | MCP_VXML_IN_VXML | MCP_VXML_IN_FORM, 0,
     "name src srcexpr" SUBMIT},
    {MCP_VXML_DISCONNECT, "disconnect", MCP_VXML_IN_CONTENT, 0, "namelist"},
    {MCP_VXML_ELSE, "else", MCP_VXML_IN_IF, 0, ""},
    {MCP_VXML_ELSEIF, "elseif", MCP_VXML_IN_IF, 0, "cond!"},
    {MCP_VXML_ENUMERATE, "enumerate", MCP_VXML_IN_SPEECH, MCP_VXML_IN_SPEECH, ""},
    {MCP_VXML_ERROR, "error", MCP_VXML_IN_VXML | MCP_VXML_IN_FORM | MCP_VXML_IN_ITEM, CONTENT,
     HANDLER},
    {MCP_VXML_EXIT, "exit", MCP_VXML_IN_CONTENT, 0, "expr namelist"},
    {MCP_VXML_FIELD, "field", MCP_VXML_IN_FORM, ITEM | MCP_VXML_IN_FIELD,
     "name expr cond type slot modal?"},
    {MCP_VXML_FILLED, "filled", MCP_VXML_IN_FORM | MCP_VXML_IN_ITEM, CONTENT, "mode namelist"},
    {MCP_VXML_FOREACH, "foreach", CONTENT, CONTENT, "array! item!"},
    {MCP_VXML_FORM, "form", MCP_VXML_IN_VXML, MCP_VXML_IN_FORM | MCP_VXML_WITH_GRAMMARS,
     "id scope"},
    {MCP_VXML_GOTO, "goto", MCP_VXML_IN_CONTENT, 0, "next expr nextitem expritem fetchaudio" FETCH},
    {MCP_VXML_GRAMMAR, "grammar", MCP_VXML_WITH_GRAMMARS, 0,
     "version mode root tag-format base type src srcexpr scope weight" FETCH},
    {MCP_VXML_HELP, "help", MCP_VXML_IN_VXML | MCP_VXML_IN_FORM | MCP_VXML_IN_ITEM, CONTENT,
     HANDLER},
    {MCP_VXML_IF, "if", MCP_VXML_IN_CONTENT, CONTENT | MCP_VXML_IN_IF, "cond!"},
    {MCP_VXML_INITIAL, "initial", MCP_VXML_IN_FORM, MCP_VXML_IN_ITEM | MCP_VXML_IN_SPEECH,
     "name expr cond"},
    {MCP_VXML_LINK, "link", MCP_VXML_IN_VXML | MCP_VXML_IN_FORM | MCP_VXML_IN_ITEM,
     MCP_VXML_WITH_GRAMMARS, "next expr event eventexpr message messageexpr dtmf fetchaudio" FETCH},
    {MCP_VXML_LOG, "log", MCP_VXML_IN_CONTENT, MCP_VXML_IN_SPEECH, "label expr"},
    {MCP_VXML_MENU, "menu", MCP_VXML_IN_VXML,
     MCP_VXML_IN_ITEM | MCP_VXML_IN_SPEECH | MCP_VXML_IN_MENU, "id scope dtmf? accept"},
    {MCP_VXML_META, "meta", MCP_VXML_IN_ANYTHING, 0, "name content http-equiv"},
    {MCP_VXML_METADATA, "metadata", MCP_VXML_IN_ANYTHING, 0, "*"},
    {MCP_VXML_NOINPUT, "noinput", MCP_VXML_IN_VXML | MCP_VXML_IN_FORM | MCP_VXML_IN_ITEM, CONTENT,
     HANDLER},
    {MCP_VXML_NOMATCH, "nomatch", MCP_VXML_IN_VXML | MCP_VXML_IN_FORM | MCP_VXML_IN_ITEM, CONTENT,
     HANDLER},
    {MCP_VXML_OBJECT, "object", MCP_VXML_IN_FORM, ITEM | MCP_VXML_IN_CALL,
     "name expr cond classid codebase codetype data type archive declare?" FETCH},
    {MCP_VXML_OPTION, "option", MCP_VXML_IN_FIELD, MCP_VXML_IN_SPEECH, "dtmf accept value"},
    {MCP_VXML_PARAM, "param", MCP_VXML_IN_CALL, 0, "name! expr value valuetype type"},
    {MCP_VXML_PROMPT, "prompt", MCP_VXML_IN_CONTENT | MCP_VXML_IN_ITEM, MCP_VXML_IN_SPEECH,
     "bargein? bargeintype cond count# timeout@"},
    {MCP_VXML_PROPERTY, "property", MCP_VXML_IN_VXML | MCP_VXML_IN_FORM | MCP_VXML_IN_ITEM, 0,
     "name! value!"},
    {MCP_VXML_RECEIVE, "receive", MCP_VXML_IN_CONTENT, 0,
     "maxtime maxtimeexpr fetchaudio fetchaudioexpr"},
    {MCP_VXML_RECORD, "record", MCP_VXML_IN_FORM, ITEM,
     "name expr cond modal? beep? maxtime@ finalsilence@ dtmfterm? type"},
    {MCP_VXML_REPROMPT, "reprompt", MCP_VXML_IN_CONTENT, 0, ""},
    {MCP_VXML_RETURN, "return", MCP_VXML_IN_CONTENT, 0,
     "namelist event eventexpr message messageexpr"},
    {MCP_VXML_SCRIPT, "script", MCP_VXML_IN_CONTENT | MCP_VXML_IN_VXML | MCP_VXML_IN_FORM, 0,
     "src srcexpr charset" FETCH},
    {MCP_VXML_SEND, "send", MCP_VXML_IN_CONTENT, 0,
     "async? asyncexpr body bodyexpr contenttype contenttypeexpr event eventexpr namelist target "
     "targetexpr timeout@ timeoutexpr"},
    {MCP_VXML_SUBDIALOG, "subdialog", MCP_VXML_IN_FORM,
     MCP_VXML_IN_ITEM | MCP_VXML_IN_SPEECH | MCP_VXML_IN_CALL, "name expr cond src srcexpr" SUBMIT},
    {MCP_VXML_SUBMIT, "submit", MCP_VXML_IN_CONTENT, 0, "next expr" SUBMIT},
    {MCP_VXML_THROW, "throw", MCP_VXML_IN_CONTENT, 0, "event eventexpr message messageexpr"},
    {MCP_VXML_TRANSFER, "transfer", MCP_VXML_IN_FORM, ITEM,
     "name expr cond dest destexpr bridge? type connecttimeout@ maxtime@ transferaudio aai "
     "aaiexpr"},
    {MCP_VXML_VALUE, "value", MCP_VXML_IN_SPEECH, 0, "expr!"},
    {MCP_VXML_VAR, "var", MCP_VXML_IN_CONTENT | MCP_VXML_IN_VXML | MCP_VXML_IN_FORM, 0,
     "name! expr"},
    {MCP_VXML_VXML, "vxml", 0, MCP_VXML_IN_VXML, "version! application"},
};

/* The standard's "exactly one of …, otherwise error.badfetch". */
const McpVxmlChoice mcp_vxml_choices[] = {
    {MCP_VXML_AUDIO, TRUE, {"src", "expr", NULL}},
    {MCP_VXML_DATA, TRUE, {"src", "srcexpr", NULL}},
    {MCP_VXML_CHOICE, TRUE, {"next", "expr", "event", "eventexpr", NULL}},
    {MCP_VXML_CHOICE, FALSE, {"message", "messageexpr", NULL}},
    {MCP_VXML_EXIT, FALSE, {"expr", "namelist", NULL}},
    {MCP_VXML_GOTO, TRUE, {"next", "expr", "nextitem", "expritem", NULL}},
    {MCP_VXML_LINK, TRUE, {"next", "expr", "event", "eventexpr", NULL}},
    {MCP_VXML_LINK, FALSE, {"message", "messageexpr", NULL}},
    {MCP_VXML_PARAM, TRUE, {"expr", "value", NULL}},
    {MCP_VXML_RECEIVE, FALSE, {"maxtime", "maxtimeexpr", NULL}},
    {MCP_VXML_RECEIVE, FALSE, {"fetchaudio", "fetchaudioexpr", NULL}},
    {MCP_VXML_RETURN, FALSE, {"namelist", "event", "eventexpr", NULL}},
    {MCP_VXML_RETURN, FALSE, {"message", "messageexpr", NULL}},
    {MCP_VXML_SEND, FALSE, {"async", "asyncexpr", NULL}},
    {MCP_VXML_SEND, FALSE, {"body", "bodyexpr", "namelist", NULL}},
    {MCP_VXML_SEND, FALSE, {"contenttype", "contenttypeexpr", NULL}},
    {MCP_VXML_SEND, FALSE, {"event", "eventexpr", NULL}},
    {MCP_VXML_SEND, FALSE, {"target", "targetexpr", NULL}},
    {MCP_VXML_SEND, FALSE, {"timeout", "timeoutexpr", NULL}},
    {MCP_VXML_SUBDIALOG, TRUE, {"src", "srcexpr", NULL}},
    {MCP_VXML_SUBMIT, TRUE, {"next", "expr", NULL}},
    {MCP_VXML_THROW, TRUE, {"event", "eventexpr", NULL}},
    {MCP_VXML_THROW, FALSE, {"message", "messageexpr", NULL}},
    {MCP_VXML_TRANSFER, TRUE, {"dest", "destexpr", NULL}},
    {MCP_VXML_TRANSFER, FALSE, {"bridge", "type", NULL}},
    {MCP_VXML_TRANSFER, FALSE, {"aai", "aaiexpr", NULL}},
    {MCP_VXML_VXML, FALSE, {NULL}},
};

/* SSML 1.0 §3, without audio, which VoiceXML extends. */
static const char *const speech_names[] = {"break",  "desc", "emphasis",  "lexicon", "mark",
                                           "p",      "s",    "paragraph", "phoneme", "prosody",
                                           "say-as", "sub",  "sentence",  "voice",   NULL};

/* Attributes of the extension namespace that are carried out. */
static const struct {
    McpVxmlKind kind;
    const char *name;
} extension_attributes[] = {
    {MCP_VXML_LOG, "dest"},
};

const McpVxmlElementDef *
mcp_vxml_element_def(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(defs); i++)
        if (strcmp(defs[i].name, name) == 0)
            return &defs[i];
    return NULL;
}

const McpVxmlElementDef *
mcp_vxml_element_def_of(McpVxmlKind kind)
{
    for (guint i = 0; i < G_N_ELEMENTS(defs); i++)
        if (defs[i].kind == kind)
            return &defs[i];
    return NULL;
}

gboolean
mcp_vxml_is_speech_name(const char *name)
{
    return g_strv_contains(speech_names, name);
}

gboolean
mcp_vxml_is_extension_attribute(McpVxmlKind kind, const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(extension_attributes); i++)
        if (extension_attributes[i].kind == kind && strcmp(extension_attributes[i].name, name) == 0)
            return TRUE;
    return FALSE;
}
