/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** McpMrcpdPiece: what is said at a stretch, or a mark between such. */
typedef struct {
    char *ssml; /* nullable: it is a mark */
    char *mark; /* nullable */
} McpMrcpdPiece;

/** McpMrcpdVoice: how what does not say it is said; all nullable, not escaped. */
typedef struct {
    const char *language;
    const char *gender;
    const char *age;
    const char *variant;
    const char *rate;
    const char *pitch;
    const char *volume;
} McpMrcpdVoice;

/** mcp_mrcpd_pieces_of_text: (transfer full): GPtrArray of McpMrcpdPiece: one, with @text. */
GPtrArray *mcp_mrcpd_pieces_of_text(const char *text, const McpMrcpdVoice *voice);
/**
 * mcp_mrcpd_pieces_of_ssml: (transfer full): GPtrArray of McpMrcpdPiece: the document cut at its
 * marks (SSML 1.0 §3.3.2); what is open there is closed and opened again.
 *
 * Returns: NULL with an error that says where it is no SSML.
 */
GPtrArray *mcp_mrcpd_pieces_of_ssml(GBytes *document, const McpMrcpdVoice *voice, GError **error);

G_END_DECLS
