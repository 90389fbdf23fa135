/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/media.h>

G_BEGIN_DECLS

/** MediaProvider: makes the legs that the suite is run against. Members that do not apply are
 * NULL; slots that a leg leaves empty are the core's to refuse. */
typedef struct {
    const char *name;
    McpMedia *(*open)(void);
    void (*close)(void);
    McpLeg *(*connect)(gboolean keys); /* started; with telephone-event in the answer or without */
    McpLeg *(*make)(void);             /* before any offer */
    void (*drop)(McpLeg *leg);         /* closes and releases; nothing may be left of it */
    McpAudio *(*audio)(guint number);  /* a second at most; another number, other bytes */
    void (*press)(McpLeg *leg, char digit); /* the other side presses a key */
    void (*speak)(McpLeg *leg);             /* the other side sends audio */
    McpStoreStream *(*stream)(void);
    gboolean (*committed)(McpStoreStream *stream);
    gboolean (*aborted)(McpStoreStream *stream);
    void (*hush)(McpLeg *leg); /* the other side says nothing, for once */
} MediaProvider;

extern const MediaProvider media_provider;

/** media_suite_sdp: (transfer full): a description from its m= and a= lines. */
McpSdp *media_suite_sdp(const char *lines);

G_END_DECLS
