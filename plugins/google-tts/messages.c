/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of the API, written and read with the code that is generated from texttospeech.proto.
 * Pure functions, any thread.
 */
#include "messages.h"
#include "texttospeech.pb-c.h"

#include <mcp/error.h>
#include <protobuf-c/protobuf-c.h>

/* AudioEncoding */
#define LINEAR16 1
#define PCM 7

static GBytes *
pack(const ProtobufCMessage *message)
{
    gsize length = protobuf_c_message_get_packed_size(message);
    guint8 *data = g_malloc(length + 1);

    protobuf_c_message_pack(message, data);
    return g_bytes_new_take(data, length);
}

/* The generated structs have no const; nothing is written. */
static char *
text_of(const char *text)
{
    return (char *)(text != NULL ? text : "");
}

static Tts__Voice
make_voice(const McpGoogleUtterance *utterance)
{
    Tts__Voice voice = TTS__VOICE__INIT;

    voice.language_code = text_of(utterance->language);
    voice.name = text_of(utterance->voice);
    voice.gender = (int32_t)utterance->gender;
    voice.model_name = text_of(utterance->model);
    return voice;
}

GBytes *
mcp_google_message_synthesize(const McpGoogleUtterance *utterance)
{
    Tts__SynthesizeRequest request = TTS__SYNTHESIZE_REQUEST__INIT;
    Tts__Input input = TTS__INPUT__INIT;
    Tts__AudioConfig config = TTS__AUDIO_CONFIG__INIT;
    Tts__Voice voice = make_voice(utterance);

    if (utterance->ssml) {
        input.source_case = TTS__INPUT__SOURCE_SSML;
        input.ssml = text_of(utterance->text);
    } else {
        input.source_case = TTS__INPUT__SOURCE_TEXT;
        input.text = text_of(utterance->text);
    }
    config.encoding = LINEAR16;
    config.sample_rate = (int32_t)utterance->sample_rate;
    config.speaking_rate = utterance->speaking_rate;
    config.pitch = utterance->pitch;
    config.volume_gain_db = utterance->volume_gain;
    config.effects_profile = (char **)utterance->effects;
    config.n_effects_profile =
        utterance->effects != NULL ? g_strv_length((char **)utterance->effects) : 0;
    request.input = &input;
    request.voice = &voice;
    request.audio_config = &config;
    return pack(&request.base);
}

GBytes *
mcp_google_message_stream_config(const McpGoogleUtterance *utterance)
{
    Tts__StreamingRequest request = TTS__STREAMING_REQUEST__INIT;
    Tts__StreamingConfig config = TTS__STREAMING_CONFIG__INIT;
    Tts__StreamingAudioConfig audio = TTS__STREAMING_AUDIO_CONFIG__INIT;
    Tts__Voice voice = make_voice(utterance);

    audio.encoding = PCM;
    audio.sample_rate = (int32_t)utterance->sample_rate;
    audio.speaking_rate = utterance->speaking_rate;
    config.voice = &voice;
    config.audio_config = &audio;
    request.step_case = TTS__STREAMING_REQUEST__STEP_CONFIG;
    request.config = &config;
    return pack(&request.base);
}

GBytes *
mcp_google_message_stream_text(const char *text)
{
    Tts__StreamingRequest request = TTS__STREAMING_REQUEST__INIT;
    Tts__StreamingInput input = TTS__STREAMING_INPUT__INIT;

    input.text = text_of(text);
    request.step_case = TTS__STREAMING_REQUEST__STEP_INPUT;
    request.input = &input;
    return pack(&request.base);
}

GBytes *
mcp_google_message_list_voices(void)
{
    Tts__ListVoicesRequest request = TTS__LIST_VOICES_REQUEST__INIT;

    return pack(&request.base);
}

static gpointer
unpack(const ProtobufCMessageDescriptor *descriptor, GBytes *message, GError **error)
{
    gsize length = 0;
    const guint8 *data = g_bytes_get_data(message, &length);
    gpointer found = protobuf_c_message_unpack(descriptor, NULL, length,
                                               data != NULL ? data : (const guint8 *)"");

    if (found == NULL)
        g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED,
                    "%" G_GSIZE_FORMAT " bytes of answer are no message of the service", length);
    return found;
}

GBytes *
mcp_google_message_read_audio(GBytes *message, GError **error)
{
    Tts__SynthesizeResponse *response =
        unpack(&tts__synthesize_response__descriptor, message, error);
    GBytes *audio = NULL;

    if (response == NULL)
        return NULL;
    audio = g_bytes_new(response->audio.data, response->audio.len);
    tts__synthesize_response__free_unpacked(response, NULL);
    return audio;
}

GBytes *
mcp_google_message_read_chunk(GBytes *message, GError **error)
{
    Tts__StreamingResponse *response = unpack(&tts__streaming_response__descriptor, message, error);
    GBytes *audio = NULL;

    if (response == NULL)
        return NULL;
    audio = g_bytes_new(response->audio.data, response->audio.len);
    tts__streaming_response__free_unpacked(response, NULL);
    return audio;
}

static void
listed_voice_free(gpointer data)
{
    McpGoogleListedVoice *voice = data;

    g_free(voice->name);
    g_strfreev(voice->languages);
    g_free(voice);
}

static McpGoogleListedVoice *
take_voice(const Tts__ListedVoice *listed)
{
    McpGoogleListedVoice *voice = g_new0(McpGoogleListedVoice, 1);

    voice->name = g_strdup(listed->name);
    voice->languages = g_new0(char *, listed->n_language_codes + 1);
    for (gsize i = 0; i < listed->n_language_codes; i++)
        voice->languages[i] = g_strdup(listed->language_codes[i]);
    voice->gender = (McpGoogleGender)CLAMP(listed->gender, 0, MCP_GOOGLE_GENDER_NEUTRAL);
    return voice;
}

GPtrArray *
mcp_google_message_read_voices(GBytes *message, GError **error)
{
    Tts__ListVoicesResponse *response =
        unpack(&tts__list_voices_response__descriptor, message, error);
    GPtrArray *voices = NULL;

    if (response == NULL)
        return NULL;
    voices = g_ptr_array_new_with_free_func(listed_voice_free);
    for (gsize i = 0; i < response->n_voices; i++)
        g_ptr_array_add(voices, take_voice(response->voices[i]));
    tts__list_voices_response__free_unpacked(response, NULL);
    return voices;
}
