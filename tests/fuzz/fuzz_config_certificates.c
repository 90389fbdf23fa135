/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of files of certificates: what is read has recipients, within the bound, that are in
 * force. libFuzzer calls from one thread.
 */
#include <certificate_file.h>
#include <stdint.h>

/* In the middle of the lives of those in the corpus. */
#define NOW 1900000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GBytes) file = g_bytes_new_static(data, size);
    g_autoptr(McpCertificates) certificates = mcp_certificate_file_read(file, "x", NOW, NULL);

    if (certificates == NULL)
        return 0;
    if (mcp_certificates_get_count(certificates) == 0 ||
        mcp_certificates_get_count(certificates) > MCP_RECIPIENTS_MAX ||
        mcp_certificates_get_expiry(certificates) <= NOW ||
        mcp_certificates_get_begin(certificates) > NOW)
        __builtin_trap();
    return 0;
}
