/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an operator says about a country's tones. Any thread.
 */
#include "country.h"

#include <mcp/error.h>
#include <string.h>

#define SECTION "media.country"
/* The detector takes what is lower for a voice. */
#define FREQUENCY_MIN 350
#define FREQUENCY_MAX 2000
#define TIME_MIN 50
#define TIME_MAX 10000
/* So that two frequencies can be told apart. */
#define DISTANCE_MIN 20

/* --- a tone --- */

/* The number at the beginning of *@at, which moves behind it. */
static gboolean
read_number(const char **at, guint64 least, guint64 most, guint64 *out)
{
    char *end = NULL;

    if (!g_ascii_isdigit(**at))
        return FALSE;
    *out = g_ascii_strtoull(*at, &end, 10);
    *at = end;
    return *out >= least && *out <= most;
}

static void
skip_blanks(const char **at)
{
    while (**at == ' ')
        (*at)++;
}

static gboolean
read_frequencies(McpMediaCadence *cadence, const char **at)
{
    guint64 value = 0;

    if (!read_number(at, FREQUENCY_MIN, FREQUENCY_MAX, &value))
        return FALSE;
    cadence->frequency[0] = value;
    cadence->frequency[1] = 0;
    if (**at != '+')
        return TRUE;
    (*at)++;
    if (!read_number(at, FREQUENCY_MIN, FREQUENCY_MAX, &value))
        return FALSE;
    cadence->frequency[1] = value;
    return cadence->frequency[1] >= cadence->frequency[0] + DISTANCE_MIN;
}

gboolean
mcp_media_cadence_parse(McpMediaCadence *cadence, const char *text)
{
    const char *at = text;
    guint n = 0;

    memset(cadence->times_ms, 0, sizeof cadence->times_ms);
    if (!read_frequencies(cadence, &at) || *at++ != ':')
        return FALSE;
    skip_blanks(&at);
    do {
        guint64 value = 0;

        if (n == MCP_MEDIA_CADENCE_TIMES || !read_number(&at, TIME_MIN, TIME_MAX, &value))
            return FALSE;
        cadence->times_ms[n++] = (guint16)value;
    } while (*at++ == '/');
    /* On and off in pairs, but for a steady tone. */
    return at[-1] == '\0' && (n == 1 || n % 2 == 0);
}

/* --- a section --- */

static gboolean
refuse(McpSettings *settings, const char *name, const char *key, const char *why, GError **error)
{
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s: [" SECTION " \"%s\"] %s: %s",
                mcp_settings_get_origin(settings, SECTION, name, key), name, key, why);
    return FALSE;
}

static gboolean
read_tones(McpMediaCountry *country, McpSettings *settings, GError **error)
{
    static const struct {
        const char *key;
        McpMediaSignal signal;
    } rows[MCP_MEDIA_COUNTRY_TONES] = {
        {"ringing", MCP_MEDIA_SIGNAL_RINGING},
        {"busy", MCP_MEDIA_SIGNAL_BUSY},
        {"congestion", MCP_MEDIA_SIGNAL_CONGESTION},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *text = mcp_settings_get_string(settings, SECTION, country->name, rows[i].key);
        McpMediaCadence *tone = &country->tones[country->n];

        if (text == NULL)
            continue;
        if (!mcp_media_cadence_parse(tone, text))
            return refuse(settings, country->name, rows[i].key,
                          "not as in \"425: 500/500\" or \"440+480: 2000/4000\" (Hz, ms)", error);
        tone->country = country->name;
        tone->name = rows[i].key;
        tone->signal = rows[i].signal;
        tone->tolerance =
            (guint)mcp_settings_get_int(settings, SECTION, country->name, "tolerance");
        country->n++;
    }
    return TRUE;
}

static guint
get_ms(McpSettings *settings, const char *name, const char *key)
{
    return (guint)(mcp_settings_get_int(settings, SECTION, name, key) / 1000);
}

gboolean
mcp_media_country_read(McpMediaCountry *country, McpSettings *settings, const char *name,
                       GError **error)
{
    memset(country, 0, sizeof *country);
    country->name = name;
    country->greeting.greeting_ms = get_ms(settings, name, "greeting");
    country->greeting.after_greeting_ms = get_ms(settings, name, "after_greeting");
    country->greeting.initial_silence_ms = get_ms(settings, name, "initial_silence");
    country->greeting.total_ms = get_ms(settings, name, "verdict");
    return read_tones(country, settings, error);
}

void
mcp_media_country_apply(const McpMediaCountry *country, McpMediaProgressSettings *settings)
{
    if (country->n > 0) {
        settings->cadences = country->tones;
        settings->n_cadences = country->n;
    }
    settings->greeting = country->greeting;
}
