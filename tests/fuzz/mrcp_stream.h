/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mrcp/bodies.h>
#include <mrcp/translate.h>

#include <stdint.h>

/** mrcp_stream_limits: small enough for the fuzzer to reach. */
extern const McpMrcpLimits mrcp_stream_limits;

/** mrcp_stream_check: reads @data as a stream of @version in two ways and traps when they differ,
 * or when a message is another one after it was written. */
void mrcp_stream_check(McpMrcpVersion version, const uint8_t *data, size_t size);
