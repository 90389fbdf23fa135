/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of SRTP in session descriptions (RFC 4568 §5, §7): which line is taken, and which key goes
 * on. On the leg's context.
 */
#include "sdes.h"

#include <mcp/error.h>
#include <mcp/ledger.h>

MCP_LEDGER_DEFINE(McpMediaSdes);

struct _McpMediaSdes {
    guint refs;
    guint64 serial; /* 0: nothing is agreed upon */
    McpMediaCryptoAttribute own;
    McpMediaCryptoAttribute remote;
    McpMediaCryptoAttribute offered[MCP_MEDIA_N_SUITES];
    guint n_offered;
};

/* Numbers of agreements, any context. */
static guint64
next_serial(void)
{
    static guint64 last;

    return __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
}

static McpMediaSdes *
sdes_new(const McpMediaSdes *before)
{
    McpMediaSdes *self = g_new0(McpMediaSdes, 1);

    MCP_LEDGER_CREATED(McpMediaSdes);
    if (before != NULL)
        *self = *before;
    self->refs = 1;
    return self;
}

McpMediaSdes *
mcp_media_sdes_ref(McpMediaSdes *sdes)
{
    if (sdes != NULL)
        sdes->refs++;
    return sdes;
}

void
mcp_media_sdes_unref(McpMediaSdes *sdes)
{
    if (sdes == NULL || --sdes->refs > 0)
        return;
    mcp_media_crypto_attribute_clear(&sdes->own);
    mcp_media_crypto_attribute_clear(&sdes->remote);
    for (guint i = 0; i < MCP_MEDIA_N_SUITES; i++)
        mcp_media_crypto_attribute_clear(&sdes->offered[i]);
    g_free(sdes);
    MCP_LEDGER_FINALIZED(McpMediaSdes);
}

/* A description that brings the keys in force again is no other agreement. */
static void
number(McpMediaSdes *self, const McpMediaSdes *before)
{
    if (before == NULL || before->serial == 0 ||
        !mcp_media_keys_equal(&self->own.keys, &before->own.keys) ||
        !mcp_media_keys_equal(&self->remote.keys, &before->remote.keys))
        self->serial = next_serial();
}

/* Values of the a=crypto lines. Returns: how many there are, at most @max. */
static guint
list_lines(const McpSdpMedia *media, const char **out_lines, guint max)
{
    guint n = 0;

    for (guint i = 0; i < media->n_attributes && n < max; i++)
        if (g_strcmp0(media->attributes[i].name, "crypto") == 0 &&
            media->attributes[i].value != NULL)
            out_lines[n++] = media->attributes[i].value;
    return n;
}

/* §7.1.4: the key of a suite that stays is kept, under the tag that the other side chose. */
static gboolean
make_own(McpMediaSdes *self, const McpMediaSdes *before, guint tag, McpMediaSuite suite,
         GError **error)
{
    if (before != NULL && before->serial != 0 && before->own.keys.suite == suite) {
        self->own = before->own;
        self->own.tag = tag;
        return TRUE;
    }
    return mcp_media_crypto_attribute_make(&self->own, tag, suite, error);
}

McpMediaSdes *
mcp_media_sdes_answer(McpMediaSdes *before, const McpSdpMedia *offered,
                      const McpMediaSuites *suites, GError **error)
{
    g_autoptr(McpMediaSdes) self = sdes_new(before);
    g_auto(McpMediaCryptoAttribute) chosen = {0};
    g_autoptr(GString) refusals = g_string_new(NULL);
    const char *lines[MCP_MEDIA_CRYPTO_LINES_MAX];
    guint n = list_lines(offered, lines, G_N_ELEMENTS(lines));

    if (!mcp_media_crypto_choose(lines, n, suites->suites, suites->n, &chosen, refusals)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_MEDIA, "no usable a=crypto line%s%s",
                    refusals->len > 0 ? ": " : "", refusals->str);
        return NULL;
    }
    if (!make_own(self, before, chosen.tag, chosen.keys.suite, error))
        return NULL;
    self->remote = chosen;
    /* What was offered before does not hold the keys in use any more. */
    self->n_offered = 0;
    number(self, before);
    return g_steal_pointer(&self);
}

McpMediaSdes *
mcp_media_sdes_offer(McpMediaSdes *before, const McpMediaSuites *suites, GError **error)
{
    g_autoptr(McpMediaSdes) self = sdes_new(before);

    /* An offer that is repeated is the same. */
    if (before != NULL && before->n_offered > 0)
        return g_steal_pointer(&self);
    for (guint i = 0; i < suites->n; i++) {
        if (!make_own(self, before, i + 1, suites->suites[i], error))
            return NULL;
        self->offered[self->n_offered++] = self->own;
    }
    if (before != NULL)
        self->own = before->own;
    else
        mcp_media_crypto_attribute_clear(&self->own);
    return g_steal_pointer(&self);
}

McpMediaSdes *
mcp_media_sdes_apply(McpMediaSdes *offered, const McpSdpMedia *answer, GError **error)
{
    g_autoptr(McpMediaSdes) self = sdes_new(offered);
    g_auto(McpMediaCryptoAttribute) remote = {0};
    g_autoptr(GError) why = NULL;
    const char *lines[2];
    guint index = 0;

    if (list_lines(answer, lines, G_N_ELEMENTS(lines)) != 1) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_MEDIA, "not one a=crypto line in the answer");
        return NULL;
    }
    if (!mcp_media_crypto_match_answer(lines[0], offered->offered, offered->n_offered, &remote,
                                       &index, &why)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_MEDIA, "a=crypto of the answer: %s", why->message);
        return NULL;
    }
    self->own = offered->offered[index];
    self->remote = remote;
    number(self, offered);
    return g_steal_pointer(&self);
}

static void
write_line(const McpMediaCryptoAttribute *attribute, McpSdpBuilder *builder)
{
    char *text = mcp_media_crypto_attribute_format(attribute);

    mcp_sdp_builder_add_media_attribute(builder, "crypto", text);
    mcp_media_crypto_text_free(text);
}

void
mcp_media_sdes_write(const McpMediaSdes *sdes, gboolean is_offer, McpSdpBuilder *builder)
{
    if (!is_offer)
        write_line(&sdes->own, builder);
    for (guint i = 0; is_offer && i < sdes->n_offered; i++)
        write_line(&sdes->offered[i], builder);
}

guint64
mcp_media_sdes_get_serial(const McpMediaSdes *sdes)
{
    return sdes->serial;
}

const McpMediaCryptoAttribute *
mcp_media_sdes_get_own(const McpMediaSdes *sdes)
{
    return &sdes->own;
}

const McpMediaCryptoAttribute *
mcp_media_sdes_get_remote(const McpMediaSdes *sdes)
{
    return &sdes->remote;
}
