/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/**
 * mcp_notify: tells the service manager @state (sd_notify protocol); without one it does nothing.
 */
void mcp_notify(const char *format, ...) G_GNUC_PRINTF(1, 2);

/** mcp_notify_watchdog_interval: µs between signs of life that are wanted; 0 for none. */
gint64 mcp_notify_watchdog_interval(void);
