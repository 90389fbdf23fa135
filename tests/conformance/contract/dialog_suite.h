/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** DialogKind: what a dialog under test does. */
typedef enum {
    DIALOG_SHORT,   /* ends by itself as soon as it is started */
    DIALOG_LASTING, /* runs until it is terminated */
    DIALOG_BROKEN,  /* cannot be prepared */
    DIALOG_FAULTY,  /* cannot be made */
} DialogKind;

/** DialogProvider: the dialog service that the suite is run against, in the harness. */
typedef struct {
    const char *name;    /* of the service */
    const char *plugins; /* ", a, b": that provide it */
    char *(*open)(void); /* (transfer full): configuration lines; makes files */
    void (*close)(void);
    void (*plan)(DialogKind kind); /* nullable: before a call */
    /** @describe: parameters of a call that has a dialog of @kind; FALSE when there is none. */
    gboolean (*describe)(DialogKind kind, GHashTable *parameters);
    gboolean arrives; /* its calls come in, as one that we placed cannot have such a dialog */
} DialogProvider;

extern const DialogProvider dialog_provider;

G_END_DECLS
