/* SPDX-License-Identifier: Apache-2.0 */
/* The http plugin's fetcher and a scripted web server, as a provider of the fetcher suite. */
#include "fetcher_suite.h"
#include "fixture.h"

#include <mcp/clock.h>
#include <stdlib.h>

static Fixture fixture;
static GPtrArray *urls;

static McpFetcher *
open_fetcher(void)
{
    urls = g_ptr_array_new_with_free_func(g_free);
    fixture_set_up(&fixture, NULL);
    fixture.config->file_root = realpath("/tmp", NULL);
    return MCP_FETCHER(fixture.fetcher);
}

static void
close_fetcher(McpFetcher *fetcher)
{
    fixture_tear_down(&fixture, NULL);
    g_ptr_array_unref(urls);
}

static const char *
keep(char *url)
{
    g_ptr_array_add(urls, url);
    return url;
}

static const char *
page(void)
{
    return keep(fixture_url(&fixture, "/a/page?body=PAGE&h=Content-Type:Text/Plain;charset=utf-8"));
}

static const char *
other(void)
{
    return keep(fixture_url(&fixture, "/a/other?body=OTHER"));
}

static const char *
base(void)
{
    return keep(fixture_url(&fixture, "/a/b/start?x=1"));
}

static const char *
missing(void)
{
    return keep(fixture_url(&fixture, "/absent?status=404"));
}

static const char *
silent(void)
{
    return keep(fixture_url(&fixture, "/silent"));
}

static const char *
refused(void)
{
    return keep(g_strdup_printf("http://127.0.0.2:%u/", fixture.port));
}

static const char *
nobody(void)
{
    return "http://127.0.0.1:1/";
}

static const char *
no_file(void)
{
    return "file:///tmp/no-such-folder/no-such-file";
}

static const char *
echo(void)
{
    return keep(fixture_url(&fixture, "/echo"));
}

const FetcherProvider fetcher_provider = {
    .name = "http",
    .open = open_fetcher,
    .close = close_fetcher,
    .page = page,
    .other = other,
    .base = base,
    .relative = "../page?body=PAGE&h=Content-Type:Text/Plain;charset=utf-8",
    .missing = missing,
    .silent = silent,
    .slow = silent,
    .refused = refused,
    .nobody = nobody,
    .no_file = no_file,
    .echo = echo,
};
