/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/audio.h>
#include <mcp/call.h>
#include <mcp/json.h>

G_BEGIN_DECLS

/** The synthesizer contract: text or SSML to audio. Finishes on the caller's context. */
#define MCP_CONTRACT_SYNTHESIZER "synthesizer"
#define MCP_CONTRACT_SYNTHESIZER_MAJOR 1
#define MCP_CONTRACT_SYNTHESIZER_MINOR 2

/** McpSynthesisRequest: what to say. Strings are copied. */
typedef struct {
    const char *text; /* plain text, or an SSML document when @ssml */
    gboolean ssml;
    const char *language;   /* nullable: BCP 47 */
    const char *voice;      /* nullable: provider's name */
    guint sample_rate;      /* wanted rate in Hz; the provider may differ */
    gint64 deadline;        /* µs; 0: configured */
    McpCall *call;          /* nullable */
    const char *engines;    /* nullable: those that may say it, the preferred one first */
    GHashTable *parameters; /* nullable: char* → char*: the provider's own, by property */
} McpSynthesisRequest;

#define MCP_TYPE_SYNTHESIZER (mcp_synthesizer_get_type())
G_DECLARE_INTERFACE(McpSynthesizer, mcp_synthesizer, MCP, SYNTHESIZER, GObject)

/** McpSynthesizerInterface: members as the functions of the same names. */
struct _McpSynthesizerInterface {
    GTypeInterface parent_iface;
    void (*synthesize_async)(McpSynthesizer *self, const McpSynthesisRequest *request,
                             GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer user_data);
    McpAudio *(*synthesize_finish)(McpSynthesizer *self, GAsyncResult *result, GError **error);
    void (*describe)(McpSynthesizer *self, McpJson *json);
    gboolean (*flush)(McpSynthesizer *self, GError **error);
    const char *(*get_engine)(McpSynthesizer *self, GAsyncResult *result, gboolean *out_kept);
};

/** mcp_synthesizer_synthesize_async: equal requests give audio of equal identity, so caches hit. */
void mcp_synthesizer_synthesize_async(McpSynthesizer *synthesizer,
                                      const McpSynthesisRequest *request, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer user_data);
/**
 * mcp_synthesizer_synthesize_finish: (transfer full): audio, maybe one that still grows as the
 * engine speaks. MCP_ERROR_INVALID (SSML): no other provider would do better. Any other fault is
 * the provider's own: UNSUPPORTED (language), TIMEOUT, LIMIT (length of the text, quota), REFUSED
 * (credentials), FAILED (engine out of reach).
 */
McpAudio *mcp_synthesizer_synthesize_finish(McpSynthesizer *synthesizer, GAsyncResult *result,
                                            GError **error);
/** mcp_synthesizer_describe: adds its state to an open object, if it has something to say. */
void mcp_synthesizer_describe(McpSynthesizer *synthesizer, McpJson *json);
/** mcp_synthesizer_flush: forgets prompts that it keeps. MCP_ERROR_UNSUPPORTED: it keeps none. */
gboolean mcp_synthesizer_flush(McpSynthesizer *synthesizer, GError **error);
/**
 * mcp_synthesizer_get_engine: (nullable): who has said what @result, of which the audio was taken,
 * is about; of the result. NULL: it is not known.
 * @out_kept: whether it was said before, and kept
 */
const char *mcp_synthesizer_get_engine(McpSynthesizer *synthesizer, GAsyncResult *result,
                                       gboolean *out_kept);

/**
 * mcp_synthesis_request_key: (transfer full): equal for requests of equal sound, and for no others:
 * a hash of all that is asked for, but deadline, call and @engines. Any thread.
 * @engine: (nullable): who is asked
 */
char *mcp_synthesis_request_key(const McpSynthesisRequest *request, const char *engine);

G_END_DECLS
