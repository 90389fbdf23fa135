/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service manager's notification protocol: datagrams to the socket named in NOTIFY_SOCKET.
 * Any thread.
 */
#include "mcpd/notify.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void
send_state(const char *path, const char *state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    gsize length = strlen(path);
    int fd;

    if (length == 0 || length >= sizeof address.sun_path)
        return;
    memcpy(address.sun_path, path, length);
    if (*path == '@') /* abstract name */
        address.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address,
           (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
    close(fd);
}

void
mcp_notify(const char *format, ...)
{
    const char *path = g_getenv("NOTIFY_SOCKET");
    g_autofree char *state = NULL;
    va_list args;

    if (path == NULL)
        return;
    va_start(args, format);
    state = g_strdup_vprintf(format, args);
    va_end(args);
    send_state(path, state);
}

gint64
mcp_notify_watchdog_interval(void)
{
    const char *usec = g_getenv("WATCHDOG_USEC");
    const char *pid = g_getenv("WATCHDOG_PID");

    if (usec == NULL || (pid != NULL && g_ascii_strtoll(pid, NULL, 10) != getpid()))
        return 0;
    return g_ascii_strtoll(usec, NULL, 10) / 2;
}
