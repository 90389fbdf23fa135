/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reliable provisional responses (RFC 3262), sent and received, with the early dialogs that they
 * make: an INVITE of ours may be forked, and each fork has its own (RFC 3261 §12.1.2, §13.2.2.4).
 * The library repeats ours until their PRACK and ends the dialogs of later 2xx. SIP context.
 */
#include "reliable.h"

#include "authorize.h"
#include "client.h"
#include "dialog.h"
#include "handle.h"
#include "message.h"
#include "offer_answer.h"
#include "reply.h"

#include <mcp/log.h>

/* Forks of one INVITE that are kept apart; more are not acknowledged and give up by themselves. */
#define EARLY_MAX 8

void
mcp_sip_early_free(McpSipEarly *early)
{
    mcp_sip_leg_clear(&early->leg);
    g_free(early->tag);
    g_free(early);
}

/* --- ours --- */

static gboolean
is_wanted(const McpSipSession *session, const McpSdp *sdp)
{
    McpSipReliable setting = session->stack->config->reliable;

    if (session->peer_requires_reliable)
        return TRUE;
    if (!session->peer_reliable || setting == MCP_SIP_RELIABLE_OFF)
        return FALSE;
    return setting == MCP_SIP_RELIABLE_ALWAYS || sdp != NULL;
}

/* The answer to the offer in our 1xx, if the PRACK has a usable one. */
static void
take_early_answer(McpSipSession *session, const sip_t *sip)
{
    g_autoptr(McpSdp) sdp = NULL;
    g_autoptr(GError) error = NULL;
    McpSessionEvent event = {.type = MCP_SESSION_EARLY_ANSWER};

    if (!mcp_sip_message_sdp(sip, &sdp, &error) || sdp == NULL)
        return;
    session->answer_awaited = FALSE;
    session->early_agreed = TRUE;
    mcp_sip_offer_agree(session, NULL, sdp);
    event.sdp = sdp;
    mcp_sip_session_emit(session, &event);
}

/*
 * Their PRACK: with the answer to an offer in our 1xx, with an offer of its own (RFC 3262 §5), or
 * with nothing. Answered here, so that a 200 to the INVITE that waited for it goes out after.
 */
static int
on_prack(McpSipSession *session, nta_reliable_t *reliable, nta_incoming_t *incoming,
         const sip_t *sip)
{
    g_autoptr(McpSipSession) keep = g_object_ref(session);

    if (sip == NULL || session->state == MCP_SIP_STATE_ENDED)
        return 200;
    mcp_sip_dialog_note_request(session, sip);
    if (session->early_agreed && sip->sip_payload != NULL && !session->prack_awaited)
        return mcp_sip_offer_receive(session, incoming, sip);
    if (session->answer_awaited && session->prack_awaited)
        take_early_answer(session, sip);
    mcp_sip_reply(session, incoming, 200, NULL, NULL);
    mcp_sip_incoming_clear(&incoming);
    mcp_sip_dialog_pracked(session);
    return 200;
}

gboolean
mcp_sip_reliable_progress(McpSipSession *session, guint status, McpSdp *sdp)
{
    nta_reliable_t *reliable = NULL;
    const char *phrase = sip_status_phrase((int)status);

    if (status <= 100 || !is_wanted(session, sdp))
        return FALSE;
    reliable = nta_reliable_treply(
        session->invite_in, on_prack, session, (int)status, phrase,
        SIPTAG_CONTACT_STR(session->contact), SIPTAG_ALLOW(session->stack->allow),
        SIPTAG_SUPPORTED(session->stack->supported),
        TAG_IF(sdp != NULL, SIPTAG_CONTENT_TYPE_STR("application/sdp")),
        TAG_IF(sdp != NULL, SIPTAG_PAYLOAD_STR(sdp != NULL ? mcp_sdp_get_text(sdp) : NULL)),
        MCP_SIP_ECHO(session), TAG_END());
    if (reliable == NULL)
        return FALSE;
    if (sdp != NULL) {
        mcp_sip_offer_agree(session, sdp, NULL);
        /* With the answer in it both sides have agreed; with an offer, once the PRACK is here. */
        session->early_agreed = !session->answer_awaited;
        session->prack_awaited = TRUE;
    }
    return TRUE;
}

/* --- theirs --- */

static McpSipEarly *
find_early(McpSipSession *session, const char *tag)
{
    for (guint i = 0; session->early != NULL && i < session->early->len; i++) {
        McpSipEarly *early = session->early->pdata[i];

        if (g_ascii_strcasecmp(early->tag, tag) == 0)
            return early;
    }
    return NULL;
}

/* A dialog of its own, numbered on from the INVITE. */
static McpSipEarly *
open_early(McpSipSession *session, const sip_t *sip)
{
    McpSipEarly *early = NULL;

    if (session->early == NULL)
        session->early = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_sip_early_free);
    if (session->early->len >= EARLY_MAX)
        return NULL;
    early = g_new0(McpSipEarly, 1);
    early->tag = g_strdup(sip->sip_to->a_tag);
    early->leg = nta_leg_tcreate(session->stack->agent, mcp_sip_dialog_request, session,
                                 SIPTAG_CALL_ID(sip->sip_call_id), SIPTAG_FROM(sip->sip_from),
                                 SIPTAG_TO(sip->sip_to), SIPTAG_CSEQ(sip->sip_cseq), TAG_END());
    if (early->leg != NULL)
        nta_leg_client_route(early->leg, sip->sip_record_route, sip->sip_contact);
    g_ptr_array_add(session->early, early);
    return early;
}

static void
forget_prack(McpSipSession *session)
{
    mcp_sip_outgoing_clear(&session->prack);
    g_clear_pointer(&session->prack_sdp, mcp_sdp_unref);
    session->prack_sent = NULL;
}

static void send_prack(McpSipSession *session, McpSipEarly *early, McpSdp *sdp);

/* A proxy asked for a proof: the same acknowledgement again. */
static gboolean
prove(McpSipSession *session, guint status, const sip_t *sip)
{
    g_autoptr(McpSdp) sdp = session->prack_sdp != NULL ? mcp_sdp_ref(session->prack_sdp) : NULL;

    if (session->prack_sent == NULL || !mcp_sip_authorize_take(session, status, sip))
        return FALSE;
    send_prack(session, session->prack_sent, sdp);
    return TRUE;
}

static int
on_prack_response(McpSipSession *session, nta_outgoing_t *outgoing, const sip_t *sip)
{
    g_autoptr(McpSipSession) keep = g_object_ref(session);
    guint status = (guint)nta_outgoing_status(outgoing);

    if (status < 200 || prove(session, status, sip))
        return 0;
    mcp_sip_outgoing_clear(&session->prack);
    if (status >= 300)
        mcp_log_info("prack-refused", session->call_id, "PRACK of session %s refused with %u",
                     session->sip_call_id, status);
    return 0;
}

static void
send_prack(McpSipSession *session, McpSipEarly *early, McpSdp *sdp)
{
    const char *text = sdp != NULL ? mcp_sdp_get_text(sdp) : NULL;
    g_autofree char *rack = g_strdup_printf("%u %u INVITE", early->rseq, early->cseq);
    g_autofree char *proof = mcp_sip_authorize_early(session, early->leg, "PRACK");
    McpSipRoute route = mcp_sip_client_route(session);

    /* One that is still under way goes on by itself. */
    forget_prack(session);
    session->prack_sent = early;
    session->prack_sdp = sdp != NULL ? mcp_sdp_ref(sdp) : NULL;
    session->prack = nta_outgoing_tcreate(
        early->leg, on_prack_response, session, NULL, SIP_METHOD_PRACK, NULL, MCP_SIP_ROUTE(route),
        SIPTAG_RACK_STR(rack), TAG_IF(text != NULL, SIPTAG_CONTENT_TYPE_STR("application/sdp")),
        TAG_IF(text != NULL, SIPTAG_PAYLOAD_STR(text)), MCP_SIP_ECHO(session), MCP_SIP_PROOF(proof),
        TAG_END());
}

static void
acknowledge(McpSipSession *session, McpSdp *sdp)
{
    send_prack(session, g_steal_pointer(&session->prack_early), sdp);
}

gboolean
mcp_sip_reliable_receive(McpSipSession *session, const sip_t *sip, gboolean has_sdp)
{
    McpSipEarly *early = NULL;
    guint32 rseq = sip->sip_rseq != NULL ? sip->sip_rseq->rs_response : 0;

    if (rseq == 0 || sip->sip_to->a_tag == NULL || !sip_has_feature(sip->sip_require, "100rel"))
        return TRUE;
    early = find_early(session, sip->sip_to->a_tag);
    if (early == NULL)
        early = open_early(session, sip);
    if (early == NULL || early->leg == NULL || (early->rseq != 0 && rseq != early->rseq + 1))
        return FALSE;
    early->rseq = rseq;
    early->cseq = sip->sip_cseq->cs_seq;
    session->prack_early = early;
    /* An offer in it is answered in the PRACK, by the core. */
    if (!has_sdp || !session->answer_awaited || session->early_agreed) {
        session->early_agreed |= has_sdp && !session->answer_awaited;
        acknowledge(session, NULL);
    }
    return TRUE;
}

gboolean
mcp_sip_reliable_answer(McpSipSession *session, McpSdp *sdp)
{
    if (session->prack_early == NULL || session->state != MCP_SIP_STATE_CALLING)
        return FALSE;
    session->answer_awaited = FALSE;
    session->early_agreed = TRUE;
    mcp_sip_offer_agree(session, sdp, NULL);
    acknowledge(session, sdp);
    return TRUE;
}

void
mcp_sip_reliable_choose(McpSipSession *session, const sip_t *sip)
{
    McpSipEarly *early =
        sip->sip_to->a_tag != NULL ? find_early(session, sip->sip_to->a_tag) : NULL;

    if (early != NULL && early->leg != NULL) {
        mcp_sip_leg_clear(&session->leg);
        session->leg = g_steal_pointer(&early->leg);
    } else {
        nta_leg_rtag(session->leg, sip->sip_to->a_tag);
    }
    nta_leg_client_route(session->leg, sip->sip_record_route, sip->sip_contact);
    g_clear_pointer(&session->early, g_ptr_array_unref);
    session->prack_early = NULL;
    session->prack_sent = NULL;
}

void
mcp_sip_reliable_clear(McpSipSession *session)
{
    forget_prack(session);
    g_clear_pointer(&session->early, g_ptr_array_unref);
    session->prack_early = NULL;
}
