/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target of VoiceXML pages: whatever is accepted is run as an application, each action being
 * answered in turn with silence, a match, a page, a recording, a hang-up. libFuzzer calls from one
 * thread. */
#include <mcp/log.h>
#include <stdint.h>
#include <string.h>

#include "interpreter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_ACTIONS 24

static void
answer(const McpVxmlAction *action, McpVxmlDocument *document, guint round, McpVxmlOutcome *outcome)
{
    memset(outcome, 0, sizeof *outcome);
    outcome->type = MCP_VXML_OUTCOME_EVENT;
    outcome->event = round % 3 == 0 ? "noinput" : "nomatch";
    switch (action->type) {
    case MCP_VXML_ACTION_PAGE:
        outcome->event = "error.badfetch";
        if (round % 2 == 0) {
            outcome->type = MCP_VXML_OUTCOME_PAGE;
            outcome->document = document;
        }
        break;
    case MCP_VXML_ACTION_SCRIPT:
        outcome->type = MCP_VXML_OUTCOME_SCRIPT;
        outcome->text = "var fetched = 1;";
        break;
    case MCP_VXML_ACTION_COLLECT:
        if (action->grammars->len > 0 && round % 4 != 3) {
            outcome->type = MCP_VXML_OUTCOME_MATCH;
            outcome->grammar = round % action->grammars->len;
            outcome->utterance = "1 2";
            outcome->interpretation = round % 2 == 0 ? "\"12\"" : "{\"a\":{\"b\":[1]},\"x\":true}";
        }
        break;
    case MCP_VXML_ACTION_RECORD:
        outcome->type = MCP_VXML_OUTCOME_RECORDED;
        outcome->recording = "vxml/x/1.wav";
        outcome->duration = 1000;
        outcome->term_char = '#';
        break;
    case MCP_VXML_ACTION_PLAY:
    case MCP_VXML_ACTION_COMPUTE:
    case MCP_VXML_ACTION_END:
    default:
        outcome->type = MCP_VXML_OUTCOME_DONE;
        break;
    }
}

static void
run_application(McpVxmlDocument *document)
{
    McpVxmlSetup setup = {
        .session = "{\"protocol\":{\"name\":\"sip\"}}",
        .limits = {.run_us = 3000, .window_us = 20000, .memory = 4 << 20},
        .max_transitions = 40,
        .max_depth = 3,
        .document = document,
    };
    g_autoptr(McpVxmlInterpreter) interpreter = mcp_vxml_interpreter_new(&setup, NULL);
    const McpVxmlAction *action;

    if (interpreter == NULL)
        return;
    action = mcp_vxml_interpreter_run(interpreter, NULL);
    for (guint round = 0; action->type != MCP_VXML_ACTION_END && round < MAX_ACTIONS; round++) {
        McpVxmlOutcome outcome;

        answer(action, document, round, &outcome);
        if (round == MAX_ACTIONS / 2)
            mcp_vxml_interpreter_disconnect(interpreter);
        action = mcp_vxml_interpreter_run(interpreter, &outcome);
        g_ptr_array_unref(mcp_vxml_interpreter_take_notes(interpreter));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GBytes) bytes = g_bytes_new(data, size);
    g_autoptr(GError) error = NULL;
    g_autoptr(McpVxmlDocument) document = NULL;

    if (size > 20000)
        return 0;
    document = mcp_vxml_document_parse(bytes, "http://example.com/a/page.vxml", NULL, 0, NULL, NULL,
                                       &error);
    if (document == NULL && error->message[0] == '\0')
        __builtin_trap();
    if (document != NULL && mcp_vxml_document_get_application(document) == NULL)
        run_application(document);
    return 0;
}
