/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpGoogleConfig: the settings table, and the settings in force with what their files hold. Read
 * on the control context, used on any thread.
 */
#include "config.h"

#include <mcp/error.h>
#include <rpc_channel.h>
#include <string.h>

#define SECTION MCP_GOOGLE_SECTION
#define SCOPE "https://www.googleapis.com/auth/cloud-platform"

const McpSettingDef mcp_google_settings[] = {
    {SECTION, "endpoint", MCP_SETTING_STRING, "texttospeech.googleapis.com:443", NULL,
     MCP_SETTING_RELOADABLE, "0.1", "HOST:PORT of the text-to-speech API."},
    {SECTION, "credentials_file", MCP_SETTING_PATH, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "JSON file of the service account in whose name speech is asked for."},
    {SECTION, "api_key", MCP_SETTING_SECRET, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Key that is sent instead of a service account's token."},
    {SECTION, "token_uri", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Where tokens are asked for; unset: where the credentials file says."},
    {SECTION, "ca_file", MCP_SETTING_PATH, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "PEM file of the authorities that the endpoint's certificate must come from; unset: the "
     "system's."},
    {SECTION, "proxy", MCP_SETTING_SECRET, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "http://[USER:PASSWORD@]HOST:PORT of a proxy that connects to the endpoint."},
    {SECTION, "plaintext", MCP_SETTING_BOOL, "false", NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Speak without TLS, which is possible to this machine only; for tests."},
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

static const char *
get_text(McpSettings *settings, const char *key)
{
    const char *text = mcp_settings_get_string(settings, SECTION, NULL, key);

    return text != NULL && *text != '\0' ? text : NULL;
}

/* Puts the key and where it was set before what is wrong with it. */
static void
blame(McpSettings *settings, const char *key, GError **error)
{
    g_prefix_error(error,
                   "%s: [" SECTION "] %s: ", mcp_settings_get_origin(settings, SECTION, NULL, key),
                   key);
}

static gboolean
read_number(McpSettings *settings, const char *key, double least, double most, double *out_value,
            GError **error)
{
    const char *text = mcp_settings_get_string(settings, SECTION, NULL, key);
    char *end = NULL;
    double value = g_ascii_strtod(text, &end);

    /* Written so that it is false of what is no number. */
    if (end == text || *end != '\0' || !(value >= least && value <= most)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "'%s' is no number from %g to %g", text,
                    least, most);
        blame(settings, key, error);
        return FALSE;
    }
    *out_value = value;
    return TRUE;
}

static gboolean
check_endpoint(McpGoogleConfig *config, GError **error)
{
    g_autoptr(GSocketConnectable) address = g_network_address_parse(config->endpoint, 0, error);

    if (address == NULL) {
        g_autofree char *why = g_strdup(error != NULL ? (*error)->message : "");

        g_clear_error(error);
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "'%s': %s", config->endpoint, why);
    } else if (g_network_address_get_port(G_NETWORK_ADDRESS(address)) == 0) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "'%s' has no port", config->endpoint);
    } else if (config->plaintext && !mcp_rpc_target_is_local(config->endpoint)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_REFUSED,
                    "'%s' is not this machine: no plaintext to it", config->endpoint);
    } else {
        return TRUE;
    }
    blame(config->settings, "endpoint", error);
    return FALSE;
}

static gboolean
check_proxy(McpGoogleConfig *config, GError **error)
{
    g_autoptr(GUri) uri = NULL;

    if (config->proxy == NULL)
        return TRUE;
    uri = g_uri_parse(config->proxy, G_URI_FLAGS_HAS_PASSWORD, NULL);
    if (uri != NULL && g_str_equal(g_uri_get_scheme(uri), "http") && g_uri_get_host(uri) != NULL &&
        g_uri_get_port(uri) > 0)
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "this is not http://HOST:PORT");
    blame(config->settings, "proxy", error);
    return FALSE;
}

static gboolean
read_authorities(McpGoogleConfig *config, GError **error)
{
    const char *path = get_text(config->settings, "ca_file");
    GError *why = NULL;

    if (path == NULL)
        return TRUE;
    if (!g_file_get_contents(path, &config->authorities, NULL, &why)) {
        g_set_error_literal(error, MCP_ERROR, MCP_ERROR_INVALID, why->message);
        g_error_free(why);
        blame(config->settings, "ca_file", error);
        return FALSE;
    }
    if (strstr(config->authorities, "-----BEGIN CERTIFICATE-----") == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "'%s' has no certificate in it", path);
        blame(config->settings, "ca_file", error);
        return FALSE;
    }
    return TRUE;
}

static gboolean
check_api_key(McpGoogleConfig *config, GError **error)
{
    const char *key = mcp_secret_peek(config->api_key, NULL);

    while (g_ascii_isgraph(*key))
        key++;
    if (*key == '\0')
        return TRUE;
    g_set_error_literal(error, MCP_ERROR, MCP_ERROR_INVALID,
                        "there are characters in it that no key has");
    blame(config->settings, "api_key", error);
    return FALSE;
}

static gboolean
read_identity(McpGoogleConfig *config, GError **error)
{
    const char *path = get_text(config->settings, "credentials_file");
    const char *token_uri = get_text(config->settings, "token_uri");

    config->api_key = mcp_settings_get_secret(config->settings, SECTION, NULL, "api_key");
    if (path != NULL && config->api_key != NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "there is a credentials_file, too: one of them must go");
        blame(config->settings, "api_key", error);
        return FALSE;
    }
    if (config->api_key != NULL)
        return check_api_key(config, error);
    if (path == NULL)
        return TRUE;
    config->account = mcp_oauth_account_load(path, token_uri, SCOPE, error);
    if (config->account == NULL)
        blame(config->settings, "credentials_file", error);
    return config->account != NULL;
}

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
    const McpSecret *proxy = mcp_settings_get_secret(settings, SECTION, NULL, "proxy");

    config->endpoint = mcp_settings_get_string(settings, SECTION, NULL, "endpoint");
    config->proxy = proxy != NULL ? mcp_secret_peek(proxy, NULL) : NULL;
    config->plaintext = mcp_settings_get_bool(settings, SECTION, NULL, "plaintext");
    config->language = mcp_settings_get_string(settings, SECTION, NULL, "language");
    config->voice = get_text(settings, "voice");
    config->voice_family = mcp_settings_get_string(settings, SECTION, NULL, "voice_family");
    config->model = get_text(settings, "model");
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

static char *
make_fingerprint(const McpGoogleConfig *config)
{
    g_autofree char *effects = g_strjoinv(",", (char **)config->effects);

    return g_strdup_printf("%s\n%s\n%s\n%s\n%s\n%d\n%g\n%g\n%g\n%s\n%d", config->endpoint,
                           config->language, config->voice != NULL ? config->voice : "",
                           config->voice_family, config->model != NULL ? config->model : "",
                           (int)config->gender, config->speaking_rate, config->pitch,
                           config->volume_gain, effects, config->streaming);
}

gboolean
mcp_google_config_is_wanted(McpSettings *settings)
{
    return mcp_settings_is_set(settings, SECTION, NULL, "endpoint") ||
           mcp_settings_is_set(settings, SECTION, NULL, "credentials_file") ||
           mcp_settings_is_set(settings, SECTION, NULL, "api_key");
}

McpGoogleConfig *
mcp_google_config_new(McpSettings *settings, GError **error)
{
    g_autoptr(McpGoogleConfig) config = g_new0(McpGoogleConfig, 1);

    g_atomic_ref_count_init(&config->refs);
    config->settings = mcp_settings_ref(settings);
    read_plain(config);
    if (!check_endpoint(config, error) || !check_proxy(config, error) ||
        !read_authorities(config, error) || !read_identity(config, error) ||
        !read_number(settings, "speaking_rate", 0.25, 4, &config->speaking_rate, error) ||
        !read_number(settings, "pitch", -20, 20, &config->pitch, error) ||
        !read_number(settings, "volume_gain_db", -96, 16, &config->volume_gain, error))
        return NULL;
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
    g_clear_pointer(&config->account, mcp_oauth_account_unref);
    g_free(config->authorities);
    g_free(config->fingerprint);
    mcp_settings_unref(config->settings);
    g_free(config);
}
