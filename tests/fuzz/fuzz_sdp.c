/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of the session description parser: whatever is accepted must survive being written
 * and read again, and equal itself.
 */
#include <mcp/sdp.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(McpSdp) sdp = mcp_sdp_parse((const char *)data, size, NULL);
    g_autoptr(McpSdp) again = NULL;
    const char *text = NULL;

    if (sdp == NULL)
        return 0;
    text = mcp_sdp_get_text(sdp);
    again = mcp_sdp_parse(text, strlen(text), NULL);
    /* A line end added to each line may carry a text over the limit of size. */
    if (again == NULL && strlen(text) > 65536)
        return 0;
    if (again == NULL || !mcp_sdp_equal_but_origin(sdp, again))
        __builtin_trap();
    return 0;
}
