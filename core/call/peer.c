/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Peers: who may do what. Built from one settings snapshot, immutable then; a call keeps the peer
 * it
 * came with. Any thread.
 */
#include "call/peer.h"

#include "call/pattern.h"

#include <mcp/error.h>
#include <mcp/ledger.h>
#include <string.h>

MCP_LEDGER_DEFINE(McpPeer);

struct _McpPeer {
    gatomicrefcount refs;
    char *name;
    char **services;
    char **page_urls;
    char **dial;
};

typedef struct {
    GInetAddressMask *mask;
    McpPeer *peer;
} Range;

struct _McpPeerTable {
    gatomicrefcount refs;
    GPtrArray *ranges; /* Range */
    McpPeer *anonymous;
};

const McpSettingDef mcp_peer_settings[] = {
    {"sip.peer *", "addresses", MCP_SETTING_LIST, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "IPv4 and IPv6 addresses or networks (192.0.2.0/24) that this peer calls from."},
    {"sip.peer *", "services", MCP_SETTING_LIST, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Services that it may use, by name or pattern (*)."},
    {"sip.peer *", "page_urls", MCP_SETTING_LIST, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Patterns of pages that it may name in a request-URI, such as http://app.example.com/*."},
    {"sip.peer *", "dial", MCP_SETTING_LIST, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Patterns of destinations that calls of this peer may have dialled, such as "
     "sip:*@pbx.example.com or tel:+49*; none if unset."},
    {NULL},
};

McpPeer *
mcp_peer_ref(McpPeer *peer)
{
    g_atomic_ref_count_inc(&peer->refs);
    return peer;
}

void
mcp_peer_unref(McpPeer *peer)
{
    if (!g_atomic_ref_count_dec(&peer->refs))
        return;
    g_free(peer->name);
    g_strfreev(peer->services);
    g_strfreev(peer->page_urls);
    g_strfreev(peer->dial);
    g_free(peer);
    MCP_LEDGER_FINALIZED(McpPeer);
}

const char *
mcp_peer_get_name(const McpPeer *peer)
{
    return peer->name;
}

gboolean
mcp_peer_allows_service(const McpPeer *peer, const char *service)
{
    return mcp_pattern_match_any((const char *const *)peer->services, service);
}

gboolean
mcp_peer_allows_page(const McpPeer *peer, const char *url)
{
    return mcp_pattern_match_url((const char *const *)peer->page_urls, url);
}

/*
 * The destination as patterns see it: without parameters and headers, which could make it look like
 * another one.
 */
gboolean
mcp_peer_allows_dial(const McpPeer *peer, const char *uri)
{
    g_autofree char *plain = g_strndup(uri, strcspn(uri, ";?"));

    for (const char *p = plain; *p != '\0'; p++) {
        if (g_ascii_iscntrl(*p) || g_ascii_isspace(*p) || strchr("<>\"\\%", *p) != NULL)
            return FALSE;
    }
    if (strchr(plain, '@') != strrchr(plain, '@'))
        return FALSE;
    return mcp_pattern_match_any((const char *const *)peer->dial, plain);
}

static char **
copy_list(McpSettings *settings, const char *name, const char *key)
{
    static const char *const empty[] = {NULL};

    return g_strdupv(
        (char **)(name != NULL ? mcp_settings_get_list(settings, "sip.peer", name, key) : empty));
}

/* @settings has no such section when @in_settings is FALSE: a peer that may do nothing. */
static McpPeer *
peer_new(McpSettings *settings, const char *name, gboolean in_settings)
{
    McpPeer *peer = g_new0(McpPeer, 1);

    g_atomic_ref_count_init(&peer->refs);
    peer->name = g_strdup(name);
    peer->services = copy_list(settings, in_settings ? name : NULL, "services");
    peer->page_urls = copy_list(settings, in_settings ? name : NULL, "page_urls");
    peer->dial = copy_list(settings, in_settings ? name : NULL, "dial");
    MCP_LEDGER_CREATED(McpPeer);
    return peer;
}

static void
range_free(Range *range)
{
    g_object_unref(range->mask);
    mcp_peer_unref(range->peer);
    g_free(range);
}

McpPeerTable *
mcp_peer_table_ref(McpPeerTable *table)
{
    g_atomic_ref_count_inc(&table->refs);
    return table;
}

void
mcp_peer_table_unref(McpPeerTable *table)
{
    if (!g_atomic_ref_count_dec(&table->refs))
        return;
    g_ptr_array_unref(table->ranges);
    g_clear_pointer(&table->anonymous, mcp_peer_unref);
    g_free(table);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpPeerTable, mcp_peer_table_unref)

static gboolean
add_ranges(McpPeerTable *table, McpSettings *settings, McpPeer *peer, GError **error)
{
    const char *const *addresses =
        mcp_settings_get_list(settings, "sip.peer", peer->name, "addresses");

    for (guint i = 0; addresses[i] != NULL; i++) {
        GInetAddressMask *mask = g_inet_address_mask_new_from_string(addresses[i], error);
        Range *range;

        if (mask == NULL) {
            g_prefix_error(error, "%s: [sip.peer \"%s\"] addresses: \"%s\": ",
                           mcp_settings_get_origin(settings, "sip.peer", peer->name, "addresses"),
                           peer->name, addresses[i]);
            return FALSE;
        }
        range = g_new(Range, 1);
        range->mask = mask;
        range->peer = mcp_peer_ref(peer);
        g_ptr_array_add(table->ranges, range);
    }
    return TRUE;
}

McpPeerTable *
mcp_peer_table_new(McpSettings *settings, GError **error)
{
    const char *const *names = mcp_settings_get_instances(settings, "sip.peer");
    g_autoptr(McpPeerTable) table = g_new0(McpPeerTable, 1);

    g_atomic_ref_count_init(&table->refs);
    table->ranges = g_ptr_array_new_with_free_func((GDestroyNotify)range_free);
    table->anonymous = peer_new(settings, "anonymous", g_strv_contains(names, "anonymous"));
    for (guint i = 0; names[i] != NULL; i++) {
        g_autoptr(McpPeer) peer = peer_new(settings, names[i], TRUE);

        if (!add_ranges(table, settings, peer, error))
            return NULL;
    }
    return g_steal_pointer(&table);
}

/* ::ffff:192.0.2.1 is 192.0.2.1 for anybody who writes a configuration. */
static GInetAddress *
unmap(GInetAddress *address)
{
    static const guint8 prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    const guint8 *bytes = g_inet_address_to_bytes(address);

    if (g_inet_address_get_family(address) == G_SOCKET_FAMILY_IPV6 &&
        memcmp(bytes, prefix, sizeof prefix) == 0)
        return g_inet_address_new_from_bytes(bytes + 12, G_SOCKET_FAMILY_IPV4);
    return g_object_ref(address);
}

McpPeer *
mcp_peer_table_match(McpPeerTable *table, GInetAddress *address)
{
    g_autoptr(GInetAddress) plain = unmap(address);
    McpPeer *best = table->anonymous;
    gint best_length = -1;

    for (guint i = 0; i < table->ranges->len; i++) {
        const Range *range = g_ptr_array_index(table->ranges, i);
        gint length = (gint)g_inet_address_mask_get_length(range->mask);

        if (length > best_length && g_inet_address_mask_matches(range->mask, plain)) {
            best = range->peer;
            best_length = length;
        }
    }
    return mcp_peer_ref(best);
}
