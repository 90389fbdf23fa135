/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands about the server as a whole. One thread.
 */
#include "ctl/command.h"
#include "ctl/table.h"

static gboolean show_origins;
static char *drain_deadline;

static const GOptionEntry config_options[] = {
    {"origins", 0, 0, G_OPTION_ARG_NONE, &show_origins, "Also say where each value comes from",
     NULL},
    {NULL},
};

static const GOptionEntry drain_options[] = {
    {"deadline", 'd', 0, G_OPTION_ARG_STRING, &drain_deadline,
     "Hang up what still runs after this time (default: [core] drain_timeout)", "TIME"},
    {NULL},
};

static char *
uptime_text(gint64 ms)
{
    gint64 seconds = ms / 1000;

    if (seconds >= 24 * 3600)
        return g_strdup_printf("%dd %dh", (int)(seconds / 86400), (int)(seconds / 3600 % 24));
    if (seconds >= 3600)
        return g_strdup_printf("%dh %dm", (int)(seconds / 3600), (int)(seconds / 60 % 60));
    return g_strdup_printf("%dm %ds", (int)(seconds / 60), (int)(seconds % 60));
}

static void
print_pools(JsonObject *pools)
{
    JsonObjectIter iter;
    const char *name = NULL;
    JsonNode *node = NULL;

    if (pools == NULL)
        return;
    json_object_iter_init_ordered(&iter, pools);
    while (json_object_iter_next_ordered(&iter, &name, &node)) {
        JsonObject *pool = JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;

        g_print("pool       %s: %d threads, %d waiting\n", name, (int)mcp_ctl_int(pool, "threads"),
                (int)mcp_ctl_int(pool, "waiting"));
    }
}

static void
print_objects(JsonObject *objects)
{
    JsonObjectIter iter;
    const char *name = NULL;
    JsonNode *node = NULL;

    if (objects == NULL)
        return;
    g_print("objects   ");
    json_object_iter_init_ordered(&iter, objects);
    while (json_object_iter_next_ordered(&iter, &name, &node))
        g_print(" %s %" G_GINT64_FORMAT, name, json_node_get_int(node));
    g_print("\n");
}

static void
print_readiness(JsonObject *health)
{
    g_autofree char *text = NULL;
    gboolean ready = FALSE;

    if (health == NULL)
        return;
    text = mcp_ctl_text(health, "text");
    ready = json_object_get_boolean_member_with_default(health, "ready", FALSE);
    if (json_object_get_boolean_member_with_default(health, "degraded", FALSE) && ready)
        g_print("health     ready, degraded: %s\n", text);
    else
        g_print("health     %s%s\n", ready ? "ready" : "not ready: ", ready ? "" : text);
}

static McpCtlExit
run_status(const McpCtlContext *context)
{
    g_autoptr(JsonNode) root = NULL;
    McpCtlExit result = mcp_ctl_ask(context, "GET", "/status", NULL, &root);
    JsonObject *status = NULL;
    g_autofree char *version = NULL;
    g_autofree char *state = NULL;
    g_autofree char *uptime = NULL;

    if (root == NULL)
        return result;
    status = json_node_get_object(root);
    version = mcp_ctl_text(status, "version");
    state = mcp_ctl_text(status, "state");
    uptime = uptime_text(mcp_ctl_int(status, "uptime_ms"));
    g_print("mcpd %s    %s for %s\n", version, state, uptime);
    print_readiness(mcp_ctl_object(status, "health"));
    g_print("calls      %d\n", (int)mcp_ctl_int(status, "calls"));
    g_print("threads    %d, at most %d expected\n",
            (int)mcp_ctl_int(mcp_ctl_object(status, "threads"), "actual"),
            (int)mcp_ctl_int(mcp_ctl_object(status, "threads"), "expected_at_most"));
    print_pools(mcp_ctl_object(status, "pools"));
    print_objects(mcp_ctl_object(status, "objects"));
    return MCP_CTL_OK;
}

/* Returns: whether the answer is no. */
static gboolean
print_probe(JsonObject *health, const char *name)
{
    static const char *const lists[] = {"reasons", "degraded"};
    JsonObject *probe = mcp_ctl_object(health, name);
    g_autofree char *status = mcp_ctl_text(probe, "status");

    g_print("%-10s %s\n", name, status);
    for (guint i = 0; i < G_N_ELEMENTS(lists); i++) {
        JsonArray *list = mcp_ctl_array(probe, lists[i]);

        for (guint j = 0; list != NULL && j < json_array_get_length(list); j++) {
            JsonObject *reason = json_array_get_object_element(list, j);
            g_autofree char *what = mcp_ctl_text(reason, "what");
            g_autofree char *subject = mcp_ctl_text(reason, "name");
            g_autofree char *text = mcp_ctl_text(reason, "text");

            g_print("           %s %s: %s\n", what, subject, text);
        }
    }
    return strcmp(status, "down") == 0;
}

static void
print_dependencies(JsonArray *list)
{
    McpCtlTable *table = mcp_ctl_table_new("DEPENDENCY PLUGIN REQUIRED STATE SINCE TEXT");

    for (guint i = 0; list != NULL && i < json_array_get_length(list); i++) {
        JsonObject *dependency = json_array_get_object_element(list, i);
        g_autofree char *name = mcp_ctl_text(dependency, "name");
        g_autofree char *plugin = mcp_ctl_text(dependency, "plugin");
        g_autofree char *required = mcp_ctl_text(dependency, "required");
        g_autofree char *state = mcp_ctl_text(dependency, "state");
        g_autofree char *since = mcp_ctl_text(dependency, "since");
        g_autofree char *text = mcp_ctl_text(dependency, "text");

        mcp_ctl_table_add(table, name, plugin, required, state, since, text);
    }
    mcp_ctl_table_print(table);
}

static McpCtlExit
run_health(const McpCtlContext *context)
{
    g_autoptr(JsonNode) root = NULL;
    McpCtlExit result = mcp_ctl_ask(context, "GET", "/health", NULL, &root);
    JsonObject *health = NULL;
    gboolean unready = FALSE;

    if (root == NULL)
        return result;
    health = json_node_get_object(root);
    print_probe(health, "live");
    unready = print_probe(health, "ready");
    print_probe(health, "startup");
    print_dependencies(mcp_ctl_array(health, "dependencies"));
    return unready ? MCP_CTL_FAILED : MCP_CTL_OK;
}

static char *
join_strings(JsonArray *array)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; array != NULL && i < json_array_get_length(array); i++)
        g_string_append_printf(text, "%s%s", i > 0 ? " " : "",
                               json_array_get_string_element(array, i));
    return g_string_free(text, FALSE);
}

static McpCtlExit
run_plugins(const McpCtlContext *context)
{
    g_autoptr(JsonNode) root = NULL;
    McpCtlExit result = mcp_ctl_ask(context, "GET", "/plugins", NULL, &root);
    JsonArray *plugins = NULL;
    McpCtlTable *table = NULL;

    if (root == NULL)
        return result;
    plugins = mcp_ctl_array(json_node_get_object(root), "plugins");
    table = mcp_ctl_table_new("NAME VERSION STATE PROVIDES SUMMARY");
    for (guint i = 0; plugins != NULL && i < json_array_get_length(plugins); i++) {
        JsonObject *plugin = json_array_get_object_element(plugins, i);
        g_autofree char *name = mcp_ctl_text(plugin, "name");
        g_autofree char *version = mcp_ctl_text(plugin, "version");
        g_autofree char *state = mcp_ctl_text(plugin, "state");
        g_autofree char *provides = join_strings(mcp_ctl_array(plugin, "provides"));
        g_autofree char *summary = mcp_ctl_text(plugin, "summary");

        mcp_ctl_table_add(table, name, version, state, provides, summary);
    }
    mcp_ctl_table_print(table);
    return MCP_CTL_OK;
}

static McpCtlExit
run_reload(const McpCtlContext *context)
{
    g_autoptr(JsonNode) root = NULL;
    McpCtlExit result = mcp_ctl_ask(context, "POST", "/reload", "{}", &root);

    if (root != NULL)
        g_print("the new settings are in force\n");
    return result;
}

static McpCtlExit
run_drain(const McpCtlContext *context)
{
    g_autoptr(JsonNode) root = NULL;
    g_autoptr(JsonBuilder) builder = mcp_ctl_body_new();
    g_autofree char *body = NULL;
    McpCtlExit result = MCP_CTL_OK;

    mcp_ctl_body_add(builder, "deadline", drain_deadline);
    body = mcp_ctl_body_finish(builder);
    result = mcp_ctl_ask(context, "POST", "/drain", body, &root);
    if (root != NULL)
        g_print("draining: no new calls, %d still running\n",
                (int)mcp_ctl_int(json_node_get_object(root), "calls"));
    return result;
}

static void
print_setting(JsonObject *setting, GString *section)
{
    g_autofree char *name = mcp_ctl_text(setting, "section");
    g_autofree char *instance = mcp_ctl_text(setting, "instance");
    g_autofree char *key = mcp_ctl_text(setting, "key");
    g_autofree char *value = mcp_ctl_text(setting, "value");
    g_autofree char *origin = mcp_ctl_text(setting, "origin");
    g_autofree char *heading = strcmp(instance, "-") == 0
                                   ? g_strdup_printf("[%s]", name)
                                   : g_strdup_printf("[%s \"%s\"]", name, instance);

    if (strcmp(section->str, heading) != 0) {
        g_print("%s%s\n", section->len > 0 ? "\n" : "", heading);
        g_string_assign(section, heading);
    }
    if (show_origins)
        g_print("%s = %s    # %s\n", key, value, origin);
    else
        g_print("%s = %s\n", key, value);
}

static McpCtlExit
run_config_show(const McpCtlContext *context)
{
    g_autoptr(JsonNode) root = NULL;
    g_autoptr(GString) section = g_string_new(NULL);
    McpCtlExit result = mcp_ctl_ask(context, "GET", "/settings", NULL, &root);
    JsonArray *settings = NULL;

    if (root == NULL)
        return result;
    settings = mcp_ctl_array(json_node_get_object(root), "settings");
    for (guint i = 0; settings != NULL && i < json_array_get_length(settings); i++)
        print_setting(json_array_get_object_element(settings, i), section);
    return MCP_CTL_OK;
}

static void
add_metric(McpCtlTable *table, JsonObject *metric)
{
    g_autofree char *name = mcp_ctl_text(metric, "name");
    g_autofree char *label = mcp_ctl_text(metric, "label");
    g_autofree char *label_value = mcp_ctl_text(metric, "label_value");
    g_autofree char *value = mcp_ctl_text(metric, "value");
    g_autofree char *unit = mcp_ctl_text(metric, "unit");
    g_autofree char *sum = mcp_ctl_text(metric, "sum");
    gboolean labelled = strcmp(label, "-") != 0;
    g_autofree char *full =
        labelled ? g_strdup_printf("%s{%s=\"%s\"}", name, label, label_value) : g_strdup(name);
    g_autofree char *shown = strcmp(sum, "-") != 0
                                 ? g_strdup_printf("%s observations, sum %s", value, sum)
                                 : g_strdup(value);

    mcp_ctl_table_add(table, full, shown, unit);
}

static void
keep_matching(JsonArray *metrics, const char *pattern)
{
    for (guint i = metrics != NULL ? json_array_get_length(metrics) : 0; i > 0; i--) {
        g_autofree char *name = mcp_ctl_text(json_array_get_object_element(metrics, i - 1), "name");

        if (!g_pattern_match_simple(pattern, name))
            json_array_remove_element(metrics, i - 1);
    }
}

static McpCtlExit
run_metrics(const McpCtlContext *context)
{
    g_autoptr(JsonNode) root = NULL;
    g_autofree char *pattern = g_strdup(context->n_args > 0 ? context->args[0] : "*");
    McpCtlExit result = mcp_ctl_client_call(context->client, "GET", "/metrics", NULL, &root);
    JsonArray *metrics = NULL;
    McpCtlTable *table = NULL;

    if (result != MCP_CTL_OK)
        return result;
    if (strpbrk(pattern, "*?") == NULL) {
        g_autofree char *plain = pattern;

        pattern = g_strdup_printf("*%s*", plain);
    }
    metrics = mcp_ctl_array(json_node_get_object(root), "metrics");
    keep_matching(metrics, pattern);
    if (context->json) {
        mcp_ctl_print_json(root);
        return MCP_CTL_OK;
    }
    table = mcp_ctl_table_new("METRIC VALUE UNIT");
    for (guint i = 0; metrics != NULL && i < json_array_get_length(metrics); i++)
        add_metric(table, json_array_get_object_element(metrics, i));
    mcp_ctl_table_print(table);
    return MCP_CTL_OK;
}

static McpCtlExit
run_log_level(const McpCtlContext *context)
{
    g_autoptr(JsonNode) root = NULL;
    g_autofree char *level = NULL;
    McpCtlExit result = MCP_CTL_OK;

    if (context->n_args > 0) {
        g_autofree char *escaped = g_strescape(context->args[0], NULL);
        g_autofree char *body = g_strdup_printf("{\"level\":\"%s\"}", escaped);

        result = mcp_ctl_ask(context, "PUT", "/log-level", body, &root);
    } else {
        result = mcp_ctl_ask(context, "GET", "/log-level", NULL, &root);
    }
    if (root == NULL)
        return result;
    level = mcp_ctl_text(json_node_get_object(root), "level");
    g_print("%s\n", level);
    return MCP_CTL_OK;
}

const McpCtlCommand mcp_ctl_server_commands[] = {
    {"status", "", "Version, state, readiness, calls, threads, pools and live objects.", 0, 0, NULL,
     run_status},
    {"health", "", "Live, ready, started, with reasons; the dependencies and how they are.", 0, 0,
     NULL, run_health},
    {"plugins", "", "The plugins with their state and what they provide.", 0, 0, NULL, run_plugins},
    {"metrics", "[PATTERN]", "Values of the metrics whose name contains or matches PATTERN.", 0, 1,
     NULL, run_metrics},
    {"config show", "", "The settings in force, secrets masked.", 0, 0, config_options,
     run_config_show},
    {"log level", "[LEVEL]", "Shows or sets the log level: error, warning, info, debug.", 0, 1,
     NULL, run_log_level},
    {"reload", "", "Reads the configuration anew: all of it is valid, or the old one stays.", 0, 0,
     NULL, run_reload},
    {"drain", "", "Takes no new calls and ends mcpd when the last one is over.", 0, 0,
     drain_options, run_drain},
    {NULL},
};
