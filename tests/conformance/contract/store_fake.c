/* SPDX-License-Identifier: Apache-2.0 */
/* The store in memory of the VoiceXML tests, as a provider of the store suite. */
#include "fakes.h"
#include "store_suite.h"

static McpStore *
open_store(void)
{
    return MCP_STORE(fake_store_new());
}

static void
close_store(McpStore *store)
{
    g_assert_finalize_object(store);
}

const StoreProvider store_provider = {
    .name = "fake", .open = open_store, .close = close_store, .buffer = FAKE_STORE_BUFFER + 1};
