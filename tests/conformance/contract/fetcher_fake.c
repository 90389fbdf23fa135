/* SPDX-License-Identifier: Apache-2.0 */
/* The fetcher from memory of the VoiceXML tests, as a provider of the fetcher suite. */
#include "fakes.h"
#include "fetcher_suite.h"

#define BASE "http://localhost/vxml/"

static McpFetcher *
open_fetcher(void)
{
    FakeFetcher *fetcher = fake_fetcher_new(BASE);

    fake_fetcher_add_page(fetcher, "page.txt", "PAGE");
    fake_fetcher_add_page(fetcher, "other.txt", "OTHER");
    fake_fetcher_add_silence(fetcher, "silent");
    fake_fetcher_add_status(fetcher, "slow", 0);
    return MCP_FETCHER(fetcher);
}

static void
close_fetcher(McpFetcher *fetcher)
{
    g_assert_finalize_object(fetcher);
}

static const char *
page(void)
{
    return BASE "page.txt";
}

static const char *
other(void)
{
    return BASE "other.txt";
}

static const char *
base(void)
{
    return BASE "below/start";
}

static const char *
missing(void)
{
    return BASE "absent";
}

static const char *
silent(void)
{
    return BASE "silent";
}

static const char *
slow(void)
{
    return BASE "slow";
}

const FetcherProvider fetcher_provider = {
    .name = "fake",
    .open = open_fetcher,
    .close = close_fetcher,
    .page = page,
    .other = other,
    .base = base,
    .relative = "../page.txt",
    .missing = missing,
    .silent = silent,
    .slow = slow,
};
