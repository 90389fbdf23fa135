/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What methods, events, header fields and completion causes are called in both versions, by
 * resource: RFC 6787 §15 and RFC 4463 §14 as tables. Pure functions.
 */
#include "names.h"

#include <mcp/error.h>

#define SYNTH (1U << MCP_MRCP_SPEECHSYNTH)
#define RECOG (1U << MCP_MRCP_SPEECHRECOG | 1U << MCP_MRCP_DTMFRECOG)
#define RECORD (1U << MCP_MRCP_RECORDER)
#define VERIFY (1U << MCP_MRCP_SPEAKVERIFY)
#define ALL (SYNTH | RECOG | RECORD | VERIFY)

/* A name of v2, and of v1: NULL is the same one, "" that v1 has nothing of the kind. */
typedef struct {
    const char *v2;
    const char *v1;
    guint resources;
    McpMrcpScale scale;
} Name;

static const Name methods[] = {
    {"SET-PARAMS", NULL, ALL},
    {"GET-PARAMS", NULL, ALL},
    {"SPEAK", NULL, SYNTH},
    {"STOP", NULL, ALL},
    {"PAUSE", NULL, SYNTH},
    {"RESUME", NULL, SYNTH},
    {"BARGE-IN-OCCURRED", NULL, SYNTH},
    {"CONTROL", NULL, SYNTH},
    {"DEFINE-LEXICON", "", SYNTH},
    {"DEFINE-GRAMMAR", NULL, RECOG},
    {"RECOGNIZE", NULL, RECOG},
    {"INTERPRET", "", RECOG},
    {"GET-RESULT", NULL, RECOG},
    {"START-INPUT-TIMERS", "RECOGNITION-START-TIMERS", RECOG | RECORD | VERIFY},
    {"START-PHRASE-ENROLLMENT", "", RECOG},
    {"ENROLLMENT-ROLLBACK", "", RECOG},
    {"END-PHRASE-ENROLLMENT", "", RECOG},
    {"MODIFY-PHRASE", "", RECOG},
    {"DELETE-PHRASE", "", RECOG},
    {"RECORD", "", RECORD},
    {"START-SESSION", "", VERIFY},
    {"END-SESSION", "", VERIFY},
    {"QUERY-VOICEPRINT", "", VERIFY},
    {"DELETE-VOICEPRINT", "", VERIFY},
    {"VERIFY", "", VERIFY},
    {"VERIFY-FROM-BUFFER", "", VERIFY},
    {"VERIFY-ROLLBACK", "", VERIFY},
    {"CLEAR-BUFFER", "", VERIFY},
    {"GET-INTERMEDIATE-RESULT", "", VERIFY},
};

static const Name events[] = {
    {"SPEECH-MARKER", NULL, SYNTH},
    {"SPEAK-COMPLETE", NULL, SYNTH},
    {"START-OF-INPUT", "START-OF-SPEECH", RECOG | RECORD | VERIFY},
    {"RECOGNITION-COMPLETE", NULL, RECOG},
    {"INTERPRETATION-COMPLETE", "", RECOG},
    {"RECORD-COMPLETE", "", RECORD},
    {"VERIFICATION-COMPLETE", "", VERIFY},
};

static const Name fields[] = {
    {"Channel-Identifier", "", ALL},
    {"Accept", "", ALL},
    {"Active-Request-Id-List", NULL, ALL},
    {"Proxy-Sync-Id", NULL, ALL},
    {"Accept-Charset", "", ALL},
    {"Content-Type", NULL, ALL},
    {"Content-Id", NULL, ALL},
    {"Content-Base", NULL, ALL},
    {"Content-Encoding", NULL, ALL},
    {"Content-Location", NULL, ALL},
    {"Content-Length", NULL, ALL},
    {"Fetch-Timeout", NULL, ALL},
    {"Cache-Control", NULL, ALL},
    {"Logging-Tag", NULL, ALL},
    {"Set-Cookie", "", ALL},
    {"Set-Cookie2", "", ALL},
    {"Vendor-Specific-Parameters", NULL, ALL},
    {"Completion-Cause", NULL, ALL},
    {"Completion-Reason", "", ALL},
    {"Failed-URI", NULL, SYNTH | RECOG | RECORD},
    {"Failed-URI-Cause", NULL, SYNTH | RECOG | RECORD},
    {"Speech-Language", NULL, SYNTH | RECOG},
    /* RFC 6787 §8.4 */
    {"Jump-Size", NULL, SYNTH},
    {"Kill-On-Barge-In", NULL, SYNTH},
    {"Speaker-Profile", NULL, SYNTH},
    {"Voice-Gender", NULL, SYNTH},
    {"Voice-Age", NULL, SYNTH},
    {"Voice-Variant", NULL, SYNTH},
    {"Voice-Name", NULL, SYNTH},
    {"Prosody-Pitch", NULL, SYNTH},
    {"Prosody-Contour", NULL, SYNTH},
    {"Prosody-Range", NULL, SYNTH},
    {"Prosody-Rate", NULL, SYNTH},
    {"Prosody-Duration", NULL, SYNTH},
    {"Prosody-Volume", NULL, SYNTH},
    {"Speech-Marker", NULL, SYNTH, MCP_MRCP_MARK},
    {"Fetch-Hint", NULL, SYNTH},
    {"Audio-Fetch-Hint", NULL, SYNTH},
    {"Speak-Restart", NULL, SYNTH},
    {"Speak-Length", NULL, SYNTH},
    {"Load-Lexicon", "", SYNTH},
    {"Lexicon-Search-Order", "", SYNTH},
    /* RFC 6787 §9.4 */
    {"Confidence-Threshold", NULL, RECOG, MCP_MRCP_FRACTION},
    {"Sensitivity-Level", NULL, RECOG | RECORD, MCP_MRCP_FRACTION},
    {"Speed-Vs-Accuracy", NULL, RECOG, MCP_MRCP_FRACTION},
    {"N-Best-List-Length", NULL, RECOG},
    {"Input-Type", "", RECOG | RECORD | VERIFY},
    {"No-Input-Timeout", NULL, RECOG | RECORD | VERIFY},
    {"Recognition-Timeout", NULL, RECOG},
    {"Waveform-URI", "Waveform-URL", RECOG | VERIFY},
    {"Input-Waveform-URI", "", RECOG | VERIFY},
    {"Recognizer-Context-Block", NULL, RECOG},
    {"Start-Input-Timers", "Recognizer-Start-Timers", RECOG | RECORD | VERIFY},
    {"Speech-Complete-Timeout", NULL, RECOG | VERIFY},
    {"Speech-Incomplete-Timeout", NULL, RECOG},
    {"DTMF-Interdigit-Timeout", NULL, RECOG},
    {"DTMF-Term-Timeout", NULL, RECOG},
    {"DTMF-Term-Char", NULL, RECOG},
    {"Save-Waveform", NULL, RECOG | VERIFY},
    {"Media-Type", "", RECOG | RECORD | VERIFY},
    {"New-Audio-Channel", NULL, RECOG | RECORD | VERIFY},
    {"Ver-Buffer-Utterance", "", RECOG | RECORD | VERIFY},
    {"Recognition-Mode", "", RECOG},
    {"Cancel-If-Queue", "", RECOG},
    {"Hotword-Max-Duration", "", RECOG},
    {"Hotword-Min-Duration", "", RECOG},
    {"Interpret-Text", "", RECOG},
    {"DTMF-Buffer-Time", "", RECOG},
    {"Clear-DTMF-Buffer", "", RECOG},
    {"Early-No-Match", "", RECOG},
    {"Num-Min-Consistent-Pronunciations", "", RECOG},
    {"Consistency-Threshold", "", RECOG},
    {"Clash-Threshold", "", RECOG},
    {"Personal-Grammar-URI", "", RECOG},
    {"Enroll-Utterance", "", RECOG},
    {"Phrase-ID", "", RECOG},
    {"Phrase-NL", "", RECOG},
    {"Weight", "", RECOG},
    {"Save-Best-Waveform", "", RECOG},
    {"New-Phrase-ID", "", RECOG},
    {"Confusable-Phrases-URI", "", RECOG},
    {"Abort-Phrase-Enrollment", "", RECOG},
    /* RFC 6787 §10.4 */
    {"Record-URI", "", RECORD},
    {"Max-Time", "", RECORD},
    {"Trim-Length", "", RECORD},
    {"Final-Silence", "", RECORD},
    {"Capture-On-Speech", "", RECORD},
    /* RFC 6787 §11.4 */
    {"Repository-URI", "", VERIFY},
    {"Voiceprint-Identifier", "", VERIFY},
    {"Verification-Mode", "", VERIFY},
    {"Adapt-Model", "", VERIFY},
    {"Abort-Model", "", VERIFY},
    {"Min-Verification-Score", "", VERIFY},
    {"Num-Min-Verification-Phrases", "", VERIFY},
    {"Num-Max-Verification-Phrases", "", VERIFY},
    {"Voiceprint-Exists", "", VERIFY},
    {"Abort-Verification", "", VERIFY},
};

/* RFC 4463 knows two resources; a recognizer there takes speech and keys. */
static const Name resources[MCP_MRCP_N_RESOURCES] = {
    [MCP_MRCP_SPEECHSYNTH] = {"speechsynth", "speechsynthesizer"},
    [MCP_MRCP_SPEECHRECOG] = {"speechrecog", "speechrecognizer"},
    [MCP_MRCP_DTMFRECOG] = {"dtmfrecog", ""},
    [MCP_MRCP_RECORDER] = {"recorder", ""},
    [MCP_MRCP_SPEAKVERIFY] = {"speakverify", ""},
};

/* NULL: the version does not have it. */
static const char *
name_in(const Name *name, McpMrcpVersion version)
{
    if (version == MCP_MRCP_V2 || name->v1 == NULL)
        return name->v2;
    return name->v1[0] != '\0' ? name->v1 : NULL;
}

static const Name *
find(const Name *names, guint n, McpMrcpVersion version, const char *text)
{
    for (guint i = 0; i < n; i++) {
        const char *name = name_in(&names[i], version);

        if (name != NULL && g_ascii_strcasecmp(name, text) == 0)
            return &names[i];
    }
    return NULL;
}

static McpMrcpVersion
other(McpMrcpVersion version)
{
    return version == MCP_MRCP_V1 ? MCP_MRCP_V2 : MCP_MRCP_V1;
}

static gboolean
has(const Name *name, McpMrcpVersion version, McpMrcpResource resource)
{
    return name != NULL && (name->resources & 1U << resource) != 0 &&
           mcp_mrcp_resource_name(version, resource) != NULL;
}

const char *
mcp_mrcp_resource_name(McpMrcpVersion version, McpMrcpResource resource)
{
    return name_in(&resources[resource], version);
}

gboolean
mcp_mrcp_resource_find(McpMrcpVersion version, const char *name, McpMrcpResource *out_resource)
{
    const Name *found = find(resources, G_N_ELEMENTS(resources), version, name);

    if (found == NULL)
        return FALSE;
    *out_resource = (McpMrcpResource)(found - resources);
    return TRUE;
}

gboolean
mcp_mrcp_has_method(McpMrcpVersion version, McpMrcpResource resource, const char *name)
{
    return has(find(methods, G_N_ELEMENTS(methods), version, name), version, resource);
}

gboolean
mcp_mrcp_has_event(McpMrcpVersion version, McpMrcpResource resource, const char *name)
{
    return has(find(events, G_N_ELEMENTS(events), version, name), version, resource);
}

gboolean
mcp_mrcp_has_field(McpMrcpVersion version, McpMrcpResource resource, const char *name)
{
    return has(find(fields, G_N_ELEMENTS(fields), version, name), version, resource);
}

const char *
mcp_mrcp_method_translate(McpMrcpVersion to, const char *name)
{
    const Name *found = find(methods, G_N_ELEMENTS(methods), other(to), name);

    if (found == NULL)
        found = find(events, G_N_ELEMENTS(events), other(to), name);
    return found != NULL ? name_in(found, to) : NULL;
}

const char *
mcp_mrcp_field_translate(McpMrcpVersion to, const char *name, McpMrcpScale *out_scale)
{
    const Name *found = find(fields, G_N_ELEMENTS(fields), other(to), name);

    *out_scale = found != NULL ? found->scale : MCP_MRCP_AS_IT_IS;
    return found != NULL ? name_in(found, to) : name;
}
