/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "store.h"

/** Fixture: a started store in a fresh folder, on a real clock and a pool of two threads. */
typedef struct {
    char *folder;
    McpPool *pool;
    McpClock *clock;
    McpRecordingConfig config;
    McpRecordingStore *store;
} Fixture;

void fixture_set_up(Fixture *f, gconstpointer data);
void fixture_tear_down(Fixture *f, gconstpointer data);
/** fixture_new_store: makes and starts a store on the fixture's folder; NULL with @error. */
McpRecordingStore *fixture_new_store(Fixture *f, GError **error);
/** fixture_stop_store: stops @store and lets its sources run dry. */
void fixture_stop_store(McpRecordingStore *store);

McpStoreStream *open_object(Fixture *f, const char *name, McpStorePolicy policy);
gboolean commit(McpStoreStream *stream, GError **error);
GBytes *read_back(Fixture *f, const char *name, GError **error);
/** wait_until: iterates the default context until @test says so; fails after @seconds. */
void wait_until(gboolean (*test)(gpointer), gpointer data, guint seconds);
gboolean exists(Fixture *f, const char *name);
/** wav_head: a PCM header of unknown length, 44 bytes. */
const guint8 *wav_head(void);
