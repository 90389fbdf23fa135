/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "fake_disk.h"
#include "spool/journal.h"

#define FOLDER "/spool"

/** make_journal: (transfer full): on @fake, not open. */
McpJournal *make_journal(McpFakeDisk *fake, gint64 max_bytes, gboolean drop_oldest);
/** open_journal: (transfer full): and open. */
McpJournal *open_journal(McpFakeDisk *fake, gint64 max_bytes, gboolean drop_oldest);
/** make_record: (transfer full): with the id "r@number" and @size bytes that follow from it. */
McpSpoolRecord *make_record(guint number, guint flags, gsize size);
/** append_record: writes one; TRUE when it worked. */
gboolean append_record(McpJournal *journal, guint number, guint flags, gsize size);
/** read_numbers: (transfer full): of all records that can be read; their bytes are right. */
GArray *read_numbers(McpJournal *journal);
/** number_of: that of a record of make_record(), whose bytes are right. */
guint number_of(const McpSpoolRecord *record);
