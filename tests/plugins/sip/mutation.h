/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** mutate: changes, inserts, removes or repeats bytes of @text, which stays at least one long. */
void mutate(GString *text, GRand *numbers);
/** mutate_some: up to @most changes, at least one. */
void mutate_some(GString *text, GRand *numbers, guint most);

G_END_DECLS
