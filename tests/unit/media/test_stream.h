/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/store.h>

G_BEGIN_DECLS

/** A store stream in memory. */
#define TEST_TYPE_STREAM (test_stream_get_type())
G_DECLARE_FINAL_TYPE(TestStream, test_stream, TEST, STREAM, GObject)
struct _TestStream {
    GObject parent_instance;
    GMutex lock;
    GByteArray *bytes;
    gboolean committed, aborted, full;
};
TestStream *test_stream_new(void);
/** test_stream_copy: (transfer full): what it has now. */
GByteArray *test_stream_copy(TestStream *stream);
/** test_stream_set_full: from now on nothing is taken. */
void test_stream_set_full(TestStream *stream);

G_END_DECLS
