/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What SPEAK brings, as SSML documents that a synthesizer takes one by one: cut at its marks, whose
 * places are reported when they are played (RFC 6787 §8.13), and with what the header fields say of
 * voice (§8.4.6) and, for plain text, prosody (§8.4.7). Pure functions.
 */
#include "speech_text.h"

#include <mcp/error.h>
#include <ssml/ssml.h>
#include <string.h>

typedef struct {
    GPtrArray *pieces;
    const McpMrcpdVoice *voice;
    const McpXmlNode *root;
    GString *text;
    GPtrArray *open; /* McpXmlNode */
    gboolean content;
} Cutter;

static void
piece_free(gpointer data)
{
    McpMrcpdPiece *piece = data;

    g_free(piece->ssml);
    g_free(piece->mark);
    g_free(piece);
}

static void
add_piece(GPtrArray *pieces, char *ssml, char *mark)
{
    McpMrcpdPiece *piece = g_new0(McpMrcpdPiece, 1);

    piece->ssml = ssml;
    piece->mark = mark;
    g_ptr_array_add(pieces, piece);
}

static void
append_attribute(GString *out, const char *name, const char *value)
{
    if (value == NULL)
        return;
    g_string_append_printf(out, " %s=\"", name);
    mcp_xml_append_escaped(out, value);
    g_string_append_c(out, '"');
}

static void
append_head(GString *out, const char *language)
{
    g_string_append(out, "<speak version=\"1.0\" xmlns=\"" MCP_SSML_NAMESPACE "\"");
    append_attribute(out, "xml:lang", language);
    g_string_append_c(out, '>');
}

/* Whether the element is there: its end is to be written, too. */
static gboolean
append_voice(GString *out, const McpMrcpdVoice *voice)
{
    if (voice->gender == NULL && voice->age == NULL && voice->variant == NULL)
        return FALSE;
    g_string_append(out, "<voice");
    append_attribute(out, "gender", voice->gender);
    append_attribute(out, "age", voice->age);
    append_attribute(out, "variant", voice->variant);
    g_string_append_c(out, '>');
    return TRUE;
}

static gboolean
append_prosody(GString *out, const McpMrcpdVoice *voice)
{
    if (voice->rate == NULL && voice->pitch == NULL && voice->volume == NULL)
        return FALSE;
    g_string_append(out, "<prosody");
    append_attribute(out, "rate", voice->rate);
    append_attribute(out, "pitch", voice->pitch);
    append_attribute(out, "volume", voice->volume);
    g_string_append_c(out, '>');
    return TRUE;
}

GPtrArray *
mcp_mrcpd_pieces_of_text(const char *text, const McpMrcpdVoice *voice)
{
    GPtrArray *pieces = g_ptr_array_new_with_free_func(piece_free);
    GString *out = g_string_new(NULL);
    gboolean voiced = FALSE;
    gboolean shaped = FALSE;

    append_head(out, voice->language);
    voiced = append_voice(out, voice);
    shaped = append_prosody(out, voice);
    mcp_xml_append_escaped(out, text);
    g_string_append_printf(out, "%s%s</speak>", shaped ? "</prosody>" : "",
                           voiced ? "</voice>" : "");
    add_piece(pieces, g_string_free(out, FALSE), NULL);
    return pieces;
}

/* --- documents --- */

static void
append_name(GString *out, const char *prefix, const char *name)
{
    g_string_append_printf(out, "%s%s%s", prefix, prefix[0] != '\0' ? ":" : "", name);
}

/* Elements of other namespaces stay what they are to whoever reads the piece: unknown ones. */
static void
append_tag(GString *out, const McpXmlNode *node)
{
    guint count = 0;
    const McpXmlAttribute *attributes = mcp_xml_attributes(node, &count);
    gboolean foreign = strcmp(mcp_xml_namespace(node), MCP_SSML_NAMESPACE) != 0;

    g_string_append_printf(out, "<%s", mcp_xml_name(node));
    if (foreign)
        append_attribute(out, "xmlns", mcp_xml_namespace(node));
    for (guint i = 0; i < count; i++) {
        gboolean xml = strcmp(attributes[i].namespace_uri, MCP_XML_NS_XML) == 0;

        if (!xml && attributes[i].namespace_uri[0] != '\0')
            continue;
        g_string_append_c(out, ' ');
        append_name(out, xml ? "xml" : "", attributes[i].name);
        g_string_append(out, "=\"");
        mcp_xml_append_escaped(out, attributes[i].value);
        g_string_append_c(out, '"');
    }
    g_string_append_c(out, '>');
}

static void
flush(Cutter *cutter)
{
    const char *language = mcp_xml_lang(cutter->root);
    GString *out = NULL;
    gboolean voiced = FALSE;

    if (cutter->content) {
        out = g_string_new(NULL);
        append_head(out, language != NULL ? language : cutter->voice->language);
        voiced = append_voice(out, cutter->voice);
        g_string_append_len(out, cutter->text->str, (gssize)cutter->text->len);
        for (guint i = cutter->open->len; i > 0; i--)
            g_string_append_printf(out, "</%s>", mcp_xml_name(cutter->open->pdata[i - 1]));
        g_string_append_printf(out, "%s</speak>", voiced ? "</voice>" : "");
        add_piece(cutter->pieces, g_string_free(out, FALSE), NULL);
    }
    cutter->content = FALSE;
    g_string_truncate(cutter->text, 0);
    for (guint i = 0; i < cutter->open->len; i++)
        append_tag(cutter->text, cutter->open->pdata[i]);
}

static void
cut_text(Cutter *cutter, const McpXmlNode *node)
{
    cutter->content |= !mcp_xml_is_blank(node);
    mcp_xml_append_escaped(cutter->text, mcp_xml_text(node));
}

static void cut(Cutter *cutter, const McpXmlNode *parent);

static void
cut_element(Cutter *cutter, const McpXmlNode *node)
{
    const char *mark = mcp_xml_attribute(node, "name");

    if (mcp_xml_is(node, NULL, "mark")) {
        flush(cutter);
        add_piece(cutter->pieces, NULL, g_strdup(mark != NULL ? mark : ""));
        return;
    }
    /* A pause, or a sound, is something to play even without words. */
    cutter->content |= mcp_xml_is(node, NULL, "break") || mcp_xml_is(node, NULL, "audio");
    append_tag(cutter->text, node);
    g_ptr_array_add(cutter->open, (gpointer)node);
    cut(cutter, node);
    g_ptr_array_set_size(cutter->open, (gint)cutter->open->len - 1);
    g_string_append_printf(cutter->text, "</%s>", mcp_xml_name(node));
}

/* As deep as the parser lets it be. */
static void
cut(Cutter *cutter, const McpXmlNode *parent)
{
    for (const McpXmlNode *node = mcp_xml_first_child(parent); node != NULL;
         node = mcp_xml_next(node)) {
        if (mcp_xml_kind(node) == MCP_XML_TEXT)
            cut_text(cutter, node);
        else
            cut_element(cutter, node);
    }
}

GPtrArray *
mcp_mrcpd_pieces_of_ssml(GBytes *document, const McpMrcpdVoice *voice, GError **error)
{
    const McpXmlSource source = {.url = "SPEAK"};
    g_autoptr(McpXmlDocument) parsed = mcp_xml_parse(document, &source, NULL, error);
    Cutter cutter = {.voice = voice};

    if (parsed == NULL)
        return NULL;
    cutter.root = mcp_xml_document_root(parsed);
    if (!mcp_xml_is(cutter.root, NULL, "speak")) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "the root element is <%s>, not <speak>",
                    mcp_xml_name(cutter.root));
        return NULL;
    }
    if (!mcp_ssml_check(cutter.root, MCP_SSML_TOLERANT, error))
        return NULL;
    cutter.pieces = g_ptr_array_new_with_free_func(piece_free);
    cutter.text = g_string_new(NULL);
    cutter.open = g_ptr_array_new();
    cut(&cutter, cutter.root);
    flush(&cutter);
    g_string_free(cutter.text, TRUE);
    g_ptr_array_unref(cutter.open);
    return cutter.pieces;
}
