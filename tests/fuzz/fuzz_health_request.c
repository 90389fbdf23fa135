/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of the probes' requests: what is not whole yet may not be answered, and what is
 * answered stays so however much comes after. libFuzzer calls from one thread.
 */
#include <request.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    McpHealthRequest request = {0};
    McpHealthRequest again = {0};

    size = MIN(size, MCP_HEALTH_HEAD_MAX);
    if (!mcp_health_request_read((const char *)data, size, &request))
        return 0;
    if (request.status == 200 && (guint)request.probe > MCP_PROBE_STARTUP)
        __builtin_trap();
    if (!mcp_health_request_read((const char *)data, size, &again) ||
        again.status != request.status)
        __builtin_trap();
    return 0;
}
