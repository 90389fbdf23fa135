/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpSipWire: one step for each message, in the order of the wire. Without a trace it costs two
 * look-ups by Call-ID; bytes are copied and masked for traces only. SIP context.
 */
#include "wire.h"

#include "header_text.h"
#include "mask.h"
#include "message.h"
#include "tport_hook.h"
#include "transport.h"

#include <mcp/disclosure.h>
#include <mcp/log.h>
#include <string.h>

/* The message that the hook shows at present, and its ends. */
typedef struct {
    gboolean sent;
    const tport_t *transport;
    msg_t *message;
    const sip_t *sip;
    const char *call_id; /* nullable: of its session, if that is known */
} Seen;

struct _McpSipWire {
    McpSipWireParams params;
    McpSipTportHook hook;
    GHashTable *ladders; /* McpSipLadder by itself */
    Seen receiving;      /* the last one that came; valid while the library hands it on */
};

static guint
hash_ladder(gconstpointer key)
{
    const McpSipLadder *ladder = key;

    return g_str_hash(ladder->sip_call_id) ^ (g_str_hash(ladder->tag) << 1) ^
           (ladder->outgoing ? 1 : 0);
}

static gboolean
equal_ladder(gconstpointer a, gconstpointer b)
{
    const McpSipLadder *left = a;
    const McpSipLadder *right = b;

    return left->outgoing == right->outgoing &&
           strcmp(left->sip_call_id, right->sip_call_id) == 0 && strcmp(left->tag, right->tag) == 0;
}

static McpSipLadder *
look_up(McpSipWire *wire, const sip_t *sip, const char *tag, gboolean outgoing)
{
    McpSipLadder key = {.sip_call_id = (char *)sip->sip_call_id->i_id, .tag = (char *)tag};

    if (tag == NULL)
        return NULL;
    key.outgoing = outgoing;
    return g_hash_table_lookup(wire->ladders, &key);
}

/* Whose ladder it belongs to: who sent the INVITE stands in From or, the other way, in To. */
static McpSipLadder *
find_ladder(McpSipWire *wire, const Seen *seen)
{
    const sip_t *sip = seen->sip;
    gboolean from_is_ours = seen->sent == (sip->sip_request != NULL);
    McpSipLadder *ladder = NULL;

    if (g_hash_table_size(wire->ladders) == 0)
        return NULL;
    ladder = look_up(wire, sip, sip->sip_from->a_tag, from_is_ours);
    return ladder != NULL ? ladder : look_up(wire, sip, sip->sip_to->a_tag, !from_is_ours);
}

/* FNV-1a. */
static guint64
mix(guint64 hash, const char *text)
{
    for (; text != NULL && *text != '\0'; text++)
        hash = (hash ^ (guchar)*text) * G_GUINT64_CONSTANT(1099511628211);
    return (hash ^ 0xff) * G_GUINT64_CONSTANT(1099511628211);
}

/* RFC 3261 §17: equal for a message and its repetitions, and for nothing else. */
static guint64
mark_of(const sip_t *sip)
{
    guint64 hash = mix(G_GUINT64_CONSTANT(14695981039346656037), sip->sip_cseq->cs_method_name);

    hash = (hash ^ sip->sip_cseq->cs_seq) * G_GUINT64_CONSTANT(1099511628211);
    hash = mix(hash, sip->sip_via != NULL ? sip->sip_via->v_branch : NULL);
    if (sip->sip_status == NULL)
        return mix(hash, sip->sip_request->rq_method_name);
    hash ^= (guint64)sip->sip_status->st_status << 32;
    if (sip->sip_rseq != NULL)
        hash ^= sip->sip_rseq->rs_response;
    return mix(hash, sip->sip_to->a_tag);
}

static char *
summary_of(const sip_t *sip)
{
    const sip_request_t *request = sip->sip_request;
    g_autofree char *uri = NULL;
    g_autofree char *shown = NULL;

    if (request == NULL)
        return g_strdup_printf("%d %s (%s%s)", sip->sip_status->st_status,
                               sip->sip_status->st_phrase, sip->sip_cseq->cs_method_name,
                               sip->sip_rseq != NULL ? ", reliable" : "");
    if (request->rq_method != sip_method_invite || sip->sip_to->a_tag != NULL)
        return g_strdup_printf("%s%s", request->rq_method_name,
                               request->rq_method == sip_method_invite ? " (re-INVITE)" : "");
    uri = mcp_sip_message_url(request->rq_url);
    shown = mcp_text_hide_passwords(uri);
    return g_strdup_printf("INVITE %s", shown);
}

static gboolean
read_end(const su_sockaddr_t *address, McpTraceEnd *out_end)
{
    if (address == NULL || (address->su_family != AF_INET && address->su_family != AF_INET6))
        return FALSE;
    out_end->ipv6 = address->su_family == AF_INET6;
    out_end->port = ntohs(address->su_port);
    memcpy(out_end->address, SU_ADDR(address), SU_ADDRLEN(address));
    return TRUE;
}

static gboolean
read_socket_address(GSocketAddress *address, McpTraceEnd *out_end)
{
    GInetSocketAddress *inet =
        G_IS_INET_SOCKET_ADDRESS(address) ? G_INET_SOCKET_ADDRESS(address) : NULL;
    GInetAddress *host = inet != NULL ? g_inet_socket_address_get_address(inet) : NULL;

    if (host == NULL)
        return FALSE;
    out_end->ipv6 = g_inet_address_get_family(host) == G_SOCKET_FAMILY_IPV6;
    out_end->port = g_inet_socket_address_get_port(inet);
    memcpy(out_end->address, g_inet_address_to_bytes(host), g_inet_address_get_native_size(host));
    return TRUE;
}

/* The library's side of a TLS connection is on loopback; the front knows who is outside. */
static gboolean
read_tls_ends(McpSipWire *wire, const McpSipFlow *flow, const tport_t *primary,
              McpTraceEnd *out_local, McpTraceEnd *out_remote)
{
    g_autofree char *text = mcp_sip_transport_local(wire->params.config, primary);
    g_autoptr(GSocketAddress) local = NULL;
    g_autofree char *host = NULL;
    guint port = 0;

    if (flow->remote == NULL || !mcp_sip_split_address(text, 0, &host, &port))
        return FALSE;
    local = g_inet_socket_address_new_from_string(host, port);
    return local != NULL && read_socket_address(local, out_local) &&
           read_socket_address(flow->remote, out_remote);
}

/* The bound address of the socket, and the other end of the connection or of the datagram. */
static gboolean
read_ends(McpSipWire *wire, const Seen *seen, McpTraceEnd *out_local, McpTraceEnd *out_remote)
{
    const tport_t *primary = tport_parent(seen->transport);
    const McpSipFlow *flow = mcp_sip_front_find(wire->params.front, seen->transport);
    const su_addrinfo_t *local = tport_get_address(primary);
    const su_addrinfo_t *remote =
        tport_is_secondary(seen->transport) ? tport_get_address(seen->transport) : NULL;
    const su_sockaddr_t *other =
        remote != NULL ? (const su_sockaddr_t *)(gpointer)remote->ai_addr : msg_addr(seen->message);

    if (flow != NULL)
        return read_tls_ends(wire, flow, primary, out_local, out_remote);
    return local != NULL && read_end((const su_sockaddr_t *)(gpointer)local->ai_addr, out_local) &&
           read_end(other, out_remote);
}

/* (transfer full): whose rights the other end has. */
static McpPeer *
peer_of(McpSipWire *wire, const Seen *seen, const McpTraceEnd *remote)
{
    const McpSipFlow *flow = mcp_sip_front_find(wire->params.front, seen->transport);
    g_autoptr(GInetAddress) address = g_inet_address_new_from_bytes(
        remote->address, remote->ipv6 ? G_SOCKET_FAMILY_IPV6 : G_SOCKET_FAMILY_IPV4);

    return mcp_calls_match_tls_peer(wire->params.calls, address,
                                    flow != NULL ? mcp_sip_flow_get_identities(flow) : NULL);
}

static char *
format_end(const McpTraceEnd *end)
{
    char text[INET6_ADDRSTRLEN] = "";

    su_inet_ntop(end->ipv6 ? AF_INET6 : AF_INET, end->address, text, sizeof text);
    return g_strdup_printf(end->ipv6 ? "[%s]:%u" : "%s:%u", text, end->port);
}

static void
note(McpSipWire *wire, const Seen *seen, McpSipLadder *ladder)
{
    McpLadderEntry *entry = g_new0(McpLadderEntry, 1);
    McpTraceEnd local = {0};
    McpTraceEnd remote = {0};

    entry->wall = mcp_clock_wall(wire->params.clock);
    entry->sent = seen->sent;
    entry->summary = summary_of(seen->sip);
    entry->transport = g_strdup(mcp_sip_transport_protocol(tport_parent(seen->transport)));
    entry->status = seen->sip->sip_status != NULL ? (guint)seen->sip->sip_status->st_status : 0;
    if (read_ends(wire, seen, &local, &remote)) {
        entry->local = format_end(&local);
        entry->remote = format_end(&remote);
    }
    mcp_sip_ladder_add(ladder, entry, mark_of(seen->sip));
}

static void
count_response(McpSipWire *wire, const Seen *seen)
{
    static const sip_method_t methods[] = {sip_method_invite,  sip_method_bye,   sip_method_cancel,
                                           sip_method_options, sip_method_info,  sip_method_update,
                                           sip_method_prack,   sip_method_refer, sip_method_notify};
    const sip_status_t *status = seen->sip->sip_status;
    guint method = 0;

    if (status == NULL || status->st_status < 100 || status->st_status > 699)
        return;
    while (method < G_N_ELEMENTS(methods) && methods[method] != seen->sip->sip_cseq->cs_method)
        method++;
    wire->params.count(seen->sent,
                       method * MCP_SIP_WIRE_N_CLASSES + (guint)status->st_status / 100 - 1,
                       wire->params.user_data);
}

static void
add_user(const char **users, guint *count, const url_t *url)
{
    if (url->url_user != NULL)
        users[(*count)++] = url->url_user;
}

static void
show(McpSipWire *wire, const Seen *seen, const msg_iovec_t parts[], gsize n_parts)
{
    const sip_t *sip = seen->sip;
    const char *users[4] = {NULL};
    guint n_users = 0;
    McpTraceMessage shown = {.sent = seen->sent, .users = users, .call = seen->call_id};
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autoptr(McpPeer) peer = NULL;

    if (!read_ends(wire, seen, &shown.local, &shown.remote))
        return;
    for (gsize i = 0; i < n_parts; i++)
        g_byte_array_append(bytes, parts[i].mv_base, (guint)parts[i].mv_len);
    mcp_sip_mask((char *)bytes->data, bytes->len);
    peer = peer_of(wire, seen, &shown.remote);
    add_user(users, &n_users, sip->sip_from->a_url);
    add_user(users, &n_users, sip->sip_to->a_url);
    if (sip->sip_request != NULL)
        add_user(users, &n_users, sip->sip_request->rq_url);
    shown.wall = mcp_clock_wall(wire->params.clock);
    shown.transport = mcp_sip_transport_protocol(tport_parent(seen->transport));
    shown.stream = tport_is_stream(seen->transport);
    shown.dialog = sip->sip_call_id->i_id;
    shown.peer = mcp_peer_get_name(peer);
    shown.data = (const char *)bytes->data;
    shown.length = bytes->len;
    mcp_traces_message(wire->params.traces, &shown);
}

/* What lacks the headers that tell dialogs apart is refused by the library, or dropped. */
static gboolean
is_whole(const sip_t *sip)
{
    return sip != NULL && (sip->sip_request != NULL || sip->sip_status != NULL) &&
           sip->sip_call_id != NULL && sip->sip_cseq != NULL && sip->sip_from != NULL &&
           sip->sip_to != NULL && sip->sip_cseq->cs_method_name != NULL;
}

static void
see(McpSipWire *wire, Seen *seen)
{
    McpSipLadder *ladder = find_ladder(wire, seen);

    count_response(wire, seen);
    if (ladder == NULL)
        return;
    seen->call_id = ladder->call_id;
    note(wire, seen, ladder);
}

static void
on_sent(const tport_t *transport, msg_t *message, const msg_iovec_t parts[], gsize n_parts,
        gpointer user_data)
{
    McpSipWire *wire = user_data;
    Seen seen = {
        .sent = TRUE, .transport = transport, .message = message, .sip = sip_object(message)};

    if (!is_whole(seen.sip))
        return;
    see(wire, &seen);
    if (mcp_traces_wanted(wire->params.traces))
        show(wire, &seen, parts, n_parts);
}

/* The bytes as they came: each header keeps its text. */
static void
show_received(McpSipWire *wire, const Seen *seen)
{
    gsize count = msg_iovec(seen->message, NULL, 0);
    g_autofree msg_iovec_t *parts = g_new0(msg_iovec_t, MAX(count, 1));

    count = msg_iovec(seen->message, parts, (isize_t)count);
    if (count > 0)
        show(wire, seen, parts, count);
}

static void
on_received(tport_t *transport, msg_t *message, gpointer user_data)
{
    McpSipWire *wire = user_data;
    Seen seen = {.transport = transport, .message = message, .sip = sip_object(message)};

    if (!is_whole(seen.sip))
        return;
    see(wire, &seen);
    if (mcp_traces_wanted(wire->params.traces))
        show_received(wire, &seen);
    seen.call_id = NULL;
    wire->receiving = seen;
}

McpSipWire *
mcp_sip_wire_new(const McpSipWireParams *params)
{
    McpSipWire *wire = g_new0(McpSipWire, 1);

    wire->params = *params;
    wire->ladders = g_hash_table_new(hash_ladder, equal_ladder);
    wire->hook = (McpSipTportHook){on_sent, on_received, wire};
    mcp_sip_tport_hook_set(&wire->hook);
    return wire;
}

void
mcp_sip_wire_free(McpSipWire *wire)
{
    mcp_sip_tport_hook_set(NULL);
    g_hash_table_unref(wire->ladders);
    g_free(wire);
}

void
mcp_sip_wire_watch(McpSipWire *wire, McpSipLadder *ladder, const char *sip_call_id, const char *tag,
                   const msg_t *received)
{
    g_return_if_fail(ladder->tag == NULL);

    ladder->sip_call_id = g_strdup(sip_call_id);
    ladder->tag = g_strdup(tag != NULL ? tag : "");
    ladder->outgoing = received == NULL;
    g_hash_table_add(wire->ladders, ladder);
    if (received != NULL && wire->receiving.message == received)
        note(wire, &wire->receiving, ladder);
}

void
mcp_sip_wire_unwatch(McpSipWire *wire, McpSipLadder *ladder)
{
    if (ladder->tag != NULL && g_hash_table_lookup(wire->ladders, ladder) == ladder)
        g_hash_table_remove(wire->ladders, ladder);
}
