/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser of received messages, with one thing put right: the library answers requests that it
 * refuses itself (bad header, version, size) to the host that Via names, asking the name service
 * for it while everything waits, or to maddr. Here the topmost Via gets the true source while it is
 * parsed (RFC 3261 §18.2.1, RFC 3581 §4), so that answers go nowhere else. SIP context.
 */
#include "message_class.h"

#include <string.h>

#define MAGIC_COOKIE "z9hG4bK"

/* sip_via_class with a parser of ours; made once. */
static struct msg_hclass_s via_class[1];

/* A Via line may hold several, parsed by recursion: only the outermost call is at the first one. */
static __thread guint depth;

/* Who knows the true source of what came through a front; each SIP context is one thread. */
static __thread McpSipOriginFunc origin_func;
static __thread gpointer origin_data;

/* Before anybody looks at it: what came through a front is given its true source. */
static void
correct_source(msg_t *message)
{
    su_sockaddr_t source;

    if (origin_func == NULL || msg_addr(message) == NULL)
        return;
    source = *msg_addr(message);
    if (origin_func(&source, origin_data))
        msg_set_address(message, &source, (socklen_t)SU_SOCKADDR_SIZE(&source));
}

/* Who wants to see messages; each SIP context is one thread. */
static __thread McpSipHeadFunc head_func;
static __thread gpointer head_data;

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

    if (!format_source(message, source, sizeof source))
        return;
    msg_header_remove_param(via->v_common, "maddr");
    msg_header_remove_param(via->v_common, "received");
    if (is_host(via, source))
        return;
    msg_header_replace_param(home, via->v_common, su_sprintf(home, "received=%s", source));
    if (msg_header_find_param(via->v_common, "rport") != NULL)
        msg_header_replace_param(
            home, via->v_common,
            su_sprintf(home, "rport=%u", (guint)ntohs(msg_addr(message)->su_port)));
}

/*
 * The library compares what stands behind the magic cookie (RFC 3261 §8.1.1.7) of any branch, also
 * where a shorter one has ended.
 */
static gboolean
is_branch_short(const sip_via_t *via)
{
    return via->v_branch != NULL && strlen(via->v_branch) <= strlen(MAGIC_COOKIE);
}

static issize_t
parse_via(su_home_t *home, msg_header_t *header, char *text, isize_t length)
{
    /* Messages are parsed into their own home, which is the message itself. */
    msg_t *message = (msg_t *)(gpointer)home;
    const sip_t *sip = sip_object(message);
    gboolean topmost =
        depth == 0 && sip != NULL && sip->sip_request != NULL && sip->sip_via == NULL;
    sip_via_t *via = (sip_via_t *)(gpointer)header;
    issize_t result = 0;

    depth++;
    result = sip_via_class->hc_parse(home, header, text, length);
    depth--;
    /* The rest of the library knows its own class by its address. */
    via->v_common->h_class = sip_via_class;
    if (topmost)
        correct_source(message);
    if (topmost && result >= 0 && is_branch_short(via))
        return -1;
    if (result >= 0 && topmost && via->v_host != NULL)
        set_source(message, via);
    return result;
}

static issize_t
extract_body(msg_t *message, msg_pub_t *public, char *text, isize_t size, int eos)
{
    sip_t *sip = (sip_t *)public;
    gboolean first = (sip->sip_flags & MSG_FLG_BODY) == 0;
    issize_t length = sip_default_mclass()->mc_extract_body(message, public, text, size, eos);

    /* The first call finds the empty line behind the headers. */
    if (first && head_func != NULL && msg_addr(message) != NULL &&
        (sip->sip_flags & MSG_FLG_BODY) != 0)
        head_func(message, sip, head_data);
    return length;
}

/*
 * The table of headers is searched by name for parsing and by class for everything else, from the
 * same slot on to the next empty one: ours goes first, the library's own to the end of the run.
 */
static void
put_before(msg_mclass_t *class)
{
    const gint size = class->mc_hash_size;
    gint slot = sip_via_class->hc_hash % size;
    gint last = 0;

    while (class->mc_hash[slot].hr_class != sip_via_class)
        slot = (slot + 1) % size;
    for (last = slot; class->mc_hash[last].hr_class != NULL;)
        last = (last + 1) % size;
    class->mc_hash[last] = class->mc_hash[slot];
    class->mc_hash[slot].hr_class = via_class;
    class->mc_hash_used++;
}

msg_mclass_t *
mcp_sip_message_class_new(void)
{
    msg_mclass_t *class = msg_mclass_clone(sip_default_mclass(), 0, msg_mclass_copy);

    if (class == NULL)
        return NULL;
    memcpy(via_class, sip_via_class, sizeof via_class);
    via_class->hc_parse = parse_via;
    put_before(class);
    class->mc_extract_body = extract_body;
    /* Compact names are for parsing alone. */
    if (class->mc_short != NULL)
        ((msg_href_t *)(gpointer) class->mc_short)['v' - 'a'].hr_class = via_class;
    return class;
}

void
mcp_sip_message_class_set_origin(McpSipOriginFunc func, gpointer user_data)
{
    origin_func = func;
    origin_data = user_data;
}

void
mcp_sip_message_class_set_head(McpSipHeadFunc func, gpointer user_data)
{
    head_func = func;
    head_data = user_data;
}
