/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** mcp_media_dot: sum of the products of @n pairs. Pure function. */
gfloat mcp_media_dot(const gfloat *a, const gfloat *b, guint n);
/**
 * mcp_media_energies: the energy of every beginning of @samples, so that the one of any piece is a
 * difference of two. Exact for what is made of 16 bits. Pure function.
 * @out_energies: room for @n + 1: of no sample, of the first one, … of all
 */
void mcp_media_energies(const gfloat *samples, guint n, gdouble *out_energies);

G_END_DECLS
