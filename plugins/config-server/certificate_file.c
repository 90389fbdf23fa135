/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of X.509 certificates: one in DER, or one or several in PEM (RFC 7468 §5). Any thread.
 */
#include "certificate_file.h"

#include <mcp/error.h>
#include <string.h>

#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END "-----END CERTIFICATE-----"

typedef struct {
    const char *name;
    gint64 now;
    gint64 begin;
    gint64 expiry;
    GPtrArray *ders;
} Reading;

static gboolean G_GNUC_PRINTF(3, 4)
    fail(const Reading *reading, GError **error, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "certificates \"%s\": %s", reading->name,
                text);
    return FALSE;
}

static char *
date_of(gint64 seconds)
{
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(seconds);

    return date != NULL ? g_date_time_format(date, "%Y-%m-%d") : g_strdup("?");
}

static GTlsCertificate *
parse(GBytes *der, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(der, &size);

    g_byte_array_append(bytes, data, (guint)size);
    return g_initable_new(g_tls_backend_get_certificate_type(g_tls_backend_get_default()), NULL,
                          error, "certificate", bytes, NULL);
}

static gboolean
add(Reading *reading, GBytes *der, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(GTlsCertificate) certificate = parse(der, &why);
    g_autoptr(GDateTime) begin =
        certificate != NULL ? g_tls_certificate_get_not_valid_before(certificate) : NULL;
    g_autoptr(GDateTime) end =
        certificate != NULL ? g_tls_certificate_get_not_valid_after(certificate) : NULL;
    guint number = reading->ders->len + 1;

    if (begin == NULL || end == NULL)
        return fail(reading, error, "number %u is no X.509 certificate%s%s", number,
                    why != NULL ? ": " : "", why != NULL ? why->message : "");
    if (reading->ders->len == MCP_RECIPIENTS_MAX)
        return fail(reading, error, "there are more than %d", MCP_RECIPIENTS_MAX);
    if (g_date_time_to_unix(end) <= reading->now) {
        g_autofree char *date = date_of(g_date_time_to_unix(end));

        return fail(reading, error, "number %u has expired on %s", number, date);
    }
    if (g_date_time_to_unix(begin) > reading->now) {
        g_autofree char *date = date_of(g_date_time_to_unix(begin));

        return fail(reading, error, "number %u is not valid before %s", number, date);
    }
    reading->begin = MAX(reading->begin, g_date_time_to_unix(begin));
    reading->expiry = MIN(reading->expiry, g_date_time_to_unix(end));
    g_ptr_array_add(reading->ders, g_bytes_ref(der));
    return TRUE;
}

/* Base64 between the lines; what stands between certificates is explanatory text (§5.2). */
static gboolean
add_pem(Reading *reading, const char *text, GError **error)
{
    const char *begin;

    while ((begin = strstr(text, BEGIN)) != NULL) {
        const char *first = begin + strlen(BEGIN);
        const char *end = strstr(first, END);
        g_autofree char *body = NULL;
        g_autoptr(GBytes) der = NULL;
        gsize size = 0;
        guchar *bytes = NULL;

        if (end == NULL)
            return fail(reading, error, "number %u has no end", reading->ders->len + 1);
        body = g_strndup(first, (gsize)(end - first));
        bytes = g_base64_decode(body, &size);
        der = g_bytes_new_take(bytes, size);
        if (!add(reading, der, error))
            return FALSE;
        text = end + strlen(END);
    }
    return TRUE;
}

McpCertificates *
mcp_certificate_file_read(GBytes *file, const char *name, gint64 now, GError **error)
{
    g_autoptr(GPtrArray) ders = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    Reading reading = {.name = name, .now = now, .expiry = G_MAXINT64, .ders = ders};
    gsize size = 0;
    const char *data = g_bytes_get_data(file, &size);
    gboolean good;

    if (size == 0 || size > MCP_CERTIFICATE_FILE_MAX) {
        fail(&reading, error, "the file has %" G_GSIZE_FORMAT " bytes", size);
        return NULL;
    }
    if (memmem(data, size, BEGIN, strlen(BEGIN)) != NULL) {
        g_autofree char *text = g_strndup(data, size);

        good = strlen(text) == size ? add_pem(&reading, text, error)
                                    : fail(&reading, error, "a PEM file has a null byte");
    } else {
        good = add(&reading, file, error);
    }
    return good ? mcp_certificates_new(name, ders, reading.begin, reading.expiry) : NULL;
}
