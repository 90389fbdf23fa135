/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of masking: what is covered, what stays, and that lengths and line ends are kept. */
#include <mask.h>
#include <string.h>

typedef struct {
    const char *plain;
    const char *masked;
} Row;

static const Row rows[] = {
    {"INVITE sip:a:pw@h;token=abc;x=1 SIP/2.0\r\n", "INVITE sip:a:**@h;token=***;x=1 SIP/2.0\r\n"},
    {"INVITE sip:a@h;gvp.config.tts%2Esecret=q%20q;y SIP/2.0\r\n",
     "INVITE sip:a@h;gvp.config.tts%2Esecret=*****;y SIP/2.0\r\n"},
    {"INVITE sip:a@h;%73ecret=q SIP/2.0\r\n", "INVITE sip:a@h;%73ecret=* SIP/2.0\r\n"},
    {"INVITE sip:a@h?X-Password=q&b=c SIP/2.0\r\n", "INVITE sip:a@h?X-Password=*&b=c SIP/2.0\r\n"},
    {"To: <sips:a:b@h>;tag=1\r\n", "To: <sips:a:*@h>;tag=1\r\n"},
    {"Call-ID: a:b@h\r\n", "Call-ID: a:b@h\r\n"},
    {"Authorization: Digest username=\"u\", realm=\"r\", nonce=\"n\\\"n\", response=\"zz\", "
     "nc=1\r\n",
     "Authorization: Digest username=\"u\", realm=\"r\", nonce=\"****\", response=\"**\", "
     "nc=1\r\n"},
    {"AUTHORIZATION : digest response = \"zz\",cnonce=q\r\n",
     "AUTHORIZATION : digest response = \"**\",cnonce=*\r\n"},
    {"Proxy-Authorization: Digest a=b,\r\n\tresponse=\"zz\r\n",
     "Proxy-Authorization: Digest a=b,\r\n\tresponse=\"**\r\n"},
    {"Authorization: Bearer abc.def\r\n", "Authorization: Bearer********\r\n"},
    {"WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", opaque=\"o\"\r\n",
     "WWW-Authenticate: Digest realm=\"r\", nonce=\"*\", opaque=\"*\"\r\n"},
    {"X-Api-Key: abc\r\n", "X-Api-Key:****\r\n"},
    {"X-Monkey: abc\r\n", "X-Monkey: abc\r\n"},
    {"User-to-User: 00;encoding=hex\r\n", "User-to-User: 00;encoding=hex\r\n"},
    {"A: b\r\n\r\na=crypto:1 X inline:abc|2^20;inline:d e\r\n",
     "A: b\r\n\r\na=crypto:1 X inline:***|2^20;inline:* e\r\n"},
    {"A: b\r\n\r\na=key-mgmt:mikey AAA=\r\nk=base64:abc\r\nk=prompt\r\na=ice-pwd:x\r\nm=a\r\n",
     "A: b\r\n\r\na=key-mgmt:mikey ****\r\nk=base64:***\r\nk=prompt\r\na=ice-pwd:*\r\nm=a\r\n"},
    {"A: b\r\n\r\nuser=1&password=abc&c=d\r\n", "A: b\r\n\r\nuser=1&password=***&c=d\r\n"},
    {"Content-Type: application/dtmf-relay\r\n\r\nSignal=5\r\nDuration=160\r\n",
     "Content-Type: application/dtmf-relay\r\n\r\nSignal=*\r\nDuration=160\r\n"},
    {"c:application/dtmf\r\n\r\n5", "c:application/dtmf\r\n\r\n*"},
    {"", ""},
    {"secret=", "secret="},
    {"secret=\"", "secret=\""},
    {"secret=\"\\", "secret=\"*"},
    {"Authorization", "Authorization"},
    {"a=b=secret=c", "a=b=secret=*"},
};

static void
test_rows(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        gsize length = strlen(rows[i].plain);
        /* Exact, so that a step too far is seen. */
        g_autofree char *text = g_memdup2(rows[i].plain, MAX(length, 1));
        g_autofree char *masked = NULL;

        mcp_sip_mask(text, length);
        masked = g_strndup(text, length);
        g_assert_cmpstr(masked, ==, rows[i].masked);
    }
}

/* Whatever the bytes: nothing outside is touched, no line end is lost. */
static void
test_noise(void)
{
    static const char parts[][20] = {
        "a=crypto:",     "inline:", "secret=", "\"", "\\",   "\r\n", "\n", "Authorization:",
        "Digest ",       "nonce=",  ":",       "@",  "sip:", " ",    "=",  "application/dtmf",
        "Content-Type:", "k=",      "%",       "\t"};

    for (guint round = 0; round < 3000; round++) {
        g_autoptr(GString) text = g_string_new(NULL);
        g_autofree char *copy = NULL;

        for (gint n = g_test_rand_int_range(0, 20); n > 0; n--)
            g_string_append(text, parts[g_test_rand_int_range(0, G_N_ELEMENTS(parts))]);
        copy = g_memdup2(text->str, MAX(text->len, 1));
        mcp_sip_mask(copy, text->len);
        for (gsize i = 0; i < text->len; i++)
            g_assert_true(copy[i] == text->str[i] ||
                          (copy[i] == '*' && strchr("\r\n", text->str[i]) == NULL));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sip/mask/rows", test_rows);
    g_test_add_func("/sip/mask/noise", test_noise);
    return g_test_run();
}
