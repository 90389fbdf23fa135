/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of what Google's recognizer answers: a row of messages, each behind its length in two
 * bytes, put together and read by a grammar service that takes every other text.
 */
#include "messages.h"
#include "transcript.h"

#include <mcp/error.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_TYPE_GRAMMARS (fuzz_grammars_get_type())
G_DECLARE_FINAL_TYPE(FuzzGrammars, fuzz_grammars, FUZZ, GRAMMARS, GObject)

struct _FuzzGrammars {
    GObject parent_instance;
};

static void grammars_iface_init(McpGrammarEngineInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(FuzzGrammars, fuzz_grammars, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_GRAMMAR_ENGINE, grammars_iface_init))

static McpGrammarResult *
read_words(const char *words)
{
    McpGrammarResult *result = g_new0(McpGrammarResult, 1);

    if (!g_utf8_validate(words, -1, NULL) || *words == '\0' || *words == ' ' ||
        strstr(words, "  ") != NULL)
        __builtin_trap();
    result->utterance = g_strdup(words);
    result->interpretation = g_strdup("true");
    return result;
}

static McpGrammarResult *
match_words(McpGrammarEngine *self, McpGrammar *const *grammars, guint n_grammars,
            const char *words, GError **error)
{
    return strlen(words) % 2 == 0 ? read_words(words) : NULL;
}

static GPtrArray *
list_matches(McpGrammarEngine *self, McpGrammar *const *grammars, guint n_grammars,
             const char *words, guint max, GError **error)
{
    GPtrArray *list = NULL;

    if (strlen(words) % 5 == 4) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "a tag is in error");
        return NULL;
    }
    list = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_grammar_result_free);
    if (strlen(words) % 2 == 0)
        g_ptr_array_add(list, read_words(words));
    return list;
}

static void
grammars_iface_init(McpGrammarEngineInterface *iface)
{
    iface->match_words = match_words;
    iface->list_matches = list_matches;
}

static void
fuzz_grammars_class_init(FuzzGrammarsClass *klass)
{
}

static void
fuzz_grammars_init(FuzzGrammars *self)
{
}

static gboolean
is_part(double value)
{
    return value >= 0 && value <= 1;
}

static void
check_answer(const McpGoogleAsrAnswer *answer)
{
    if (answer->event_time < 0)
        __builtin_trap();
    for (guint i = 0; i < answer->results->len; i++) {
        const McpGoogleAsrResult *result = answer->results->pdata[i];

        if (result->alternatives->len == 0 || result->end < 0 || !is_part(result->stability))
            __builtin_trap();
        for (guint k = 0; k < result->alternatives->len; k++)
            if (!is_part(((McpGoogleAsrAlternative *)result->alternatives->pdata[k])->confidence))
                __builtin_trap();
    }
}

static void
take_message(McpGoogleAsrTranscript *transcript, const McpGoogleAsrGrammars *grammars,
             const uint8_t *data, size_t size)
{
    g_autoptr(GBytes) message = g_bytes_new(data, size);
    g_autoptr(McpGoogleAsrAnswer) answer = mcp_google_asr_message_read(message, NULL);

    if (answer == NULL)
        return;
    check_answer(answer);
    mcp_google_asr_transcript_take(transcript, answer->results);
    mcp_google_asr_transcript_matches(transcript, grammars);
    if (!is_part(mcp_google_asr_transcript_get_stability(transcript)) ||
        mcp_google_asr_transcript_get_end(transcript) < 0)
        __builtin_trap();
}

static void
check_reading(const McpGoogleAsrTranscript *transcript, const McpGoogleAsrGrammars *grammars)
{
    gboolean matched = FALSE;
    g_autoptr(GPtrArray) heard =
        mcp_google_asr_transcript_read(transcript, grammars, 5, 0.5, &matched);

    if (heard->len > 5 || (matched && heard->len == 0))
        __builtin_trap();
    for (guint i = 0; i < heard->len; i++) {
        const McpGoogleAsrHeard *one = heard->pdata[i];

        if (!is_part(one->confidence) || (one->grammar >= 0) != (one->interpretation != NULL) ||
            (matched && one->confidence < 0.5))
            __builtin_trap();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(FuzzGrammars) engine = g_object_new(FUZZ_TYPE_GRAMMARS, NULL);
    McpGoogleAsrGrammars grammars = {MCP_GRAMMAR_ENGINE(engine), NULL, 0};
    g_autoptr(McpGoogleAsrTranscript) transcript = mcp_google_asr_transcript_new();

    while (size >= 2) {
        size_t length = MIN((size_t)(data[0] | data[1] << 8), size - 2);

        take_message(transcript, &grammars, data + 2, length);
        data += 2 + length;
        size -= 2 + length;
    }
    check_reading(transcript, &grammars);
    return 0;
}
