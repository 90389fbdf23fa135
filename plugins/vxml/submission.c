/* SPDX-License-Identifier: Apache-2.0 */
/* Encodes names and values for HTTP bodies, query strings and the BYE; on its caller's thread. */
#include "submission.h"

#include <string.h>

struct _McpVxmlSubmission {
    GPtrArray *fields;
    gsize size;
};

static void
field_free(gpointer data)
{
    McpVxmlField *field = data;

    g_free(field->name);
    g_free(field->value);
    g_free(field->content_type);
    g_clear_pointer(&field->bytes, g_bytes_unref);
    g_free(field);
}

static void
append_encoded(GString *out, const char *text)
{
    for (; *text != '\0'; text++) {
        guchar c = (guchar)*text;

        if (g_ascii_isalnum(c) || strchr("-_.*", c) != NULL)
            g_string_append_c(out, (char)c);
        else if (c == ' ')
            g_string_append_c(out, '+');
        else
            g_string_append_printf(out, "%%%02X", c);
    }
}

/* RFC 7578 §4.2 with the escapes of the HTML living standard: a name never ends its quotes. */
static void
append_quoted(GByteArray *out, const char *text)
{
    for (; *text != '\0'; text++) {
        const char *escape = *text == '"'    ? "%22"
                             : *text == '\r' ? "%0D"
                             : *text == '\n' ? "%0A"
                                             : NULL;

        if (escape != NULL)
            g_byte_array_append(out, (const guint8 *)escape, 3);
        else
            g_byte_array_append(out, (const guint8 *)text, 1);
    }
}

static void
append_text(GByteArray *out, const char *text)
{
    g_byte_array_append(out, (const guint8 *)text, (guint)strlen(text));
}

static void
append_part(GByteArray *out, const McpVxmlField *field, const char *boundary)
{
    append_text(out, "--");
    append_text(out, boundary);
    append_text(out, "\r\nContent-Disposition: form-data; name=\"");
    append_quoted(out, field->name);
    if (!field->recording) {
        append_text(out, "\"\r\n\r\n");
        append_text(out, field->value);
    } else {
        const char *base = strrchr(field->value, '/');

        append_text(out, "\"; filename=\"");
        append_quoted(out, base != NULL ? base + 1 : field->value);
        append_text(out, "\"\r\nContent-Type: ");
        append_text(out, field->content_type);
        append_text(out, "\r\n\r\n");
        if (field->bytes != NULL)
            g_byte_array_append(out, g_bytes_get_data(field->bytes, NULL),
                                (guint)g_bytes_get_size(field->bytes));
    }
    append_text(out, "\r\n");
}

McpVxmlSubmission *
mcp_vxml_submission_new(void)
{
    McpVxmlSubmission *submission = g_new0(McpVxmlSubmission, 1);

    submission->fields = g_ptr_array_new_with_free_func(field_free);
    return submission;
}

void
mcp_vxml_submission_free(McpVxmlSubmission *submission)
{
    g_ptr_array_unref(submission->fields);
    g_free(submission);
}

void
mcp_vxml_submission_add(McpVxmlSubmission *submission, const char *name, const char *value)
{
    McpVxmlField *field = g_new0(McpVxmlField, 1);

    field->name = g_strdup(name);
    field->value = g_strdup(value);
    submission->size += strlen(name) + strlen(value);
    g_ptr_array_add(submission->fields, field);
}

void
mcp_vxml_submission_add_recording(McpVxmlSubmission *submission, const char *name,
                                  const char *object, const char *content_type)
{
    McpVxmlField *field = g_new0(McpVxmlField, 1);

    field->name = g_strdup(name);
    field->value = g_strdup(object);
    field->content_type = g_strdup(content_type);
    field->recording = TRUE;
    g_ptr_array_add(submission->fields, field);
}

GPtrArray *
mcp_vxml_submission_get_fields(McpVxmlSubmission *submission)
{
    return submission->fields;
}

gsize
mcp_vxml_submission_get_size(const McpVxmlSubmission *submission)
{
    return submission->size;
}

gboolean
mcp_vxml_submission_has_recording(McpVxmlSubmission *submission)
{
    for (guint i = 0; i < submission->fields->len; i++)
        if (((McpVxmlField *)submission->fields->pdata[i])->recording)
            return TRUE;
    return FALSE;
}

char *
mcp_vxml_submission_to_urlencoded(McpVxmlSubmission *submission)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < submission->fields->len; i++) {
        const McpVxmlField *field = submission->fields->pdata[i];

        if (i > 0)
            g_string_append_c(out, '&');
        append_encoded(out, field->name);
        g_string_append_c(out, '=');
        append_encoded(out, field->value);
    }
    return g_string_free(out, FALSE);
}

GBytes *
mcp_vxml_submission_to_multipart(McpVxmlSubmission *submission, char **out_content_type)
{
    GByteArray *out = g_byte_array_new();
    g_autofree char *boundary = NULL;

    /* 64 random bits: no recording contains the boundary by accident. */
    boundary = g_strdup_printf("----mcp%08x%08x", g_random_int(), g_random_int());
    for (guint i = 0; i < submission->fields->len; i++)
        append_part(out, submission->fields->pdata[i], boundary);
    append_text(out, "--");
    append_text(out, boundary);
    append_text(out, "--\r\n");
    *out_content_type = g_strdup_printf("multipart/form-data; boundary=%s", boundary);
    return g_byte_array_free_to_bytes(out);
}
