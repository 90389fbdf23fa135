/* SPDX-License-Identifier: Apache-2.0 */
/* Parties that are called in the terminal, and REFERs of the caller; see the header. One thread. */
#include "text_dialler.h"

#include <mcp/error.h>
#include <string.h>

#include "document.h"

/* µs from the call until it is answered or refused, and of a talk of which no end is chosen. */
#define RINGING (2 * (gint64)G_USEC_PER_SEC)
#define TALK (60 * (gint64)G_USEC_PER_SEC)
#define NOBODY "nobody can be called"
#define CHOSEN "as was chosen"

struct _McpVxmlTextDialler {
    McpClock *clock;
    McpVxmlTextDiallerHooks hooks;
};

/* What was chosen. */
typedef struct {
    guint status;  /* that refuses; 0: answered */
    gboolean late; /* only when the page's patience is over */
    gboolean cut;  /* the talk ends by the network */
    gboolean open; /* the caller may end it before */
    gint64 talk;   /* µs */
} Outcome;

#define TYPE_PARTY (party_get_type())
G_DECLARE_FINAL_TYPE(Party, party, MCP_VXML_TEXT, PARTY, GObject)

struct _Party {
    GObject parent_instance;
    McpVxmlTextDialler *dialler;
    McpCalleeFunc func; /* NULL once it has ended */
    gpointer user_data;
    McpTimer *timer;
    Outcome outcome;
    gboolean answered;
};

G_DEFINE_FINAL_TYPE(Party, party, G_TYPE_OBJECT)

/* A REFER whose outcome is to come. */
typedef struct {
    McpVxmlReferFunc func;
    gpointer user_data;
    guint status;
} Referral;

/* ---- outcomes ---- */

static gboolean
parse_word(const char *word, Outcome *out)
{
    static const struct {
        const char *word;
        guint status;
    } refusals[] = {{"busy", 486}, {"noanswer", 408}, {"network_busy", 503}};

    for (guint i = 0; i < G_N_ELEMENTS(refusals); i++)
        if (strcmp(refusals[i].word, word) == 0)
            out->status = refusals[i].status;
    out->late = out->status == 408;
    out->open = strcmp(word, "answered") == 0;
    out->talk = TALK;
    return out->status != 0 || out->open;
}

static gboolean
parse_outcome(const char *text, Outcome *out)
{
    g_auto(GStrv) words = g_strsplit(text, " ", 2);
    guint64 status;

    memset(out, 0, sizeof *out);
    if (words[0] == NULL)
        return FALSE;
    if (words[1] == NULL)
        return parse_word(words[0], out);
    out->cut = strcmp(words[0], "cut") == 0;
    if (out->cut || strcmp(words[0], "answered") == 0)
        return mcp_vxml_time(words[1], &out->talk);
    if (strcmp(words[0], "refused") != 0 ||
        !g_ascii_string_to_unsigned(words[1], 10, 400, 699, &status, NULL))
        return FALSE;
    out->status = (guint)status;
    return TRUE;
}

static gboolean
choose(McpVxmlTextDialler *self, Outcome *out)
{
    g_autofree char *text = self->hooks.choose(self->hooks.user_data);

    if (text != NULL && parse_outcome(text, out))
        return TRUE;
    self->hooks.tell("hint", "#transfer says how it goes: " MCP_VXML_TEXT_OUTCOMES,
                     self->hooks.user_data);
    return FALSE;
}

/* ---- parties ---- */

static void
party_dispose(GObject *object)
{
    mcp_timer_clear(&MCP_VXML_TEXT_PARTY(object)->timer);
    G_OBJECT_CLASS(party_parent_class)->dispose(object);
}

static void
party_class_init(PartyClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = party_dispose;
}

static void
party_init(Party *self)
{
}

static void
emit(Party *self, const McpCalleeEvent *event)
{
    McpCalleeFunc func = self->func;

    if (func == NULL)
        return;
    if (event->type == MCP_CALLEE_ENDED)
        self->func = NULL;
    func(event, self->user_data);
}

static void
on_talk_end(gpointer user_data)
{
    g_autoptr(Party) party = g_object_ref(MCP_VXML_TEXT_PARTY(user_data));
    const McpCalleeEvent event = {
        .type = MCP_CALLEE_ENDED, .reason = CHOSEN, .local = party->outcome.cut};

    mcp_timer_clear(&party->timer);
    emit(party, &event);
}

static void
on_rung(gpointer user_data)
{
    g_autoptr(Party) party = g_object_ref(MCP_VXML_TEXT_PARTY(user_data));
    McpVxmlTextDialler *dialler = party->dialler;
    McpCalleeEvent event = {
        .type = MCP_CALLEE_ENDED, .status = party->outcome.status, .reason = CHOSEN};

    mcp_timer_clear(&party->timer);
    if (event.status == 0) {
        event.type = MCP_CALLEE_ANSWERED;
        party->timer =
            mcp_clock_after(dialler->clock, NULL, party->outcome.talk, on_talk_end, party);
    }
    emit(party, &event);
}

static GObject *
dial(gpointer data, const McpCalleeParams *params, McpCalleeFunc func, gpointer user_data,
     GError **error)
{
    McpVxmlTextDialler *self = data;
    Outcome outcome;
    Party *party;

    if (!choose(self, &outcome)) {
        g_set_error_literal(error, MCP_ERROR, MCP_ERROR_LIMIT, NOBODY);
        return NULL;
    }
    party = g_object_new(TYPE_PARTY, NULL);
    party->dialler = self;
    party->func = func;
    party->user_data = user_data;
    party->outcome = outcome;
    party->timer = mcp_clock_after(self->clock, NULL, outcome.late ? params->ring_timeout : RINGING,
                                   on_rung, party);
    return G_OBJECT(party);
}

static gboolean
join(GObject *object, McpLeg *leg, GError **error)
{
    Party *party = MCP_VXML_TEXT_PARTY(object);

    if (party->outcome.open)
        party->dialler->hooks.talks(party->dialler->hooks.user_data);
    return TRUE;
}

static void
press(GObject *party, const McpDigit *digit)
{
}

static void
send_info(GObject *object, const char *content_type, GBytes *body)
{
    McpVxmlTextDialler *dialler = MCP_VXML_TEXT_PARTY(object)->dialler;

    dialler->hooks.tell("passed on", content_type, dialler->hooks.user_data);
}

static void
hang_up(GObject *object, const char *why)
{
    Party *party = MCP_VXML_TEXT_PARTY(object);

    party->func = NULL;
    mcp_timer_clear(&party->timer);
}

/* ---- REFER ---- */

static gboolean
on_referred(gpointer user_data)
{
    g_autofree Referral *referral = user_data;
    guint status = referral->status;
    /* Whom it was to be put through to may be busy: of that a NOTIFY tells (RFC 3515 §2.4.4). */
    gboolean accepted = status == 200 || status == 486;

    referral->func(accepted, status, status == 503 ? NOBODY : CHOSEN, referral->user_data);
    return G_SOURCE_REMOVE;
}

/* A party that has answered is put through to. It is answered before virtual time goes on, so that
 * none is left when the call is over. */
static void
refer(gpointer data, const char *target, GObject *party, McpVxmlReferFunc func, gpointer user_data)
{
    Referral *referral = g_new0(Referral, 1);
    Outcome outcome = {0};

    if (party == NULL && !choose(data, &outcome))
        outcome.status = 503;
    referral->func = func;
    referral->user_data = user_data;
    referral->status = outcome.status == 0 ? 200 : outcome.status;
    g_idle_add(on_referred, referral);
}

static void
leave(gpointer data, const char *why)
{
    McpVxmlTextDialler *self = data;

    self->hooks.left(self->hooks.user_data);
}

static void
send_caller_info(gpointer data, const char *content_type, GBytes *body)
{
}

const McpVxmlDialler mcp_vxml_text_dialler = {.dial = dial,
                                              .join = join,
                                              .press = press,
                                              .send_info = send_info,
                                              .hang_up = hang_up,
                                              .refer = refer,
                                              .leave = leave,
                                              .send_caller_info = send_caller_info};

McpVxmlTextDialler *
mcp_vxml_text_dialler_new(McpClock *clock, const McpVxmlTextDiallerHooks *hooks)
{
    McpVxmlTextDialler *self = g_new0(McpVxmlTextDialler, 1);

    self->clock = g_object_ref(clock);
    self->hooks = *hooks;
    return self;
}

void
mcp_vxml_text_dialler_free(McpVxmlTextDialler *self)
{
    g_object_unref(self->clock);
    g_free(self);
}
