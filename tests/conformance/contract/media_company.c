/* SPDX-License-Identifier: Apache-2.0 */
/* Who hears whom, for the checks of bridges and rooms. */
#include "media_company.h"

#include "contract.h"

/* Of 20 ms. */
#define ROUNDS_MAX 250
#define ROUNDS_SILENT 15
/* What was said before is played out by then. */
#define PLAYED_OUT_MS 300

static gboolean
say_and_hear(McpLeg *from, McpLeg *to, guint rounds)
{
    gboolean heard = FALSE;

    for (guint i = 0; i < rounds && !heard; i++) {
        media_provider.say(from);
        settle(20);
        heard = media_provider.hears(to);
    }
    return heard;
}

void
company_check_hears(McpLeg *from, McpLeg *to, gboolean wanted)
{
    settle(PLAYED_OUT_MS);
    media_provider.hears(to);
    g_assert_cmpint(say_and_hear(from, to, wanted ? ROUNDS_MAX : ROUNDS_SILENT), ==, wanted);
}
