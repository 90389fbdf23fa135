/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text and SSML for the engine, whose own reader of SSML is none of XML: it takes a file's name for
 * a voice's, loses count of deep nesting, and knows languages by its own tags only. So a document
 * is parsed and checked here and written anew, in the few elements that it does well. Elements that
 * are not known are read through; <audio> gives its content, since whoever plays the prompt fetched
 * the sound before. Any thread.
 */
#include "ssml.h"

#include "protocol.h"

#include <mcp/error.h>
#include <ssml/ssml.h>
#include <string.h>

/* The engine's stack has 20 places; what is nested deeper is said without its markup. */
#define MOST_WANTED 12
#define MOST_PAUSE (MCP_ESPEAK_MOST_SECONDS * 1000)
#define MOST_VALUE 16

/* An element of the engine's. */
typedef struct {
    const char *name;
    char *attributes;
} Tag;

/*
 * The engine forgets what was around a voice within a voice. So at most one is open, outside of all
 * else: words are written with those tags around them that they want; as far as those around the
 * words before are the same they stay.
 */
typedef struct {
    const McpEspeakVoices *voices;
    GString *out;
    const char *language; /* nullable: of the voice, by the engine's name */
    const char *gender;   /* nullable */
    GPtrArray *tags;      /* Tag: all */
    GPtrArray *wanted;    /* Tag, as in tags */
    GPtrArray *written;   /* Tag, as in tags */
    char *base;           /* attributes of the voice of all, as that of the words below */
    char *voice;
    guint pause;   /* ms before what is said next */
    guint silence; /* ms before all */
    gboolean spoken;
    GError *error;
} Reader;

typedef struct {
    const char *name;
    void (*read)(Reader *reader, const McpXmlNode *node);
} Element;

static void read_children(Reader *reader, const McpXmlNode *node);

/* What would change speed or voice, or ends what the engine reads. */
static gboolean
is_command(gunichar c)
{
    return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7f && c < 0xa0) ||
           (c >= 0xe000 && c <= 0xf8ff);
}

static void
add_text(GString *out, const char *text, gboolean ssml)
{
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);

        if (is_command(c) || (ssml && (c == '<' || c == '>')))
            g_string_append_c(out, ' ');
        else if (ssml && c == '&')
            g_string_append(out, "&amp;");
        else
            g_string_append_unichar(out, c);
    }
}

static void
add_pause(Reader *reader, guint ms)
{
    reader->pause = MIN(reader->pause + ms, MOST_PAUSE);
}

/* Breaks in a row are one; before the first word the engine knows none. */
static void
spend_pause(Reader *reader)
{
    if (!reader->spoken)
        reader->silence = reader->pause;
    else if (reader->pause > 0)
        g_string_append_printf(reader->out, "<break time=\"%ums\"/>", reader->pause);
    reader->pause = 0;
}

static void
add_attribute(GString *attributes, const char *name, const char *value)
{
    g_string_append_printf(attributes, " %s=\"", name);
    mcp_xml_append_escaped(attributes, value);
    g_string_append_c(attributes, '"');
}

static char *
voice_attributes(const char *language, const char *gender)
{
    GString *attributes = g_string_new(NULL);

    if (language != NULL)
        add_attribute(attributes, "xml:lang", language);
    if (gender != NULL)
        add_attribute(attributes, "gender", gender);
    return g_string_free(attributes, FALSE);
}

/* Closes what is written over the first @kept tags. */
static void
close_tags(Reader *reader, guint kept)
{
    for (guint i = reader->written->len; i > kept; i--) {
        const Tag *tag = reader->written->pdata[i - 1];

        g_string_append_printf(reader->out, "</%s>", tag->name);
    }
    g_ptr_array_set_size(reader->written, (int)kept);
}

static void
change_voice(Reader *reader, char *voice)
{
    close_tags(reader, 0);
    if (!g_str_equal(reader->voice, reader->base))
        g_string_append(reader->out, "</voice>");
    if (!g_str_equal(voice, reader->base))
        g_string_append_printf(reader->out, "<voice%s>", voice);
    g_free(reader->voice);
    reader->voice = voice;
}

/* Writes the tags that are wanted. */
static void
arrange(Reader *reader)
{
    char *voice = voice_attributes(reader->language, reader->gender);
    guint same = 0;

    if (g_str_equal(voice, reader->voice))
        g_free(voice);
    else
        change_voice(reader, voice);
    while (same < reader->written->len && same < reader->wanted->len &&
           reader->written->pdata[same] == reader->wanted->pdata[same])
        same++;
    close_tags(reader, same);
    for (guint i = same; i < reader->wanted->len; i++) {
        Tag *tag = reader->wanted->pdata[i];

        g_string_append_printf(reader->out, "<%s%s>", tag->name, tag->attributes);
        g_ptr_array_add(reader->written, tag);
    }
}

static void
say(Reader *reader, const char *text)
{
    if (text[strspn(text, " \t\r\n")] != '\0') {
        spend_pause(reader);
        arrange(reader);
        reader->spoken = TRUE;
    }
    add_text(reader->out, text, TRUE);
}

static void
tag_free(gpointer data)
{
    Tag *tag = data;

    g_free(tag->attributes);
    g_free(tag);
}

/* Reads what is in @node as in @name with @attributes, if there is a place for it. */
static void
wrap(Reader *reader, const McpXmlNode *node, const char *name, const char *attributes)
{
    Tag *tag = NULL;

    if (reader->wanted->len >= MOST_WANTED) {
        read_children(reader, node);
        return;
    }
    tag = g_new0(Tag, 1);
    tag->name = name;
    tag->attributes = g_strdup(attributes);
    g_ptr_array_add(reader->tags, tag);
    g_ptr_array_add(reader->wanted, tag);
    read_children(reader, node);
    g_ptr_array_set_size(reader->wanted, (int)reader->wanted->len - 1);
}

static void
read_block(Reader *reader, const McpXmlNode *node)
{
    wrap(reader, node, mcp_xml_name(node)[0] == 'p' ? "p" : "s", "");
}

static void
read_break(Reader *reader, const McpXmlNode *node)
{
    guint ms = 0;

    if (mcp_ssml_pause(node, &ms, &reader->error))
        add_pause(reader, ms);
}

static void
read_nothing(Reader *reader, const McpXmlNode *node)
{
}

static void
read_sub(Reader *reader, const McpXmlNode *node)
{
    const char *alias = mcp_xml_attribute(node, "alias");

    if (alias != NULL)
        say(reader, alias);
    else
        read_children(reader, node);
}

static void
read_emphasis(Reader *reader, const McpXmlNode *node)
{
    g_autoptr(GString) attributes = g_string_new(NULL);
    const char *level = mcp_xml_attribute(node, "level");

    if (level != NULL)
        add_attribute(attributes, "level", level);
    wrap(reader, node, "emphasis", attributes->str);
}

/* The engine has no pitch in Hz. */
static void
read_prosody(Reader *reader, const McpXmlNode *node)
{
    static const char *const names[] = {"rate", "pitch", "range", "volume"};
    g_autoptr(GString) attributes = g_string_new(NULL);

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        const char *value = mcp_xml_attribute(node, names[i]);

        if (value != NULL && strlen(value) <= MOST_VALUE && !g_str_has_suffix(value, "Hz"))
            add_attribute(attributes, names[i], value);
    }
    if (attributes->len > 0)
        wrap(reader, node, "prosody", attributes->str);
    else
        read_children(reader, node);
}

static void
read_say_as(Reader *reader, const McpXmlNode *node)
{
    static const struct {
        const char *type;
        const char *own;
    } rows[] = {
        {"characters", "characters"}, {"spell-out", "characters"},   {"letters", "characters"},
        {"digits", "tts:digits"},     {"vxml:digits", "tts:digits"}, {"telephone", "tts:digits"},
        {"phone", "tts:digits"},      {"vxml:phone", "tts:digits"},
    };
    const char *type = mcp_xml_attribute(node, "interpret-as");
    g_autoptr(GString) attributes = g_string_new(NULL);

    if (type == NULL)
        type = mcp_xml_attribute(node, "type"); /* of the drafts, still in use */
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        if (g_strcmp0(type, rows[i].type) == 0)
            add_attribute(attributes, "interpret-as", rows[i].own);
    if (attributes->len > 0)
        wrap(reader, node, "say-as", attributes->str);
    else
        read_children(reader, node);
}

static const Element elements[] = {
    {"break", read_break},      {"desc", read_nothing}, {"emphasis", read_emphasis},
    {"lexicon", read_nothing},  {"mark", read_nothing}, {"meta", read_nothing},
    {"metadata", read_nothing}, {"p", read_block},      {"paragraph", read_block},
    {"prosody", read_prosody},  {"s", read_block},      {"say-as", read_say_as},
    {"sentence", read_block},   {"sub", read_sub},
};

static void
read_known(Reader *reader, const McpXmlNode *node)
{
    for (guint i = 0; i < G_N_ELEMENTS(elements); i++) {
        if (g_str_equal(mcp_xml_name(node), elements[i].name)) {
            elements[i].read(reader, node);
            return;
        }
    }
    read_children(reader, node);
}

/* A language that no voice has is read by the voice before. */
static void
take_voice(Reader *reader, const McpXmlNode *node)
{
    gboolean is_voice = g_str_equal(mcp_xml_name(node), "voice");
    const char *language = mcp_xml_attribute_ns(node, MCP_XML_NS_XML, "lang");
    const char *name = is_voice ? mcp_xml_attribute(node, "name") : NULL;
    const char *gender = is_voice ? mcp_xml_attribute(node, "gender") : NULL;
    const McpEspeakVoice *voice = NULL;

    if (name != NULL)
        voice = mcp_espeak_voices_find(reader->voices, name);
    if (voice == NULL && language != NULL)
        voice = mcp_espeak_voices_choose(reader->voices, language);
    if (voice != NULL)
        reader->language = voice->tags->pdata[0];
    if (gender != NULL)
        reader->gender = gender;
}

static void
read_element(Reader *reader, const McpXmlNode *node)
{
    const char *language = reader->language;
    const char *gender = reader->gender;

    take_voice(reader, node);
    read_known(reader, node);
    reader->language = language;
    reader->gender = gender;
}

static gboolean
is_foreign(const McpXmlNode *node)
{
    const char *uri = mcp_xml_namespace(node);

    return *uri != '\0' && !g_str_equal(uri, MCP_SSML_NAMESPACE);
}

static void
read_children(Reader *reader, const McpXmlNode *node)
{
    for (const McpXmlNode *child = mcp_xml_first_child(node);
         child != NULL && reader->error == NULL; child = mcp_xml_next(child)) {
        if (mcp_xml_kind(child) == MCP_XML_TEXT)
            say(reader, mcp_xml_text(child));
        else if (!is_foreign(child))
            read_element(reader, child);
    }
}

static void
reader_clear(Reader *reader)
{
    g_ptr_array_unref(reader->written);
    g_ptr_array_unref(reader->wanted);
    g_ptr_array_unref(reader->tags);
    g_string_free(reader->out, TRUE);
    g_free(reader->base);
    g_free(reader->voice);
    g_clear_error(&reader->error);
}

static McpEspeakSpeech *
finish(Reader *reader, const char *language)
{
    McpEspeakSpeech *speech = g_new0(McpEspeakSpeech, 1);

    spend_pause(reader);
    change_voice(reader, g_strdup(reader->base));
    speech->text = g_strdup_printf("<speak>%s</speak>", reader->out->str);
    if (!reader->spoken)
        speech->text[0] = '\0';
    speech->silence = reader->silence;
    speech->language = g_strdup(language);
    return speech;
}

static McpEspeakSpeech *
read_root(const McpXmlNode *root, const McpEspeakVoices *voices, GError **error)
{
    const char *language = mcp_xml_attribute_ns(root, MCP_XML_NS_XML, "lang");
    Reader reader = {.voices = voices};
    McpEspeakSpeech *speech = NULL;

    if (!mcp_ssml_check(root, MCP_SSML_TOLERANT, error))
        return NULL;
    reader.out = g_string_new(NULL);
    reader.tags = g_ptr_array_new_with_free_func(tag_free);
    reader.wanted = g_ptr_array_new();
    reader.written = g_ptr_array_new();
    take_voice(&reader, root);
    reader.base = voice_attributes(reader.language, NULL);
    reader.voice = g_strdup(reader.base);
    read_children(&reader, root);
    if (reader.error == NULL)
        speech = finish(&reader, language != NULL && *language != '\0' ? language : NULL);
    else
        g_propagate_error(error, g_steal_pointer(&reader.error));
    reader_clear(&reader);
    return speech;
}

McpEspeakSpeech *
mcp_espeak_ssml_read(const char *document, const McpEspeakVoices *voices, GError **error)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static(document, strlen(document));
    g_autoptr(GError) fault = NULL;
    g_autoptr(McpXmlDocument) parsed = mcp_xml_parse(bytes, NULL, NULL, &fault);

    if (parsed != NULL)
        return read_root(mcp_xml_document_root(parsed), voices, error);
    g_set_error_literal(error, MCP_ERROR, MCP_ERROR_INVALID, fault->message);
    return NULL;
}

McpEspeakSpeech *
mcp_espeak_text_read(const char *text, GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);
    McpEspeakSpeech *speech = NULL;

    if (!g_utf8_validate(text, -1, NULL)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "text is not UTF-8");
        return NULL;
    }
    add_text(out, text, FALSE);
    speech = g_new0(McpEspeakSpeech, 1);
    speech->text = g_strdup(out->str[strspn(out->str, " \t\r\n")] != '\0' ? out->str : "");
    return speech;
}

void
mcp_espeak_speech_free(McpEspeakSpeech *speech)
{
    g_free(speech->text);
    g_free(speech->language);
    g_free(speech);
}
