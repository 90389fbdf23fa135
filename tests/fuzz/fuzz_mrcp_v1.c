/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of MRCPv1 as it stands in the body of RTSP messages: the input as one message and as
 * a stream; each message is written and read again, and turned into one of v2 and back. libFuzzer
 * calls from one thread.
 */
#include "mrcp_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpMrcpMessage) message =
        mcp_mrcp_message_parse(MCP_MRCP_V1, data, size, &mrcp_stream_limits, &error);

    if ((message == NULL) == (error == NULL))
        __builtin_trap();
    mrcp_stream_check(MCP_MRCP_V1, data, size);
    return 0;
}
