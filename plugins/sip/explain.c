/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What would become of an INVITE. It is parsed as if a socket had got it, goes through the checks
 * of server.c, then through those of the core. SIP context.
 */
#include "explain.h"

#include "header_text.h"
#include "invite_check.h"
#include "message.h"
#include "stateless.h"
#include "transport.h"

#include <mcp/error.h>
#include <sofia-sip/msg_mclass.h>
#include <string.h>

#define DEFAULT_SOURCE "127.0.0.1"

typedef struct {
    McpSipStack *stack;
    GTask *task;
    GString *text; /* as it would come over the wire */
    gboolean mended;
    GInetAddress *source;
    guint port;
    char *protocol;
    char *identities[2]; /* NULL-terminated */
    McpExplain *explain;
    tport_t *transport;
    msg_t *message; /* nullable */
} Question;

static void
question_free(Question *question)
{
    if (question->message != NULL)
        msg_destroy(question->message);
    g_string_free(question->text, TRUE);
    g_object_unref(question->source);
    g_free(question->protocol);
    g_free(question->identities[0]);
    mcp_explain_unref(question->explain);
    g_object_unref(question->task);
    mcp_sip_stack_unref(question->stack);
    g_free(question);
}

/* An editor's line ends become those of the wire, and the length of the body follows. */
static void
mend_line_ends(Question *question)
{
    GString *text = question->text;
    char *head_end = NULL;
    GString *mended = NULL;

    if (memchr(text->str, '\r', text->len) != NULL)
        return;
    question->mended = g_string_replace(text, "\n", "\r\n", 0) > 0;
    head_end = strstr(text->str, "\r\n\r\n");
    if (head_end == NULL)
        return;
    mended = g_string_new(NULL);
    for (char *line = text->str; line < head_end; line = strstr(line, "\r\n") + 2) {
        gsize length = (gsize)(strstr(line, "\r\n") + 2 - line);

        if (g_ascii_strncasecmp(line, "Content-Length", 14) != 0 &&
            g_ascii_strncasecmp(line, "l:", 2) != 0)
            g_string_append_len(mended, line, (gssize)length);
    }
    g_string_append_printf(mended, "Content-Length: %" G_GSIZE_FORMAT "%s",
                           text->len - (gsize)(head_end + 4 - text->str), head_end);
    question->text = mended;
    g_string_free(text, TRUE);
}

/* That of TLS is behind the front, and IPv4 whatever is outside. */
static tport_t *
find_socket(McpSipStack *stack, const char *protocol, gboolean ipv6)
{
    gboolean tls = strcmp(protocol, "tls") == 0;

    for (tport_t *transport = tport_primaries(nta_agent_tports(stack->agent)); transport != NULL;
         transport = tport_next(transport)) {
        if (strcmp(mcp_sip_transport_protocol(transport), protocol) == 0 &&
            (tls || !tport_has_ip6(transport) == !ipv6))
            return transport;
    }
    return NULL;
}

static void
fill_sockaddr(const Question *question, su_sockaddr_t *address)
{
    gsize length = g_inet_address_get_native_size(question->source);

    memset(address, 0, sizeof *address);
    address->su_family = length == 16 ? AF_INET6 : AF_INET;
    address->su_port = htons((guint16)question->port);
    memcpy(SU_ADDR(address), g_inet_address_to_bytes(question->source), length);
}

/* As the transport does: a buffer of the message is filled, then parsed to the end. */
static gboolean
parse(Question *question)
{
    const McpSipConfig *config = question->stack->config;
    msg_t *message = nta_msg_create(question->stack->agent, 0);
    su_sockaddr_t address;
    msg_iovec_t part = {0};

    question->message = message;
    msg_maxsize(message, config->max_message);
    fill_sockaddr(question, &address);
    msg_set_address(message, &address, SU_SOCKADDR_SIZE(&address));
    if (msg_recv_iovec(message, &part, 1, question->text->len, 1) != 1)
        return FALSE;
    memcpy(part.mv_base, question->text->str, question->text->len);
    msg_recv_commit(message, question->text->len, 1);
    msg_extract(message);
    return sip_object(message) != NULL;
}

/* Whether a line is a header of this name, in whatever form; NULL: one without a name. */
static gboolean
is_header(const Question *question, const char *line, gsize length, const char *name)
{
    g_autofree char *text = g_strndup(line, length);
    const msg_href_t *found = NULL;
    isize_t end = 0;

    if (name == NULL)
        return strchr(text, ':') == NULL && text[0] != ' ' && text[0] != '\t';
    found = msg_find_hclass(question->stack->message_class, text, &end);
    return found != NULL && found->hr_class->hc_name != NULL &&
           g_ascii_strcasecmp(found->hr_class->hc_name, name) == 0;
}

/* First line with a header of this name, 0 when there is none. */
static guint
line_of(const Question *question, const char *name)
{
    const char *at = strchr(question->text->str, '\n');

    for (guint line = 2; at != NULL && at[1] != '\r' && at[1] != '\0'; line++) {
        const char *begin = at + 1;
        gsize length = strcspn(begin, "\r\n");

        if (is_header(question, begin, length, name))
            return line;
        at = strchr(begin, '\n');
    }
    return 0;
}

static gboolean
refuse(Question *question, guint status, const char *text)
{
    mcp_explain_add(question->explain, "message", MCP_EXPLAIN_REFUSED, "%u: %s", status, text);
    return FALSE;
}

/* The first header that the parser stumbled over. */
static gboolean
refuse_fault(Question *question, const sip_t *sip)
{
    const sip_error_t *fault = sip->sip_error;
    const char *name = NULL;
    g_autofree char *text = NULL;

    if (fault == NULL)
        return refuse(question, 400,
                      "a header is missing or contradicts another one: Via, From, "
                      "To, Call-ID, CSeq, request-URI");
    name = fault->er_common->h_class == sip_error_class ? fault->er_name
                                                        : fault->er_common->h_class->hc_name;
    text = g_strdup_printf("line %u is faulty: header %s", line_of(question, name),
                           name != NULL ? name : "without a name");
    return refuse(question, 400, text);
}

/* What the library refuses by itself, by the marks that its parser left (nta's order). */
static gboolean
check_message(Question *question, const sip_t *sip, guint *out_status)
{
    if ((sip->sip_flags & MSG_FLG_TOOLARGE) != 0) {
        *out_status = 413;
        return refuse(question, 413, "larger than [sip] max_message_size");
    }
    *out_status = 400;
    if (sip->sip_error != NULL || (sip->sip_flags & MSG_FLG_ERROR) != 0 ||
        sip_sanity_check(sip) < 0)
        return refuse_fault(question, sip);
    *out_status = 505;
    if (!su_casematch(sip->sip_request->rq_version, sip_version_2_0))
        return refuse(question, 505, "no SIP/2.0");
    mcp_explain_add(question->explain, "message", MCP_EXPLAIN_PASSED, "well formed, %s%s",
                    sip->sip_request->rq_method_name,
                    question->mended ? "; line ends were LF, taken as CRLF" : "");
    return TRUE;
}

static void
finish(Question *question, guint status, const char *reason, const char *warning, guint retry_after)
{
    McpJson *json = mcp_json_new();
    gboolean accepted = status < 300;

    mcp_json_begin_object(json, NULL);
    mcp_json_bool(json, "accepted", accepted);
    mcp_json_int(json, "status", status);
    mcp_json_string(json, "phrase", sip_status_phrase((int)status));
    mcp_json_string(json, "reason", reason);
    mcp_json_string(json, "warning", warning);
    if (retry_after > 0)
        mcp_json_int(json, "retry_after", retry_after);
    mcp_explain_write(question->explain, json);
    mcp_json_end_object(json);
    g_task_return_pointer(question->task, mcp_json_finish(json), g_free);
    question_free(question);
}

static void
finish_refused(Question *question, const McpSipRefused *refused)
{
    g_autofree char *reason = mcp_sip_reason_value(refused->status, refused->text);
    g_autofree char *warning =
        mcp_sip_stateless_warning(question->transport, refused->status, refused->text);

    finish(question, refused->status, reason, warning, refused->retry_after);
}

static void
on_core(const McpReject *reject, gpointer user_data)
{
    Question *question = user_data;
    g_autofree char *reason = NULL;
    g_autofree char *warning = NULL;

    if (reject == NULL) {
        mcp_explain_add(question->explain, "answer", MCP_EXPLAIN_NOTED,
                        "200, if the dialog can fetch what it needs");
        finish(question, 200, NULL, NULL, 0);
        return;
    }
    reason = mcp_sip_reject_reason(reject);
    warning = mcp_sip_reject_warning(reject, mcp_sip_transport_host(question->transport));
    finish(question, mcp_sip_reject_status(reject), reason, warning, reject->retry_after);
}

static void
explain_headers(Question *question, const McpInvite *invite)
{
    g_autoptr(GString) names = g_string_new(NULL);

    for (guint i = 0; i < invite->headers->len; i++) {
        const McpHeader *header = invite->headers->pdata[i];

        g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", header->name);
    }
    mcp_explain_add(question->explain, "headers", MCP_EXPLAIN_NOTED, "handed to the dialog: %s",
                    names->len > 0 ? names->str : "none");
    for (guint i = 0; i < invite->uri_parameters->len; i++) {
        const McpHeader *parameter = invite->uri_parameters->pdata[i];

        mcp_explain_add(question->explain, "parameter", MCP_EXPLAIN_NOTED, "%s", parameter->name);
    }
}

/* (nullable): what the other side's certificate would say; NULL when it is not TLS. */
static const char *const *
identities_of(const Question *question)
{
    return strcmp(question->protocol, "tls") == 0 ? (const char *const *)question->identities
                                                  : NULL;
}

/*
 * Credentials are for the moment and the address that they were made for: only a request without
 * any can be judged here.
 */
static gboolean
explain_account(Question *question, McpInvite *invite, const sip_t *sip, McpSipRefused *out)
{
    if (!mcp_calls_has_accounts(question->stack->calls, question->source, identities_of(question)))
        return TRUE;
    if (sip->sip_authorization != NULL) {
        mcp_explain_add(question->explain, "account", MCP_EXPLAIN_NOTED,
                        "credentials are looked at only when they come over the network");
        return TRUE;
    }
    if (mcp_sip_check_account(question->stack, invite, sip, question->message,
                              identities_of(question), out)) {
        mcp_explain_add(question->explain, "account", MCP_EXPLAIN_PASSED,
                        "none is needed: the peer may use some service");
        return TRUE;
    }
    mcp_explain_add(question->explain, "account", MCP_EXPLAIN_REFUSED, "%u: %s", out->status,
                    out->text);
    return FALSE;
}

static void
explain_invite(Question *question, const sip_t *sip)
{
    g_auto(McpSipRefused) refused = {0};
    g_autoptr(McpInvite) invite = mcp_sip_check_invite_uri(sip, &refused);

    if (invite == NULL) {
        mcp_explain_add(question->explain, "request-URI", MCP_EXPLAIN_REFUSED, "%u: %s",
                        refused.status, refused.text);
        finish_refused(question, &refused);
        return;
    }
    mcp_calls_explain_peer(question->stack->calls, question->source, identities_of(question),
                           question->explain);
    mcp_sip_check_source(question->stack, invite, question->message, question->transport,
                         identities_of(question));
    if (!explain_account(question, invite, sip, &refused) ||
        !mcp_sip_check_invite(question->stack, invite, sip, question->explain, &refused)) {
        finish_refused(question, &refused);
        return;
    }
    explain_headers(question, invite);
    mcp_calls_explain(question->stack->calls, invite, question->explain, on_core, question);
}

static void
explain_request(Question *question, const sip_t *sip)
{
    g_auto(McpSipRefused) refused = {0};
    guint status = 0;

    if (!check_message(question, sip, &status)) {
        finish(question, status, NULL, NULL, 0);
    } else if (!mcp_sip_check_method(sip, &refused)) {
        mcp_explain_add(question->explain, "method", MCP_EXPLAIN_REFUSED, "%u: %s", refused.status,
                        refused.text);
        finish_refused(question, &refused);
    } else if (sip->sip_request->rq_method != sip_method_invite) {
        g_task_return_new_error(question->task, MCP_ERROR, MCP_ERROR_INVALID, "%s is no INVITE",
                                sip->sip_request->rq_method_name);
        question_free(question);
    } else {
        explain_invite(question, sip);
    }
}

static void
fail(Question *question, const char *text)
{
    g_task_return_new_error(question->task, MCP_ERROR, MCP_ERROR_INVALID, "%s", text);
    question_free(question);
}

static void
do_explain(gpointer object, gpointer data)
{
    Question **box = data;
    Question *question = g_steal_pointer(box);
    const sip_t *sip = NULL;

    question->transport =
        find_socket(question->stack, question->protocol,
                    g_inet_address_get_family(question->source) == G_SOCKET_FAMILY_IPV6);
    if (question->transport == NULL) {
        fail(question, "no socket has this transport and address family");
        return;
    }
    if (parse(question))
        sip = sip_object(question->message);
    if (sip == NULL || sip->sip_request == NULL)
        fail(question, "line 1 is no SIP request: nothing would be answered");
    else
        explain_request(question, sip);
}

/* Empty once do_explain() has taken what was in it. */
static void
drop_box(gpointer data)
{
    g_autofree Question **box = data;

    if (*box != NULL)
        fail(*box, "signalling takes no requests at present");
}

static gboolean
read_source(Question *question, const char *source)
{
    g_autofree char *host = NULL;

    if (!mcp_sip_split_address(source != NULL ? source : DEFAULT_SOURCE, 5060, &host,
                               &question->port))
        return FALSE;
    question->source = g_inet_address_new_from_string(host);
    return question->source != NULL;
}

void
mcp_sip_explain(McpSipStack *stack, const McpExplainParams *params, GTask *task)
{
    Question *question = g_new0(Question, 1);
    Question **box = NULL;

    question->stack = mcp_sip_stack_ref(stack);
    question->task = task;
    question->explain = mcp_explain_new();
    question->text = g_string_new_len(params->text, (gssize)params->length);
    question->protocol = g_strdup(params->transport != NULL ? params->transport : "udp");
    question->identities[0] = g_strdup(params->identity);
    if (!read_source(question, params->source)) {
        question->source = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
        fail(question, "the source is no address");
        return;
    }
    mend_line_ends(question);
    box = g_new(Question *, 1);
    *box = question;
    mcp_sip_stack_post(stack, NULL, do_explain, box, drop_box, TRUE);
}
