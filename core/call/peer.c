/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Peers: who may do what. Built from one settings snapshot, immutable then; a call keeps the peer
 * it
 * came with. Any thread.
 */
#include "call/peer.h"

#include "call/pattern.h"

#include <mcp/dial.h>
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <string.h>

#define LONGEST_PREFIX 128

MCP_LEDGER_DEFINE(McpPeer);

struct _McpPeer {
    gatomicrefcount refs;
    char *name;
    char **services;
    char **page_urls;
    char **dial;
    char **tls_names; /* lower case; empty: known by address alone */
    char **identity;
    char **gvp_config;
    char **codecs;
    char *transport; /* nullable */
    char *username;  /* nullable: known by its account, wherever the addresses allow */
    char *password;
    gboolean genesys;
    gboolean trace_context;
    McpPeerLimits limits;
};

typedef struct {
    GInetAddressMask *mask; /* NULL: from anywhere, known by its certificate or account */
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
    {"sip.peer *", "tls_names", MCP_SETTING_LIST, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Names or patterns (*) of which the peer's verified TLS client certificate must carry one, "
     "besides the addresses if those are set."},
    {"sip.peer *", "username", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Account that calls of this peer must prove (digest, in [sip] realm), besides the addresses "
     "and tls_names if those are set."},
    {"sip.peer *", "password", MCP_SETTING_SECRET, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Its password."},
    {"sip.peer *", "services", MCP_SETTING_LIST, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Services that it may use, by name or pattern (*)."},
    {"sip.peer *", "page_urls", MCP_SETTING_LIST, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Patterns of pages that it may name in a request-URI, such as http://app.example.com/*."},
    {"sip.peer *", "dial", MCP_SETTING_LIST, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Destinations that its calls may cause to be dialled: sip:USER@HOST[:PORT], tel:NUMBER or a "
     "number, each with * and ?; * alone is everything, unset nothing."},
    {"sip.peer *", "identity", MCP_SETTING_LIST, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Identities (P-Asserted-Identity, else From) that are believed when it asserts them, in the "
     "form of dial patterns; * believes all."},
    {"sip.peer *", "x_genesys", MCP_SETTING_BOOL, "false", NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Whether its X-Genesys-* and X-ISCC-CofId headers are believed: kept, echoed, recorded."},
    {"sip.peer *", "trace_context", MCP_SETTING_BOOL, "false", NULL, MCP_SETTING_RELOADABLE, "0.2",
     "Whether its traceparent header (W3C Trace Context) is believed: its calls then belong to the "
     "trace that it names, and are sampled as it says."},
    {"sip.peer *", "gvp_config", MCP_SETTING_LIST, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "SECTION.KEY names or patterns of settings, of those marked \"per call\", that its calls may "
     "set for themselves by gvp.config parameters."},
    {"sip.peer *", "transport", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Name of the [sip.transport] section that requests to its addresses go out from."},
    {"sip.peer *", "codecs", MCP_SETTING_LIST, NULL, NULL, MCP_SETTING_RELOADABLE, "0.2",
     "Codecs of its calls, those of [media] codecs that are listed here; the first one that both "
     "sides have is used. Empty: all, in the order of the caller."},
    {"sip.peer *", "max_calls", MCP_SETTING_INT, "0", "0..1000000", MCP_SETTING_RELOADABLE, "0.1",
     "Calls of it at a time; further ones get 503; 0 sets no limit of its own."},
    {"sip.peer *", "calls_per_second", MCP_SETTING_INT, "0", "0..100000", MCP_SETTING_RELOADABLE,
     "0.1", "New calls of it a second; further ones get 503; 0 sets no limit of its own."},
    {"sip.peer *", "calls_burst", MCP_SETTING_INT, "0", "0..100000", MCP_SETTING_RELOADABLE, "0.1",
     "New calls of it that may come at once; 0 is one second's worth."},
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
    g_strfreev(peer->tls_names);
    g_strfreev(peer->identity);
    g_strfreev(peer->gvp_config);
    g_strfreev(peer->codecs);
    g_free(peer->transport);
    g_free(peer->username);
    g_free(peer->password);
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

const char *
mcp_peer_find_page_pattern(const McpPeer *peer, const char *url)
{
    return mcp_pattern_find_url((const char *const *)peer->page_urls, url);
}

gboolean
mcp_peer_allows_page(const McpPeer *peer, const char *url)
{
    return mcp_peer_find_page_pattern(peer, url) != NULL;
}

gboolean
mcp_peer_allows_dial(const McpPeer *peer, const char *target)
{
    return mcp_dial_match((const char *const *)peer->dial, target);
}

gboolean
mcp_peer_allows_override(const McpPeer *peer, const char *name)
{
    return mcp_pattern_match_any((const char *const *)peer->gvp_config, name);
}

gboolean
mcp_peer_believes_identity(const McpPeer *peer, const char *uri)
{
    return mcp_dial_match((const char *const *)peer->identity, uri);
}

gboolean
mcp_peer_believes_genesys(const McpPeer *peer)
{
    return peer->genesys;
}

gboolean
mcp_peer_believes_trace_context(const McpPeer *peer)
{
    return peer->trace_context;
}

const char *const *
mcp_peer_get_codecs(const McpPeer *peer)
{
    return (const char *const *)peer->codecs;
}

const char *
mcp_peer_get_transport(const McpPeer *peer)
{
    return peer->transport;
}

gboolean
mcp_peer_is_anonymous(const McpPeer *peer)
{
    return strcmp(peer->name, "anonymous") == 0;
}

void
mcp_peer_get_limits(const McpPeer *peer, McpPeerLimits *out_limits)
{
    *out_limits = peer->limits;
}

const char *
mcp_peer_get_password(const McpPeer *peer)
{
    return peer->password;
}

static char **
copy_list(McpSettings *settings, const char *name, const char *key)
{
    static const char *const empty[] = {NULL};

    return g_strdupv(
        (char **)(name != NULL ? mcp_settings_get_list(settings, "sip.peer", name, key) : empty));
}

/* Names are host names: told apart without regard to case. */
static char **
fold_case(char **names)
{
    for (guint i = 0; names[i] != NULL; i++) {
        char *folded = g_ascii_strdown(names[i], -1);

        g_free(names[i]);
        names[i] = folded;
    }
    return names;
}

static void
read_plain_rights(McpPeer *peer, McpSettings *settings)
{
    const char *name = peer->name;
    const McpSecret *password = mcp_settings_get_secret(settings, "sip.peer", name, "password");

    peer->username = g_strdup(mcp_settings_get_string(settings, "sip.peer", name, "username"));
    peer->password = password != NULL ? g_strdup(mcp_secret_peek(password, NULL)) : NULL;
    peer->transport = g_strdup(mcp_settings_get_string(settings, "sip.peer", name, "transport"));
    peer->genesys = mcp_settings_get_bool(settings, "sip.peer", name, "x_genesys");
    peer->trace_context = mcp_settings_get_bool(settings, "sip.peer", name, "trace_context");
    peer->limits.max_calls = (guint)mcp_settings_get_int(settings, "sip.peer", name, "max_calls");
    peer->limits.calls_per_second =
        (guint)mcp_settings_get_int(settings, "sip.peer", name, "calls_per_second");
    peer->limits.calls_burst =
        (guint)mcp_settings_get_int(settings, "sip.peer", name, "calls_burst");
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
    peer->tls_names = fold_case(copy_list(settings, in_settings ? name : NULL, "tls_names"));
    peer->identity = copy_list(settings, in_settings ? name : NULL, "identity");
    peer->gvp_config = copy_list(settings, in_settings ? name : NULL, "gvp_config");
    peer->codecs = copy_list(settings, in_settings ? name : NULL, "codecs");
    if (in_settings)
        read_plain_rights(peer, settings);
    MCP_LEDGER_CREATED(McpPeer);
    return peer;
}

static void
range_free(Range *range)
{
    g_clear_object(&range->mask);
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

static void
add_range(McpPeerTable *table, McpPeer *peer, GInetAddressMask *mask)
{
    Range *range = g_new(Range, 1);

    range->mask = mask;
    range->peer = mcp_peer_ref(peer);
    g_ptr_array_add(table->ranges, range);
}

static gboolean
check_uris(const McpPeer *peer, McpSettings *settings, const char *key, GError **error)
{
    const char *const *patterns = mcp_settings_get_list(settings, "sip.peer", peer->name, key);

    for (; *patterns != NULL; patterns++) {
        if (mcp_dial_is_pattern(*patterns))
            continue;
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "%s: [sip.peer \"%s\"] %s: \"%s\" is no pattern of sip: or tel: URIs",
                    mcp_settings_get_origin(settings, "sip.peer", peer->name, key), peer->name, key,
                    *patterns);
        return FALSE;
    }
    return TRUE;
}

static gboolean
check_account(const McpPeer *peer, McpSettings *settings, GError **error)
{
    const char *key = peer->username != NULL ? "username" : "password";

    if ((peer->username != NULL) == (peer->password != NULL))
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                "%s: [sip.peer \"%s\"] %s: username and password go together",
                mcp_settings_get_origin(settings, "sip.peer", peer->name, key), peer->name, key);
    return FALSE;
}

static gboolean
add_ranges(McpPeerTable *table, McpSettings *settings, McpPeer *peer, GError **error)
{
    const char *const *addresses =
        mcp_settings_get_list(settings, "sip.peer", peer->name, "addresses");

    for (guint i = 0; addresses[i] != NULL; i++) {
        GInetAddressMask *mask = g_inet_address_mask_new_from_string(addresses[i], error);

        if (mask == NULL) {
            g_prefix_error(error, "%s: [sip.peer \"%s\"] addresses: \"%s\": ",
                           mcp_settings_get_origin(settings, "sip.peer", peer->name, "addresses"),
                           peer->name, addresses[i]);
            return FALSE;
        }
        add_range(table, peer, mask);
    }
    if (addresses[0] == NULL && (peer->tls_names[0] != NULL || peer->username != NULL))
        add_range(table, peer, NULL);
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

        if (!check_uris(peer, settings, "dial", error) ||
            !check_uris(peer, settings, "identity", error) ||
            !check_account(peer, settings, error) || !add_ranges(table, settings, peer, error))
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

static gboolean
has_name(const McpPeer *peer, const char *const *tls_names)
{
    for (guint i = 0; tls_names != NULL && tls_names[i] != NULL; i++) {
        g_autofree char *name = g_ascii_strdown(tls_names[i], -1);

        if (mcp_pattern_match_any((const char *const *)peer->tls_names, name))
            return TRUE;
    }
    return FALSE;
}

/* How well a peer fits: by name before by address, then by the length of the prefix; -1: not. */
static gint
fitness(const Range *range, GInetAddress *address, const char *const *tls_names)
{
    gboolean named = range->peer->tls_names[0] != NULL;
    gint length = 0;

    if (range->mask != NULL) {
        if (!g_inet_address_mask_matches(range->mask, address))
            return -1;
        length = (gint)g_inet_address_mask_get_length(range->mask);
    }
    if (!named)
        return length;
    return has_name(range->peer, tls_names) ? length + LONGEST_PREFIX + 1 : -1;
}

/*
 * The one that fits best, of those with the account @user, or of those without any; NULL: no peer
 * knows the source.
 */
static const Range *
find_range(const McpPeerTable *table, GInetAddress *address, const char *const *tls_names,
           const char *user)
{
    g_autoptr(GInetAddress) plain = unmap(address);
    const Range *best = NULL;
    gint best_fitness = -1;

    for (guint i = 0; i < table->ranges->len; i++) {
        const Range *range = g_ptr_array_index(table->ranges, i);
        gint fits =
            g_strcmp0(range->peer->username, user) == 0 ? fitness(range, plain, tls_names) : -1;

        if (fits > best_fitness) {
            best = range;
            best_fitness = fits;
        }
    }
    return best;
}

McpPeer *
mcp_peer_table_match(McpPeerTable *table, GInetAddress *address, const char *const *tls_names)
{
    const Range *range = find_range(table, address, tls_names, NULL);

    return mcp_peer_ref(range != NULL ? range->peer : table->anonymous);
}

McpPeer *
mcp_peer_table_match_account(McpPeerTable *table, GInetAddress *address,
                             const char *const *tls_names, const char *user)
{
    const Range *range = find_range(table, address, tls_names, user);

    return range != NULL ? mcp_peer_ref(range->peer) : NULL;
}

gboolean
mcp_peer_table_has_accounts(McpPeerTable *table, GInetAddress *address,
                            const char *const *tls_names)
{
    g_autoptr(GInetAddress) plain = unmap(address);

    for (guint i = 0; i < table->ranges->len; i++) {
        const Range *range = g_ptr_array_index(table->ranges, i);

        if (range->peer->username != NULL && fitness(range, plain, tls_names) >= 0)
            return TRUE;
    }
    return FALSE;
}

void
mcp_peer_table_explain(McpPeerTable *table, GInetAddress *address, const char *const *tls_names,
                       McpSettings *settings, McpExplain *explain)
{
    const Range *range = find_range(table, address, tls_names, NULL);
    g_autofree char *text = g_inet_address_to_string(address);
    g_autofree char *network = NULL;
    const char *name = range != NULL ? range->peer->name : "anonymous";

    if (range == NULL) {
        mcp_explain_add(explain, "peer", MCP_EXPLAIN_NOTED,
                        "no [sip.peer] lists %s: anonymous (%s)", text,
                        mcp_settings_get_origin(settings, "sip.peer", name, "services"));
        return;
    }
    if (range->mask != NULL) {
        network = g_inet_address_mask_to_string(range->mask);
        mcp_explain_add(explain, "peer", MCP_EXPLAIN_NOTED,
                        "%s is in %s of [sip.peer \"%s\"] addresses (%s)", text, network, name,
                        mcp_settings_get_origin(settings, "sip.peer", name, "addresses"));
    }
    if (range->peer->tls_names[0] != NULL)
        mcp_explain_add(explain, "peer", MCP_EXPLAIN_NOTED,
                        "the certificate has one of [sip.peer \"%s\"] tls_names (%s)", name,
                        mcp_settings_get_origin(settings, "sip.peer", name, "tls_names"));
}
