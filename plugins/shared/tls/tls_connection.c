/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpTlsConnection: the library's state machine driven by one source on the owner's context. The
 * library reads and writes the socket itself; here is only when to ask it again.
 */
#include "tls_connection.h"

#include "certificate_names.h"

#include <errno.h>
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#define CHUNK 16384
/* Bytes taken from one connection before others have their turn. */
#define TURN (8 * CHUNK)

MCP_LEDGER_DEFINE(McpTlsConnection);

struct _McpTlsConnection {
    guint refs; /* the owner's, and one while an event is reported */
    McpTlsContext *context;
    GSocket *socket;
    SSL *ssl;
    GSource *source;
    gpointer tag;
    GIOCondition wanted; /* what the source waits for */
    McpTlsEvents events;
    gpointer user_data;
    McpTlsJudge judge;
    char *peer_name; /* nullable: of the server, as its client */
    char *refusal;   /* nullable: why the peer's certificate is not taken */
    char **identities;
    GByteArray *waiting; /* not yet taken by the library */
    gboolean established;
    gboolean reading;
    gboolean ending; /* close_notify when @waiting is empty */
    gboolean closed; /* reported, or freed */
    gboolean write_blocked;
    gboolean read_blocked_by_write; /* TLS 1.3 key updates: reading may have to write */
};

static void
release(McpTlsConnection *connection)
{
    if (--connection->refs > 0)
        return;
    g_source_unref(connection->source);
    SSL_free(connection->ssl);
    g_object_unref(connection->socket);
    mcp_tls_context_unref(connection->context);
    g_byte_array_unref(connection->waiting);
    g_free(connection->peer_name);
    g_free(connection->refusal);
    g_strfreev(connection->identities);
    g_free(connection);
    MCP_LEDGER_FINALIZED(McpTlsConnection);
}

/* No event comes after this. */
static void
shut(McpTlsConnection *connection)
{
    if (connection->closed)
        return;
    connection->closed = TRUE;
    g_source_destroy(connection->source);
    g_socket_close(connection->socket, NULL);
}

static void
report_closed(McpTlsConnection *connection, const GError *error)
{
    if (connection->closed)
        return;
    shut(connection);
    connection->events.closed(connection, error, connection->user_data);
}

/* Whether an alert of the other side says that it does not take our certificate. */
static gboolean
is_certificate_alert(gulong code)
{
    switch (ERR_GET_REASON(code)) {
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
        return TRUE;
    default:
        return FALSE;
    }
}

static GError *
ssl_error(McpTlsConnection *connection, int result, int saved_errno)
{
    int kind = SSL_get_error(connection->ssl, result);
    gulong code = ERR_peek_last_error();
    glong verdict = SSL_get_verify_result(connection->ssl);
    g_autofree char *text = NULL;

    if (connection->refusal != NULL || verdict != X509_V_OK) {
        ERR_clear_error();
        return g_error_new_literal(MCP_ERROR, MCP_ERROR_REFUSED,
                                   connection->refusal != NULL
                                       ? connection->refusal
                                       : X509_verify_cert_error_string(verdict));
    }
    if (kind == SSL_ERROR_SYSCALL || ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        ERR_clear_error();
        return g_error_new(MCP_ERROR, MCP_ERROR_CLOSED, "connection lost%s%s",
                           saved_errno != 0 ? ": " : "",
                           saved_errno != 0 ? g_strerror(saved_errno) : "");
    }
    text = mcp_tls_error_text();
    return g_error_new_literal(
        MCP_ERROR, is_certificate_alert(code) ? MCP_ERROR_REFUSED : MCP_ERROR_FAILED, text);
}

static void
fail(McpTlsConnection *connection, int result, int saved_errno)
{
    g_autoptr(GError) error = ssl_error(connection, result, saved_errno);

    report_closed(connection, error);
}

/* What the other side said last explains more than that it is gone: an alert may wait unread. */
static void
fail_writing(McpTlsConnection *connection, int result, int saved_errno)
{
    guint8 buffer[CHUNK];
    g_autoptr(GError) error = ssl_error(connection, result, saved_errno);

    ERR_clear_error();
    errno = 0;
    result = SSL_read(connection->ssl, buffer, sizeof buffer);
    if (result <= 0 && SSL_get_error(connection->ssl, result) == SSL_ERROR_SSL) {
        g_clear_error(&error);
        error = ssl_error(connection, result, errno);
    }
    ERR_clear_error();
    report_closed(connection, error);
}

static void
wait_for(McpTlsConnection *connection, GIOCondition wanted)
{
    if (connection->closed || connection->wanted == wanted)
        return;
    connection->wanted = wanted;
    g_source_modify_unix_fd(connection->source, connection->tag, wanted);
}

static void
update_wanted(McpTlsConnection *connection)
{
    GIOCondition wanted = 0;

    if (connection->reading || connection->ending)
        wanted |= G_IO_IN;
    if (connection->write_blocked || connection->read_blocked_by_write)
        wanted |= G_IO_OUT;
    wait_for(connection, wanted);
}

static void
flush(McpTlsConnection *connection)
{
    gboolean was_blocked = connection->write_blocked;

    connection->write_blocked = FALSE;
    while (!connection->closed && connection->waiting->len > 0) {
        int length = (int)MIN(connection->waiting->len, CHUNK);
        int result = 0;

        ERR_clear_error();
        errno = 0;
        result = SSL_write(connection->ssl, connection->waiting->data, length);
        if (result <= 0) {
            int saved_errno = errno;
            int kind = SSL_get_error(connection->ssl, result);

            connection->write_blocked = kind == SSL_ERROR_WANT_WRITE;
            if (kind != SSL_ERROR_WANT_WRITE && kind != SSL_ERROR_WANT_READ)
                fail_writing(connection, result, saved_errno);
            return;
        }
        g_byte_array_remove_range(connection->waiting, 0, (guint)result);
    }
    if (connection->closed)
        return;
    if (connection->ending) {
        ERR_clear_error();
        SSL_shutdown(connection->ssl);
        ERR_clear_error();
    }
    if (was_blocked && connection->events.drained != NULL)
        connection->events.drained(connection, connection->user_data);
}

static void
on_established(McpTlsConnection *connection)
{
    X509 *certificate = SSL_get0_peer_certificate(connection->ssl);

    connection->established = TRUE;
    if (certificate != NULL && SSL_get_verify_result(connection->ssl) == X509_V_OK) {
        g_strfreev(connection->identities);
        connection->identities = mcp_tls_certificate_identities(certificate);
    }
    connection->events.established(connection, connection->user_data);
    if (!connection->closed)
        flush(connection);
}

static void
shake_hands(McpTlsConnection *connection)
{
    int result = 0;
    int saved_errno = 0;

    ERR_clear_error();
    errno = 0;
    result = SSL_do_handshake(connection->ssl);
    saved_errno = errno;
    if (result == 1) {
        on_established(connection);
        return;
    }
    switch (SSL_get_error(connection->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        wait_for(connection, G_IO_IN);
        break;
    case SSL_ERROR_WANT_WRITE:
        wait_for(connection, G_IO_OUT);
        break;
    default:
        fail(connection, result, saved_errno);
        break;
    }
}

/* FALSE when there is nothing more to read for now. */
static gboolean
read_once(McpTlsConnection *connection, guint8 *buffer, gsize *out_length)
{
    int result = 0;
    int saved_errno = 0;

    ERR_clear_error();
    errno = 0;
    result = SSL_read(connection->ssl, buffer, CHUNK);
    saved_errno = errno;
    connection->read_blocked_by_write = FALSE;
    if (result > 0) {
        *out_length = (gsize)result;
        return TRUE;
    }
    switch (SSL_get_error(connection->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        break;
    case SSL_ERROR_WANT_WRITE:
        connection->read_blocked_by_write = TRUE;
        break;
    case SSL_ERROR_ZERO_RETURN:
        report_closed(connection, NULL);
        break;
    default:
        fail(connection, result, saved_errno);
        break;
    }
    return FALSE;
}

static void
read_all(McpTlsConnection *connection)
{
    guint8 buffer[CHUNK];
    gsize taken = 0;
    gsize length = 0;

    while (!connection->closed && (connection->reading || connection->ending)) {
        if (!read_once(connection, buffer, &length))
            return;
        taken += length;
        if (connection->reading)
            connection->events.received(connection, buffer, length, connection->user_data);
        if (taken >= TURN) {
            /* The library may hold more, of which the socket tells nothing. */
            if (!connection->closed)
                g_source_set_ready_time(connection->source, 0);
            return;
        }
    }
}

static gboolean
on_io(gpointer data)
{
    McpTlsConnection *connection = data;
    GIOCondition seen = g_source_query_unix_fd(connection->source, connection->tag);

    connection->refs++;
    g_source_set_ready_time(connection->source, -1);
    if (!connection->established) {
        shake_hands(connection);
    } else {
        if (connection->waiting->len > 0 || connection->write_blocked)
            flush(connection);
        read_all(connection);
    }
    /* Nobody reads, so nobody would ever see the end: poll() would tell of it for ever. */
    if (!connection->closed && connection->established && !connection->reading &&
        (seen & (G_IO_HUP | G_IO_ERR)) != 0) {
        g_autoptr(GError) error =
            g_error_new_literal(MCP_ERROR, MCP_ERROR_CLOSED, "connection lost");

        report_closed(connection, error);
    }
    if (!connection->closed && connection->established)
        update_wanted(connection);
    release(connection);
    return G_SOURCE_CONTINUE;
}

static gboolean
dispatch(GSource *source, GSourceFunc func, gpointer data)
{
    return func(data);
}

static GSourceFuncs source_funcs = {.dispatch = dispatch};

/* Why a chain is refused, for people; the name is checked when the chain is good. */
static int
note_refusal(int good, X509_STORE_CTX *store)
{
    const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    const McpTlsJudge *judge = SSL_get_app_data(ssl);
    McpTlsConnection *connection = judge->user_data;
    X509 *certificate = X509_STORE_CTX_get_current_cert(store);
    char subject[256] = "";

    if (good || connection->refusal != NULL)
        return good;
    if (certificate != NULL)
        X509_NAME_oneline(X509_get_subject_name(certificate), subject, sizeof subject);
    connection->refusal = g_strdup_printf(
        "%s (%s)", X509_verify_cert_error_string(X509_STORE_CTX_get_error(store)), subject);
    return 0;
}

static gboolean
judge_name(X509_STORE_CTX *store, gpointer user_data)
{
    McpTlsConnection *connection = user_data;
    const McpTlsOptions *options = mcp_tls_context_get_options(connection->context);
    X509 *leaf = X509_STORE_CTX_get0_cert(store);
    g_auto(GStrv) names = NULL;
    g_autofree char *list = NULL;

    if (connection->peer_name == NULL ||
        mcp_tls_certificate_is_for(leaf, connection->peer_name, options->wildcards))
        return TRUE;
    names = mcp_tls_certificate_identities(leaf);
    list = g_strjoinv(", ", names);
    connection->refusal =
        g_strdup_printf("is for %s, not for %s", names[0] != NULL ? list : "no SIP domain at all",
                        connection->peer_name);
    X509_STORE_CTX_set_error(store, X509_V_ERR_HOSTNAME_MISMATCH);
    return FALSE;
}

static void
set_up_ssl(McpTlsConnection *connection)
{
    const McpTlsOptions *options = mcp_tls_context_get_options(connection->context);
    SSL *ssl = SSL_new(mcp_tls_context_get_ssl(connection->context));

    connection->ssl = ssl;
    connection->judge = (McpTlsJudge){judge_name, connection};
    SSL_set_app_data(ssl, &connection->judge);
    SSL_set_verify(ssl, SSL_get_verify_mode(ssl), note_refusal);
    SSL_set_fd(ssl, g_socket_get_fd(connection->socket));
    if (options->server) {
        SSL_set_accept_state(ssl);
    } else {
        SSL_set_connect_state(ssl);
        /* RFC 6066 §3: names only. */
        if (connection->peer_name != NULL && !g_hostname_is_ip_address(connection->peer_name))
            SSL_set_tlsext_host_name(ssl, connection->peer_name);
    }
}

McpTlsConnection *
mcp_tls_connection_new(McpTlsContext *context, GSocket *socket, const char *peer_name,
                       GMainContext *main, const McpTlsEvents *events, gpointer user_data)
{
    McpTlsConnection *connection = g_new0(McpTlsConnection, 1);

    connection->refs = 1;
    connection->context = mcp_tls_context_ref(context);
    connection->socket = g_object_ref(socket);
    connection->peer_name = g_strdup(peer_name);
    connection->events = *events;
    connection->user_data = user_data;
    connection->identities = g_new0(char *, 1);
    connection->waiting = g_byte_array_new();
    connection->reading = TRUE;
    g_socket_set_blocking(socket, FALSE);
    g_socket_set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
    /* A peer that vanished is found out in the end, whoever speaks next. */
    g_socket_set_keepalive(socket, TRUE);
    set_up_ssl(connection);
    connection->source = g_source_new(&source_funcs, sizeof(GSource));
    g_source_set_static_name(connection->source, "tls connection");
    g_source_set_callback(connection->source, on_io, connection, NULL);
    /* Else its descriptor is taken out of the poll set and back for each turn. */
    g_source_set_can_recurse(connection->source, TRUE);
    connection->wanted = G_IO_IN;
    connection->tag =
        g_source_add_unix_fd(connection->source, g_socket_get_fd(socket), connection->wanted);
    g_source_set_ready_time(connection->source, 0);
    g_source_attach(connection->source, main);
    MCP_LEDGER_CREATED(McpTlsConnection);
    return connection;
}

void
mcp_tls_connection_free(McpTlsConnection *connection)
{
    shut(connection);
    release(connection);
}

void
mcp_tls_connection_write(McpTlsConnection *connection, gconstpointer data, gsize length)
{
    if (connection->closed || connection->ending)
        return;
    g_byte_array_append(connection->waiting, data, (guint)length);
    if (!connection->established || connection->write_blocked)
        return;
    connection->refs++;
    flush(connection);
    if (!connection->closed)
        update_wanted(connection);
    release(connection);
}

gsize
mcp_tls_connection_get_waiting(const McpTlsConnection *connection)
{
    return connection->waiting->len;
}

void
mcp_tls_connection_set_reading(McpTlsConnection *connection, gboolean reading)
{
    if (connection->closed || connection->reading == reading)
        return;
    connection->reading = reading;
    if (!connection->established)
        return;
    /* The library may hold bytes already. */
    if (reading)
        g_source_set_ready_time(connection->source, 0);
    update_wanted(connection);
}

void
mcp_tls_connection_end(McpTlsConnection *connection)
{
    if (connection->closed || connection->ending)
        return;
    connection->ending = TRUE;
    connection->refs++;
    if (connection->established && !connection->write_blocked)
        flush(connection);
    if (!connection->closed && connection->established)
        update_wanted(connection);
    release(connection);
}

const char *const *
mcp_tls_connection_get_identities(const McpTlsConnection *connection)
{
    return (const char *const *)connection->identities;
}

char *
mcp_tls_connection_describe(const McpTlsConnection *connection)
{
    return g_strdup_printf("%s, %s", SSL_get_version(connection->ssl),
                           SSL_get_cipher_name(connection->ssl));
}
