/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of SSML's attributes: labels, numbers with units, languages. Pure functions, any thread.
 */
#include "ssml.h"
#include <string.h>

static const char *const labels[][9] = {
    [MCP_SSML_RATE] = {"x-slow", "slow", "medium", "fast", "x-fast", "default", NULL},
    [MCP_SSML_PITCH] = {"x-low", "low", "medium", "high", "x-high", "default", NULL},
    [MCP_SSML_VOLUME] = {"silent", "x-soft", "soft", "medium", "loud", "x-loud", "default", NULL},
    [MCP_SSML_STRENGTH] = {"none", "x-weak", "weak", "medium", "strong", "x-strong", NULL},
    [MCP_SSML_LEVEL] = {"strong", "moderate", "none", "reduced", NULL},
    [MCP_SSML_GENDER] = {"male", "female", "neutral", "", NULL},
    [MCP_SSML_HINT] = {"prefetch", "safe", NULL},
    [MCP_SSML_FAILURE] = {"changevoice", "ignoretext", "ignorelang", "processorchoice",
                          "priorityselect", "keepexisting", NULL},
};

static gboolean
is_label(McpSsmlValue kind, const char *text)
{
    for (guint i = 0; kind < G_N_ELEMENTS(labels) && labels[kind][i] != NULL; i++)
        if (g_str_equal(labels[kind][i], text))
            return TRUE;
    return FALSE;
}

/* Past a number of CSS2, digits with or without a point; NULL when there is none. */
static const char *
skip_number(const char *text)
{
    gsize whole = strspn(text, "0123456789");
    gsize part = 0;

    text += whole;
    if (*text == '.') {
        part = strspn(text + 1, "0123456789");
        text += part > 0 ? part + 1 : 0;
    }
    return whole + part > 0 ? text : NULL;
}

static gboolean
is_number_with(const char *text, gboolean with_sign, const char *const *units)
{
    if (with_sign && (*text == '+' || *text == '-'))
        text++;
    text = skip_number(text);
    return text != NULL && g_strv_contains(units, text);
}

static gboolean
is_signed(const char *text)
{
    return *text == '+' || *text == '-';
}

static gboolean
is_time(const char *text)
{
    return is_number_with(*text == '+' ? text + 1 : text, FALSE,
                          (const char *const[]){"s", "ms", NULL});
}

/* §3.2.4: Hz alone or as a change; a change also in semitones and per cent. */
static gboolean
is_pitch(const char *text)
{
    if (!is_signed(text))
        return is_number_with(text, FALSE, (const char *const[]){"Hz", "%", NULL});
    return is_number_with(text, TRUE, (const char *const[]){"Hz", "st", "%", NULL});
}

static gboolean
is_rate(const char *text)
{
    if (!is_signed(text))
        return is_number_with(text, FALSE, (const char *const[]){"", "%", NULL});
    return is_number_with(text, TRUE, (const char *const[]){"%", "", NULL});
}

/* 1.0 has a scale from 0 to 100 and changes of it, 1.1 decibels. */
static gboolean
is_volume(const char *text)
{
    return is_number_with(text, TRUE, (const char *const[]){"", "%", "dB", NULL});
}

/* "(0%,+20Hz) (10%,+30%)" */
static gboolean
is_contour(const char *text)
{
    g_auto(GStrv) pairs = g_strsplit(text, ")", -1);
    guint count = g_strv_length(pairs);

    for (guint i = 0; i + 1 < count; i++) {
        char *open = g_strstrip(pairs[i]);
        g_auto(GStrv) pair = g_strsplit(*open == '(' ? open + 1 : "", ",", 3);

        if (g_strv_length(pair) != 2 ||
            !is_number_with(g_strstrip(pair[0]), FALSE, (const char *const[]){"%", NULL}) ||
            !mcp_ssml_is_value(MCP_SSML_PITCH, g_strstrip(pair[1])))
            return FALSE;
    }
    return count > 1 && *g_strstrip(pairs[count - 1]) == '\0';
}

/* RFC 3066: parts of at most eight letters and digits. */
static gboolean
is_language(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, "-", -1);

    for (guint i = 0; parts[i] != NULL; i++) {
        gsize length = strlen(parts[i]);

        if (length == 0 || length > 8 || (i == 0 && g_ascii_isdigit(parts[i][0])))
            return FALSE;
        for (const char *c = parts[i]; *c != '\0'; c++)
            if (!g_ascii_isalnum(*c))
                return FALSE;
    }
    return parts[0] != NULL;
}

gboolean
mcp_ssml_is_value(McpSsmlValue kind, const char *text)
{
    if (is_label(kind, text))
        return TRUE;
    switch ((int)kind) {
    case MCP_SSML_ANY:
        return TRUE;
    case MCP_SSML_FILLED:
        return *text != '\0';
    case MCP_SSML_LANGUAGE:
        return is_language(text);
    case MCP_SSML_TIME:
        return is_time(text);
    case MCP_SSML_NUMBER:
        return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
    case MCP_SSML_RATE:
        return is_rate(text);
    case MCP_SSML_PITCH:
        return is_pitch(text);
    case MCP_SSML_VOLUME:
        return is_volume(text);
    case MCP_SSML_CONTOUR:
        return is_contour(text);
    case MCP_SSML_ALPHABET:
        return g_str_equal(text, "ipa") || (g_str_has_prefix(text, "x-") && text[2] != '\0');
    default:
        return FALSE;
    }
}
