/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of MRCPv2 on a connection: the input as a stream, in one piece and in pieces of a
 * size that its length chooses, which must come to the same; each message is written and read
 * again, and turned into one of v1 and back. libFuzzer calls from one thread.
 */
#include "mrcp_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mrcp_stream_check(MCP_MRCP_V2, data, size);
    return 0;
}
