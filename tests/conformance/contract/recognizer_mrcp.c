/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mrcp plugin's recognizer, as a provider of the recognizer suite: its server is the same
 * core, which recognizes by the engine on board.
 */
#include "recognizer_suite.h"

#include "fixture.h"
#include "voice_tap.h"

/* Four times as fast as a caller speaks, which is as fast as it goes to a server. */
#define FRAMES 1
#define BREATH_MS 300

static Platform platform;
static McpGrammarEngine *engine;

static McpRecognizer *
open_recognizer(McpGrammarEngine **out_grammars)
{
    guint sip = unused_port();
    g_autofree char *lines =
        g_strdup_printf("[sip.transport \"tcp\"]\ntransport = tcp\naddress = 127.0.0.1:%u\n"
                        "[sip.peer \"self\"]\naddresses = 127.0.0.1\nservices = speech-server\n"
                        "[service \"speech-server\"]\nmedia = mrcp\ndialog = mrcp-server\n"
                        "[mrcp-server]\naddress = 127.0.0.1\nport = %u\nrecognizer = pocketsphinx\n"
                        "[speech]\nrecognizer = true\n[mrcp]\nrate = 16000\n"
                        "[mrcp.server \"self\"]\ntarget = sip:127.0.0.1:%u;transport=tcp\n"
                        "resources = speechrecog\nconnect_timeout = 20s\ntimeout = 20s\n",
                        sip, unused_port(), sip);

    platform_open_with(&platform, ", grammar, speech, mrcp-server", lines);
    engine = mcp_registry_lookup(platform.core->registry, MCP_CONTRACT_GRAMMAR, NULL);
    *out_grammars = engine;
    return platform.recognizer;
}

static void
close_recognizer(McpRecognizer *recognizer)
{
    g_clear_object(&engine);
    platform_close(&platform);
}

static McpTap *
say(const char *text)
{
    VoiceTap *tap = voice_tap_new(FRAMES);

    voice_tap_set_encoding(tap, MCP_TAP_L16);
    voice_tap_pause(tap, BREATH_MS);
    if (text != NULL)
        voice_tap_say(tap, "rms", text, 1);
    return MCP_TAP(tap);
}

static guint
get_reads(McpTap *tap)
{
    return voice_tap_get_reads(VOICE_TAP(tap));
}

const RecognizerProvider recognizer_provider = {
    .name = "mrcp",
    .open = open_recognizer,
    .close = close_recognizer,
    .say = say,
    .get_reads = get_reads,
    .foreign = "de",
    .quiet_hotword = TRUE, /* RFC 6787 §9.9 */
};
