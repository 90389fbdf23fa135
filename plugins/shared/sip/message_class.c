/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser of received messages, with one thing put right: the library answers requests that it
 * refuses itself (bad header, version, size) to the host that Via names, asking the name service
 * for it while everything waits, or to maddr. Here the topmost Via gets the true source first
 * (RFC 3261 §18.2.1, RFC 3581 §4), so that answers go nowhere else. SIP context.
 */
#include "message_class.h"

#include <string.h>

/* "192.0.2.1" or "2001:db8::1"; FALSE when the message has no address. */
static gboolean
format_source(msg_t *message, char *out, gsize size)
{
    const su_sockaddr_t *source = msg_addr(message);

    if (source == NULL || (source->su_family != AF_INET && source->su_family != AF_INET6))
        return FALSE;
    return su_inet_ntop(source->su_family, SU_ADDR(source), out, (socklen_t)size) != NULL;
}

static gboolean
is_host(const sip_via_t *via, const char *source)
{
    const char *host = via->v_host;
    gsize length = strlen(source);

    if (host[0] == '[')
        return strncmp(host + 1, source, length) == 0 && strcmp(host + 1 + length, "]") == 0;
    return strcmp(host, source) == 0;
}

static void
set_source(msg_t *message, sip_via_t *via)
{
    su_home_t *home = msg_home(message);
    char source[INET6_ADDRSTRLEN];

    if (!format_source(message, source, sizeof source) ||
        (via->v_received != NULL && strcmp(via->v_received, source) == 0))
        return;
    msg_header_remove_param(via->v_common, "maddr");
    msg_header_remove_param(via->v_common, "received");
    if (is_host(via, source))
        return;
    msg_fragment_clear_chain((msg_header_t *)(gpointer)via);
    msg_header_replace_param(home, via->v_common, su_sprintf(home, "received=%s", source));
    if (via->v_rport != NULL)
        msg_header_replace_param(
            home, via->v_common,
            su_sprintf(home, "rport=%u", (guint)ntohs(msg_addr(message)->su_port)));
}

/* Called when the headers are complete, and again while a body comes in. */
static issize_t
extract_body(msg_t *message, msg_pub_t *object, char *bytes, isize_t length, int end)
{
    sip_t *sip = (sip_t *)(gpointer)object;

    if (sip->sip_request != NULL && sip->sip_via != NULL && sip->sip_via->v_host != NULL)
        set_source(message, sip->sip_via);
    return sip_default_mclass()->mc_extract_body(message, object, bytes, length, end);
}

msg_mclass_t *
mcp_sip_message_class_new(void)
{
    msg_mclass_t *class = msg_mclass_clone(sip_default_mclass(), 0, msg_mclass_copy);

    if (class != NULL)
        class->mc_extract_body = extract_body;
    return class;
}
