/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NLSML, the results of recognizers (RFC 6787 §9.6, RFC 4463 §8.8 and §9), read generously and
 * written exactly: servers differ in namespaces, in the scale of confidence and in where they say
 * that nothing matched. Pure functions.
 */
#include "nlsml.h"
#include "instance.h"

#include <math.h>
#include <mcp/error.h>
#include <string.h>

#define NAMESPACE "urn:ietf:params:xml:ns:mrcpv2"
#define MAX_INTERPRETATIONS 100

static const McpXmlLimits limits = {
    .max_bytes = 1024 * 1024, .max_depth = 32, .max_nodes = 20000, .max_attributes = 64};

void
mcp_mrcp_interpretation_free(McpMrcpInterpretation *interpretation)
{
    g_free(interpretation->grammar);
    g_free(interpretation->text);
    g_free(interpretation->mode);
    g_free(interpretation->start);
    g_free(interpretation->end);
    g_free(interpretation->instance);
    g_free(interpretation);
}

/* The words of all text below @node, one blank between them. */
static char *
read_words(const McpXmlNode *node)
{
    g_autofree char *content = mcp_xml_content(node);
    g_auto(GStrv) words = NULL;

    g_strdelimit(content, "\r\n", ' ');
    words = mcp_mrcp_split(content);
    return g_strjoinv(" ", words);
}

/* As it is there; the scale is known when all have been read. */
static double
read_confidence(const McpXmlNode *node)
{
    const char *text = mcp_xml_attribute(node, "confidence");
    char *end = NULL;
    double value = 0;

    if (text == NULL)
        return MCP_MRCP_CONFIDENCE_UNKNOWN;
    value = g_ascii_strtod(text, &end);
    return end != text && isfinite(value) && value >= 0 ? value : MCP_MRCP_CONFIDENCE_UNKNOWN;
}

/* An input within the input: the words of a sentence one by one, or the only one of its mode. */
static const char *
input_attribute(const McpXmlNode *input, const char *name)
{
    const char *value = mcp_xml_attribute(input, name);
    const McpXmlNode *inner = mcp_xml_find_child(input, NULL, "input");

    return value != NULL || inner == NULL ? value : mcp_xml_attribute(inner, name);
}

/* The end of the last of the inputs within the input. */
static const char *
input_end(const McpXmlNode *input)
{
    const char *value = mcp_xml_attribute(input, "timestamp-end");

    for (const McpXmlNode *child = mcp_xml_first_element(input); child != NULL;
         child = mcp_xml_next_element(child)) {
        if (mcp_xml_is(child, NULL, "input") && mcp_xml_attribute(child, "timestamp-end") != NULL)
            value = mcp_xml_attribute(child, "timestamp-end");
    }
    return value;
}

static gboolean
says(const McpXmlNode *node, const char *what)
{
    const McpXmlNode *inner = mcp_xml_find_child(node, NULL, "input");

    return mcp_xml_find_child(node, NULL, what) != NULL ||
           (inner != NULL && mcp_xml_find_child(inner, NULL, what) != NULL);
}

static void
read_input(const McpXmlNode *input, McpMrcpInterpretation *out)
{
    g_free(out->text);
    out->text = read_words(input);
    out->mode = g_strdup(input_attribute(input, "mode"));
    out->start = g_strdup(input_attribute(input, "timestamp-start"));
    out->end = g_strdup(input_end(input));
    /* A recognizer that has no opinion of the meaning may have one of the words. */
    if (out->confidence == MCP_MRCP_CONFIDENCE_UNKNOWN)
        out->confidence = read_confidence(input);
}

static McpMrcpInterpretation *
read_interpretation(const McpXmlNode *node, const char *grammar)
{
    McpMrcpInterpretation *out = g_new0(McpMrcpInterpretation, 1);
    const McpXmlNode *input = mcp_xml_find_child(node, NULL, "input");
    const McpXmlNode *instance = mcp_xml_find_child(node, NULL, "instance");
    const char *own = mcp_xml_attribute(node, "grammar");

    out->grammar = g_strdup(own != NULL ? own : grammar);
    out->confidence = read_confidence(node);
    out->text = g_strdup("");
    if (input != NULL)
        read_input(input, out);
    if (says(node, "noinput") || (input != NULL && says(input, "noinput")))
        out->input = MCP_MRCP_INPUT_NOINPUT;
    else if (says(node, "nomatch") || (input != NULL && says(input, "nomatch")))
        out->input = MCP_MRCP_INPUT_NOMATCH;
    else if (instance != NULL)
        out->instance = mcp_mrcp_instance_to_json(instance);
    return out;
}

static void
scale_confidence(GPtrArray *interpretations)
{
    gboolean percent = FALSE;

    for (guint i = 0; i < interpretations->len; i++) {
        const McpMrcpInterpretation *one = g_ptr_array_index(interpretations, i);

        percent = percent || one->confidence > 1.0;
    }
    for (guint i = 0; percent && i < interpretations->len; i++) {
        McpMrcpInterpretation *one = g_ptr_array_index(interpretations, i);

        if (one->confidence != MCP_MRCP_CONFIDENCE_UNKNOWN)
            one->confidence = MIN(one->confidence, 100.0) / 100;
    }
}

static GPtrArray *
read_result(const McpXmlNode *result)
{
    GPtrArray *out = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_mrcp_interpretation_free);
    const char *grammar = mcp_xml_attribute(result, "grammar");

    for (const McpXmlNode *child = mcp_xml_first_element(result);
         child != NULL && out->len < MAX_INTERPRETATIONS; child = mcp_xml_next_element(child)) {
        if (mcp_xml_is(child, NULL, "interpretation"))
            g_ptr_array_add(out, read_interpretation(child, grammar));
    }
    scale_confidence(out);
    return out;
}

GPtrArray *
mcp_mrcp_nlsml_parse(GBytes *bytes, GError **error)
{
    const McpXmlSource source = {.url = "result", .limits = limits};
    g_autoptr(GError) reason = NULL;
    g_autoptr(McpXmlDocument) document = mcp_xml_parse(bytes, &source, NULL, &reason);
    const McpXmlNode *root = NULL;

    if (document == NULL) {
        g_set_error_literal(error, MCP_ERROR, MCP_ERROR_INVALID, reason->message);
        return NULL;
    }
    root = mcp_xml_document_root(document);
    if (!mcp_xml_is(root, NULL, "result")) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "result: the document is a <%s>",
                    mcp_xml_name(root));
        return NULL;
    }
    return read_result(root);
}

const char *
mcp_mrcp_nlsml_type(McpMrcpVersion version)
{
    return version == MCP_MRCP_V1 ? "application/x-nlsml" : "application/nlsml+xml";
}

static void
append_attribute(GString *out, const char *name, const char *value)
{
    if (value == NULL)
        return;
    g_string_append_printf(out, " %s=\"", name);
    mcp_mrcp_append_text(out, value);
    g_string_append_c(out, '"');
}

static void
append_confidence(GString *out, McpMrcpVersion version, double confidence)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    if (confidence < 0)
        return;
    confidence = MIN(confidence, 1.0);
    if (version == MCP_MRCP_V1)
        g_ascii_formatd(text, sizeof text, "%.0f", confidence * 100);
    else
        g_ascii_formatd(text, sizeof text, "%.2f", confidence);
    append_attribute(out, "confidence", text);
}

static void
append_input(GString *out, const McpMrcpInterpretation *one)
{
    g_string_append(out, "    <input");
    append_attribute(out, "mode", one->mode);
    append_attribute(out, "timestamp-start", one->start);
    append_attribute(out, "timestamp-end", one->end);
    g_string_append_c(out, '>');
    if (one->input == MCP_MRCP_INPUT_NOINPUT)
        g_string_append(out, "<noinput/>");
    if (one->input == MCP_MRCP_INPUT_NOMATCH)
        g_string_append(out, "<nomatch>");
    if (one->text != NULL)
        mcp_mrcp_append_text(out, one->text);
    if (one->input == MCP_MRCP_INPUT_NOMATCH)
        g_string_append(out, "</nomatch>");
    g_string_append(out, "</input>\n");
}

static void
append_interpretation(GString *out, McpMrcpVersion version, const McpMrcpInterpretation *one)
{
    g_string_append(out, "  <interpretation");
    append_attribute(out, "grammar", one->grammar);
    append_confidence(out, version, one->confidence);
    g_string_append(out, ">\n    <instance>");
    if (one->instance != NULL)
        mcp_mrcp_instance_from_json(one->instance, out);
    else if (one->input == MCP_MRCP_INPUT_MATCH && one->text != NULL)
        mcp_mrcp_append_text(out, one->text);
    g_string_append(out, "</instance>\n");
    append_input(out, one);
    g_string_append(out, "  </interpretation>\n");
}

char *
mcp_mrcp_nlsml_write(McpMrcpVersion version, const McpMrcpInterpretation *interpretations, guint n)
{
    GString *out = g_string_new("<?xml version=\"1.0\"?>\n<result");

    if (version == MCP_MRCP_V2)
        append_attribute(out, "xmlns", NAMESPACE);
    g_string_append(out, ">\n");
    for (guint i = 0; i < n; i++)
        append_interpretation(out, version, &interpretations[i]);
    g_string_append(out, "</result>\n");
    return g_string_free(out, FALSE);
}

static gboolean
has_result(const McpMrcpMessage *message)
{
    const char *type = mcp_mrcp_message_get(message, "Content-Type");

    return message->body != NULL && type != NULL && strstr(type, "nlsml") != NULL;
}

void
mcp_mrcp_nlsml_rewrite(McpMrcpMessage *message, McpMrcpVersion version)
{
    g_autoptr(GPtrArray) results =
        has_result(message) ? mcp_mrcp_nlsml_parse(message->body, NULL) : NULL;
    g_autofree McpMrcpInterpretation *list = NULL;
    g_autoptr(GBytes) body = NULL;
    char *text = NULL;

    if (results == NULL)
        return;
    list = g_new0(McpMrcpInterpretation, results->len + 1);
    for (guint i = 0; i < results->len; i++)
        list[i] = *(const McpMrcpInterpretation *)results->pdata[i];
    text = mcp_mrcp_nlsml_write(version, list, results->len);
    body = g_bytes_new_take(text, strlen(text));
    mcp_mrcp_message_set_body(message, mcp_mrcp_nlsml_type(version), body);
}
