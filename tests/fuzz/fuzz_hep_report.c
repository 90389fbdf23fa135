/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of RTCP as a capture server gets it: what the other side sent becomes a JSON object
 * or nothing, and a packet of any limit is well-formed. libFuzzer calls from one thread.
 */
#include <packet.h>
#include <rtcp_report.h>

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One object with its levels closed, as text of valid characters. */
static void
check_object(const char *text)
{
    gint depth = 0;
    gboolean quoted = FALSE;

    if (*text != '{' || !g_utf8_validate(text, -1, NULL))
        __builtin_trap();
    for (const char *p = text; *p != '\0'; p++) {
        if (quoted && *p == '\\')
            p++;
        else if (*p == '"')
            quoted = !quoted;
        else if (!quoted && (*p == '{' || *p == '['))
            depth++;
        else if (!quoted && (*p == '}' || *p == ']') && --depth == 0 && p[1] != '\0')
            __builtin_trap();
    }
    if (quoted || depth != 0)
        __builtin_trap();
}

static void
check_packet(const uint8_t *data, size_t size)
{
    static const McpTraceEnd end = {FALSE, {127, 0, 0, 1}, 9060};
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_autofree char *text = g_strndup((const char *)data, size);
    const McpHepPacket packet = {.type = MCP_HEP_TYPE_SIP,
                                 .from = &end,
                                 .to = &end,
                                 .key = text,
                                 .correlation = text,
                                 .payload = (const char *)data,
                                 .length = size};
    gsize at = 6;

    mcp_hep_packet_write(&packet, 4000, out);
    if (out->len > 4000 || ((guint)out->data[4] << 8 | out->data[5]) != out->len)
        __builtin_trap();
    while (at + 6 <= out->len && out->data[at + 5] + (out->data[at + 4] << 8) >= 6)
        at += (gsize)out->data[at + 4] << 8 | out->data[at + 5];
    if (at != out->len)
        __builtin_trap();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *report = mcp_hep_rtcp_report(data, size);

    if (report != NULL)
        check_object(report);
    check_packet(data, size);
    return 0;
}
