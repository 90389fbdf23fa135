/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine's prompts and input: what is due to be heard, which grammars are active, what a match
 * fills. As interpreter_private.h.
 */
#pragma once
#include "interpreter_private.h"

G_BEGIN_DECLS

/* spoken_grammar.c */
/** mcp_vxml_spoken_grammar: (transfer full) (nullable): SRGS for saying @text, or a part of it. */
char *mcp_vxml_spoken_grammar(const char *text, const char *language, gboolean approximate);
/** mcp_vxml_universals: names of the universal commands that are on; NULL-terminated. */
char **mcp_vxml_universals(McpVxmlInterpreter *interpreter);

/* input_mapping.c */
void mcp_vxml_clear_input(McpVxmlInput *input);
/** mcp_vxml_take_match: what a grammar gave becomes the input. */
void mcp_vxml_take_match(McpVxmlInterpreter *interpreter, const McpVxmlOutcome *outcome);
/** mcp_vxml_set_last_result: application.lastresult$ from the input. */
gboolean mcp_vxml_set_last_result(McpVxmlInterpreter *interpreter);
void mcp_vxml_process_input(McpVxmlInterpreter *interpreter);

/* prompt_queue.c */
gboolean mcp_vxml_queue_prompt(McpVxmlInterpreter *interpreter, const McpVxmlElement *prompt);
/** mcp_vxml_queue_run: one implicit prompt from @first up to what is not speech; its end. */
gboolean mcp_vxml_queue_run(McpVxmlInterpreter *interpreter, const McpVxmlElement *first,
                            const McpVxmlElement **out_next);
/** mcp_vxml_queue_item_prompts: those whose count and cond say so (VoiceXML 2.0 §4.1.6). */
gboolean mcp_vxml_queue_item_prompts(McpVxmlInterpreter *interpreter, const McpVxmlElement *item,
                                     guint count);
void mcp_vxml_queue_text(McpVxmlInterpreter *interpreter, const char *text);
/**
 * mcp_vxml_build_next_prompts: (transfer full) (nullable): McpVxmlPrompt of fixed words that are
 * most likely due when the present item is filled.
 */
GPtrArray *mcp_vxml_build_next_prompts(McpVxmlInterpreter *interpreter);
GPtrArray *mcp_vxml_prompts_new(void);

/* speech_markup.c */
/** mcp_vxml_build_segments: (transfer full) (nullable): what @first up to @last (excluded) says. */
GPtrArray *mcp_vxml_build_segments(McpVxmlInterpreter *interpreter, const McpVxmlElement *first,
                                   const McpVxmlElement *last, const char *language);
/** mcp_vxml_speech_segment: (transfer full): plain words. */
McpVxmlSegment *mcp_vxml_speech_segment(const char *text);
GPtrArray *mcp_vxml_segments_new(void);
/** mcp_vxml_plain_text: (transfer full): the text of the children, blanks collapsed. */
char *mcp_vxml_plain_text(const McpVxmlElement *element);

/* grammar_set.c */
gboolean mcp_vxml_activate_grammars(McpVxmlInterpreter *interpreter);
/** mcp_vxml_choice_dtmf: (transfer full) (nullable): the key of a choice, given or implied. */
char *mcp_vxml_choice_dtmf(const McpVxmlElement *choice);
GPtrArray *mcp_vxml_grammars_new(void);

G_END_DECLS
