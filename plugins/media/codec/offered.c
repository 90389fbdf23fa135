/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Codecs that other plugins carry out, through the contract of codecs. The table of providers may
 * be read on any thread; encoders and decoders hold a reference on theirs.
 */
#include "offered.h"

#include <mcp/ledger.h>

MCP_LEDGER_DEFINE(McpMediaOffered);

/* One end of a codec: an encoder or a decoder of its provider. */
typedef struct {
    McpCodec *provider;
    gpointer context;
} McpMediaOffered;

static GMutex lock;
static McpCodec *providers[MCP_MEDIA_N_CODECS]; /* nullable */

void
mcp_media_offered_set(const McpMediaCodec *codec, McpCodec *provider)
{
    g_mutex_lock(&lock);
    g_set_object(&providers[codec->id], provider);
    g_mutex_unlock(&lock);
}

static McpCodec *
ref_provider(const McpMediaCodec *codec)
{
    McpCodec *provider = NULL;

    g_mutex_lock(&lock);
    g_set_object(&provider, providers[codec->id]);
    g_mutex_unlock(&lock);
    return provider;
}

gboolean
mcp_media_codec_is_usable(const McpMediaCodec *codec)
{
    g_autoptr(McpCodec) provider = NULL;

    if (codec->coder != &mcp_media_coder_offered)
        return TRUE;
    provider = ref_provider(codec);
    return provider != NULL;
}

static McpMediaOffered *
offered_new(McpCodec *provider, gpointer context)
{
    McpMediaOffered *self = NULL;

    if (context == NULL)
        return NULL;
    MCP_LEDGER_CREATED(McpMediaOffered);
    self = g_new(McpMediaOffered, 1);
    self->provider = g_object_ref(provider);
    self->context = context;
    return self;
}

static void
offered_free(McpMediaOffered *self)
{
    g_object_unref(self->provider);
    g_free(self);
    MCP_LEDGER_FINALIZED(McpMediaOffered);
}

static gpointer
encoder_new(const McpMediaFormat *format)
{
    g_autoptr(McpCodec) provider = ref_provider(format->codec);

    return provider != NULL ? offered_new(provider, mcp_codec_encoder_new(provider)) : NULL;
}

static void
encoder_free(gpointer encoder)
{
    McpMediaOffered *self = encoder;

    mcp_codec_encoder_free(self->provider, self->context);
    offered_free(self);
}

static gsize
encode(gpointer encoder, const gint16 *samples, guint n, guint8 *out, gsize size)
{
    McpMediaOffered *self = encoder;

    return mcp_codec_encode(self->provider, self->context, samples, n, out, size);
}

static gpointer
decoder_new(const McpMediaFormat *format)
{
    g_autoptr(McpCodec) provider = ref_provider(format->codec);

    return provider != NULL ? offered_new(provider, mcp_codec_decoder_new(provider)) : NULL;
}

static void
decoder_free(gpointer decoder)
{
    McpMediaOffered *self = decoder;

    mcp_codec_decoder_free(self->provider, self->context);
    offered_free(self);
}

static guint
decode(gpointer decoder, const guint8 *payload, gsize length, gint16 *out, guint max)
{
    McpMediaOffered *self = decoder;

    return mcp_codec_decode(self->provider, self->context, payload, length, out, max);
}

static guint
conceal(gpointer decoder, const guint8 *next, gsize length, gint16 *out, guint n)
{
    McpMediaOffered *self = decoder;

    return mcp_codec_conceal(self->provider, self->context, out, n);
}

const McpMediaCoderClass mcp_media_coder_offered = {
    .encoder_new = encoder_new,
    .encoder_free = encoder_free,
    .encode = encode,
    .decoder_new = decoder_new,
    .decoder_free = decoder_free,
    .decode = decode,
    .conceal = conceal,
};
