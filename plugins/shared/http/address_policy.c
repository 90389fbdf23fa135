/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which addresses a fetch may connect to: the answer to server-side request forgery. Asked with the
 * address of the very socket that is about to connect, so no name and no redirect gets around it.
 * Any thread.
 */
#include "address_policy.h"

#include <mcp/error.h>

#include "own_ports.h"

struct _McpHttpAddressPolicy {
    gatomicrefcount refs;
    GPtrArray *allow; /* GInetAddressMask */
    GPtrArray *deny;
    McpHttpOwnPorts *own_ports;
};

typedef struct {
    const char *mask;
    const char *word;
    gboolean may_allow; /* an allow list can open it */
} Range;

/* IANA special-purpose registries (RFC 6890), and metadata services outside link-local. */
static const Range ranges[] = {
    {"100.100.100.200/32", "metadata", FALSE},
    {"192.0.0.192/32", "metadata", FALSE},
    {"fd00:ec2::254/128", "metadata", FALSE},
    {"0.0.0.0/8", "unspecified", FALSE},
    {"169.254.0.0/16", "link-local", FALSE},
    {"224.0.0.0/4", "multicast", FALSE},
    {"240.0.0.0/4", "reserved", FALSE},
    {"127.0.0.0/8", "loopback", TRUE},
    {"10.0.0.0/8", "private", TRUE},
    {"172.16.0.0/12", "private", TRUE},
    {"192.168.0.0/16", "private", TRUE},
    {"100.64.0.0/10", "private", TRUE},
    {"192.0.0.0/24", "reserved", TRUE},
    {"198.18.0.0/15", "private", TRUE},
    {"::/128", "unspecified", FALSE},
    {"fe80::/10", "link-local", FALSE},
    {"ff00::/8", "multicast", FALSE},
    {"2001::/32", "reserved", FALSE}, /* Teredo: hides an IPv4 address */
    {"::1/128", "loopback", TRUE},
    {"fc00::/7", "private", TRUE},
    {"fec0::/10", "private", TRUE},
};

/* Prefixes that carry an IPv4 address, and where in the sixteen bytes it stands. */
static const struct {
    const char *mask;
    guint offset;
} embedded[] = {
    {"::ffff:0:0/96", 12},                    /* IPv4-mapped (RFC 4291 §2.5.5.2) */
    {"64:ff9b::/96", 12},                     /* NAT64 (RFC 6052) */
    {"64:ff9b:1::/48", 12}, {"2002::/16", 2}, /* 6to4 (RFC 3056) */
    {"::/96", 12},                            /* IPv4-compatible, long deprecated */
};

static gboolean
in_mask(const char *mask, GInetAddress *address)
{
    g_autoptr(GInetAddressMask) parsed = g_inet_address_mask_new_from_string(mask, NULL);

    return parsed != NULL && g_inet_address_mask_matches(parsed, address);
}

static gboolean
in_list(const GPtrArray *masks, GInetAddress *address)
{
    for (guint i = 0; i < masks->len; i++) {
        if (g_inet_address_mask_matches(g_ptr_array_index(masks, i), address))
            return TRUE;
    }
    return FALSE;
}

static GPtrArray *
parse_masks(const char *const *items, GError **error)
{
    g_autoptr(GPtrArray) masks = g_ptr_array_new_with_free_func(g_object_unref);

    for (guint i = 0; items != NULL && items[i] != NULL; i++) {
        GInetAddressMask *mask = g_inet_address_mask_new_from_string(items[i], NULL);

        if (mask == NULL) {
            g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "\"%s\" is no address or mask",
                        items[i]);
            return NULL;
        }
        g_ptr_array_add(masks, mask);
    }
    return g_steal_pointer(&masks);
}

McpHttpAddressPolicy *
mcp_http_address_policy_new(const char *const *allow, const char *const *deny, GError **error)
{
    g_autoptr(GPtrArray) allow_masks = parse_masks(allow, error);
    g_autoptr(GPtrArray) deny_masks = NULL;
    McpHttpAddressPolicy *policy = NULL;

    if (allow_masks == NULL)
        return NULL;
    deny_masks = parse_masks(deny, error);
    if (deny_masks == NULL)
        return NULL;
    policy = g_new0(McpHttpAddressPolicy, 1);
    g_atomic_ref_count_init(&policy->refs);
    policy->allow = g_steal_pointer(&allow_masks);
    policy->deny = g_steal_pointer(&deny_masks);
    policy->own_ports = mcp_http_own_ports_new();
    return policy;
}

McpHttpAddressPolicy *
mcp_http_address_policy_ref(McpHttpAddressPolicy *policy)
{
    g_atomic_ref_count_inc(&policy->refs);
    return policy;
}

void
mcp_http_address_policy_unref(McpHttpAddressPolicy *policy)
{
    if (!g_atomic_ref_count_dec(&policy->refs))
        return;
    g_ptr_array_unref(policy->allow);
    g_ptr_array_unref(policy->deny);
    mcp_http_own_ports_free(policy->own_ports);
    g_free(policy);
}

/* (transfer full): the IPv4 address within an IPv6 one, or the address itself. */
static GInetAddress *
unwrap(GInetAddress *address)
{
    const guint8 *bytes = g_inet_address_to_bytes(address);

    if (g_inet_address_get_family(address) != G_SOCKET_FAMILY_IPV6 ||
        g_inet_address_get_is_loopback(address) || g_inet_address_get_is_any(address))
        return g_object_ref(address);
    for (guint i = 0; i < G_N_ELEMENTS(embedded); i++) {
        if (in_mask(embedded[i].mask, address))
            return g_inet_address_new_from_bytes(bytes + embedded[i].offset, G_SOCKET_FAMILY_IPV4);
    }
    return g_object_ref(address);
}

const char *
mcp_http_address_policy_check(McpHttpAddressPolicy *policy, GInetAddress *address, guint16 port,
                              gint64 now)
{
    g_autoptr(GInetAddress) inner = unwrap(address);
    gboolean allowed = in_list(policy->allow, inner) || in_list(policy->allow, address);

    if (in_list(policy->deny, inner) || in_list(policy->deny, address))
        return "denied";
    for (guint i = 0; i < G_N_ELEMENTS(ranges); i++) {
        if (!in_mask(ranges[i].mask, inner))
            continue;
        if (!ranges[i].may_allow || !allowed)
            return ranges[i].word;
        break;
    }
    if (mcp_http_own_ports_contain(policy->own_ports, inner, port, now))
        return "own-port";
    return NULL;
}
