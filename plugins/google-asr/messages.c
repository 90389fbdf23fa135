/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of the API, written and read with the code that is generated from speech.proto. Pure
 * functions, any thread.
 */
#include "messages.h"
#include "speech.pb-c.h"

#include <mcp/error.h>
#include <protobuf-c/protobuf-c.h>

/* What is not taken of an answer that has more. */
#define MOST_ALTERNATIVES 30
#define MOST_TEXT 4096
/* A day; more than any stream lasts. */
#define MOST_SECONDS 86400

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

static GBytes *
pack_setup(const McpGoogleAsrSetup *setup, Asr__RecognitionConfig *config)
{
    Asr__StreamingRequest request = ASR__STREAMING_REQUEST__INIT;
    Asr__StreamingConfig streaming = ASR__STREAMING_CONFIG__INIT;
    Asr__VoiceActivityTimeout timeout = ASR__VOICE_ACTIVITY_TIMEOUT__INIT;
    Asr__Duration end = ASR__DURATION__INIT;

    streaming.config = config;
    streaming.single_utterance = setup->single_utterance;
    streaming.interim_results = TRUE;
    streaming.voice_activity_events = TRUE;
    if (setup->speech_end > 0) {
        end.seconds = setup->speech_end / G_USEC_PER_SEC;
        end.nanos = (int32_t)(setup->speech_end % G_USEC_PER_SEC * 1000);
        timeout.speech_end = &end;
        streaming.voice_activity_timeout = &timeout;
    }
    request.step_case = ASR__STREAMING_REQUEST__STEP_CONFIG;
    request.config = &streaming;
    return pack(&request.base);
}

GBytes *
mcp_google_asr_message_setup(const McpGoogleAsrSetup *setup)
{
    Asr__RecognitionConfig config = ASR__RECOGNITION_CONFIG__INIT;
    Asr__SpeechContext context = ASR__SPEECH_CONTEXT__INIT;
    Asr__SpeechContext *contexts[] = {&context};

    config.encoding = (int32_t)setup->encoding;
    config.sample_rate = (int32_t)setup->rate;
    config.language_code = text_of(setup->language);
    config.max_alternatives = (int32_t)MIN(setup->alternatives, MOST_ALTERNATIVES);
    config.model = text_of(setup->model);
    config.use_enhanced = setup->use_enhanced;
    if (setup->phrases != NULL && setup->phrases[0] != NULL) {
        context.phrases = (char **)setup->phrases;
        context.n_phrases = g_strv_length((char **)setup->phrases);
        context.boost = (float)setup->boost;
        config.speech_contexts = contexts;
        config.n_speech_contexts = G_N_ELEMENTS(contexts);
    }
    return pack_setup(setup, &config);
}

GBytes *
mcp_google_asr_message_audio(const guint8 *data, gsize length)
{
    Asr__StreamingRequest request = ASR__STREAMING_REQUEST__INIT;

    request.step_case = ASR__STREAMING_REQUEST__STEP_AUDIO;
    request.audio.data = (guint8 *)data;
    request.audio.len = length;
    return pack(&request.base);
}

/* --- answers --- */

static void
alternative_free(gpointer data)
{
    McpGoogleAsrAlternative *alternative = data;

    g_free(alternative->words);
    g_free(alternative);
}

static void
result_free(gpointer data)
{
    McpGoogleAsrResult *result = data;

    g_ptr_array_unref(result->alternatives);
    g_free(result);
}

void
mcp_google_asr_answer_free(McpGoogleAsrAnswer *answer)
{
    g_ptr_array_unref(answer->results);
    g_free(answer->why);
    g_free(answer);
}

/* Written so that it is 0 of what is no number. */
static double
part_of_one(float value)
{
    return value > 0 ? MIN((double)value, 1) : 0;
}

static gint64
time_of(const Asr__Duration *duration)
{
    if (duration == NULL)
        return 0;
    return CLAMP(duration->seconds, 0, MOST_SECONDS) * G_USEC_PER_SEC +
           CLAMP(duration->nanos, 0, 999999999) / 1000;
}

/* One blank between words, whatever the service has there. */
static char *
clean_words(const char *transcript)
{
    g_autofree char *valid = g_utf8_make_valid(transcript, (gssize)strnlen(transcript, MOST_TEXT));
    g_auto(GStrv) words = g_strsplit_set(valid, " \t\r\n", -1);
    guint kept = 0;

    for (guint i = 0; words[i] != NULL; i++) {
        char *word = words[i];

        words[i] = NULL;
        if (*word != '\0')
            words[kept++] = word;
        else
            g_free(word);
    }
    words[kept] = NULL;
    return g_strjoinv(" ", words);
}

static McpGoogleAsrResult *
take_result(const Asr__Result *said)
{
    McpGoogleAsrResult *result = g_new0(McpGoogleAsrResult, 1);

    result->alternatives = g_ptr_array_new_with_free_func(alternative_free);
    for (gsize i = 0; i < MIN(said->n_alternatives, MOST_ALTERNATIVES); i++) {
        McpGoogleAsrAlternative *alternative = g_new0(McpGoogleAsrAlternative, 1);

        alternative->words = clean_words(said->alternatives[i]->transcript);
        alternative->confidence = part_of_one(said->alternatives[i]->confidence);
        g_ptr_array_add(result->alternatives, alternative);
    }
    result->final = said->is_final;
    result->stability = part_of_one(said->stability);
    result->end = time_of(said->end_time);
    return result;
}

McpGoogleAsrAnswer *
mcp_google_asr_message_read(GBytes *message, GError **error)
{
    gsize length = 0;
    const guint8 *data = g_bytes_get_data(message, &length);
    Asr__StreamingResponse *response =
        asr__streaming_response__unpack(NULL, length, data != NULL ? data : (const guint8 *)"");
    McpGoogleAsrAnswer *answer = NULL;

    if (response == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED,
                    "%" G_GSIZE_FORMAT " bytes of answer are no message of the service", length);
        return NULL;
    }
    answer = g_new0(McpGoogleAsrAnswer, 1);
    answer->error = response->error != NULL ? response->error->code : 0;
    answer->why = g_strdup(response->error != NULL ? response->error->message : "");
    if (response->speech_event > 0 && response->speech_event <= MCP_GOOGLE_ASR_EVENT_TIMEOUT)
        answer->event = (McpGoogleAsrEvent)response->speech_event;
    answer->event_time = time_of(response->speech_event_time);
    answer->results = g_ptr_array_new_with_free_func(result_free);
    for (gsize i = 0; i < response->n_results; i++)
        if (response->results[i]->n_alternatives > 0)
            g_ptr_array_add(answer->results, take_result(response->results[i]));
    asr__streaming_response__free_unpacked(response, NULL);
    return answer;
}
