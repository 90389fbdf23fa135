/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "protection/master_keys.h"

G_BEGIN_DECLS

/** SrtpReferenceKeys: session keys of one protocol (RFC 3711 §4.3). */
typedef struct {
    guint8 cipher[32];
    guint8 auth[20];
    guint8 salt[14];
} SrtpReferenceKeys;

/** srtp_reference_bytes: hexadecimal digits as bytes; returns how many. */
gsize srtp_reference_bytes(const char *hex, guint8 *out);
/** srtp_reference_derive: of the first of @keys; @first_label 0 for RTP, 3 for RTCP. */
void srtp_reference_derive(const McpMediaKeys *keys, guint first_label, SrtpReferenceKeys *out);
/**
 * srtp_reference_gcm: one packet of an AEAD suite (RFC 7714); @index is the 48 bits of RTP, or the
 * 31 of RTCP; @rtcp tells which. Returns the length of what is written to @out.
 */
gsize srtp_reference_gcm(const SrtpReferenceKeys *keys, guint key_length, const guint8 *packet,
                         gsize length, guint64 index, gboolean rtcp, guint8 *out);
/** srtp_reference_cm: one RTP packet of a counter-mode suite (RFC 3711 §4.1.1, §4.2.1). */
gsize srtp_reference_cm(const SrtpReferenceKeys *keys, guint key_length, guint tag_length,
                        const guint8 *packet, gsize length, guint32 counter, guint8 *out);

G_END_DECLS
