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
    void (*hush)(McpLeg *leg);           /* the other side says nothing, for once */
    const char *(*call_id)(McpLeg *leg); /* id of the call that it was connected for */
    void (*say)(McpLeg *leg);            /* the other side sends 20 ms of loud audio */
    gboolean (*hears)(McpLeg *leg); /* since it was asked last, loud audio came to the other side */
    void (*talk)(McpLeg *leg);      /* the other side says a sentence, then nothing for 1.2 s */
    void (*busy)(McpLeg *leg);      /* the other side sends 4 s of the busy tone of the US */
} MediaProvider;

extern const MediaProvider media_provider;

/** media_suite_sdp: (transfer full): a description from its m= and a= lines. */
McpSdp *media_suite_sdp(const char *lines);

G_END_DECLS
