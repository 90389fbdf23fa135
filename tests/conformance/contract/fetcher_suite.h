/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/fetcher.h>

G_BEGIN_DECLS

/** FetcherProvider: makes the fetcher that the suite is run against, and the URLs it is asked for.
 * All are absolute and live as long as the fetcher; one that is NULL does not apply. */
typedef struct {
    const char *name;
    McpFetcher *(*open)(void);
    void (*close)(McpFetcher *fetcher);
    const char *(*page)(void);  /* text/plain; "PAGE" is its body */
    const char *(*other)(void); /* another page, with "OTHER" as its body */
    const char *(*base)(void);  /* beside the page, whose relative URL is @relative */
    const char *relative;
    const char *(*missing)(void); /* 404 */
    const char *(*silent)(void);  /* no answer while anybody waits */
    const char *(*slow)(void);    /* no answer within a quarter of a second */
    const char *(*refused)(void); /* an address that policy forbids */
    const char *(*nobody)(void);  /* nobody listens there */
    const char *(*no_file)(void); /* a file: URL without a file */
    const char *(*echo)(void);    /* its body tells the body of a POST */
} FetcherProvider;

extern const FetcherProvider fetcher_provider;

G_END_DECLS
