/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpOauthTokens: asks the token endpoint through the fetcher, keeps what it grants, and gives it
 * to all who ask. Runs on the context it was made on.
 */
#include "access_token.h"

#include <json/json_tree.h>
#include <mcp/breaker.h>
#include <mcp/bucket.h>
#include <mcp/error.h>
#include <mcp/log.h>
#include <string.h>

#define GRANT "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="
#define SECOND G_USEC_PER_SEC
#define ASK_TIMEOUT (10 * SECOND)
#define ANSWER_MOST (64 * 1024)
#define LIFETIME_DEFAULT 3600
#define LIFETIME_MOST (24 * 3600)
/* A token is taken for ended, and renewed, so long before its end. */
#define MARGIN (30 * SECOND)
#define RENEW_AHEAD (300 * SECOND)
#define FIRST_WAIT (SECOND / 2)
#define LAST_WAIT (30 * SECOND)
/* Tokens dropped a second, and at once: an endpoint whose tokens are all refused is not flooded. */
#define DROPS 1
#define DROPS_AT_ONCE 3

struct _McpOauthTokens {
    guint refs;
    McpOauthDeps deps;
    McpOauthAccount *account;
    char *token;     /* nullable */
    gint64 renew_at; /* clock µs, as those below */
    gint64 end;
    gboolean asking;
    GPtrArray *waiters; /* GTask */
    McpBackoff backoff;
    gint64 not_before;
    GError *fault; /* why there is none before @not_before */
    McpBucket drops;
};

static void
forget_token(McpOauthTokens *tokens)
{
    if (tokens->token != NULL)
        explicit_bzero(tokens->token, strlen(tokens->token));
    g_clear_pointer(&tokens->token, g_free);
}

void
mcp_oauth_tokens_unref(McpOauthTokens *tokens)
{
    if (--tokens->refs > 0)
        return;
    forget_token(tokens);
    g_clear_error(&tokens->fault);
    g_ptr_array_unref(tokens->waiters);
    mcp_oauth_account_unref(tokens->account);
    g_free(tokens);
}

/* Callbacks may ask again at once. */
static void
answer_all(McpOauthTokens *tokens, const GError *fault)
{
    g_autoptr(GPtrArray) waiters = g_steal_pointer(&tokens->waiters);

    tokens->waiters = g_ptr_array_new_with_free_func(g_object_unref);
    for (guint i = 0; i < waiters->len; i++) {
        GTask *task = waiters->pdata[i];

        if (fault != NULL)
            g_task_return_error(task, g_error_copy(fault));
        else
            g_task_return_pointer(task, g_strdup(tokens->token), g_free);
    }
}

static void
fail(McpOauthTokens *tokens, GError *fault)
{
    gint64 wait = mcp_backoff_next(&tokens->backoff, FIRST_WAIT, LAST_WAIT);

    tokens->deps.asked(FALSE, tokens->deps.user_data);
    mcp_log_warning("token-failed", NULL, "no access token for %s: %s",
                    mcp_oauth_account_get_email(tokens->account), fault->message);
    tokens->not_before = mcp_clock_now(tokens->deps.clock) + wait;
    g_clear_error(&tokens->fault);
    tokens->fault = fault;
    answer_all(tokens, fault);
}

static void
take(McpOauthTokens *tokens, const char *token, gint64 lifetime)
{
    gint64 now = mcp_clock_now(tokens->deps.clock);
    gint64 whole = CLAMP(lifetime, 1, LIFETIME_MOST) * SECOND;

    tokens->deps.asked(TRUE, tokens->deps.user_data);
    mcp_backoff_reset(&tokens->backoff);
    tokens->not_before = 0;
    forget_token(tokens);
    tokens->token = g_strdup(token);
    tokens->end = now + whole - MIN(MARGIN, whole / 10);
    tokens->renew_at = tokens->end - MIN(RENEW_AHEAD, whole / 4);
    answer_all(tokens, NULL);
}

static const char *
text_member(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);

    if (node == NULL || json_node_get_value_type(node) != G_TYPE_STRING)
        return NULL;
    return json_node_get_string(node);
}

static gint64
lifetime_of(JsonObject *object)
{
    JsonNode *node = json_object_get_member(object, "expires_in");

    return node != NULL && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_int(node) : LIFETIME_DEFAULT;
}

/* What the endpoint says when it grants nothing (RFC 6749 §5.2). */
static GError *
refusal(guint status, JsonObject *object)
{
    const char *error = object != NULL ? text_member(object, "error") : NULL;
    const char *more = object != NULL ? text_member(object, "error_description") : NULL;
    gboolean passing = status >= 500 || status == 429 || status == 408 || status < 300;

    return g_error_new(MCP_ERROR, passing ? MCP_ERROR_FAILED : MCP_ERROR_REFUSED,
                       "the token endpoint answers %u %.60s%s%.200s", status,
                       error != NULL ? error : "", more != NULL ? ": " : "",
                       more != NULL ? more : "");
}

static gboolean
is_token(const char *token)
{
    if (token == NULL || *token == '\0')
        return FALSE;
    for (; *token != '\0'; token++)
        if (!g_ascii_isgraph(*token))
            return FALSE;
    return TRUE;
}

static void
take_answer(McpOauthTokens *tokens, const McpFetchFacts *facts)
{
    gsize length = 0;
    const char *text = g_bytes_get_data(facts->body, &length);
    g_autoptr(JsonNode) root = mcp_json_tree_parse(text != NULL ? text : "", length, NULL);
    JsonObject *object =
        root != NULL && JSON_NODE_HOLDS_OBJECT(root) ? json_node_get_object(root) : NULL;
    const char *token = object != NULL ? text_member(object, "access_token") : NULL;

    if (facts->status == 200 && is_token(token))
        take(tokens, token, lifetime_of(object));
    else
        fail(tokens, refusal(facts->status, object));
}

static void
count_nothing(gboolean granted, gpointer user_data)
{
}

static void
got_answer(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(McpOauthTokens) tokens = user_data;
    g_autoptr(GError) why = NULL;
    g_autoptr(McpFetchResponse) response =
        mcp_fetcher_fetch_finish(MCP_FETCHER(source), result, &why);
    gboolean late = g_error_matches(why, MCP_ERROR, MCP_ERROR_TIMEOUT);

    tokens->asking = FALSE;
    /* With the owner whoever counts may have gone. */
    if (tokens->refs == 1)
        tokens->deps.asked = count_nothing;
    if (response != NULL)
        take_answer(tokens, mcp_fetch_response_get_facts(response));
    else
        fail(tokens, g_error_new(MCP_ERROR, late ? MCP_ERROR_TIMEOUT : MCP_ERROR_FAILED,
                                 "the token endpoint: %s", why->message));
}

static void
ask(McpOauthTokens *tokens)
{
    const McpOauthDeps *deps = &tokens->deps;
    g_autoptr(McpFetcher) fetcher = deps->find_fetcher(deps->user_data);
    gint64 now = mcp_clock_wall(deps->clock) / SECOND;
    GError *fault = NULL;
    g_autofree char *assertion = mcp_oauth_account_assert(tokens->account, now, &fault);
    g_autofree char *form = g_strconcat(GRANT, assertion, NULL);
    g_autoptr(GBytes) body = g_bytes_new(form, strlen(form));
    McpFetchRequest request = {
        .url = mcp_oauth_account_get_token_uri(tokens->account),
        .method = "POST",
        .accept = "application/json",
        .content_type = "application/x-www-form-urlencoded",
        .body = body,
        .timeout = ASK_TIMEOUT,
        .max_age = -1,
        .max_stale = -1,
        .max_bytes = ANSWER_MOST,
    };

    if (fetcher == NULL && fault == NULL)
        fault = g_error_new(MCP_ERROR, MCP_ERROR_FAILED, "no plugin fetches over HTTP");
    if (fault != NULL) {
        fail(tokens, fault);
        return;
    }
    tokens->asking = TRUE;
    tokens->refs++;
    mcp_fetcher_fetch_async(fetcher, &request, NULL, got_answer, tokens);
}

void
mcp_oauth_tokens_get_async(McpOauthTokens *tokens, GAsyncReadyCallback callback, gpointer user_data)
{
    GTask *task = g_task_new(NULL, NULL, callback, user_data);
    gint64 now = mcp_clock_now(tokens->deps.clock);

    g_task_set_source_tag(task, mcp_oauth_tokens_get_async);
    if (tokens->token != NULL && now < tokens->end) {
        g_task_return_pointer(task, g_strdup(tokens->token), g_free);
        g_object_unref(task);
        if (now >= tokens->renew_at && !tokens->asking && now >= tokens->not_before)
            ask(tokens);
        return;
    }
    g_ptr_array_add(tokens->waiters, task);
    if (tokens->asking)
        return;
    if (now < tokens->not_before)
        answer_all(tokens, tokens->fault);
    else
        ask(tokens);
}

char *
mcp_oauth_tokens_get_finish(GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

void
mcp_oauth_tokens_drop(McpOauthTokens *tokens, const char *token)
{
    gint64 now = mcp_clock_now(tokens->deps.clock);

    if (g_strcmp0(tokens->token, token) == 0 &&
        mcp_bucket_take(&tokens->drops, now, DROPS, DROPS_AT_ONCE))
        forget_token(tokens);
}

McpOauthTokens *
mcp_oauth_tokens_new(const McpOauthDeps *deps, McpOauthAccount *account)
{
    McpOauthTokens *tokens = g_new0(McpOauthTokens, 1);

    tokens->refs = 1;
    tokens->deps = *deps;
    tokens->account = mcp_oauth_account_ref(account);
    tokens->waiters = g_ptr_array_new_with_free_func(g_object_unref);
    return tokens;
}
