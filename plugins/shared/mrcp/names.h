/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "message.h"

G_BEGIN_DECLS

/** McpMrcpResource: what a channel leads to (RFC 6787 §3.1). The names of v2 are used throughout
 * the plugin; what is said otherwise in v1 is translated at its edge. */
typedef enum {
    MCP_MRCP_SPEECHSYNTH,
    MCP_MRCP_SPEECHRECOG,
    MCP_MRCP_DTMFRECOG,
    MCP_MRCP_RECORDER,
    MCP_MRCP_SPEAKVERIFY,
    MCP_MRCP_N_RESOURCES,
} McpMrcpResource;

/** mcp_mrcp_resource_name: "speechsynth" …; in v1 the last part of the usual RTSP URI, NULL for
 * those it does not have. */
const char *mcp_mrcp_resource_name(McpMrcpVersion version, McpMrcpResource resource);
/** mcp_mrcp_resource_find: FALSE when nothing is called so. */
gboolean mcp_mrcp_resource_find(McpMrcpVersion version, const char *name,
                                McpMrcpResource *out_resource);

/** mcp_mrcp_has_method: whether @version has the request @name for @resource. */
gboolean mcp_mrcp_has_method(McpMrcpVersion version, McpMrcpResource resource, const char *name);
/** mcp_mrcp_has_event: whether @version has the event @name of @resource. */
gboolean mcp_mrcp_has_event(McpMrcpVersion version, McpMrcpResource resource, const char *name);
/** mcp_mrcp_has_field: whether @version has the header field @name with @resource. */
gboolean mcp_mrcp_has_field(McpMrcpVersion version, McpMrcpResource resource, const char *name);

/** mcp_mrcp_method_translate: the name in @to of a method or event of the other version.
 * Returns: (transfer none) (nullable): NULL when @to has nothing of the kind. */
const char *mcp_mrcp_method_translate(McpMrcpVersion to, const char *name);
/** McpMrcpScale: of a field's value. */
typedef enum {
    MCP_MRCP_AS_IT_IS,
    MCP_MRCP_FRACTION, /* 0.0–1.0 in v2, 0–100 in v1 */
    MCP_MRCP_MARK,     /* v2 has timestamp=N; before it */
} McpMrcpScale;
/** mcp_mrcp_field_translate: the name in @to of a header field of the other version; @name when
 * it is nobody's. Returns: (transfer none) (nullable): NULL when @to has nothing of the kind. */
const char *mcp_mrcp_field_translate(McpMrcpVersion to, const char *name, McpMrcpScale *out_scale);

/** McpMrcpCause: a Completion-Cause. */
typedef struct {
    guint code;
    const char *name;
} McpMrcpCause;

/** mcp_mrcp_cause: (transfer none) (nullable): the cause @code of @resource. */
const McpMrcpCause *mcp_mrcp_cause(McpMrcpVersion version, McpMrcpResource resource, guint code);
/** mcp_mrcp_cause_parse: the code of "002 no-input-timeout", and of a name or number alone. */
gboolean mcp_mrcp_cause_parse(McpMrcpVersion version, McpMrcpResource resource, const char *text,
                              guint *out_code);
/** mcp_mrcp_cause_text: (transfer full): "002 no-input-timeout". */
char *mcp_mrcp_cause_text(McpMrcpVersion version, McpMrcpResource resource, guint code);
/** mcp_mrcp_cause_translate: the code in @to that is nearest to @code of the other version. */
guint mcp_mrcp_cause_translate(McpMrcpVersion to, McpMrcpResource resource, guint code);

/** Completion causes of v2's speechrecog and dtmfrecog (RFC 6787 §9.4.11). */
enum {
    MCP_MRCP_RECOG_SUCCESS,
    MCP_MRCP_RECOG_NO_MATCH,
    MCP_MRCP_RECOG_NO_INPUT_TIMEOUT,
    MCP_MRCP_RECOG_HOTWORD_MAXTIME,
    MCP_MRCP_RECOG_GRAMMAR_LOAD_FAILURE,
    MCP_MRCP_RECOG_GRAMMAR_COMPILATION_FAILURE,
    MCP_MRCP_RECOG_RECOGNIZER_ERROR,
    MCP_MRCP_RECOG_SPEECH_TOO_EARLY,
    MCP_MRCP_RECOG_SUCCESS_MAXTIME,
    MCP_MRCP_RECOG_URI_FAILURE,
    MCP_MRCP_RECOG_LANGUAGE_UNSUPPORTED,
    MCP_MRCP_RECOG_CANCELLED,
    MCP_MRCP_RECOG_SEMANTICS_FAILURE,
    MCP_MRCP_RECOG_PARTIAL_MATCH,
    MCP_MRCP_RECOG_PARTIAL_MATCH_MAXTIME,
    MCP_MRCP_RECOG_NO_MATCH_MAXTIME,
    MCP_MRCP_RECOG_GRAMMAR_DEFINITION_FAILURE,
};

/** Completion causes of v2's speechsynth (RFC 6787 §8.4.4). */
enum {
    MCP_MRCP_SYNTH_NORMAL,
    MCP_MRCP_SYNTH_BARGE_IN,
    MCP_MRCP_SYNTH_PARSE_FAILURE,
    MCP_MRCP_SYNTH_URI_FAILURE,
    MCP_MRCP_SYNTH_ERROR,
    MCP_MRCP_SYNTH_LANGUAGE_UNSUPPORTED,
    MCP_MRCP_SYNTH_LEXICON_LOAD_FAILURE,
    MCP_MRCP_SYNTH_CANCELLED,
};

/** Completion causes of v2's recorder (RFC 6787 §10.4.8). */
enum {
    MCP_MRCP_RECORD_SUCCESS_SILENCE,
    MCP_MRCP_RECORD_SUCCESS_MAXTIME,
    MCP_MRCP_RECORD_NO_INPUT_TIMEOUT,
    MCP_MRCP_RECORD_URI_FAILURE,
    MCP_MRCP_RECORD_ERROR,
};

G_END_DECLS
