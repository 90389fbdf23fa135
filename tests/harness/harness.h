/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "server/core.h"

#include <mcp/contract/credentials.h>
#include <mcp/contract/dialog.h>
#include <mcp/contract/media.h>
#include <mcp/contract/signalling.h>

/**
 * Boots the real core in this process with fake signalling, media and dialog providers. Everything
 * that the core does to a fake is noted as a word in its journal; tests wait for words and send
 * events back. Main thread; fakes lock their journals because shards write them.
 */
typedef struct {
    McpCore *core;
    McpClock *clock; /* the real one, for waiting */
    char *folder;    /* temporary, with mcp.conf and records.jsonl */
    char *config;
    char *plugins;    /* further ones, each after ", " */
    char *core_lines; /* further lines of [core] */
    gboolean started;
    gboolean stopped;
    gboolean drained;
    GError *error;
} Harness;

/** harness_new: starts a platform with the fakes and @extra lines of configuration. */
Harness *harness_new(const char *extra);
/**
 * harness_new_with: the same with the plugins @more (NULL-terminated) in the process, and with
 * @plugins (", a, b") named in the configuration, which are loaded from MCP_BUILD_ROOT unless they
 * are of @more.
 */
Harness *harness_new_with(const McpPluginDesc *const *more, const char *plugins, const char *extra);
/** harness_new_virtual: as harness_new(), but time stands still until mcp_clock_advance(). */
Harness *harness_new_virtual(const char *extra);
/** harness_free: stops it; fails when a deadline passes or an object is left. */
void harness_free(Harness *harness);
/** harness_write_config: replaces the configuration file, for reloads. */
void harness_write_config(Harness *harness, const char *extra);

typedef gboolean (*HarnessCondition)(gpointer user_data);
/** harness_wait: runs the control context until @condition holds; fails after 10 s. */
void harness_wait(Harness *harness, HarnessCondition condition, gpointer user_data,
                  const char *what);
/** harness_read_records: (transfer full): the JSON lines written so far. */
char *harness_read_records(Harness *harness);

/** FakeJournal: words in order, under a lock. */
typedef struct {
    GMutex lock;
    GString *words;
} FakeJournal;

void fake_journal_add(FakeJournal *journal, const char *format, ...) G_GNUC_PRINTF(2, 3);
/** fake_journal_wait: until the journal contains @words. */
void fake_journal_wait(Harness *harness, FakeJournal *journal, const char *words);

/** fake_journal_has: whether it does now. */
gboolean fake_journal_has(FakeJournal *journal, const char *words);

#define FAKE_TYPE_SESSION (fake_session_get_type())
G_DECLARE_FINAL_TYPE(FakeSession, fake_session, FAKE, SESSION, GObject)

/** fake_call_in: an INVITE from @address to sip:@user@host arrives. */
FakeSession *fake_call_in(Harness *harness, const char *user, const char *address);
/** fake_call_in_with: the same with an offer or without (@sdp NULL). */
FakeSession *fake_call_in_with(Harness *harness, const char *user, const char *address,
                               const char *sdp);
/** fake_replace: the same with Replaces, which names @old. */
FakeSession *fake_replace(Harness *harness, FakeSession *old, const char *address);
/** fake_session_emit: an event of the remote side; @sdp nullable. */
void fake_session_emit(FakeSession *session, McpSessionEventType type, guint status,
                       const char *reason, const char *sdp);
/** fake_session_info: an INFO with a body. */
void fake_session_info(FakeSession *session, const char *content_type, const char *body);
/** fake_session_refer: a REFER to @target, with Replaces and Referred-By. */
void fake_session_refer(FakeSession *session, const char *target);
FakeJournal *fake_session_journal(FakeSession *session);
/** fake_session_call_id: (transfer none) (nullable): of the call that it arrived for. */
const char *fake_session_call_id(FakeSession *session);
/** fake_session_sdp: (transfer full) (nullable): what the core answered last. */
McpSdp *fake_session_sdp(FakeSession *session);
/** fake_last_placed: (transfer full) (nullable): the session that the core placed last. */
FakeSession *fake_last_placed(void);

extern const McpPluginDesc fake_signalling_desc;
extern const McpPluginDesc fake_media_desc;
extern const McpPluginDesc fake_dialog_desc;

/** What the next leg or dialog is to do. Set before the call. */
typedef struct {
    gboolean refuse_ports;  /* create_leg: MCP_ERROR_LIMIT */
    gboolean refuse_answer; /* answer: MCP_ERROR_MEDIA */
    gboolean refuse_room;   /* open_room: MCP_ERROR_LIMIT */
    gboolean no_media;      /* dialog: prepare says MCP_DIALOG_MEDIA_NONE */
    guint reject_status;    /* dialog: prepare rejects with this */
    gboolean hold_prepare;  /* dialog: prepare finishes with fake_release_prepare() */
    gboolean end_at_start;  /* dialog: ends as soon as it is started */
    gboolean end_on_terminate;
    gboolean add_line;    /* dialog: an m=application line behind the leg's answer */
    gboolean refuse_line; /* dialog: the offer is refused with 488 */
} FakePlan;

extern FakePlan fake_plan;
FakeJournal *fake_media_journal(void);
/** fake_media_tell: the call whose leg was made last hears @event of it; its texts are static. */
void fake_media_tell(const McpLegEvent *event);
FakeJournal *fake_dialog_journal(void);
/** fake_release_prepare: finishes a held prepare. */
void fake_release_prepare(void);
/** fake_end_dialog: the running dialog ends by itself. */
void fake_end_dialog(const char *reason);

#define FAKE_TYPE_CREDENTIALS (fake_credentials_get_type())
G_DECLARE_FINAL_TYPE(FakeCredentials, fake_credentials, FAKE, CREDENTIALS, GObject)

/** fake_credentials_new: (transfer full): a provider of credentials without any. */
FakeCredentials *fake_credentials_new(void);
/** fake_credentials_put: puts a set, or one in place of another: watchers are told. */
void fake_credentials_put(FakeCredentials *credentials, McpCredentialSet *set);
