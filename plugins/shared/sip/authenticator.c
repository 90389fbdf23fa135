/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Challenges of ours and what is proven by their answers. SIP context.
 */
#include "authenticator.h"

#include <sofia-sip/su_uniqueid.h>
#include <string.h>

#define KEY_BYTES 32
/* How long a nonce may be used, µs. */
#define NONCE_LIFE (60 * G_USEC_PER_SEC)
/* Proofs remembered at most; beyond that all old ones are stale. */
#define USED_MAX 20000

struct _McpSipAuthenticator {
    char *realm;
    char **algorithms;
    guint8 key[KEY_BYTES];
    GHashTable *used;   /* "nonce nc" of proofs that counted since @used_since */
    GHashTable *before; /* of the time before, as long again */
    gint64 used_since;
    gint64 valid_from; /* nonces made before this time are stale */
};

McpSipAuthenticator *
mcp_sip_authenticator_new(const char *realm, const char *const *algorithms)
{
    McpSipAuthenticator *authenticator = g_new0(McpSipAuthenticator, 1);

    authenticator->realm = g_strdup(realm);
    authenticator->algorithms = g_strdupv((char **)(gpointer)algorithms);
    su_randmem(authenticator->key, sizeof authenticator->key);
    authenticator->used = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    authenticator->before = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return authenticator;
}

void
mcp_sip_authenticator_free(McpSipAuthenticator *authenticator)
{
    g_hash_table_unref(authenticator->used);
    g_hash_table_unref(authenticator->before);
    g_free(authenticator->realm);
    g_strfreev(authenticator->algorithms);
    memset(authenticator->key, 0, sizeof authenticator->key);
    g_free(authenticator);
}

/* The time in hexadecimal digits, then a code over it and the address. (transfer full) */
static char *
nonce_for(const McpSipAuthenticator *authenticator, const su_sockaddr_t *source, gint64 time)
{
    GHmac *hmac = g_hmac_new(G_CHECKSUM_SHA256, authenticator->key, sizeof authenticator->key);
    g_autofree char *text = g_strdup_printf("%016" G_GINT64_MODIFIER "x", time);
    char *nonce = NULL;

    g_hmac_update(hmac, (const guchar *)text, -1);
    g_hmac_update(hmac, (const guchar *)SU_ADDR(source), (gssize)SU_ADDRLEN(source));
    nonce = g_strconcat(text, g_hmac_get_string(hmac), NULL);
    g_hmac_unref(hmac);
    return nonce;
}

/* When @nonce was made for @source; -1: never. */
static gint64
time_of(const McpSipAuthenticator *authenticator, const char *nonce, const su_sockaddr_t *source)
{
    g_autofree char *digits = g_strndup(nonce, 16);
    g_autofree char *own = NULL;
    guint64 time = 0;

    if (!g_ascii_string_to_unsigned(digits, 16, 0, G_MAXINT64, &time, NULL))
        return -1;
    own = nonce_for(authenticator, source, (gint64)time);
    return strcmp(own, nonce) == 0 ? (gint64)time : -1;
}

static void
forget_old(McpSipAuthenticator *authenticator, gint64 now)
{
    GHashTable *oldest = authenticator->before;

    if (g_hash_table_size(authenticator->used) >= USED_MAX) {
        /* What is forgotten now must not be used again. */
        authenticator->valid_from = now;
        g_hash_table_remove_all(authenticator->used);
    } else if (now - authenticator->used_since <= NONCE_LIFE) {
        return;
    }
    g_hash_table_remove_all(oldest);
    authenticator->before = authenticator->used;
    authenticator->used = oldest;
    authenticator->used_since = now;
}

/* Whether a proof counts: it is remembered at least as long as its nonce could be used. */
static gboolean
use(McpSipAuthenticator *authenticator, const McpSipProof *proof, gint64 now)
{
    g_autofree char *key = g_strdup_printf("%s %s", proof->nonce, proof->nc);

    forget_old(authenticator, now);
    return !g_hash_table_contains(authenticator->before, key) &&
           g_hash_table_add(authenticator->used, g_steal_pointer(&key));
}

/*
 * RFC 7616 §3.4.6. Many callers write the URI of the server, and proxies change the user part: host
 * and port have to be those of the request.
 */
static gboolean
is_for_request(const McpSipProof *proof, const sip_t *sip)
{
    const url_t *own = sip->sip_request->rq_url;
    su_home_t home[1] = {SU_HOME_INIT(home)};
    const url_t *url = NULL;
    gboolean same = FALSE;

    su_home_init(home);
    url = url_make(home, proof->uri);
    same = url != NULL && url->url_host != NULL && own->url_host != NULL &&
           g_ascii_strcasecmp(url->url_host, own->url_host) == 0 &&
           strcmp(url_port(url), url_port(own)) == 0;
    su_home_deinit(home);
    return same;
}

static McpSipVerdict
judge_proof(McpSipAuthenticator *authenticator, const McpSipProof *proof, const sip_t *sip,
            const su_sockaddr_t *source, gint64 now, const char *password)
{
    gint64 made = time_of(authenticator, proof->nonce, source);
    gboolean good = mcp_sip_proof_is_good(proof, password != NULL ? password : "",
                                          sip->sip_request->rq_method_name) &&
                    password != NULL && is_for_request(proof, sip);

    if (made < 0 || made > now || now - made > NONCE_LIFE || made < authenticator->valid_from)
        return MCP_SIP_VERDICT_STALE;
    if (!good)
        return MCP_SIP_VERDICT_WRONG;
    return use(authenticator, proof, now) ? MCP_SIP_VERDICT_GOOD : MCP_SIP_VERDICT_STALE;
}

McpSipVerdict
mcp_sip_authenticator_judge(McpSipAuthenticator *authenticator, const sip_t *sip,
                            const su_sockaddr_t *source, gint64 now, McpSipAccountFunc account,
                            gpointer user_data)
{
    const msg_auth_t *header = sip->sip_authorization;

    for (; header != NULL; header = header->au_next) {
        g_auto(McpSipProof) proof = {0};

        if (mcp_sip_proof_read(header, &proof) && strcmp(proof.realm, authenticator->realm) == 0 &&
            g_strv_contains((const char *const *)authenticator->algorithms,
                            proof.sha256 ? "SHA-256" : "MD5"))
            return judge_proof(authenticator, &proof, sip, source, now,
                               account(proof.user, user_data));
    }
    return MCP_SIP_VERDICT_NONE;
}

char *
mcp_sip_authenticator_challenge(const McpSipAuthenticator *authenticator,
                                const su_sockaddr_t *source, gint64 now, gboolean stale)
{
    char **algorithms = authenticator->algorithms;
    g_autofree char *nonce = nonce_for(authenticator, source, now);
    GString *lines = g_string_new(NULL);

    for (guint i = 0; algorithms[i] != NULL; i++)
        g_string_append_printf(lines,
                               "WWW-Authenticate: Digest realm=\"%s\", nonce=\"%s\", "
                               "algorithm=%s, qop=\"auth\"%s\r\n",
                               authenticator->realm, nonce, algorithms[i],
                               stale ? ", stale=true" : "");
    return g_string_free(lines, FALSE);
}
