/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The torture messages of RFC 4475 and RFC 5118, as they stand and changed at random, over UDP and
 * TCP: nothing may crash, and OPTIONS is answered after each. MCP_CONFORMANCE names the data. With
 * --invert no OPTIONS may be answered: every test must then fail. tests/fuzz/wire_sip.c sends many
 * more of the changed ones.
 */
#include "mutation.h"
#include "sip_server.h"

#include <string.h>

/* Changed copies of each message. */
#define MUTATIONS 40
#define MOST_CHANGES 4

static SipServer *server;
static GRand *random_numbers;
static gboolean invert;

static void
send_tcp(const char *text, gsize length)
{
    g_autoptr(GSocketClient) client =
        g_object_new(G_TYPE_SOCKET_CLIENT, "enable-proxy", FALSE, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GSocketConnection) connection = g_socket_client_connect_to_host(
        client, "127.0.0.1", (guint16)sip_server_port(server), NULL, &error);
    GOutputStream *out = NULL;

    g_assert_no_error(error);
    out = g_io_stream_get_output_stream(G_IO_STREAM(connection));
    g_output_stream_write_all(out, text, length, NULL, NULL, NULL);
}

static void
send_both(const char *text, gsize length)
{
    g_autofree char *response = peer_exchange(sip_server_port(server), text, length, 0);

    send_tcp(text, length);
}

/* The verdict of each test: whether the platform still answers. */
static void
check_alive(gboolean answered)
{
    if (!invert)
        g_assert_true(answered);
    else if (answered)
        g_test_fail_printf("inverted: OPTIONS was answered");
}

static void
ping(void)
{
    check_alive(peer_ping(sip_server_port(server)));
}

static void
test_message(gconstpointer data)
{
    const char *path = data;
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    gsize length = 0;

    g_file_get_contents(path, &text, &length, &error);
    g_assert_no_error(error);
    send_both(text, length);
    ping();
    for (guint i = 0; i < MUTATIONS && !invert; i++) {
        g_autoptr(GString) changed = g_string_new_len(text, (gssize)length);

        mutate_some(changed, random_numbers, MOST_CHANGES);
        if (i % 8 == 0)
            send_both(changed->str, changed->len);
        else
            g_free(peer_exchange(sip_server_port(server), changed->str, changed->len, 0));
    }
    if (!invert)
        ping();
}

/* The same bytes, a few at a time over one connection. */
static void
test_dribble(gconstpointer data)
{
    g_autofree char *request = peer_request("OPTIONS", "sip:127.0.0.1", "", "");
    g_autoptr(GSocketClient) client =
        g_object_new(G_TYPE_SOCKET_CLIENT, "enable-proxy", FALSE, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GSocketConnection) connection = g_socket_client_connect_to_host(
        client, "127.0.0.1", (guint16)sip_server_port(server), NULL, &error);
    GSocket *socket = g_socket_connection_get_socket(connection);
    char *transport = strstr(request, "/UDP");
    char *port = NULL;
    char buffer[4096];
    gssize length = 0;

    g_assert_no_error(error);
    memcpy(transport, "/TCP", 4);
    while ((port = strstr(request, "@LP@")) != NULL)
        memcpy(port, "5060", 4);
    for (gsize i = 0; i < strlen(request); i += 7) {
        g_socket_send(socket, request + i, MIN(7, strlen(request + i)), NULL, &error);
        g_assert_no_error(error);
    }
    g_socket_set_timeout(socket, 5);
    length = g_socket_receive(socket, buffer, sizeof buffer - 1, NULL, &error);
    g_assert_no_error(error);
    buffer[length] = '\0';
    check_alive(g_str_has_prefix(buffer, "SIP/2.0 200 "));
}

static gint
compare(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
add_folder(GPtrArray *paths, const char *root, const char *name)
{
    g_autofree char *folder = g_build_filename(root, "sip-torture", name, NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *entry = NULL;

    while (dir != NULL && (entry = g_dir_read_name(dir)) != NULL) {
        if (g_str_has_suffix(entry, ".dat") || g_str_has_suffix(entry, ".sip"))
            g_ptr_array_add(paths, g_build_filename(folder, entry, NULL));
    }
}

int
main(int argc, char **argv)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    const char *root = g_getenv("MCP_CONFORMANCE");
    static char keep_going[] = "--keep-going"; /* all of them are to fail, not the first alone */
    int result = 0;

    invert = argc > 1 && g_str_equal(argv[argc - 1], "--invert");
    if (invert)
        argv[argc - 1] = keep_going;
    g_test_init(&argc, &argv, NULL);
    add_folder(paths, root != NULL ? root : "../shared/conformance", "rfc4475");
    add_folder(paths, root != NULL ? root : "../shared/conformance", "rfc5118");
    if (paths->len == 0) {
        g_print("1..0 # SKIP no conformance data (MCP_CONFORMANCE)\n");
        return 77;
    }
    g_ptr_array_sort(paths, compare);
    for (guint i = 0; i < paths->len; i++) {
        g_autofree char *base = g_path_get_basename(paths->pdata[i]);
        g_autofree char *name = g_strdup_printf("/torture/%s", base);

        g_test_add_data_func(name, paths->pdata[i], test_message);
    }
    g_test_add_data_func("/torture/dribble", NULL, test_dribble);
    random_numbers = g_rand_new_with_seed((guint32)g_test_rand_int());
    server = sip_server_new();
    result = g_test_run();
    sip_server_free(server);
    g_rand_free(random_numbers);
    return result;
}
