/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program that has the engine: says what it is told over its standard input, one thing at a
 * time, until that is closed. The engine is one of a process and reads what callers' pages bring:
 * nothing but this process is lost when it fails. After a voice it is not what it was before, so
 * each thing is said by a child of its own, which has an engine that has said nothing yet: equal
 * requests get equal samples, and nobody hears what another one's text has done. It has no GLib,
 * and after it has started it may not write files or become more than it is.
 */
#include "protocol.h"

#include <errno.h>
#include <espeak-ng/speak_lib.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* The first samples are there before anybody has to wait for them. */
#define BUFFER_MS 100
#define BLOCK_SAMPLES (MCP_ESPEAK_MOST_AUDIO / 4)
/* The engine opens one file of its data at a time. */
#define MOST_FILES 16
#define MOST_MEMORY (512ul * 1024 * 1024)

typedef struct {
    char type;
    uint32_t length;
    char *body; /* ends with a zero that is not counted */
} Frame;

static unsigned int rate;
static bool cancelled;

static void
write_all(const void *data, size_t length)
{
    const char *at = data;

    while (length > 0) {
        ssize_t n = write(STDOUT_FILENO, at, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            _exit(EXIT_FAILURE); /* nobody reads any more */
        at += n;
        length -= (size_t)n;
    }
}

static void
send_frame(char type, const void *body, size_t length)
{
    const unsigned char head[MCP_ESPEAK_HEAD] = {
        (unsigned char)type, (unsigned char)(length >> 24), (unsigned char)(length >> 16),
        (unsigned char)(length >> 8), (unsigned char)length};

    write_all(head, sizeof head);
    write_all(body, length);
}

static void
send_error(const char *text)
{
    send_frame(MCP_ESPEAK_ERROR, text, strnlen(text, MCP_ESPEAK_MOST_ERROR));
}

/* False: the end. */
static bool
read_all(void *data, size_t length)
{
    char *at = data;

    while (length > 0) {
        ssize_t n = read(STDIN_FILENO, at, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        length -= (size_t)n;
    }
    return true;
}

static bool
read_frame(Frame *frame)
{
    unsigned char head[MCP_ESPEAK_HEAD];

    if (!read_all(head, sizeof head))
        return false;
    frame->type = (char)head[0];
    frame->length = (uint32_t)head[1] << 24 | (uint32_t)head[2] << 16 | (uint32_t)head[3] << 8 |
                    (uint32_t)head[4];
    if (frame->length > MCP_ESPEAK_MOST_SAY)
        return false;
    frame->body = calloc(1, frame->length + 1);
    if (frame->body != NULL && read_all(frame->body, frame->length))
        return true;
    free(frame->body);
    return false;
}

/* Whether it was told to stop. Anything else in the middle of speech is the end. */
static bool
is_cancelled(void)
{
    struct pollfd in = {STDIN_FILENO, POLLIN, 0};
    Frame frame;

    if (cancelled || poll(&in, 1, 0) <= 0)
        return cancelled;
    if (!read_frame(&frame) || frame.type != MCP_ESPEAK_CANCEL)
        _exit(EXIT_FAILURE);
    free(frame.body);
    cancelled = true;
    return true;
}

static void
send_samples(const short *samples, size_t n)
{
    unsigned char block[2 * BLOCK_SAMPLES];

    while (n > 0) {
        size_t some = n < BLOCK_SAMPLES ? n : BLOCK_SAMPLES;

        for (size_t i = 0; i < some; i++) {
            block[2 * i] = (unsigned char)((unsigned short)samples[i] >> 8);
            block[2 * i + 1] = (unsigned char)samples[i];
        }
        send_frame(MCP_ESPEAK_AUDIO, block, 2 * some);
        samples += some;
        n -= some;
    }
}

static int
on_samples(short *samples, int n, espeak_EVENT *events)
{
    if (is_cancelled())
        return 1;
    if (samples != NULL && n > 0)
        send_samples(samples, (size_t)n);
    return 0;
}

/* <audio> is for whoever plays the prompt: the engine opens no file, its text is said. */
static int
on_uri(int type, const char *uri, const char *base)
{
    return 1;
}

static void
send_silence(unsigned int ms)
{
    static const short zeros[BLOCK_SAMPLES];
    size_t left = (size_t)rate * ms / 1000;

    while (left > 0 && !is_cancelled()) {
        size_t some = left < BLOCK_SAMPLES ? left : BLOCK_SAMPLES;

        send_samples(zeros, some);
        left -= some;
    }
}

/* A number, up to @most, and the space behind it. */
static bool
read_number(char **text, unsigned long most, unsigned int *out)
{
    char *end = NULL;
    unsigned long number = strtoul(*text, &end, 10);

    if (end == *text || *end != ' ' || number > most)
        return false;
    *out = (unsigned int)number;
    *text = end + 1;
    return true;
}

/* In the child. False: this is not how a plugin speaks. */
static bool
say(char *body)
{
    unsigned int ssml = 0;
    unsigned int speed = 0;
    unsigned int silence = 0;
    char *text = strchr(body, '\n');
    unsigned int flags = espeakCHARS_UTF8;

    if (text == NULL)
        return false;
    *text++ = '\0';
    if (!read_number(&body, 1, &ssml) || !read_number(&body, 999, &speed) ||
        !read_number(&body, 999999, &silence))
        return false;
    espeak_SetParameter(espeakRATE, (int)speed, 0);
    if (espeak_SetVoiceByName(body) != EE_OK) {
        send_error("the engine does not know the voice");
        return true;
    }
    send_silence(silence);
    if (ssml != 0)
        flags |= espeakSSML;
    if (*text != '\0' && !cancelled &&
        espeak_Synth(text, strlen(text) + 1, 0, POS_CHARACTER, 0, flags, NULL, NULL) != EE_OK)
        send_error("the engine cannot say it");
    else
        send_frame(MCP_ESPEAK_DONE, "", 0);
    return true;
}

/* Ends as the child has ended, so that the plugin is told of it. */
static bool
end_alike(int status)
{
    if (WIFSIGNALED(status)) {
        signal(WTERMSIG(status), SIG_DFL);
        raise(WTERMSIG(status));
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

/* While it speaks, the child alone reads what comes. */
static bool
have_said(char *body)
{
    const pid_t own = getpid();
    pid_t child = fork();
    int status = 0;

    if (child < 0) {
        send_error("the worker cannot make a process");
        return true;
    }
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        _exit(getppid() == own && say(body) ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return false;
    return end_alike(status);
}

/* A list of a byte of priority and a tag each. */
static void
add_voice(FILE *out, const espeak_VOICE *voice)
{
    static const char genders[] = "-MF";

    fprintf(out, "%c\t%s", voice->gender <= 2 ? genders[voice->gender] : '-', voice->name);
    for (const char *at = voice->languages; *at != '\0'; at += strlen(at) + 1)
        fprintf(out, "\t%s %d", at + 1, *at);
    fprintf(out, "\n");
}

static void
send_ready(void)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    const espeak_VOICE **voices = espeak_ListVoices(NULL);
    bool failed;

    if (out == NULL)
        _exit(EXIT_FAILURE);
    fprintf(out, "%s\n%u\n", espeak_Info(NULL), rate);
    for (; *voices != NULL; voices++)
        add_voice(out, *voices);
    failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed)
        _exit(EXIT_FAILURE);
    send_frame(MCP_ESPEAK_READY, text, length);
    free(text);
}

static bool
limit(int what, rlim_t most)
{
    const struct rlimit both = {most, most};

    return setrlimit(what, &both) == 0;
}

/* What the engine prints of a text is no line of the platform's log. */
static bool
be_silent(void)
{
#ifdef MCP_ESPEAK_SANITIZED
    return true; /* its reports come this way */
#else
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

    return null >= 0 && dup2(null, STDERR_FILENO) >= 0 && close(null) == 0;
#endif
}

static bool
restrict_itself(void)
{
#ifndef MCP_ESPEAK_SANITIZED /* a sanitizer reserves more address space than there is memory */
    if (!limit(RLIMIT_AS, MOST_MEMORY))
        return false;
#endif
    return be_silent() && limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) &&
           limit(RLIMIT_NOFILE, MOST_FILES) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

/* The plugin says when it is over; a signal to all of a terminal's or a unit's processes must not
 * break off what is said while calls are waited for. */
static void
ignore_signals(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};

    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        signal(signals[i], SIG_IGN);
}

static bool
open_engine(void)
{
    int result =
        espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, BUFFER_MS, NULL, espeakINITIALIZE_DONT_EXIT);

    if (result <= 0)
        return false;
    rate = (unsigned int)result;
    espeak_SetSynthCallback(on_samples);
    espeak_SetUriCallback(on_uri);
    return espeak_SetVoiceByName("en") == EE_OK;
}

int
main(void)
{
    Frame frame;
    bool good = true;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    ignore_signals();
    if (!open_engine()) {
        send_error("the engine finds no voices: are its data installed?");
        return EXIT_FAILURE;
    }
    if (!restrict_itself()) {
        send_error("the worker cannot restrict itself");
        return EXIT_FAILURE;
    }
    send_ready();
    while (good && read_frame(&frame)) {
        if (frame.type == MCP_ESPEAK_SAY)
            good = have_said(frame.body);
        else
            good = frame.type == MCP_ESPEAK_CANCEL;
        free(frame.body);
    }
    espeak_Terminate();
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
