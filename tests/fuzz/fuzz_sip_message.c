/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of the platform's reading of SIP messages: the corrected Via, the facts of an INVITE,
 * headers kept, bodies and header texts made of what was read. libFuzzer calls from one thread.
 */
#include "header_text.h"
#include "message.h"
#include "message_class.h"

#include <stdint.h>
#include <string.h>

#define MAX_MESSAGE 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static msg_t *
receive(const uint8_t *data, size_t size)
{
    static msg_mclass_t *class;
    msg_t *message = NULL;
    msg_iovec_t pieces[8];
    issize_t n = 0;

    if (class == NULL)
        class = mcp_sip_message_class_new();
    message = msg_create(class, MSG_DO_EXTRACT_COPY);
    msg_addr(message)->su_family = AF_INET;
    msg_addr(message)->su_port = 1;
    n = msg_recv_iovec(message, pieces, 8, size, 1);
    for (issize_t i = 0; i < n; i++) {
        memcpy(pieces[i].mv_base, data, pieces[i].mv_len);
        data += pieces[i].mv_len;
    }
    if (n > 0)
        msg_recv_commit(message, size, 1);
    msg_extract(message);
    return message;
}

static void
use_texts(const GPtrArray *headers)
{
    g_autofree char *lines = mcp_sip_header_lines(headers);

    for (guint i = 0; i < headers->len; i++) {
        const McpHeader *header = headers->pdata[i];
        g_autofree char *reason = mcp_sip_reason_value(488, header->value);
        g_autofree char *text = mcp_sip_reason_text(reason);
        g_autofree char *warning = mcp_sip_warning_value(399, "host", text);

        if (strpbrk(reason, "\r\n") != NULL || strpbrk(warning, "\r\n") != NULL)
            __builtin_trap();
    }
}

static void
use_message(const sip_t *sip)
{
    g_autoptr(McpInvite) invite = NULL;
    g_autoptr(McpSdp) sdp = NULL;
    g_autoptr(GPtrArray) headers = mcp_sip_message_headers(sip);
    g_autofree char *reason = mcp_sip_message_reason(sip);
    g_autofree char *type = NULL;
    g_autoptr(GBytes) body = mcp_sip_message_body(sip, &type);

    mcp_sip_message_sdp(sip, &sdp, NULL);
    if (sip->sip_request != NULL)
        invite = mcp_sip_message_invite(sip, NULL);
    use_texts(headers);
    /* Whatever a request says, an answer goes to where it came from. */
    if (sip->sip_request != NULL && sip->sip_via != NULL && sip->sip_via->v_maddr != NULL)
        __builtin_trap();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    msg_t *message = NULL;
    sip_t *sip = NULL;

    if (size == 0 || size > MAX_MESSAGE)
        return 0;
    message = receive(data, size);
    sip = sip_object(message);
    if (sip != NULL && (sip->sip_request != NULL || sip->sip_status != NULL) &&
        sip_sanity_check(sip) == 0)
        use_message(sip);
    msg_destroy(message);
    return 0;
}
