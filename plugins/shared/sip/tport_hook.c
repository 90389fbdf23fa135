/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The library looks up the functions of a transport by protocol in a table that others may extend
 * (tport_register_type()); what is registered comes before its own. Here its UDP and TCP are
 * registered once more with two functions wrapped. The layout is not in an installed header: it is
 * compared with the library's own table before it is used.
 */
#include "tport_hook.h"

#include <string.h>

#define PARTIAL_MAX 1024

/* As in the library's tport_internal.h; functions that are only passed on are not spelled out. */
typedef struct {
    const char *name;
    int via;
    gsize primary_size;
    gpointer primary_functions[4];
    gsize secondary_size;
    gpointer secondary_functions[5];
    int (*receive)(tport_t *transport);
    ssize_t (*send)(const tport_t *transport, msg_t *message, msg_iovec_t parts[], size_t n_parts);
    void (*deliver)(tport_t *transport, msg_t *message, su_time_t now);
    gpointer rest[5];
} TransportType;

extern const TransportType tport_udp_vtable;
extern const TransportType tport_tcp_vtable;
int tport_register_type(const TransportType *type);
void tport_base_deliver(tport_t *transport, msg_t *message, su_time_t now);
const TransportType *tport_vtable_by_name(const char *protocol, int via);

static TransportType udp;
static TransportType tcp;
static __thread const McpSipTportHook *hook;
static __thread GHashTable *partial; /* messages of which the rest is still to be sent */

static gsize
total_length(const msg_iovec_t parts[], gsize n_parts)
{
    gsize total = 0;

    for (gsize i = 0; i < n_parts; i++)
        total += parts[i].mv_len;
    return total;
}

/* Whether this is the beginning of @message: what does not fit into a connection follows later. */
static gboolean
is_beginning(msg_t *message, gboolean whole)
{
    gboolean rest = g_hash_table_contains(partial, message);

    if (whole)
        g_hash_table_remove(partial, message);
    else if (!rest && g_hash_table_size(partial) < PARTIAL_MAX)
        g_hash_table_add(partial, message);
    return !rest;
}

static ssize_t
send_with(const TransportType *type, const tport_t *transport, msg_t *message, msg_iovec_t parts[],
          size_t n_parts)
{
    ssize_t sent = type->send(transport, message, parts, n_parts);

    if (sent > 0 && hook != NULL &&
        is_beginning(message, (gsize)sent >= total_length(parts, n_parts)))
        hook->sent(transport, message, parts, n_parts, hook->user_data);
    return sent;
}

static ssize_t
send_udp(const tport_t *transport, msg_t *message, msg_iovec_t parts[], size_t n_parts)
{
    return send_with(&tport_udp_vtable, transport, message, parts, n_parts);
}

static ssize_t
send_tcp(const tport_t *transport, msg_t *message, msg_iovec_t parts[], size_t n_parts)
{
    return send_with(&tport_tcp_vtable, transport, message, parts, n_parts);
}

static void
deliver(tport_t *transport, msg_t *message, su_time_t now)
{
    if (hook != NULL)
        hook->received(transport, message, hook->user_data);
    tport_base_deliver(transport, message, now);
}

static gboolean
is_known(const TransportType *type, const char *name)
{
    return strcmp(type->name, name) == 0 && type->send != NULL && type->receive != NULL &&
           type->deliver == NULL && tport_vtable_by_name(name, type->via) == type;
}

static gboolean
wrap(TransportType *own, const TransportType *type,
     ssize_t (*send)(const tport_t *, msg_t *, msg_iovec_t[], size_t))
{
    *own = *type;
    own->send = send;
    own->deliver = deliver;
    return tport_register_type(own) == 0;
}

gboolean
mcp_sip_tport_hook_install(void)
{
    static gsize installed = 0;

    if (g_once_init_enter(&installed)) {
        gboolean done = is_known(&tport_udp_vtable, "udp") && is_known(&tport_tcp_vtable, "tcp") &&
                        wrap(&udp, &tport_udp_vtable, send_udp) &&
                        wrap(&tcp, &tport_tcp_vtable, send_tcp);

        g_once_init_leave(&installed, done ? 1 : 2);
    }
    return installed == 1;
}

void
mcp_sip_tport_hook_set(const McpSipTportHook *new_hook)
{
    g_clear_pointer(&partial, g_hash_table_unref);
    if (new_hook != NULL)
        partial = g_hash_table_new(NULL, NULL);
    hook = new_hook;
}
