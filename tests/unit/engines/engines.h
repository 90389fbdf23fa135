/* SPDX-License-Identifier: Apache-2.0 */
/* Engines that do as they are told, and the services that find them. */
#pragma once
#include "engine_table.h"
#include <mcp/contract/recognizer.h>
#include <mcp/contract/synthesizer.h>

G_BEGIN_DECLS

#define MCP_TYPE_FAKE_ENGINE (fake_engine_get_type())
G_DECLARE_FINAL_TYPE(FakeEngine, fake_engine, FAKE, ENGINE, GObject)

/** FakeEngine: a synthesizer and a recognizer in one. */
struct _FakeEngine {
    GObject parent_instance;
    const char *name;
    int code;         /* MCP_ERROR_… that it answers with; -1: it can */
    gboolean growing; /* its audio is still to come */
    guint asked;
    gint64 deadline;            /* of the request last seen */
    McpAudioProducer *producer; /* of the audio given last, while it grows */
    McpAudio *given;            /* the last one */
    guint rate;                 /* of the tap */
    McpTapEncoding encoding;
    GObject *recognition; /* the present one; not owned */
    GByteArray *heard;
    guint stops;
};

FakeEngine *fake_engine_new(const char *name);
/** fake_engine_tell: an event of the present recognition. */
void fake_engine_tell(FakeEngine *engine, McpRecognitionEventType type, int code,
                      gboolean elsewhere);

/** Fakes: a table over engines that come and go. */
typedef struct {
    McpClock *clock;
    McpEngineTable *table;
    GPtrArray *engines; /* FakeEngine, by priority */
    GString *changes;   /* "a down: why|a up|" */
} Fakes;

/** fakes_open: @order: names by default, comma-separated; of German only "b" is to be asked. */
void fakes_open(Fakes *fakes, const char *const *order);
void fakes_close(Fakes *fakes);
FakeEngine *fakes_add(Fakes *fakes, const char *name);
/** run: the context, until nothing is left to do. */
void run(void);

G_END_DECLS
