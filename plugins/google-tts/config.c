/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpGoogleConfig: the settings table, and the settings in force with what their files hold. Read
 * on the control context, used on any thread.
 */
#include "config.h"

#define SECTION MCP_GOOGLE_SECTION

const McpSettingDef mcp_google_settings[] = {
    MCP_GAPI_SETTINGS(SECTION, "texttospeech.googleapis.com:443", "text-to-speech"),
    {SECTION, "language", MCP_SETTING_STRING, "en-US", NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Language of prompts that name none."},
    {SECTION, "voice", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Voice of prompts that name none and are in this voice's language; unset: one is chosen."},
    {SECTION, "voice_family", MCP_SETTING_STRING, "Standard", NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Part of the name by which one of several voices is preferred; families differ in price."},
    {SECTION, "gender", MCP_SETTING_ENUM, "any", MCP_GOOGLE_GENDERS, MCP_SETTING_RELOADABLE, "0.1",
     "Gender by which one of several voices is preferred."},
    {SECTION, "model", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Model of the voice, where a voice has several; then no voice is chosen here."},
    {SECTION, "speaking_rate", MCP_SETTING_STRING, "1.0", NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Speed of speech, 0.25 to 4.0."},
    {SECTION, "pitch", MCP_SETTING_STRING, "0", NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Semitones above or below the voice's own pitch, -20 to 20; not of streamed speech."},
    {SECTION, "volume_gain_db", MCP_SETTING_STRING, "0", NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Decibels louder or softer, -96 to 16; not of streamed speech."},
    {SECTION, "effects_profile", MCP_SETTING_LIST, "telephony-class-application", NULL,
     MCP_SETTING_RELOADABLE, "0.1", "Profiles that fit the sound to what plays it."},
    {SECTION, "streaming", MCP_SETTING_BOOL, "false", NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Ask for plain text by StreamingSynthesize, which not every voice can do."},
    {SECTION, "deadline", MCP_SETTING_DURATION, "10s", "100ms..5m", MCP_SETTING_RELOADABLE, "0.1",
     "Time within which speech must be ready when the request says none."},
    {SECTION, "retries", MCP_SETTING_INT, "2", "0..10", MCP_SETTING_RELOADABLE, "0.1",
     "How often a request is sent again after a failure that may pass, within its deadline."},
    {SECTION, "max_simultaneous", MCP_SETTING_INT, "200", "1..10000", MCP_SETTING_RELOADABLE, "0.1",
     "Requests at once; as many again wait, what is more fails."},
    {SECTION, "text_limit", MCP_SETTING_SIZE, "5000", "100..1M", MCP_SETTING_RELOADABLE, "0.1",
     "Longest text or SSML document that is sent."},
    {SECTION, "cache", MCP_SETTING_SIZE, "64M", "0..4G", MCP_SETTING_RELOADABLE, "0.1",
     "Bytes of finished prompts that are kept."},
    {NULL},
};

static McpGoogleGender
read_gender(McpSettings *settings)
{
    g_auto(GStrv) names = g_strsplit(MCP_GOOGLE_GENDERS, "|", -1);
    const char *name = mcp_settings_get_string(settings, SECTION, NULL, "gender");
    guint i = 0;

    while (names[i + 1] != NULL && !g_str_equal(names[i], name))
        i++;
    return (McpGoogleGender)i;
}

static void
read_plain(McpGoogleConfig *config)
{
    McpSettings *settings = config->settings;

    config->language = mcp_settings_get_string(settings, SECTION, NULL, "language");
    config->voice = mcp_gapi_access_get_text(&config->access, "voice");
    config->voice_family = mcp_settings_get_string(settings, SECTION, NULL, "voice_family");
    config->model = mcp_gapi_access_get_text(&config->access, "model");
    config->gender = read_gender(settings);
    config->effects = mcp_settings_get_list(settings, SECTION, NULL, "effects_profile");
    config->streaming = mcp_settings_get_bool(settings, SECTION, NULL, "streaming");
    config->deadline = mcp_settings_get_int(settings, SECTION, NULL, "deadline");
    config->retries = (guint)mcp_settings_get_int(settings, SECTION, NULL, "retries");
    config->max_simultaneous =
        (guint)mcp_settings_get_int(settings, SECTION, NULL, "max_simultaneous");
    config->text_limit = (gsize)mcp_settings_get_int(settings, SECTION, NULL, "text_limit");
    config->cache = (gsize)mcp_settings_get_int(settings, SECTION, NULL, "cache");
}

static gboolean
read_numbers(McpGoogleConfig *config, GError **error)
{
    const McpGapiAccess *access = &config->access;

    return mcp_gapi_access_get_number(access, "speaking_rate", 0.25, 4, &config->speaking_rate,
                                      error) &&
           mcp_gapi_access_get_number(access, "pitch", -20, 20, &config->pitch, error) &&
           mcp_gapi_access_get_number(access, "volume_gain_db", -96, 16, &config->volume_gain,
                                      error);
}

static char *
make_fingerprint(const McpGoogleConfig *config)
{
    g_autofree char *effects = g_strjoinv(",", (char **)config->effects);

    return g_strdup_printf("%s\n%s\n%s\n%s\n%s\n%d\n%g\n%g\n%g\n%s\n%d", config->access.endpoint,
                           config->language, config->voice != NULL ? config->voice : "",
                           config->voice_family, config->model != NULL ? config->model : "",
                           (int)config->gender, config->speaking_rate, config->pitch,
                           config->volume_gain, effects, config->streaming);
}

McpGoogleConfig *
mcp_google_config_new(McpSettings *settings, GError **error)
{
    g_autoptr(McpGoogleConfig) config = g_new0(McpGoogleConfig, 1);

    g_atomic_ref_count_init(&config->refs);
    config->settings = mcp_settings_ref(settings);
    if (!mcp_gapi_access_read(&config->access, settings, SECTION, error) ||
        !read_numbers(config, error))
        return NULL;
    read_plain(config);
    config->fingerprint = make_fingerprint(config);
    return g_steal_pointer(&config);
}

McpGoogleConfig *
mcp_google_config_ref(McpGoogleConfig *config)
{
    g_atomic_ref_count_inc(&config->refs);
    return config;
}

void
mcp_google_config_unref(McpGoogleConfig *config)
{
    if (!g_atomic_ref_count_dec(&config->refs))
        return;
    mcp_gapi_access_clear(&config->access);
    g_free(config->fingerprint);
    mcp_settings_unref(config->settings);
    g_free(config);
}
