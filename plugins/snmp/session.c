/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The AgentX session (RFC 2741) as net-snmp's agent library keeps it. The library's own pings and
 * reconnects are switched off: a master that takes connections and closes them would leave one more
 * timer behind each time, each of which connects. The SNMP thread.
 */
#include "session.h"

#include <mcp/error.h>
#include <mcp/log.h>
/* The library's headers need this order, which the empty lines keep. */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <net-snmp/library/large_fd_set.h>

#define NAME "mcp-snmp"
#define NO_FOLDER "/dev/null" /* nothing can be below it */
#define ANSWER_SECONDS 1
#define PRIORITY 127 /* RFC 2741 §6.2.3: the default */

G_STATIC_ASSERT(sizeof(McpSnmpOid) == sizeof(oid));

/* Exported by the library, whose headers for them are not installed. */
extern netsnmp_session *main_session;
int subagent_startup(int major, int minor, void *server, void *client);
int subagent_open_master_session(void);
void agentx_unregister_callbacks(netsnmp_session *session);
int agentx_register(netsnmp_session *session, oid *start, size_t length, int priority, int range,
                    oid upper, int timeout, u_char flags, const char *context);
int agentx_send_ping(netsnmp_session *session);
int agentx_close_session(netsnmp_session *session, int why);

#define CLOSE_SHUTDOWN 5 /* RFC 2741 §6.2.2: reasonShutdown */

static const oid objects[] = {MCP_SNMP_ARC, MCP_SNMP_OBJECTS};

static struct {
    gboolean is_ready; /* the library is: once a process */
    McpSnmpReadFunc read;
    gpointer user_data;
    netsnmp_handler_registration *registration;
} state;

/* What matters shows in the session's state; the rest is for who looks into a fault. */
static int
log_line(int major, int minor, void *line, void *data)
{
    const struct snmp_log_message *message = line;

    mcp_log_debug("snmp-library", NULL, "%s", message->msg);
    return SNMP_ERR_NOERROR;
}

static void
forbid_files(void)
{
    static const int options[] = {
        NETSNMP_DS_LIB_DONT_READ_CONFIGS,       NETSNMP_DS_LIB_DONT_PERSIST_STATE,
        NETSNMP_DS_LIB_DISABLE_PERSISTENT_LOAD, NETSNMP_DS_LIB_DISABLE_PERSISTENT_SAVE,
        NETSNMP_DS_LIB_DONT_LOAD_HOST_FILES,
    };

    for (guint i = 0; i < G_N_ELEMENTS(options); i++)
        netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, options[i], 1);
    /* No folder of MIBs, and so no MIB, whatever the environment says; nor a folder for
     * certificates. */
    netsnmp_ds_set_string(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_MIBDIRS, "");
    netsnmp_ds_set_string(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_CONFIGURATION_DIR, NO_FOLDER);
    netsnmp_ds_set_string(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_PERSISTENT_DIR, NO_FOLDER);
}

/* Of what follows the configuration that is not read, one searches folders for certificates. */
static int
forget_followers(int major, int minor, void *server, void *data)
{
    struct snmp_gen_callback *next = NULL;

    for (struct snmp_gen_callback *at =
             snmp_callback_list(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_POST_PREMIB_READ_CONFIG);
         at != NULL; at = next) {
        next = at->next;
        snmp_unregister_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_POST_PREMIB_READ_CONFIG,
                                 at->sc_callback, at->sc_client_arg, 1);
    }
    return SNMP_ERR_NOERROR;
}

static void
make_ready(void)
{
    state.is_ready = TRUE;
    forbid_files();
    snmp_enable_calllog();
    snmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_LOGGING, log_line, NULL);
    snmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_PRE_PREMIB_READ_CONFIG,
                           forget_followers, NULL);
    netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_ROLE, 1);
    netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_NO_ROOT_ACCESS, 1);
    netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_NO_CONNECTION_WARNINGS, 1);
    init_agent(NAME);
    netsnmp_ds_set_int(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_AGENTX_PING_INTERVAL, 0);
    snmp_unregister_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_POST_READ_CONFIG,
                             subagent_startup, NULL, 0);
    init_snmp(NAME);
    netsnmp_ds_set_int(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_TIMEOUT, ANSWER_SECONDS);
    netsnmp_ds_set_int(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_RETRIES, 0);
}

static void
set_value(netsnmp_variable_list *variable, const McpSnmpValue *value)
{
    const struct counter64 number = {.high = value->number >> 32,
                                     .low = value->number & G_MAXUINT32};

    if (value->text[0] != '\0')
        snmp_set_var_typed_value(variable, ASN_OCTET_STR, value->text, strlen(value->text));
    else
        snmp_set_var_typed_value(variable, ASN_COUNTER64, &number, sizeof number);
}

static int
answer(netsnmp_mib_handler *handler, netsnmp_handler_registration *registration,
       netsnmp_agent_request_info *info, netsnmp_request_info *requests)
{
    gboolean next = info->mode == MODE_GETNEXT;

    for (; requests != NULL; requests = requests->next) {
        netsnmp_variable_list *variable = requests->requestvb;
        McpSnmpValue value = {0};
        const McpSnmpInstance *instance =
            requests->processed ? NULL
                                : state.read(variable->name, variable->name_length, next,
                                             requests->inclusive != 0, &value, state.user_data);

        if (instance != NULL) {
            snmp_set_var_objid(variable, instance->oid, instance->length);
            set_value(variable, &value);
        } else if (!next && !requests->processed) {
            netsnmp_set_request_error(info, requests, SNMP_NOSUCHINSTANCE);
        }
    }
    return SNMP_ERR_NOERROR;
}

void
mcp_snmp_session_start(McpSnmpReadFunc read, gpointer user_data)
{
    if (!state.is_ready)
        make_ready();
    state.read = read;
    state.user_data = user_data;
    state.registration = netsnmp_create_handler_registration(
        NAME, answer, objects, G_N_ELEMENTS(objects), HANDLER_CAN_RONLY);
    netsnmp_register_handler(state.registration);
}

/* As the library does when the master hangs up. */
static void
drop(void)
{
    netsnmp_session *session = main_session;

    if (session == NULL)
        return;
    agentx_unregister_callbacks(session);
    remove_trap_session(session);
    main_session = NULL;
    snmp_close(session);
}

void
mcp_snmp_session_end(void)
{
    netsnmp_session *session = main_session;

    if (session != NULL) {
        /* It would tell the master of each registration that ends. */
        agentx_unregister_callbacks(session);
        agentx_close_session(session, CLOSE_SHUTDOWN);
    }
    if (main_session != NULL) {
        remove_trap_session(main_session);
        snmp_close(main_session);
        main_session = NULL;
    }
    netsnmp_unregister_handler(state.registration);
    state.registration = NULL;
}

gboolean
mcp_snmp_session_open(const char *address, GError **error)
{
    netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET, address);
    if (subagent_open_master_session() != 0 || main_session == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED, "no AgentX session with %s", address);
        return FALSE;
    }
    if (agentx_register(main_session, (oid *)objects, G_N_ELEMENTS(objects), PRIORITY, 0, 0, 0, 0,
                        NULL))
        return TRUE;
    drop();
    g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED,
                "%s does not take the registration of " MCP_SNMP_ARC_TEXT, address);
    return FALSE;
}

gboolean
mcp_snmp_session_is_open(void)
{
    return main_session != NULL;
}

void
mcp_snmp_session_run(int wake, gint64 timeout)
{
    struct timeval wait = {.tv_sec = timeout / G_USEC_PER_SEC, .tv_usec = timeout % G_USEC_PER_SEC};
    netsnmp_large_fd_set set;
    int n = wake + 1;
    int block = 0;
    int ready = 0;

    netsnmp_large_fd_set_init(&set, FD_SETSIZE);
    NETSNMP_LARGE_FD_ZERO(&set);
    netsnmp_large_fd_setfd(wake, &set);
    /* It shortens the wait when an answer is due before. */
    snmp_select_info2(&n, &set, &wait, &block);
    ready = netsnmp_large_fd_set_select(MAX(n, wake + 1), &set, NULL, NULL, &wait);
    if (ready > 0) {
        netsnmp_large_fd_clr(wake, &set);
        snmp_read2(&set);
    } else if (ready == 0) {
        snmp_timeout();
    }
    netsnmp_large_fd_set_cleanup(&set);
}

gboolean
mcp_snmp_session_ping(void)
{
    if (main_session != NULL && agentx_send_ping(main_session))
        return TRUE;
    drop();
    return FALSE;
}

static void
add_text(netsnmp_variable_list **list, McpSnmpAlertObject object, const char *text)
{
    const oid name[] = {MCP_SNMP_ARC, MCP_SNMP_ALERT_OBJECTS, object, 0};

    snmp_varlist_add_variable(list, name, G_N_ELEMENTS(name), ASN_OCTET_STR, text, strlen(text));
}

void
mcp_snmp_session_notify(const McpSnmpNotification *notification)
{
    static const oid trap_name[] = {1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0};
    const oid trap[] = {MCP_SNMP_ARC, MCP_SNMP_NOTIFICATIONS,
                        mcp_alert_get_def(notification->alert)->oid};
    const oid suppressed_name[] = {MCP_SNMP_ARC, MCP_SNMP_ALERT_OBJECTS, MCP_SNMP_ALERT_SUPPRESSED,
                                   0};
    const gulong suppressed = notification->suppressed;
    netsnmp_variable_list *list = NULL;

    snmp_varlist_add_variable(&list, trap_name, G_N_ELEMENTS(trap_name), ASN_OBJECT_ID, trap,
                              sizeof trap);
    add_text(&list, MCP_SNMP_ALERT_SUBJECT, notification->subject);
    add_text(&list, MCP_SNMP_ALERT_TEXT, notification->text);
    add_text(&list, MCP_SNMP_ALERT_CALL, notification->call_id);
    snmp_varlist_add_variable(&list, suppressed_name, G_N_ELEMENTS(suppressed_name), ASN_UNSIGNED,
                              &suppressed, sizeof suppressed);
    send_v2trap(list);
    snmp_free_varbind(list);
}
