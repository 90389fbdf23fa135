/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mcp-bare-nua: the SIP library's own user agent answers, and hangs up "short" calls after a
 * second; no media, nothing else. What setting up a call costs with it on this machine is a measure
 * that can be compared between machines. One thread.
 */
#include <signal.h>
#include <sofia-sip/nua.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/su_wait.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHORT_CALL_MS 1000

static const char answer[] = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n"
                             "t=0 0\r\nm=audio 9 RTP/AVP 0\r\na=inactive\r\n";
static volatile sig_atomic_t stopped;

static void
on_short_call_over(su_root_magic_t *magic, su_timer_t *timer, su_timer_arg_t *arg)
{
    (void)magic;
    nua_bye((nua_handle_t *)arg, TAG_END());
    su_timer_destroy(timer);
}

/* lint: allow parameters the library's callback has this signature */
static void
on_event(nua_event_t event, int status, const char *phrase, nua_t *nua, nua_magic_t *magic,
         nua_handle_t *handle, nua_hmagic_t *handle_magic, const sip_t *sip, tagi_t tags[])
{
    su_root_t *root = (su_root_t *)magic;
    su_timer_t *timer = NULL;

    (void)phrase, (void)nua, (void)handle_magic, (void)tags;
    if (event == nua_i_invite) {
        const char *user = sip->sip_request->rq_url->url_user;

        nua_respond(handle, SIP_200_OK, SIPTAG_CONTENT_TYPE_STR("application/sdp"),
                    SIPTAG_PAYLOAD_STR(answer), TAG_END());
        if (user == NULL || strcmp(user, "short") != 0)
            return;
        timer = su_timer_create(su_root_task(root), SHORT_CALL_MS);
        su_timer_set(timer, on_short_call_over, (su_timer_arg_t *)handle);
    } else if (event == nua_i_bye || (event == nua_r_bye && status >= 200)) {
        nua_handle_destroy(handle);
    }
}

static void
on_signal(int number)
{
    (void)number;
    stopped = 1;
}

int
main(int argc, char *argv[])
{
    char uri[64];
    su_root_t *root = NULL;
    nua_t *nua = NULL;

    if (argc != 3 || strcmp(argv[1], "--port") != 0) {
        fprintf(stderr, "usage: mcp-bare-nua --port PORT\n");
        return 2;
    }
    signal(SIGTERM, on_signal);
    signal(SIGINT, on_signal);
    snprintf(uri, sizeof uri, "sip:127.0.0.1:%d;transport=udp", atoi(argv[2]));
    su_init();
    root = su_root_create(NULL);
    su_root_threading(root, 0);
    nua = nua_create(root, on_event, (nua_magic_t *)root, NUTAG_URL(uri), NUTAG_MEDIA_ENABLE(0),
                     NUTAG_AUTOANSWER(0), NUTAG_AUTOALERT(0), NUTAG_SESSION_TIMER(0), TAG_END());
    if (nua == NULL) {
        fprintf(stderr, "mcp-bare-nua: cannot listen on port %s\n", argv[2]);
        return 1;
    }
    printf("%d\n", (int)getpid());
    fflush(stdout);
    while (!stopped)
        su_root_step(root, 100);
    return 0;
}
