/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpGoogleAsrConfig: the settings table, and the settings in force with what their files hold.
 * Read on the control context, used on any thread.
 */
#include "config.h"

#define SECTION MCP_GOOGLE_ASR_SECTION

const McpSettingDef mcp_google_asr_settings[] = {
    MCP_GAPI_SETTINGS(SECTION, "speech.googleapis.com:443", "speech-to-text"),
    {SECTION, "language", MCP_SETTING_STRING, "en-US", NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Language of pages that name none, and with its region of those that name no region."},
    {SECTION, "model", MCP_SETTING_STRING, "telephony", NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Model of the service; empty: it chooses."},
    {SECTION, "use_enhanced", MCP_SETTING_BOOL, "false", NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Ask for the enhanced variant of the model."},
    {SECTION, "single_utterance", MCP_SETTING_BOOL, "false", NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Let the service say when the caller has finished, which not every model can do."},
    {SECTION, "encoding", MCP_SETTING_ENUM, "linear16", "linear16|mulaw", MCP_SETTING_RELOADABLE,
     "0.1", "How the audio is sent; mulaw is half as much."},
    {SECTION, "rate", MCP_SETTING_ENUM, "8000", "8000|16000", MCP_SETTING_RELOADABLE, "0.1",
     "Samples a second; 16000 where callers have wideband codecs."},
    {SECTION, "alternatives", MCP_SETTING_INT, "5", "1..30", MCP_SETTING_RELOADABLE, "0.1",
     "Transcripts asked for at least; those count that a grammar takes."},
    {SECTION, "phrases", MCP_SETTING_INT, "500", "0..5000", MCP_SETTING_RELOADABLE, "0.1",
     "Phrases of the grammars that the service is told of at most."},
    {SECTION, "boost", MCP_SETTING_STRING, "0", NULL, MCP_SETTING_RELOADABLE, "0.1",
     "How much these phrases are preferred, 0 to 20; 0: as the service does."},
    {SECTION, "stall", MCP_SETTING_DURATION, "2s", "100ms..1m", MCP_SETTING_RELOADABLE, "0.1",
     "Time without an answer, or without audio being taken, after which the service has failed."},
    {SECTION, "stream_length", MCP_SETTING_DURATION, "290s", "1s..305s", MCP_SETTING_RELOADABLE,
     "0.1", "Time after which a stream is replaced; the service ends it after 305 s."},
    {SECTION, "retries", MCP_SETTING_INT, "1", "0..10", MCP_SETTING_RELOADABLE, "0.1",
     "How often a recognition is tried again after a failure that may pass."},
    {SECTION, "max_simultaneous", MCP_SETTING_INT, "200", "1..10000", MCP_SETTING_RELOADABLE, "0.1",
     "Recognitions at once; what is more fails, so that another recognizer can take it."},
    {SECTION, "streams_per_connection", MCP_SETTING_INT, "100", "1..10000", MCP_SETTING_RELOADABLE,
     "0.1", "Streams that share a connection; the service takes no more than 100 on one."},
    {NULL},
};

static guint
get_count(McpSettings *settings, const char *key)
{
    return (guint)mcp_settings_get_int(settings, SECTION, NULL, key);
}

static void
read_plain(McpGoogleAsrConfig *config)
{
    McpSettings *settings = config->settings;
    const char *encoding = mcp_settings_get_string(settings, SECTION, NULL, "encoding");
    const char *rate = mcp_settings_get_string(settings, SECTION, NULL, "rate");

    config->language = mcp_settings_get_string(settings, SECTION, NULL, "language");
    config->model = mcp_gapi_access_get_text(&config->access, "model");
    config->use_enhanced = mcp_settings_get_bool(settings, SECTION, NULL, "use_enhanced");
    config->single_utterance = mcp_settings_get_bool(settings, SECTION, NULL, "single_utterance");
    config->encoding =
        g_str_equal(encoding, "mulaw") ? MCP_GOOGLE_ASR_MULAW : MCP_GOOGLE_ASR_LINEAR16;
    config->rate = (guint)g_ascii_strtoull(rate, NULL, 10);
    config->alternatives = get_count(settings, "alternatives");
    config->phrases = get_count(settings, "phrases");
    config->stall = mcp_settings_get_int(settings, SECTION, NULL, "stall");
    config->stream_length = mcp_settings_get_int(settings, SECTION, NULL, "stream_length");
    config->retries = get_count(settings, "retries");
    config->max_simultaneous = get_count(settings, "max_simultaneous");
    config->streams_connection = get_count(settings, "streams_per_connection");
}

McpGoogleAsrConfig *
mcp_google_asr_config_new(McpSettings *settings, GError **error)
{
    g_autoptr(McpGoogleAsrConfig) config = g_new0(McpGoogleAsrConfig, 1);

    g_atomic_ref_count_init(&config->refs);
    config->settings = mcp_settings_ref(settings);
    if (!mcp_gapi_access_read(&config->access, settings, SECTION, error) ||
        !mcp_gapi_access_get_number(&config->access, "boost", 0, 20, &config->boost, error))
        return NULL;
    read_plain(config);
    return g_steal_pointer(&config);
}

McpGoogleAsrConfig *
mcp_google_asr_config_ref(McpGoogleAsrConfig *config)
{
    g_atomic_ref_count_inc(&config->refs);
    return config;
}

void
mcp_google_asr_config_unref(McpGoogleAsrConfig *config)
{
    if (!g_atomic_ref_count_dec(&config->refs))
        return;
    mcp_gapi_access_clear(&config->access);
    mcp_settings_unref(config->settings);
    g_free(config);
}
