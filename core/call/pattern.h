/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/**
 * mcp_pattern_match_any: whether @text fits one of @patterns, in which "*" stands for any
 * characters
 * and "?" for one. NULL-terminated.
 */
gboolean mcp_pattern_match_any(const char *const *patterns, const char *text);

/**
 * mcp_pattern_match_url: as above for URLs (RFC 3986): scheme and host in any case, and "*" in the
 * authority never reaches over "/", "@", "?" or "#", so that a pattern cannot be outwitted by a
 * user
 * part or a path that looks like a host. URLs with "..", backslashes or control characters never
 * fit.
 */
gboolean mcp_pattern_match_url(const char *const *patterns, const char *url);

/** mcp_pattern_find_url: (transfer none) (nullable): the first of @patterns that fits so. */
const char *mcp_pattern_find_url(const char *const *patterns, const char *url);
