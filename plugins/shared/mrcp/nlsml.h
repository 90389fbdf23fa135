/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "message.h"

G_BEGIN_DECLS

/** MCP_MRCP_CONFIDENCE_UNKNOWN: the recognizer does not say. */
#define MCP_MRCP_CONFIDENCE_UNKNOWN (-1.0)

/** McpMrcpInput: what there was to interpret. */
typedef enum {
    MCP_MRCP_INPUT_MATCH,
    MCP_MRCP_INPUT_NOMATCH,
    MCP_MRCP_INPUT_NOINPUT,
} McpMrcpInput;

/** McpMrcpInterpretation: one of a result (RFC 6787 §9.6). */
typedef struct {
    McpMrcpInput input;
    char *grammar;     /* nullable: of the interpretation or of the whole result, as it is there */
    double confidence; /* 0…1, or MCP_MRCP_CONFIDENCE_UNKNOWN */
    char *text;        /* what was said, blank-separated; "" when it does not say */
    char *mode;        /* nullable: "speech", "dtmf" */
    char *start;       /* nullable: ISO 8601, of the input's begin */
    char *end;         /* nullable: of its end */
    char *instance;    /* nullable: JSON of the value that the grammar's tags came to */
} McpMrcpInterpretation;

/** mcp_mrcp_interpretation_free: frees it. */
void mcp_mrcp_interpretation_free(McpMrcpInterpretation *interpretation);

/**
 * mcp_mrcp_nlsml_parse: (transfer full): GPtrArray of McpMrcpInterpretation, the best one first, at
 * most 100: a result of either media type. There is none in a result of a verification.
 *
 * An instance becomes the value that VoiceXML's interpretation has, as SISR 1.0 §7 made XML of it:
 * an element is a property with its local name, several of one name are an array, as are the
 * items of one with a length; text is a string. Attributes, such as confidence, are no part of it.
 * Confidence is 0–1, or 0–100 when any of the result is above 1.
 *
 * Returns: NULL with MCP_ERROR_INVALID. Blocks for as long as the XML takes. Any thread.
 */
GPtrArray *mcp_mrcp_nlsml_parse(GBytes *bytes, GError **error);

/** mcp_mrcp_nlsml_type: the media type of what mcp_mrcp_nlsml_write() writes. */
const char *mcp_mrcp_nlsml_type(McpMrcpVersion version);
/**
 * mcp_mrcp_nlsml_write: (transfer full): the @n interpretations as a client of @version expects
 * them: v2 in its namespace with 0.0–1.0, v1 in none with 0–100. No match and no input are an
 * interpretation each. Any thread.
 */
char *mcp_mrcp_nlsml_write(McpMrcpVersion version, const McpMrcpInterpretation *interpretations,
                           guint n);
/** mcp_mrcp_nlsml_rewrite: a result of the other version in @message becomes one of @version. */
void mcp_mrcp_nlsml_rewrite(McpMrcpMessage *message, McpMrcpVersion version);

G_END_DECLS
