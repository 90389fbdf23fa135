/* SPDX-License-Identifier: Apache-2.0 */
/* The far side of transfers: a party that does what a script says, at its time. */
#include <mcp/error.h>
#include <stdlib.h>
#include <string.h>

#include "fakes.h"

struct _FakeDialler {
    McpClock *clock;
    GStrv script;
    GPtrArray *log;
    FakeLeaveFunc leave_func;
    gpointer leave_data;
};

#define FAKE_TYPE_PARTY (fake_party_get_type())
G_DECLARE_FINAL_TYPE(FakeParty, fake_party, FAKE, PARTY, GObject)

struct _FakeParty {
    GObject parent_instance;
    FakeDialler *dialler;
    McpCalleeFunc func; /* NULL once it has ended */
    gpointer user_data;
    GPtrArray *deeds;
    McpTimer *deadline;
    gboolean answered;
};

G_DEFINE_FINAL_TYPE(FakeParty, fake_party, G_TYPE_OBJECT)

/* Something that a party does at a time. */
typedef struct {
    FakeParty *party;
    McpTimer *timer;
    char *what; /* "ringing", "early", "answer", "bye", "lost", or a status that refuses */
} Deed;

static void
deed_free(gpointer data)
{
    Deed *deed = data;

    mcp_timer_clear(&deed->timer);
    g_free(deed->what);
    g_free(deed);
}

static void
fake_party_dispose(GObject *object)
{
    FakeParty *self = FAKE_PARTY(object);

    mcp_timer_clear(&self->deadline);
    g_clear_pointer(&self->deeds, g_ptr_array_unref);
    G_OBJECT_CLASS(fake_party_parent_class)->dispose(object);
}

static void
fake_party_class_init(FakePartyClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = fake_party_dispose;
}

static void
fake_party_init(FakeParty *self)
{
    self->deeds = g_ptr_array_new_with_free_func(deed_free);
}

static void note(FakeDialler *dialler, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void
note(FakeDialler *dialler, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_ptr_array_add(dialler->log, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

static void
emit(FakeParty *self, const McpCalleeEvent *event)
{
    g_autoptr(FakeParty) hold = g_object_ref(self);
    McpCalleeFunc func = self->func;

    if (func == NULL)
        return;
    if (event->type == MCP_CALLEE_ENDED)
        self->func = NULL;
    func(event, self->user_data);
}

static void
do_deed(gpointer user_data)
{
    Deed *deed = user_data;
    FakeParty *party = deed->party;
    McpCalleeEvent event = {.type = MCP_CALLEE_ENDED, .reason = "as the script says"};

    mcp_timer_clear(&deed->timer);
    if (strcmp(deed->what, "ringing") == 0) {
        event.type = MCP_CALLEE_RINGING;
    } else if (strcmp(deed->what, "early") == 0) {
        event.type = MCP_CALLEE_EARLY;
    } else if (strcmp(deed->what, "answer") == 0) {
        event.type = MCP_CALLEE_ANSWERED;
        party->answered = TRUE;
        mcp_timer_clear(&party->deadline);
    } else if (strcmp(deed->what, "lost") == 0) {
        event.local = TRUE;
        event.status = party->answered ? 0 : 488;
    } else {
        event.status = (guint)atoi(deed->what);
    }
    emit(party, &event);
}

static void
on_deadline(gpointer user_data)
{
    FakeParty *party = user_data;
    const McpCalleeEvent event = {
        .type = MCP_CALLEE_ENDED, .status = 408, .reason = "Request Timeout"};

    mcp_timer_clear(&party->deadline);
    emit(party, &event);
}

static GObject *
dial(gpointer data, const McpCalleeParams *params, McpCalleeFunc func, gpointer user_data,
     GError **error)
{
    FakeDialler *self = data;
    FakeParty *party;

    note(self, "dial %s", params->target);
    if (strstr(params->target, "forbidden") != NULL) {
        g_set_error_literal(error, MCP_ERROR, MCP_ERROR_REFUSED, "nobody may call that");
        return NULL;
    }
    party = g_object_new(FAKE_TYPE_PARTY, NULL);
    party->dialler = self;
    party->func = func;
    party->user_data = user_data;
    party->deadline = mcp_clock_after(self->clock, NULL, params->ring_timeout, on_deadline, party);
    for (guint i = 0; self->script[i] != NULL; i++) {
        g_auto(GStrv) words = g_strsplit(self->script[i], " ", 2);
        Deed *deed;
        double seconds;

        if (words[0] == NULL || words[1] == NULL || strcmp(words[0], "refer") == 0)
            continue;
        seconds = g_ascii_strtod(words[0], NULL);
        deed = g_new0(Deed, 1);
        deed->party = party;
        deed->what = g_strdup(words[1]);
        deed->timer =
            mcp_clock_after(self->clock, NULL, (gint64)(seconds * G_USEC_PER_SEC), do_deed, deed);
        g_ptr_array_add(party->deeds, deed);
    }
    return G_OBJECT(party);
}

static gboolean
join(GObject *party, McpLeg *leg, GError **error)
{
    note(FAKE_PARTY(party)->dialler, "join");
    return TRUE;
}

static void
press(GObject *party, const McpDigit *digit)
{
    note(FAKE_PARTY(party)->dialler, "press %c", digit->digit);
}

static void
send_info(GObject *party, const char *content_type, GBytes *body)
{
    note(FAKE_PARTY(party)->dialler, "info %s", content_type);
}

static void
hang_up(GObject *party, const char *why)
{
    FakeParty *self = FAKE_PARTY(party);

    if (self->func != NULL)
        note(self->dialler, "hang-up");
    self->func = NULL;
    mcp_timer_clear(&self->deadline);
    g_ptr_array_set_size(self->deeds, 0);
}

typedef struct {
    gboolean accepted;
    guint status;
    McpVxmlReferFunc func;
    gpointer user_data;
} Word;

static gboolean
on_word(gpointer user_data)
{
    Word *word = user_data;

    word->func(word->accepted, word->status, "as the script says", word->user_data);
    return G_SOURCE_REMOVE;
}

/* "refer 202 486": the answer to the REFER, and what the NOTIFY says in the end. */
static void
refer(gpointer data, const char *target, GObject *party, McpVxmlReferFunc func, gpointer user_data)
{
    FakeDialler *self = data;
    Word *word = g_new0(Word, 1);
    guint answer = 202;
    guint last = 200;

    note(self, party != NULL ? "refer-attended %s" : "refer %s", target);
    for (guint i = 0; self->script[i] != NULL; i++) {
        g_auto(GStrv) words = g_strsplit(self->script[i], " ", 3);

        if (words[0] == NULL || words[1] == NULL || strcmp(words[0], "refer") != 0)
            continue;
        answer = (guint)atoi(words[1]);
        last = words[2] != NULL ? (guint)atoi(words[2]) : last;
    }
    word->accepted = answer < 300;
    word->status = answer >= 300 ? answer : party == NULL ? 202 : last;
    word->func = func;
    word->user_data = user_data;
    g_idle_add_full(G_PRIORITY_DEFAULT, on_word, word, g_free);
}

static void
leave(gpointer data, const char *why)
{
    FakeDialler *self = data;

    note(self, "leave");
    if (self->leave_func != NULL)
        self->leave_func(self->leave_data);
}

static void
send_caller_info(gpointer data, const char *content_type, GBytes *body)
{
    note(data, "caller-info %s", content_type);
}

const McpVxmlDialler fake_dialler = {.dial = dial,
                                     .join = join,
                                     .press = press,
                                     .send_info = send_info,
                                     .hang_up = hang_up,
                                     .refer = refer,
                                     .leave = leave,
                                     .send_caller_info = send_caller_info};

FakeDialler *
fake_dialler_new(McpClock *clock)
{
    FakeDialler *self = g_new0(FakeDialler, 1);

    self->clock = g_object_ref(clock);
    self->script = g_strsplit("", ";", -1);
    self->log = g_ptr_array_new_with_free_func(g_free);
    return self;
}

void
fake_dialler_free(FakeDialler *self)
{
    g_object_unref(self->clock);
    g_strfreev(self->script);
    g_ptr_array_unref(self->log);
    g_free(self);
}

void
fake_dialler_set_script(FakeDialler *self, const char *script)
{
    g_strfreev(self->script);
    self->script = g_strsplit(script, ";", -1);
    for (guint i = 0; self->script[i] != NULL; i++)
        g_strstrip(self->script[i]);
}

void
fake_dialler_on_leave(FakeDialler *self, FakeLeaveFunc func, gpointer user_data)
{
    self->leave_func = func;
    self->leave_data = user_data;
}

GPtrArray *
fake_dialler_get_log(FakeDialler *self)
{
    return self->log;
}
