/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digest authentication: challenges read and answered, proofs checked. The library's own client
 * knows MD5 only. Pure functions.
 */
#include "digest.h"

#include <string.h>

void
mcp_sip_challenge_free(McpSipChallenge *challenge)
{
    g_free(challenge->realm);
    g_free(challenge->nonce);
    g_free(challenge->opaque);
    g_free(challenge);
}

/* A parameter's value without its quotes; escapes are resolved. (transfer full) (nullable) */
static char *
parameter(const msg_auth_t *header, const char *name)
{
    const char *value = header->au_params != NULL ? msg_params_find(header->au_params, name) : NULL;
    GString *text = NULL;

    if (value == NULL || *value != '"')
        return g_strdup(value);
    text = g_string_new(NULL);
    for (const char *p = value + 1; *p != '\0' && *p != '"'; p++) {
        if (*p == '\\' && p[1] != '\0')
            p++;
        g_string_append_c(text, *p);
    }
    return g_string_free(text, FALSE);
}

static gboolean
is_digest(const msg_auth_t *header)
{
    return header->au_scheme != NULL && g_ascii_strcasecmp(header->au_scheme, "Digest") == 0;
}

/* FALSE for what this side does not know. */
static gboolean
read_algorithm(const char *name, gboolean *out_sha256, gboolean *out_session)
{
    *out_session = name != NULL && g_str_has_suffix(name, "-sess");
    *out_sha256 = name != NULL && g_ascii_strncasecmp(name, "SHA-256", 7) == 0;
    return name == NULL || g_ascii_strcasecmp(name, "MD5") == 0 ||
           g_ascii_strcasecmp(name, "MD5-sess") == 0 || g_ascii_strcasecmp(name, "SHA-256") == 0 ||
           g_ascii_strcasecmp(name, "SHA-256-sess") == 0;
}

/* Whether @list, of words between commas, has "auth". */
static gboolean
has_auth(const char *list)
{
    g_auto(GStrv) words = g_strsplit(list, ",", -1);

    for (guint i = 0; words[i] != NULL; i++) {
        if (g_ascii_strcasecmp(g_strstrip(words[i]), "auth") == 0)
            return TRUE;
    }
    return FALSE;
}

McpSipChallenge *
mcp_sip_challenge_read(const msg_auth_t *header, gboolean proxy)
{
    g_autofree char *algorithm = NULL;
    g_autofree char *qop = NULL;
    g_autofree char *stale = NULL;
    McpSipChallenge *challenge = NULL;

    if (!is_digest(header))
        return NULL;
    algorithm = parameter(header, "algorithm=");
    qop = parameter(header, "qop=");
    stale = parameter(header, "stale=");
    challenge = g_new0(McpSipChallenge, 1);
    challenge->proxy = proxy;
    challenge->realm = parameter(header, "realm=");
    challenge->nonce = parameter(header, "nonce=");
    challenge->opaque = parameter(header, "opaque=");
    challenge->has_qop = qop != NULL;
    challenge->stale = stale != NULL && g_ascii_strcasecmp(stale, "true") == 0;
    if (!read_algorithm(algorithm, &challenge->sha256, &challenge->session) ||
        challenge->realm == NULL || challenge->nonce == NULL || (qop != NULL && !has_auth(qop))) {
        mcp_sip_challenge_free(challenge);
        return NULL;
    }
    return challenge;
}

/* The hash of texts with colons between them, in hexadecimal digits. (transfer full) */
static char *G_GNUC_NULL_TERMINATED
hash(gboolean sha256, const char *first, ...)
{
    g_autoptr(GChecksum) sum = g_checksum_new(sha256 ? G_CHECKSUM_SHA256 : G_CHECKSUM_MD5);
    const char *text = first;
    va_list texts;

    va_start(texts, first);
    while (text != NULL) {
        g_checksum_update(sum, (const guchar *)text, (gssize)strlen(text));
        text = va_arg(texts, const char *);
        if (text != NULL)
            g_checksum_update(sum, (const guchar *)":", 1);
    }
    va_end(texts);
    return g_strdup(g_checksum_get_string(sum));
}

/* RFC 7616 §3.4.1; without @nc as in RFC 2069. (transfer full) */
static char *
response_of(gboolean sha256, const char *a1, const char *nonce, const char *nc, const char *cnonce,
            const char *method, const char *uri)
{
    g_autofree char *a2 = hash(sha256, method, uri, NULL);

    if (nc == NULL)
        return hash(sha256, a1, nonce, a2, NULL);
    return hash(sha256, a1, nonce, nc, cnonce, "auth", a2, NULL);
}

static void
append_quoted(GString *line, const char *name, const char *value)
{
    g_string_append_printf(line, ", %s=\"", name);
    for (const char *p = value; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\')
            g_string_append_c(line, '\\');
        /* Came in a header, goes out in one: line ends cannot be among it, other controls may. */
        if ((guchar)*p >= 0x20)
            g_string_append_c(line, *p);
    }
    g_string_append_c(line, '"');
}

char *
mcp_sip_challenge_answer(McpSipChallenge *challenge, const McpSipAccount *account,
                         const char *method, const char *uri)
{
    g_autofree char *nc = g_strdup_printf("%08x", ++challenge->count);
    g_autofree char *cnonce = g_strdup_printf("%08x%08x", g_random_int(), g_random_int());
    g_autofree char *a1 =
        hash(challenge->sha256, account->user, challenge->realm, account->password, NULL);
    g_autofree char *session =
        challenge->session ? hash(challenge->sha256, a1, challenge->nonce, cnonce, NULL) : NULL;
    g_autofree char *response =
        response_of(challenge->sha256, session != NULL ? session : a1, challenge->nonce,
                    challenge->has_qop ? nc : NULL, cnonce, method, uri);
    GString *line =
        g_string_new(challenge->proxy ? "Proxy-Authorization: Digest " : "Authorization: Digest ");

    g_string_append_printf(line, "algorithm=%s%s", challenge->sha256 ? "SHA-256" : "MD5",
                           challenge->session ? "-sess" : "");
    append_quoted(line, "username", account->user);
    append_quoted(line, "realm", challenge->realm);
    append_quoted(line, "nonce", challenge->nonce);
    append_quoted(line, "uri", uri);
    append_quoted(line, "response", response);
    if (challenge->opaque != NULL)
        append_quoted(line, "opaque", challenge->opaque);
    if (challenge->has_qop || challenge->session)
        append_quoted(line, "cnonce", cnonce);
    if (challenge->has_qop)
        g_string_append_printf(line, ", qop=auth, nc=%s", nc);
    return g_string_free(line, FALSE);
}

void
mcp_sip_proof_clear(McpSipProof *proof)
{
    g_free(proof->user);
    g_free(proof->realm);
    g_free(proof->nonce);
    g_free(proof->uri);
    g_free(proof->response);
    g_free(proof->cnonce);
    g_free(proof->nc);
    g_free(proof->qop);
    memset(proof, 0, sizeof *proof);
}

gboolean
mcp_sip_proof_read(const msg_auth_t *header, McpSipProof *out_proof)
{
    g_autofree char *algorithm = NULL;
    gboolean session = FALSE;

    if (!is_digest(header))
        return FALSE;
    algorithm = parameter(header, "algorithm=");
    out_proof->user = parameter(header, "username=");
    out_proof->realm = parameter(header, "realm=");
    out_proof->nonce = parameter(header, "nonce=");
    out_proof->uri = parameter(header, "uri=");
    out_proof->response = parameter(header, "response=");
    out_proof->cnonce = parameter(header, "cnonce=");
    out_proof->nc = parameter(header, "nc=");
    out_proof->qop = parameter(header, "qop=");
    return read_algorithm(algorithm, &out_proof->sha256, &session) && !session &&
           out_proof->user != NULL && out_proof->realm != NULL && out_proof->nonce != NULL &&
           out_proof->uri != NULL && out_proof->response != NULL && out_proof->cnonce != NULL &&
           out_proof->nc != NULL && out_proof->qop != NULL && has_auth(out_proof->qop);
}

static gboolean
is_same(const char *a, const char *b)
{
    gsize length = strlen(a);
    guint differences = 0;

    if (strlen(b) != length)
        return FALSE;
    for (gsize i = 0; i < length; i++)
        differences |= (guint)(g_ascii_tolower(a[i]) ^ g_ascii_tolower(b[i]));
    return differences == 0;
}

gboolean
mcp_sip_proof_is_good(const McpSipProof *proof, const char *password, const char *method)
{
    g_autofree char *a1 = hash(proof->sha256, proof->user, proof->realm, password, NULL);
    g_autofree char *expected =
        response_of(proof->sha256, a1, proof->nonce, proof->nc, proof->cnonce, method, proof->uri);

    return is_same(expected, proof->response);
}
