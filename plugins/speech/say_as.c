/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words for the content of <say-as>. Pure functions, any thread. The kinds are those of W3C's note
 * on say-as and of VoiceXML 2.0 Appendix P.
 */
#include "say_as.h"
#include <stdio.h>
#include <string.h>

static const char *const digit_names[] = {"zero", "one", "two",   "three", "four",
                                          "five", "six", "seven", "eight", "nine"};
static const char *const month_names[] = {"January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December"};
static const char *const ordinal_names[] = {
    "zeroth",       "first",        "second",         "third",         "fourth",
    "fifth",        "sixth",        "seventh",        "eighth",        "ninth",
    "tenth",        "eleventh",     "twelfth",        "thirteenth",    "fourteenth",
    "fifteenth",    "sixteenth",    "seventeenth",    "eighteenth",    "nineteenth",
    "twentieth",    "twenty first", "twenty second",  "twenty third",  "twenty fourth",
    "twenty fifth", "twenty sixth", "twenty seventh", "twenty eighth", "twenty ninth",
    "thirtieth",    "thirty first"};

typedef struct {
    char mark;
    const char *name;
} MarkName;

static const MarkName mark_names[] = {
    {'*', "star"},   {'#', "pound"},   {'.', "dot"},        {'-', "dash"}, {'@', "at"},
    {'/', "slash"},  {'+', "plus"},    {'_', "underscore"}, {'&', "and"},  {':', "colon"},
    {'=', "equals"}, {'%', "percent"}, {',', "comma"},      {0, NULL},
};

typedef struct {
    const char *code;
    const char *one;
    const char *many;
    const char *part;
} Currency;

static const Currency currencies[] = {
    {"USD", "dollar", "dollars", "cents"},
    {"EUR", "euro", "euros", "cents"},
    {"GBP", "pound", "pounds", "pence"},
    {"CAD", "Canadian dollar", "Canadian dollars", "cents"},
    {"AUD", "Australian dollar", "Australian dollars", "cents"},
    {"CHF", "Swiss franc", "Swiss francs", "centimes"},
    {"JPY", "yen", "yen", "sen"},
    {NULL, NULL, NULL, NULL},
};

static const char *
mark_name(char mark)
{
    for (const MarkName *row = mark_names; row->name != NULL; row++)
        if (row->mark == mark)
            return row->name;
    return NULL;
}

static void
add_word(GString *out, const char *word)
{
    if (out->len > 0)
        g_string_append_c(out, ' ');
    g_string_append(out, word);
}

static void
add_character(GString *out, char c)
{
    char letter[2] = {g_ascii_toupper(c), '\0'};

    if (c >= '0' && c <= '9')
        add_word(out, digit_names[c - '0']);
    else if (letter[0] == 'A')
        add_word(out, "ay"); /* the engine reads a lone A as the article */
    else if (g_ascii_isalpha(c))
        add_word(out, letter);
    else if (mark_name(c) != NULL)
        add_word(out, mark_name(c));
}

/* A digit or letter at a time; what is neither is left out unless @marks. */
static char *
spell(const char *text, gboolean marks)
{
    GString *out = g_string_new(NULL);

    for (const char *p = text; *p != '\0'; p++) {
        if (g_ascii_isalnum(*p) || *p == '*' || *p == '#' || marks)
            add_character(out, *p);
        else if (g_ascii_isspace(*p) && out->len > 0 && out->str[out->len - 1] != ',')
            g_string_append_c(out, ',');
    }
    return g_string_free(out, FALSE);
}

static char *
say_phone(const char *text)
{
    GString *out = g_string_new(NULL);

    for (const char *p = text; *p != '\0'; p++) {
        if (g_ascii_isdigit(*p))
            add_character(out, *p);
        else if (*p == 'x' || *p == 'X')
            add_word(out, "extension");
        else if (*p == '+')
            add_word(out, "plus");
        else if (out->len > 0 && out->str[out->len - 1] != ',')
            g_string_append_c(out, ',');
    }
    return g_string_free(out, FALSE);
}

static char *
say_ordinal(const char *text)
{
    guint64 n;

    if (!g_ascii_string_to_unsigned(text, 10, 0, 99, &n, NULL))
        return g_strdup(text);
    if (n < G_N_ELEMENTS(ordinal_names))
        return g_strdup(ordinal_names[n]);
    return g_strdup_printf("%u %s", (guint)(n / 10 * 10),
                           n % 10 != 0 ? ordinal_names[n % 10] : "th");
}

static void
add_date(GString *out, guint year, guint month, guint day)
{
    if (month >= 1 && month <= 12)
        add_word(out, month_names[month - 1]);
    if (day >= 1 && day <= 31)
        add_word(out, ordinal_names[day]);
    if (year > 0)
        g_string_append_printf(out, "%s%u", out->len > 0 ? ", " : "", year);
}

/* VoiceXML 2.0 Appendix P: yyyymmdd, "?" where a part was not said. */
static char *
say_vxml_date(const char *text)
{
    GString *out;
    guint parts[3] = {0};
    static const guint ends[3] = {4, 6, 8};

    if (strlen(text) != 8 || strspn(text, "0123456789?") != 8)
        return g_strdup(text);
    for (guint i = 0, p = 0; p < 3; p++)
        for (; i < ends[p]; i++)
            parts[p] = parts[p] * 10 + (text[i] == '?' ? 0 : (guint)(text[i] - '0'));
    out = g_string_new(NULL);
    add_date(out, parts[0], parts[1], parts[2]);
    return g_string_free(out, FALSE);
}

static char *
say_date(const char *text, const char *format)
{
    g_auto(GStrv) fields = g_strsplit_set(text, "/-. ", -1);
    const char *order = format != NULL && *format != '\0' ? format : "mdy";
    guint year = 0;
    guint month = 0;
    guint day = 0;
    GString *out;

    if (strlen(text) == 8 && strspn(text, "0123456789?") == 8)
        return say_vxml_date(text);
    if (g_strv_length(fields) != strlen(order) || strspn(order, "ymd") != strlen(order))
        return g_strdup(text);
    for (guint i = 0; order[i] != '\0'; i++) {
        guint64 value;

        if (!g_ascii_string_to_unsigned(fields[i], 10, 0, 9999, &value, NULL))
            return g_strdup(text);
        *(order[i] == 'y' ? &year : order[i] == 'm' ? &month : &day) = (guint)value;
    }
    out = g_string_new(NULL);
    add_date(out, year, month, day);
    return g_string_free(out, FALSE);
}

/* VoiceXML 2.0 Appendix P: hhmm and a, p, h or ?. Also hh:mm. */
static char *
say_time(const char *text)
{
    guint hour = 0;
    guint minute = 0;
    char mark = '?';
    int used = 0;

    if (strlen(text) >= 4 && strspn(text, "0123456789") >= 4) {
        hour = (guint)(text[0] - '0') * 10 + (guint)(text[1] - '0');
        minute = (guint)(text[2] - '0') * 10 + (guint)(text[3] - '0');
        used = 4;
        /* lint: allow tidy fields of two digits at most cannot overflow */
    } else if (sscanf(text, "%2u:%2u%n", &hour, &minute, &used) != 2) {
        return g_strdup(text);
    }
    mark = (char)g_ascii_tolower(text[used]);
    if (hour > 24 || minute > 59)
        return g_strdup(text);
    if (minute == 0 && mark == 'h')
        return g_strdup_printf("%u hundred hours", hour);
    return g_strdup_printf("%u %s%.0u%s", hour,
                           minute == 0   ? "o'clock"
                           : minute < 10 ? "oh "
                                         : "",
                           minute,
                           mark == 'a'   ? " A M"
                           : mark == 'p' ? " P M"
                                         : "");
}

static char *
say_currency(const char *text)
{
    const Currency *currency = currencies;
    const char *amount = text + strspn(text, " ");
    g_auto(GStrv) parts = NULL;
    guint cents;

    while (currency->code != NULL && !g_str_has_prefix(amount, currency->code))
        currency++;
    if (currency->code == NULL)
        return g_strdup(text);
    amount += 3;
    amount += strspn(amount, " ");
    parts = g_strsplit(amount, ".", 2);
    if (parts[0] == NULL || strspn(parts[0], "0123456789") != strlen(parts[0]))
        return g_strdup(text);
    cents = parts[1] != NULL ? (guint)g_ascii_strtoull(parts[1], NULL, 10) : 0;
    if (cents == 0 || cents > 99)
        return g_strdup_printf("%s %s", parts[0],
                               g_str_equal(parts[0], "1") ? currency->one : currency->many);
    return g_strdup_printf("%s %s and %u %s", parts[0],
                           g_str_equal(parts[0], "1") ? currency->one : currency->many, cents,
                           currency->part);
}

char *
mcp_speech_say_as(const char *kind, const char *format, const char *text)
{
    g_autofree char *trimmed = g_strstrip(g_strdup(text));
    const char *name = kind == NULL ? "" : g_str_has_prefix(kind, "vxml:") ? kind + 5 : kind;

    if (g_str_equal(name, "digits") || g_str_equal(name, "number:digits"))
        return spell(trimmed, FALSE);
    if (g_str_equal(name, "characters") || g_str_equal(name, "spell-out") ||
        g_str_equal(name, "letters"))
        return spell(trimmed, TRUE);
    if (g_str_equal(name, "telephone") || g_str_equal(name, "phone"))
        return say_phone(trimmed);
    if (g_str_equal(name, "ordinal") || g_str_equal(name, "number:ordinal"))
        return say_ordinal(trimmed);
    if (g_str_equal(name, "boolean"))
        return g_strdup(g_str_equal(trimmed, "true") ? "yes" : "no");
    if (g_str_equal(name, "date"))
        return say_date(trimmed, format);
    if (g_str_equal(name, "time"))
        return say_time(trimmed);
    if (g_str_equal(name, "currency"))
        return say_currency(trimmed);
    return g_steal_pointer(&trimmed);
}
