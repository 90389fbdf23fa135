/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Session descriptions: what the parser reads and refuses, that text and meaning survive a round
 * trip, and that mutated text never does harm.
 */
#include <mcp/error.h>
#include <mcp/sdp.h>
#include <string.h>

#define HEAD "v=0\r\no=alice 2890844526 2890844527 IN IP4 host.example.com\r\ns=-\r\n"
#define CONNECTION "c=IN IP4 192.0.2.1\r\n"
#define TIME "t=0 0\r\n"

static const char offer_text[] = HEAD
    "i=a call\r\nu=http://example.com/\r\ne=a@example.com\r\n" CONNECTION "b=AS:64\r\n" TIME
    "r=604800 3600 0\r\na=recvonly\r\na=tool:phone 1.0\r\n"
    "m=audio 49170/2 RTP/AVP 0 8 97 101 97\r\n"
    "b=TIAS:64000\r\n"
    "a=rtpmap:97 L16/16000/2\r\n"
    "a=rtpmap:101 telephone-event/8000\r\n"
    "a=fmtp:101 0-15\r\n"
    "a=ptime:20\r\na=maxptime:60.5\r\na=sendonly\r\na=candidate:1 1 UDP 1 192.0.2.1 9 typ host\r\n"
    "m=video 0 RTP/AVP 31 32\r\n"
    "m=application 9 TCP/MRCPv2 1\r\n"
    "c=IN IP6 2001:db8::5\r\na=setup:active\r\na=channel:32AECB23433801@speechsynth\r\n";

static McpSdp *
parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    McpSdp *sdp = mcp_sdp_parse(text, strlen(text), &error);

    g_assert_no_error(error);
    g_assert_nonnull(sdp);
    return sdp;
}

static void
test_session(void)
{
    g_autoptr(McpSdp) sdp = parse(offer_text);

    g_assert_cmpstr(mcp_sdp_get_text(sdp), ==, offer_text);
    g_assert_cmpstr(mcp_sdp_get_origin(sdp), ==,
                    "alice 2890844526 2890844527 IN IP4 host.example.com");
    g_assert_cmpuint(mcp_sdp_get_version(sdp), ==, 2890844527u);
    g_assert_cmpuint(mcp_sdp_get_n_media(sdp), ==, 3);
    g_assert_cmpstr(mcp_sdp_get_attribute(sdp, "tool"), ==, "phone 1.0");
    g_assert_cmpstr(mcp_sdp_get_attribute(sdp, "recvonly"), ==, "");
    g_assert_null(mcp_sdp_get_attribute(sdp, "ptime"));
}

static void
test_audio(void)
{
    g_autoptr(McpSdp) sdp = parse(offer_text);
    const McpSdpMedia *audio = mcp_sdp_get_media(sdp, 0);

    g_assert_cmpstr(audio->type, ==, "audio");
    g_assert_cmpuint(audio->port, ==, 49170);
    g_assert_cmpstr(audio->protocol, ==, "RTP/AVP");
    g_assert_cmpstr(audio->address, ==, "192.0.2.1");
    g_assert_false(audio->ipv6);
    g_assert_cmpint(audio->direction, ==, MCP_SDP_SENDONLY);
    g_assert_cmpuint(audio->ptime, ==, 20);
    g_assert_cmpuint(audio->maxptime, ==, 60);
    g_assert_cmpuint(g_strv_length(audio->raw_formats), ==, 5);
    g_assert_cmpuint(audio->n_formats, ==, 4);
    g_assert_cmpstr(audio->formats[0].encoding, ==, "PCMU");
    g_assert_cmpuint(audio->formats[1].clock_rate, ==, 8000);
    g_assert_cmpuint(audio->formats[1].channels, ==, 1);
    g_assert_cmpstr(audio->formats[2].encoding, ==, "L16");
    g_assert_cmpuint(audio->formats[2].clock_rate, ==, 16000);
    g_assert_cmpuint(audio->formats[2].channels, ==, 2);
    g_assert_cmpuint(audio->formats[3].payload_type, ==, 101);
    g_assert_cmpstr(audio->formats[3].fmtp, ==, "0-15");
    g_assert_cmpstr(mcp_sdp_media_get_attribute(audio, "candidate"), ==,
                    "1 1 UDP 1 192.0.2.1 9 typ host");
    g_assert_cmpuint(audio->n_attributes, ==, 7);
}

static void
test_other_media(void)
{
    g_autoptr(McpSdp) sdp = parse(offer_text);
    const McpSdpMedia *video = mcp_sdp_get_media(sdp, 1);
    const McpSdpMedia *control = mcp_sdp_get_media(sdp, 2);

    g_assert_cmpuint(video->port, ==, 0);
    g_assert_cmpint(video->direction, ==, MCP_SDP_RECVONLY);
    g_assert_cmpuint(control->n_formats, ==, 0);
    g_assert_cmpstr(control->raw_formats[0], ==, "1");
    g_assert_true(control->ipv6);
    g_assert_cmpstr(control->address, ==, "2001:db8::5");
    g_assert_cmpstr(mcp_sdp_media_get_attribute(control, "setup"), ==, "active");
}

static void
test_tolerance(void)
{
    g_autoptr(McpSdp) bare = parse("v=0\no=- 1  1 IN IP4 0.0.0.0\ns= \nt=0 0\n"
                                   "m=audio 4000 RTP/AVP 18 99");
    g_autoptr(McpSdp) blank = parse(HEAD CONNECTION TIME "\r\n\r\n");
    const McpSdpMedia *audio = mcp_sdp_get_media(bare, 0);

    g_assert_cmpstr(mcp_sdp_get_text(bare), ==,
                    "v=0\r\no=- 1  1 IN IP4 0.0.0.0\r\ns= \r\nt=0 0\r\n"
                    "m=audio 4000 RTP/AVP 18 99\r\n");
    g_assert_null(audio->address);
    g_assert_cmpstr(audio->formats[0].encoding, ==, "G729");
    g_assert_cmpstr(audio->formats[1].encoding, ==, "");
    g_assert_cmpuint(mcp_sdp_get_n_media(blank), ==, 0);
}

static const struct {
    const char *text;
    const char *fault;
} faulty[] = {
    {"", "line 1: no o= line"},
    {"v=1\r\n", "line 1: does not begin with v=0"},
    {"v=0\r\ns=-\r\n", "line 2: v= is not followed by o="},
    {"v=0\r\no=- 1 1 IN IP4\r\n", "line 2: o= needs six fields"},
    {"v=0\r\no=- 1 1 IN IP4 a b\r\n", "line 2: o= needs six fields"},
    {"v=0\r\no=- x 1 IN IP4 a\r\n", "line 2: session id is no number"},
    {"v=0\r\no=- 1 99999999999999999999999 IN IP4 a\r\n", "line 2: session version is no number"},
    {HEAD, "line 3: no t= line"},
    {HEAD "s=x\r\n", "line 4: second s= line"},
    {HEAD "o=- 1 1 IN IP4 a\r\n", "line 4: second o= line"},
    {HEAD "v=0\r\n", "line 4: second v= line"},
    {HEAD "T=0\r\n", "line 4: not of the form x=value"},
    {HEAD "t\r\n", "line 4: not of the form x=value"},
    {HEAD "\r\nt=0 0\r\n", "line 4: not of the form x=value"},
    {HEAD "i=a\rb\r\n", "line 4: control character"},
    {HEAD "c=IN IP4\r\n", "line 4: c= needs three fields"},
    {HEAD "c=ATM IP4 1.2.3.4\r\n", "line 4: unknown network type"},
    {HEAD "c=IN IPX 1.2.3.4\r\n", "line 4: unknown address type"},
    {HEAD "c=IN IP4 1.2.3.400\r\n", "line 4: malformed address"},
    {HEAD "c=IN IP4 ::1\r\n", "line 4: malformed address"},
    {HEAD "c=IN IP6 1.2.3.4\r\n", "line 4: malformed address"},
    {HEAD "c=IN IP4 a;b\r\n", "line 4: malformed address"},
    {HEAD "a=:x\r\n", "line 4: a= without a name"},
    {HEAD "m=audio 1 RTP/AVP\r\n", "line 4: m= needs media, port, protocol and a format"},
    {HEAD "m=audio -1 RTP/AVP 0\r\n", "line 4: port out of range"},
    {HEAD "m=audio 65536 RTP/AVP 0\r\n", "line 4: port out of range"},
    {HEAD "m=audio 1 RTP/AVP 128\r\n", "line 4: payload type out of range"},
    {HEAD "m=audio 1 RTP/AVP PCMU\r\n", "line 4: payload type out of range"},
    {HEAD "m=audio 1 RTP/AVP 0\r\nt=0 0\r\n", "line 5: session line after m="},
    {HEAD "m=audio 1 RTP/AVP 9\r\na=rtpmap:9\r\n", "line 5: rtpmap without payload type"},
    {HEAD "m=audio 1 RTP/AVP 9\r\na=rtpmap:999 a/1\r\n", "line 5: rtpmap without payload type"},
    {HEAD "m=audio 1 RTP/AVP 9\r\na=rtpmap:9 G722\r\n",
     "line 5: rtpmap without encoding and clock rate"},
    {HEAD "m=audio 1 RTP/AVP 9\r\na=rtpmap:9 G722/0\r\n", "line 5: clock rate out of range"},
    {HEAD "m=audio 1 RTP/AVP 9\r\na=rtpmap:9 G722/\r\n", "line 5: clock rate out of range"},
    {HEAD "m=audio 1 RTP/AVP 9\r\na=rtpmap:9 L16/1/0\r\n",
     "line 5: number of channels out of range"},
    {HEAD "m=audio 1 RTP/AVP 9\r\na=fmtp:x 1\r\n", "line 5: fmtp without payload type"},
};

static void
test_faults(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(faulty); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *wanted = g_strdup_printf("session description %s", faulty[i].fault);

        g_assert_null(mcp_sdp_parse(faulty[i].text, strlen(faulty[i].text), &error));
        g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
        g_assert_cmpstr(error->message, ==, wanted);
    }
}

static void
assert_refused(const GString *text, const char *fault)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(mcp_sdp_parse(text->str, text->len, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, fault));
}

static void
test_bounds(void)
{
    g_autoptr(GString) media = g_string_new(HEAD TIME);
    g_autoptr(GString) attributes = g_string_new(HEAD TIME);
    g_autoptr(GString) formats = g_string_new(HEAD TIME "m=audio 1 UDP/X");
    g_autoptr(GString) size = g_string_new(HEAD TIME "i=");
    g_autoptr(GString) nul = g_string_new(HEAD TIME);

    for (guint i = 0; i < 65; i++)
        g_string_append(media, "m=audio 1 RTP/AVP 0\r\n");
    for (guint i = 0; i < 257; i++)
        g_string_append(attributes, "a=x\r\n");
    for (guint i = 0; i < 129; i++)
        g_string_append(formats, " 0");
    while (size->len <= 65536)
        g_string_append_c(size, 'x');
    g_string_append_len(nul, "i=a\0b\r\n", 7);
    assert_refused(media, "too many media lines");
    assert_refused(attributes, "too many attributes");
    assert_refused(formats, "too many formats");
    assert_refused(size, "65537 bytes");
    assert_refused(nul, "control character");
    g_string_truncate(formats, formats->len - 2);
    mcp_sdp_unref(parse(formats->str));
}

static void
test_equal(void)
{
    g_autoptr(McpSdp) a = parse("v=0\r\no=- 1 1 IN IP4 a\r\ns=x\r\nt=0 0\r\na=x\r\n");
    g_autoptr(McpSdp) b = parse("v=0\no=bob 7 9 IN IP4 b\ns=y\nt=0 0\na=x\n");
    g_autoptr(McpSdp) c = parse("v=0\r\no=- 1 1 IN IP4 a\r\ns=x\r\nt=0 0\r\na=y\r\n");
    g_autoptr(McpSdp) d = parse("v=0\r\no=- 1 1 IN IP4 a\r\ns=x\r\nt=0 0\r\na=x\r\na=y\r\n");

    g_assert_true(mcp_sdp_equal_but_origin(a, b));
    g_assert_false(mcp_sdp_equal_but_origin(a, c));
    g_assert_false(mcp_sdp_equal_but_origin(a, d));
    g_assert_false(mcp_sdp_equal_but_origin(d, a));
}

static void
test_builder(void)
{
    McpSdpBuilder *builder = mcp_sdp_builder_new(17, 18, "2001:db8::1");
    g_autoptr(McpSdp) sdp = NULL;

    mcp_sdp_builder_add_attribute(builder, "tool", "a\r\nb=1");
    mcp_sdp_builder_add_media(builder, "audio", 20000, "RTP/AVP", "0 101");
    mcp_sdp_builder_add_media_attribute(builder, "rtpmap", "101 telephone-event/8000");
    mcp_sdp_builder_add_media_attribute(builder, "sendrecv", NULL);
    mcp_sdp_builder_add_media_attribute(builder, "rtpmap", "rubbish from elsewhere");
    mcp_sdp_builder_add_media_attribute(builder, "bad name", NULL);
    sdp = mcp_sdp_builder_finish(builder);
    g_assert_cmpstr(mcp_sdp_get_text(sdp), ==,
                    "v=0\r\no=- 17 18 IN IP6 2001:db8::1\r\ns=-\r\nc=IN IP6 2001:db8::1\r\n"
                    "t=0 0\r\na=tool:a  b=1\r\nm=audio 20000 RTP/AVP 0 101\r\n"
                    "a=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"
                    "a=rtpmap:rubbish from elsewhere\r\n");
    g_assert_cmpstr(mcp_sdp_get_media(sdp, 0)->formats[1].encoding, ==, "telephone-event");
    g_assert_cmpstr(mcp_sdp_get_media(sdp, 0)->address, ==, "2001:db8::1");
    mcp_sdp_builder_free(mcp_sdp_builder_new(1, 1, "0.0.0.0"));
}

static void
test_builder_bounds(void)
{
    McpSdpBuilder *builder = mcp_sdp_builder_new(1, 1, "192.0.2.9");
    g_autofree char *large = g_strnfill(70000, 'x');
    g_autoptr(McpSdp) sdp = NULL;

    mcp_sdp_builder_add_media_attribute(builder, "early", NULL);
    for (guint i = 0; i < 100; i++) {
        mcp_sdp_builder_add_media(builder, "audio", i, "RTP/AVP", "0");
        for (guint k = i; k < 300; k += 1 + i)
            mcp_sdp_builder_add_media_attribute(builder, "k", "vvvvvvvv");
        mcp_sdp_builder_add_media_attribute(builder, "large", large);
    }
    sdp = mcp_sdp_builder_finish(builder);
    g_assert_cmpuint(mcp_sdp_get_n_media(sdp), ==, 64);
    g_assert_cmpuint(mcp_sdp_get_media(sdp, 0)->n_attributes, ==, 256);
}

static void
assert_same_media(const McpSdpMedia *a, const McpSdpMedia *b)
{
    g_assert_cmpstr(a->type, ==, b->type);
    g_assert_cmpuint(a->port, ==, b->port);
    g_assert_cmpstr(a->protocol, ==, b->protocol);
    g_assert_cmpstr(a->address, ==, b->address);
    g_assert_cmpint(a->direction, ==, b->direction);
    g_assert_cmpuint(a->ptime, ==, b->ptime);
    g_assert_cmpstrv(a->raw_formats, b->raw_formats);
    g_assert_cmpuint(a->n_formats, ==, b->n_formats);
    for (guint i = 0; i < a->n_formats; i++) {
        g_assert_cmpuint(a->formats[i].payload_type, ==, b->formats[i].payload_type);
        g_assert_cmpstr(a->formats[i].encoding, ==, b->formats[i].encoding);
        g_assert_cmpuint(a->formats[i].clock_rate, ==, b->formats[i].clock_rate);
        g_assert_cmpuint(a->formats[i].channels, ==, b->formats[i].channels);
        g_assert_cmpstr(a->formats[i].fmtp, ==, b->formats[i].fmtp);
    }
    g_assert_cmpuint(a->n_attributes, ==, b->n_attributes);
    for (guint i = 0; i < a->n_attributes; i++) {
        g_assert_cmpstr(a->attributes[i].name, ==, b->attributes[i].name);
        g_assert_cmpstr(a->attributes[i].value, ==, b->attributes[i].value);
    }
}

/* What was parsed, written back and parsed again is the same. */
static void
assert_round_trip(const McpSdp *sdp)
{
    g_autoptr(McpSdp) again = parse(mcp_sdp_get_text(sdp));

    g_assert_cmpstr(mcp_sdp_get_text(again), ==, mcp_sdp_get_text(sdp));
    g_assert_true(mcp_sdp_equal_but_origin(again, sdp));
    g_assert_cmpuint(mcp_sdp_get_version(again), ==, mcp_sdp_get_version(sdp));
    g_assert_cmpuint(mcp_sdp_get_n_media(again), ==, mcp_sdp_get_n_media(sdp));
    for (guint i = 0; i < mcp_sdp_get_n_media(sdp); i++)
        assert_same_media(mcp_sdp_get_media(again, i), mcp_sdp_get_media(sdp, i));
}

static McpSdp *
build_random(GRand *rand)
{
    static const char *const names[] = {"rtpmap", "fmtp", "ptime", "sendonly", "inactive", "x"};
    McpSdpBuilder *builder = mcp_sdp_builder_new(
        g_rand_int(rand), g_rand_int(rand), g_rand_boolean(rand) ? "198.51.100.7" : "2001:db8::7");

    for (gint i = g_rand_int_range(rand, 0, 6); i > 0; i--) {
        g_autoptr(GString) formats = g_string_new(NULL);

        for (gint k = g_rand_int_range(rand, 1, 9); k > 0; k--)
            g_string_append_printf(formats, "%d ", g_rand_int_range(rand, 0, 128));
        mcp_sdp_builder_add_media(builder, g_rand_boolean(rand) ? "audio" : "video",
                                  (guint)g_rand_int_range(rand, 0, 65536),
                                  g_rand_boolean(rand) ? "RTP/AVP" : "UDP/TLS/RTP/SAVPF",
                                  formats->str);
        for (gint k = g_rand_int_range(rand, 0, 12); k > 0; k--) {
            g_autofree char *value = g_strdup_printf("%d opus/%d/2", g_rand_int_range(rand, 0, 128),
                                                     g_rand_int_range(rand, 1, 48001));

            mcp_sdp_builder_add_media_attribute(
                builder, names[g_rand_int_range(rand, 0, G_N_ELEMENTS(names))], value);
        }
    }
    return mcp_sdp_builder_finish(builder);
}

static void
test_round_trip(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed((guint32)g_test_rand_int());
    g_autoptr(McpSdp) sdp = parse(offer_text);

    assert_round_trip(sdp);
    for (guint i = 0; i < 500; i++) {
        g_autoptr(McpSdp) built = build_random(rand);

        assert_round_trip(built);
    }
}

static void
mutate(GRand *rand, GString *text)
{
    static const char bytes[] = "=\r\n :/0a9\xff";
    gint at = g_rand_int_range(rand, 0, (gint)text->len);
    gint length = g_rand_int_range(rand, 1, 20);

    switch (g_rand_int_range(rand, 0, 4)) {
    case 0:
        text->str[at] = (char)g_rand_int_range(rand, 0, 256);
        break;
    case 1:
        g_string_insert_c(text, at, bytes[g_rand_int_range(rand, 0, sizeof bytes)]);
        break;
    case 2:
        g_string_erase(text, at, MIN(length, (gint)text->len - at));
        break;
    default: {
        g_autofree char *piece = g_strndup(text->str + at, 30);

        g_string_insert(text, g_rand_int_range(rand, 0, (gint)text->len), piece);
        break;
    }
    }
}

static void
test_mutated(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed((guint32)g_test_rand_int());
    guint parsed = 0;

    for (guint i = 0; i < 20000; i++) {
        g_autoptr(GString) text = g_string_new(offer_text);
        g_autoptr(McpSdp) sdp = NULL;

        for (gint k = g_rand_int_range(rand, 1, 6); k > 0 && text->len > 0; k--)
            mutate(rand, text);
        sdp = mcp_sdp_parse(text->str, text->len, NULL);
        if (sdp == NULL)
            continue;
        parsed++;
        if (i % 16 == 0)
            assert_round_trip(sdp);
    }
    g_assert_cmpuint(parsed, >, 0);
}

#define OURS "v=0\r\no=- 7 %u IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\n" TIME
#define AUDIO "m=audio 4000 RTP/AVP 0\r\n"

static McpSdp *
ours(guint version, const char *lines)
{
    g_autofree char *head = g_strdup_printf(OURS, version);
    g_autofree char *text = g_strconcat(head, lines, NULL);

    return parse(text);
}

/* What is in order already stays as it is; a version that was passed is raised. */
static void
test_continue_own(void)
{
    g_autoptr(McpSdp) before = ours(3, AUDIO);
    g_autoptr(McpSdp) next = ours(4, AUDIO "a=sendonly\r\n");
    g_autoptr(McpSdp) late = ours(2, AUDIO "a=sendonly\r\n");
    g_autoptr(McpSdp) repeated = ours(2, AUDIO);
    g_autoptr(McpSdp) kept = mcp_sdp_continue(next, before, NULL);
    g_autoptr(McpSdp) raised = mcp_sdp_continue(late, before, NULL);
    g_autoptr(McpSdp) same = mcp_sdp_continue(repeated, before, NULL);

    g_assert_true(kept == next);
    g_assert_cmpstr(mcp_sdp_get_text(raised), ==, mcp_sdp_get_text(next));
    g_assert_cmpstr(mcp_sdp_get_text(same), ==, mcp_sdp_get_text(before));
}

/* Made elsewhere: the origin is ours, the rest theirs, and no line of the session is lost. */
static void
test_continue_foreign(void)
{
    g_autoptr(McpSdp) before = ours(1, AUDIO "m=video 0 RTP/AVP 31\r\n");
    g_autoptr(McpSdp) foreign = parse(HEAD CONNECTION TIME AUDIO "a=sendonly\r\n");
    g_autoptr(McpSdp) next = mcp_sdp_continue(foreign, before, NULL);

    g_assert_cmpstr(mcp_sdp_get_text(next), ==,
                    "v=0\r\no=- 7 2 IN IP4 192.0.2.9\r\ns=-\r\n" CONNECTION TIME AUDIO
                    "a=sendonly\r\nm=video 0 RTP/AVP 31\r\n");
    g_assert_cmpuint(mcp_sdp_get_version(next), ==, 2);
}

/* An answer has the lines of its offer. */
static void
test_continue_answer(void)
{
    g_autoptr(McpSdp) before = ours(1, AUDIO);
    g_autoptr(McpSdp) one = parse(HEAD CONNECTION TIME AUDIO);
    g_autoptr(McpSdp) two = parse(HEAD CONNECTION TIME AUDIO "m=video 5000 RTP/AVP 31\r\n");
    g_autoptr(McpSdp) cut = mcp_sdp_continue(two, before, one);
    g_autoptr(McpSdp) filled = mcp_sdp_continue(one, before, two);

    g_assert_cmpuint(mcp_sdp_get_n_media(cut), ==, 1);
    g_assert_cmpuint(mcp_sdp_get_n_media(filled), ==, 2);
    g_assert_cmpuint(mcp_sdp_get_media(filled, 1)->port, ==, 0);
    g_assert_cmpstr(mcp_sdp_get_media(filled, 1)->type, ==, "video");
}

/* Beyond what a description may hold nothing is added. */
static void
test_continue_bounds(void)
{
    g_autoptr(McpSdp) before = ours(1, AUDIO AUDIO);
    g_autoptr(GString) text = g_string_new(HEAD CONNECTION TIME AUDIO);
    g_autoptr(McpSdp) full = NULL;
    g_autoptr(McpSdp) next = NULL;

    while (text->len < 65400)
        g_string_append(text, "b=X-long:00000000000000000000000000000000000000000000000000\r\n");
    while (text->len < 65530)
        g_string_append(text, "b=X:0\r\n");
    full = parse(text->str);
    next = mcp_sdp_continue(full, before, NULL);
    g_assert_nonnull(next);
    g_assert_cmpuint(mcp_sdp_get_n_media(next), ==, 1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdp/session", test_session);
    g_test_add_func("/sdp/audio", test_audio);
    g_test_add_func("/sdp/other-media", test_other_media);
    g_test_add_func("/sdp/tolerance", test_tolerance);
    g_test_add_func("/sdp/faults", test_faults);
    g_test_add_func("/sdp/bounds", test_bounds);
    g_test_add_func("/sdp/equal", test_equal);
    g_test_add_func("/sdp/continue-own", test_continue_own);
    g_test_add_func("/sdp/continue-foreign", test_continue_foreign);
    g_test_add_func("/sdp/continue-answer", test_continue_answer);
    g_test_add_func("/sdp/continue-bounds", test_continue_bounds);
    g_test_add_func("/sdp/builder", test_builder);
    g_test_add_func("/sdp/builder-bounds", test_builder_bounds);
    g_test_add_func("/sdp/round-trip", test_round_trip);
    g_test_add_func("/sdp/mutated", test_mutated);
    return g_test_run();
}
