/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Symmetric RTP with source locking, and the little arithmetic of socket addresses that it needs.
 * Media worker; the address functions on any thread.
 */
#include "source_lock.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

/* So many packets in a row of one source and SSRC lock a leg to it. */
#define LEARN_PACKETS 4
/* What may be missing between two of them. One who sprays all ports counts otherwise. */
#define LEARN_STEP 3

gboolean
mcp_media_address_equal(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
    if (a->ss_family != b->ss_family)
        return FALSE;
    if (a->ss_family == AF_INET) {
        const struct sockaddr_in *a4 = (const struct sockaddr_in *)a;
        const struct sockaddr_in *b4 = (const struct sockaddr_in *)b;

        return a4->sin_port == b4->sin_port && a4->sin_addr.s_addr == b4->sin_addr.s_addr;
    }
    if (a->ss_family == AF_INET6) {
        const struct sockaddr_in6 *a6 = (const struct sockaddr_in6 *)a;
        const struct sockaddr_in6 *b6 = (const struct sockaddr_in6 *)b;

        return a6->sin6_port == b6->sin6_port &&
               memcmp(&a6->sin6_addr, &b6->sin6_addr, sizeof a6->sin6_addr) == 0;
    }
    return FALSE;
}

socklen_t
mcp_media_address_length(const struct sockaddr_storage *address)
{
    return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                          : sizeof(struct sockaddr_in);
}

gboolean
mcp_media_address_set(struct sockaddr_storage *out_address, const char *text, guint port)
{
    struct sockaddr_in in4 = {.sin_family = AF_INET, .sin_port = htons((guint16)port)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons((guint16)port)};

    if (inet_pton(AF_INET, text, &in4.sin_addr) == 1) {
        memset(out_address, 0, sizeof *out_address);
        memcpy(out_address, &in4, sizeof in4);
        return TRUE;
    }
    if (inet_pton(AF_INET6, text, &in6.sin6_addr) == 1) {
        memset(out_address, 0, sizeof *out_address);
        memcpy(out_address, &in6, sizeof in6);
        return TRUE;
    }
    return FALSE;
}

guint
mcp_media_address_get_port(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)address)->sin6_port);
    return ntohs(((const struct sockaddr_in *)address)->sin_port);
}

void
mcp_media_address_set_port(struct sockaddr_storage *address, guint port)
{
    if (address->ss_family == AF_INET6)
        ((struct sockaddr_in6 *)address)->sin6_port = htons((guint16)port);
    else
        ((struct sockaddr_in *)address)->sin_port = htons((guint16)port);
}

void
mcp_media_address_print(const struct sockaddr_storage *address, char *out, gsize size)
{
    char text[INET6_ADDRSTRLEN] = "";

    if (address->ss_family == AF_INET6) {
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, text, sizeof text);
        g_snprintf(out, size, "[%s]:%u", text, mcp_media_address_get_port(address));
    } else if (address->ss_family == AF_INET) {
        inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, text, sizeof text);
        g_snprintf(out, size, "%s:%u", text, mcp_media_address_get_port(address));
    } else {
        g_strlcpy(out, "", size);
    }
}

void
mcp_media_source_lock_set(McpMediaSourceLock *lock, const struct sockaddr_storage *signalled,
                          gboolean learning)
{
    lock->learning = learning;
    if (signalled != NULL && lock->has_signalled &&
        mcp_media_address_equal(&lock->signalled, signalled))
        return;
    lock->has_signalled = signalled != NULL;
    if (signalled != NULL)
        lock->signalled = *signalled;
    lock->locked = FALSE;
    lock->candidate_packets = 0;
    lock->trusted = 0;
}

static McpMediaSourceVerdict
lock_to(McpMediaSourceLock *self, const struct sockaddr_storage *from)
{
    self->source = *from;
    self->locked = TRUE;
    self->candidate_packets = 0;
    return MCP_MEDIA_SOURCE_LOCKED;
}

/* Whether the packet goes on with what the candidate sent. */
static gboolean
goes_on(const McpMediaSourceLock *self, const struct sockaddr_storage *from, guint32 ssrc,
        guint16 sequence)
{
    guint16 step = (guint16)(sequence - self->candidate_sequence);

    return mcp_media_address_equal(&self->candidate, from) && self->candidate_ssrc == ssrc &&
           step > 0 && step <= LEARN_STEP;
}

static McpMediaSourceVerdict
learn(McpMediaSourceLock *self, const struct sockaddr_storage *from, guint32 ssrc, guint16 sequence)
{
    if (self->candidate_packets > 0 && !goes_on(self, from, ssrc, sequence)) {
        /* Two strangers at once: neither is believed before it sends alone for a while. */
        self->candidate_packets = 0;
        return MCP_MEDIA_SOURCE_FOREIGN;
    }
    self->candidate = *from;
    self->candidate_ssrc = ssrc;
    self->candidate_sequence = sequence;
    if (++self->candidate_packets >= LEARN_PACKETS)
        return lock_to(self, from);
    return self->trusted++ < LEARN_PACKETS ? MCP_MEDIA_SOURCE_ACCEPT : MCP_MEDIA_SOURCE_FOREIGN;
}

McpMediaSourceVerdict
mcp_media_source_lock_check(McpMediaSourceLock *lock, const struct sockaddr_storage *from,
                            guint32 ssrc, guint16 sequence)
{
    if (lock->locked && mcp_media_address_equal(&lock->source, from))
        return MCP_MEDIA_SOURCE_ACCEPT;
    if (lock->has_signalled && mcp_media_address_equal(&lock->signalled, from))
        return lock_to(lock, from);
    if (lock->locked || !lock->learning)
        return MCP_MEDIA_SOURCE_FOREIGN;
    return learn(lock, from, ssrc, sequence);
}

const struct sockaddr_storage *
mcp_media_source_lock_target(const McpMediaSourceLock *lock)
{
    if (lock->locked)
        return &lock->source;
    return lock->has_signalled ? &lock->signalled : NULL;
}
