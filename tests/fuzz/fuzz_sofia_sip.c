/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target for the stack's SIP parser in the two ways the platform receives messages: as one
 * datagram, and from a stream in pieces. Whatever parses is checked, printed and copied, since
 * that is what the stack does with it next. libFuzzer calls from one thread. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <sofia-sip/msg.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/msg_mclass.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_parser.h>
#include <sofia-sip/sip_util.h>
#include <sofia-sip/su_alloc.h>
#include <sofia-sip/url.h>

/* The largest message that the platform lets the stack accept. */
#define MAX_MESSAGE 65536
#define PIECES 3

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
use_url(su_home_t *home, const url_t *url)
{
    char value[64];
    if (url == NULL)
        return;
    url_port(url);
    url_have_param(url->url_params, "transport");
    url_param(url->url_params, "voicexml", value, sizeof value);
    const char *printed = url_as_string(home, url);
    url_t *again = printed != NULL ? url_make(home, printed) : NULL;
    if (again == NULL)
        return;
    url_cmp(url, again);
    url_cmp_all(url, again);
    url_sanitize(again);
}

static void
use_addresses(su_home_t *home, sip_t *sip)
{
    if (sip->sip_request != NULL)
        use_url(home, sip->sip_request->rq_url);
    if (sip->sip_from != NULL)
        use_url(home, sip->sip_from->a_url);
    if (sip->sip_to != NULL)
        use_url(home, sip->sip_to->a_url);
    for (sip_contact_t *m = sip->sip_contact; m != NULL; m = m->m_next)
        use_url(home, m->m_url);
    for (sip_route_t *r = sip->sip_route; r != NULL; r = r->r_next)
        use_url(home, r->r_url);
    if (sip->sip_refer_to != NULL)
        use_url(home, sip->sip_refer_to->r_url);
}

static void
use_message(msg_t *msg)
{
    sip_t *sip = sip_object(msg);
    if (sip == NULL || (sip->sip_request == NULL && sip->sip_status == NULL))
        return;
    sip_sanity_check(sip);
    use_addresses(msg_home(msg), sip);

    size_t printed_size = 0;
    msg_as_string(msg_home(msg), msg, NULL, 0, &printed_size);

    msg_t *copy = msg_copy(msg);
    if (copy != NULL && sip_object(copy) != NULL) {
        sip_complete_message(copy);
        msg_prepare(copy);
    }
    msg_destroy(copy);

    msg_t *deep = msg_dup(msg);
    msg_destroy(deep);
}

static void
receive_datagram(const uint8_t *data, size_t size)
{
    msg_t *msg = msg_make(sip_default_mclass(), MSG_DO_EXTRACT_COPY, data, (ssize_t)size);
    if (msg == NULL)
        return;
    use_message(msg);
    msg_destroy(msg);
}

/* Copies a piece of the stream into the message's buffers; 0 when it takes no more. */
static int
receive_piece(msg_t *msg, const uint8_t *data, size_t size)
{
    msg_iovec_t vector[2];
    issize_t count = msg_recv_iovec(msg, vector, 2, size, 0);
    if (count <= 0)
        return 0;
    size_t taken = 0;
    for (issize_t i = 0; i < count && taken < size; i++) {
        size_t part = vector[i].mv_len < size - taken ? vector[i].mv_len : size - taken;
        memcpy(vector[i].mv_base, data + taken, part);
        taken += part;
    }
    msg_recv_commit(msg, taken, 0);
    return taken == size;
}

/* Uses up the complete messages as the transport does; returns the one that is not, if any. */
static msg_t *
take_complete(msg_t *msg)
{
    int status = 1;
    while (msg != NULL && status > 0) {
        status = msg_extract(msg);
        if (status == 0)
            return msg;
        msg_t *next = status > 0 ? msg_next(msg) : NULL;
        use_message(msg);
        msg_destroy(msg);
        msg = next;
    }
    return msg;
}

static void
receive_stream(const uint8_t *data, size_t size)
{
    msg_t *msg = NULL;
    size_t step = size / PIECES + 1;
    for (size_t at = 0; at < size; at += step) {
        if (msg == NULL)
            msg = msg_create(sip_default_mclass(), MSG_DO_EXTRACT_COPY);
        if (msg == NULL)
            return;
        msg_maxsize(msg, MAX_MESSAGE);
        if (!receive_piece(msg, data + at, step < size - at ? step : size - at))
            break;
        msg = take_complete(msg);
    }
    msg_destroy(msg);
}

/* The headers beyond RFC 3261 are parsed as well. */
int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    return sip_update_default_mclass(sip_extend_mclass(NULL));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > MAX_MESSAGE)
        return 0;
    receive_datagram(data, size);
    receive_stream(data, size);
    return 0;
}
