/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/** McpdOptions: the command line. */
typedef struct {
    char *config;
    gboolean check;
    gboolean dump;
    gboolean reference;
    gboolean version;
} McpdOptions;

/** mcpd_options_parse: FALSE after a message on standard error. */
gboolean mcpd_options_parse(int *argc, char ***argv, McpdOptions *options);
