/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/tap.h>

G_BEGIN_DECLS

#define TYPE_TALKER (talker_get_type())
G_DECLARE_FINAL_TYPE(Talker, talker, TEST, TALKER, GObject)

/** talker_new: (transfer full): a tap at 8000 Hz: 200 ms of silence, 600 ms of a tone, silence. */
Talker *talker_new(void);

G_END_DECLS
