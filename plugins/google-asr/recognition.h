/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "recognizer.h"

G_BEGIN_DECLS

#define MCP_TYPE_GOOGLE_ASR_RECOGNITION (mcp_google_asr_recognition_get_type())
G_DECLARE_FINAL_TYPE(McpGoogleAsrRecognition, mcp_google_asr_recognition, MCP,
                     GOOGLE_ASR_RECOGNITION, GObject)

/** mcp_google_asr_recognition_new: (transfer full): listens from now on, or fails from the context.
 */
McpGoogleAsrRecognition *mcp_google_asr_recognition_new(McpGoogleAsrRecognizer *recognizer,
                                                        const McpRecognitionRequest *request,
                                                        McpRecognitionFunc func,
                                                        gpointer user_data);

G_END_DECLS
