/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "grammars.h"
#include <mrcp/nlsml.h>

G_BEGIN_DECLS

/** McpMrcpdResults: GPtrArray of McpMrcpInterpretation, the best one first. */
typedef GPtrArray McpMrcpdResults;

/** mcp_mrcpd_results_new: (transfer full): none yet. */
McpMrcpdResults *mcp_mrcpd_results_new(void);
/**
 * mcp_mrcpd_results_add_words: what @hypothesis may mean by @grammars (McpMrcpdGrammar of mode
 * voice), @max at most.
 *
 * Returns: FALSE with an error: its tags could not be run; the words alone are added.
 */
gboolean mcp_mrcpd_results_add_words(McpMrcpdResults *results, const GPtrArray *grammars,
                                     const McpHypothesis *hypothesis, guint max, GError **error);
/** mcp_mrcpd_results_add_digits: what @match means, of @grammars of mode dtmf. */
void mcp_mrcpd_results_add_digits(McpMrcpdResults *results, const GPtrArray *grammars,
                                  const McpGrammarResult *match);
/** mcp_mrcpd_results_add_unmatched: @words are no match of any of @grammars. */
void mcp_mrcpd_results_add_unmatched(McpMrcpdResults *results, const GPtrArray *grammars,
                                     const char *words, const char *mode);
/** mcp_mrcpd_results_sort: by confidence; equal ones stay in order. */
void mcp_mrcpd_results_sort(McpMrcpdResults *results);
/**
 * mcp_mrcpd_results_write: sets them as the body of @message: those from @confidence on, @max at
 * most. Returns: how many; 0: there is no body.
 */
guint mcp_mrcpd_results_write(const McpMrcpdResults *results, double confidence, guint max,
                              McpMrcpMessage *message);

G_END_DECLS
