/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

#define MCP_GOOGLE_ASR_METHOD "/google.cloud.speech.v1.Speech/StreamingRecognize"

/** McpGoogleAsrEncoding: AudioEncoding of the API. */
typedef enum {
    MCP_GOOGLE_ASR_LINEAR16 = 1,
    MCP_GOOGLE_ASR_MULAW = 3,
} McpGoogleAsrEncoding;

/** McpGoogleAsrSetup: all that is said before the audio. Strings are borrowed. */
typedef struct {
    McpGoogleAsrEncoding encoding;
    guint rate;           /* Hz */
    const char *language; /* BCP 47 */
    guint alternatives;
    const char *model; /* nullable: the service chooses */
    gboolean use_enhanced;
    const char *const *phrases; /* nullable: that are likely to be said */
    double boost;               /* of them; 0: the service's own */
    gboolean single_utterance;
    gint64 speech_end; /* µs of silence that end the stream; 0: none */
} McpGoogleAsrSetup;

/** McpGoogleAsrEvent: SpeechEventType of the API. */
typedef enum {
    MCP_GOOGLE_ASR_EVENT_NONE = 0,
    MCP_GOOGLE_ASR_EVENT_END_OF_UTTERANCE = 1,
    MCP_GOOGLE_ASR_EVENT_SPEECH_BEGIN = 2,
    MCP_GOOGLE_ASR_EVENT_SPEECH_END = 3,
    MCP_GOOGLE_ASR_EVENT_TIMEOUT = 4,
} McpGoogleAsrEvent;

/** McpGoogleAsrAlternative: one way in which audio may be read. */
typedef struct {
    char *words;       /* UTF-8, blank-separated; "" */
    double confidence; /* 0…1; 0: not said */
} McpGoogleAsrAlternative;

/** McpGoogleAsrResult: of a piece of the audio. */
typedef struct {
    GPtrArray *alternatives; /* McpGoogleAsrAlternative, the best one first; at least one */
    gboolean final;
    double stability; /* 0…1, of what is not final */
    gint64 end;       /* µs of audio; 0: not said */
} McpGoogleAsrResult;

/** McpGoogleAsrAnswer: a message of the service. */
typedef struct {
    int error; /* status; 0: none */
    char *why; /* "" */
    McpGoogleAsrEvent event;
    gint64 event_time;  /* µs of audio */
    GPtrArray *results; /* McpGoogleAsrResult */
} McpGoogleAsrAnswer;

/** mcp_google_asr_message_setup: (transfer full): the first StreamingRecognizeRequest. */
GBytes *mcp_google_asr_message_setup(const McpGoogleAsrSetup *setup);
/** mcp_google_asr_message_audio: (transfer full): a further StreamingRecognizeRequest. */
GBytes *mcp_google_asr_message_audio(const guint8 *data, gsize length);
/**
 * mcp_google_asr_message_read: (transfer full): a StreamingRecognizeResponse, or NULL with
 * MCP_ERROR_FAILED.
 */
McpGoogleAsrAnswer *mcp_google_asr_message_read(GBytes *message, GError **error);
/** mcp_google_asr_answer_free: frees an answer. */
void mcp_google_asr_answer_free(McpGoogleAsrAnswer *answer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpGoogleAsrAnswer, mcp_google_asr_answer_free)

G_END_DECLS
