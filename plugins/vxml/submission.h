/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What <submit>, <subdialog> and the BYE carry: names and values in the two forms of HTML 4.01
 * §17.13.4. Owned by one call.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** McpVxmlField: one name with its value, or with a recording. */
typedef struct {
    char *name;
    char *value; /* text; of a recording its object name */
    gboolean recording;
    char *content_type; /* of a recording */
    GBytes *bytes;      /* of a recording, once read */
} McpVxmlField;

typedef struct _McpVxmlSubmission McpVxmlSubmission;

McpVxmlSubmission *mcp_vxml_submission_new(void);
void mcp_vxml_submission_free(McpVxmlSubmission *submission);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpVxmlSubmission, mcp_vxml_submission_free)

/** mcp_vxml_submission_add: copies both. */
void mcp_vxml_submission_add(McpVxmlSubmission *submission, const char *name, const char *value);
/** mcp_vxml_submission_add_recording: @object is read before the form is encoded. */
void mcp_vxml_submission_add_recording(McpVxmlSubmission *submission, const char *name,
                                       const char *object, const char *content_type);
/** mcp_vxml_submission_get_fields: (transfer none): McpVxmlField. */
GPtrArray *mcp_vxml_submission_get_fields(McpVxmlSubmission *submission);
/** mcp_vxml_submission_get_size: bytes of names and values, recordings left out. */
gsize mcp_vxml_submission_get_size(const McpVxmlSubmission *submission);
/** mcp_vxml_submission_has_recording: whether it needs multipart/form-data. */
gboolean mcp_vxml_submission_has_recording(McpVxmlSubmission *submission);
/** mcp_vxml_submission_to_urlencoded: (transfer full): "a=1&b=x+y", UTF-8 as %HH. */
char *mcp_vxml_submission_to_urlencoded(McpVxmlSubmission *submission);
/**
 * mcp_vxml_submission_to_multipart: (transfer full): RFC 7578; @out_content_type gets the boundary.
 */
GBytes *mcp_vxml_submission_to_multipart(McpVxmlSubmission *submission, char **out_content_type);

G_END_DECLS
