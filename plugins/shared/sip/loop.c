/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The library's part in a GMainContext, with fewer turns of the loop than it would take by itself.
 * SIP context.
 */
#include "loop.h"

#include <sofia-sip/su_glib.h>

/* The library's timers are one a transaction. Those that are due soon after each other share a turn
 * instead of one each, with others before it for what is left of a millisecond. */
#define SLACK_MS 8
/* The library rounds down: a timer that is due in less than a millisecond makes it ready without
 * anything to do, and the loop would turn as fast as it can until then. */
#define ROUNDING_MS 1

/* The library's own; the same for all its sources. */
static const GSourceFuncs *library_funcs;
static GSourceFuncs funcs;

static gboolean
prepare(GSource *source, gint *timeout)
{
    if (library_funcs->prepare(source, timeout))
        *timeout = ROUNDING_MS;
    else if (*timeout >= 0)
        *timeout = MIN(*timeout, G_MAXINT - SLACK_MS) + SLACK_MS;
    return FALSE;
}

GSource *
mcp_sip_loop_attach(su_root_t *root, GMainContext *context)
{
    static gsize once = 0;
    GSource *source = su_glib_root_gsource(root);

    if (g_once_init_enter(&once)) {
        library_funcs = source->source_funcs;
        funcs = *library_funcs;
        funcs.prepare = prepare;
        g_once_init_leave(&once, 1);
    }
    g_source_set_funcs(source, &funcs);
    /* Else GLib takes all descriptors out of its poll set and back for each dispatch, and each of
     * these steps wakes the loop by a write. Nothing here runs the loop again. */
    g_source_set_can_recurse(source, TRUE);
    g_source_attach(source, context);
    return source;
}
