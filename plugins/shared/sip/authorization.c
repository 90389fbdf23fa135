/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose challenges are answered with a trunk's account, and how often. A challenge is kept and
 * answered in every later request, so that a proxy need ask but once; one that asks again without
 * saying that its nonce was stale has refused the account. SIP context.
 */
#include "authorization.h"

#include <mcp/log.h>
#include <string.h>

#define CHALLENGES_MAX 4

static McpSipChallenge *
find_challenge(const GPtrArray *challenges, const McpSipChallenge *like)
{
    for (guint i = 0; challenges != NULL && i < challenges->len; i++) {
        McpSipChallenge *challenge = challenges->pdata[i];

        if (challenge->proxy == like->proxy && strcmp(challenge->realm, like->realm) == 0)
            return challenge;
    }
    return NULL;
}

/* Of several algorithms for a realm the best one counts (RFC 8760 §2.4). */
static gboolean
has_better(const msg_auth_t *header, const McpSipChallenge *challenge)
{
    for (; header != NULL; header = header->au_next) {
        g_autoptr(McpSipChallenge) other = mcp_sip_challenge_read(header, challenge->proxy);

        if (other != NULL && strcmp(other->realm, challenge->realm) == 0 && other->sha256 &&
            !challenge->sha256)
            return TRUE;
    }
    return FALSE;
}

static gboolean
was_refused(const McpSipChallenge *known, const McpSipChallenge *challenge)
{
    return known != NULL && !challenge->stale && known->sha256 == challenge->sha256 &&
           known->count > 0 && !known->accepted;
}

/* Takes @challenge. FALSE when it leads nowhere. */
static gboolean
keep(McpSipAuthorization *authorization, McpSipChallenge *challenge)
{
    McpSipChallenge *known = find_challenge(authorization->challenges, challenge);

    if (was_refused(known, challenge)) {
        mcp_log_warning("digest-refused", authorization->call_id,
                        "the account of [sip.trunk \"%s\"] is not accepted for realm %s",
                        authorization->trunk->name, challenge->realm);
        mcp_sip_challenge_free(challenge);
        return FALSE;
    }
    if (authorization->challenges == NULL)
        authorization->challenges =
            g_ptr_array_new_with_free_func((GDestroyNotify)mcp_sip_challenge_free);
    if (known != NULL)
        g_ptr_array_remove(authorization->challenges, known);
    if (authorization->challenges->len == CHALLENGES_MAX) {
        mcp_sip_challenge_free(challenge);
        return FALSE;
    }
    g_ptr_array_add(authorization->challenges, challenge);
    return TRUE;
}

static gboolean
may_answer(const McpSipAuthorization *authorization, const McpSipChallenge *challenge)
{
    const McpSipTrunk *trunk = authorization->trunk;

    if (trunk != NULL && mcp_sip_trunk_answers(trunk, challenge->realm))
        return TRUE;
    mcp_log_warning("digest-unknown", authorization->call_id,
                    "realm \"%s\" asks for an account: no realms of %s%s has it", challenge->realm,
                    trunk != NULL ? "trunk " : "the [sip.trunk] of the target",
                    trunk != NULL ? trunk->name : "");
    return FALSE;
}

static gboolean
take_all(McpSipAuthorization *authorization, const msg_auth_t *header, gboolean proxy)
{
    const msg_auth_t *all = header;
    gboolean taken = FALSE;

    for (; header != NULL; header = header->au_next) {
        McpSipChallenge *challenge = mcp_sip_challenge_read(header, proxy);

        if (challenge == NULL)
            continue;
        if (has_better(all, challenge) || !may_answer(authorization, challenge))
            mcp_sip_challenge_free(challenge);
        else if (keep(authorization, challenge))
            taken = TRUE;
        else
            return FALSE;
    }
    return taken;
}

gboolean
mcp_sip_authorization_take(McpSipAuthorization *authorization, guint status, const sip_t *sip)
{
    const GPtrArray *challenges = authorization->challenges;

    if (sip == NULL)
        return FALSE;
    if (status == 401)
        return take_all(authorization, sip->sip_www_authenticate, FALSE);
    if (status == 407)
        return take_all(authorization, sip->sip_proxy_authenticate, TRUE);
    /* Whatever else it says, it did not ask for another proof. */
    for (guint i = 0; challenges != NULL && i < challenges->len; i++)
        ((McpSipChallenge *)challenges->pdata[i])->accepted = TRUE;
    return FALSE;
}

char *
mcp_sip_authorization_lines(McpSipAuthorization *authorization, const char *method, const char *uri)
{
    GString *lines = NULL;

    if (authorization->challenges == NULL)
        return NULL;
    lines = g_string_new(NULL);
    for (guint i = 0; i < authorization->challenges->len; i++) {
        g_autofree char *line = mcp_sip_challenge_answer(
            authorization->challenges->pdata[i], &authorization->trunk->account, method, uri);

        g_string_append_printf(lines, "%s\r\n", line);
    }
    return g_string_free(lines, FALSE);
}

void
mcp_sip_authorization_clear(McpSipAuthorization *authorization)
{
    g_clear_pointer(&authorization->challenges, g_ptr_array_unref);
    authorization->trunk = NULL;
}
