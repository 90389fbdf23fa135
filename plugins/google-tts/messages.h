/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/** McpGoogleGender: SsmlVoiceGender of the API. */
typedef enum {
    MCP_GOOGLE_GENDER_ANY = 0,
    MCP_GOOGLE_GENDER_MALE = 1,
    MCP_GOOGLE_GENDER_FEMALE = 2,
    MCP_GOOGLE_GENDER_NEUTRAL = 3,
} McpGoogleGender;

#define MCP_GOOGLE_GENDERS "any|male|female|neutral"

/** McpGoogleUtterance: all that a request for speech says. Strings are borrowed. */
typedef struct {
    const char *text;
    gboolean ssml;
    guint sample_rate;
    const char *language; /* BCP 47 */
    const char *voice;    /* nullable: the service chooses */
    McpGoogleGender gender;
    const char *model; /* nullable */
    double speaking_rate;
    double pitch;               /* semitones */
    double volume_gain;         /* dB */
    const char *const *effects; /* ids of profiles, NULL-terminated */
} McpGoogleUtterance;

/** McpGoogleListedVoice: a voice that the service has. */
typedef struct {
    char *name;
    char **languages; /* BCP 47 */
    McpGoogleGender gender;
} McpGoogleListedVoice;

#define MCP_GOOGLE_METHOD(name) "/google.cloud.texttospeech.v1.TextToSpeech/" name

/** mcp_google_message_synthesize: (transfer full): a SynthesizeSpeechRequest. */
GBytes *mcp_google_message_synthesize(const McpGoogleUtterance *utterance);
/** mcp_google_message_stream_config: (transfer full): the first StreamingSynthesizeRequest. */
GBytes *mcp_google_message_stream_config(const McpGoogleUtterance *utterance);
/** mcp_google_message_stream_text: (transfer full): a further StreamingSynthesizeRequest. */
GBytes *mcp_google_message_stream_text(const char *text);
/** mcp_google_message_list_voices: (transfer full): a ListVoicesRequest for all languages. */
GBytes *mcp_google_message_list_voices(void);
/**
 * mcp_google_message_read_audio: (transfer full): audio of a SynthesizeSpeechResponse, or NULL with
 * MCP_ERROR_FAILED.
 */
GBytes *mcp_google_message_read_audio(GBytes *message, GError **error);
/** mcp_google_message_read_chunk: (transfer full): audio of a StreamingSynthesizeResponse. */
GBytes *mcp_google_message_read_chunk(GBytes *message, GError **error);
/**
 * mcp_google_message_read_voices: (transfer full) (element-type McpGoogleListedVoice): voices of a
 * ListVoicesResponse in its order, or NULL with MCP_ERROR_FAILED.
 */
GPtrArray *mcp_google_message_read_voices(GBytes *message, GError **error);

G_END_DECLS
