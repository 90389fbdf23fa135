/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings and the files they name: what is refused, with the words that tell why; the
 * assertion of a service account, judged by openssl.
 */
#include "config.h"

#include "settings/settings.h"

#include <mcp/error.h>
#include <string.h>

typedef struct {
    char *folder;
    McpSchema *schema;
} Fixture;

static void
run(const char *const *argv)
{
    g_autoptr(GError) error = NULL;
    int status = 0;

    g_spawn_sync(NULL, (char **)argv, NULL,
                 G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                 NULL, NULL, NULL, NULL, &status, &error);
    g_assert_no_error(error);
    g_assert_true(g_spawn_check_wait_status(status, NULL));
}

static char *
path_of(Fixture *f, const char *name)
{
    return g_build_filename(f->folder, name, NULL);
}

static void
write_file(Fixture *f, const char *name, const char *text, gssize length)
{
    g_autofree char *path = path_of(f, name);

    g_assert_true(g_file_set_contents(path, text, length, NULL));
}

static char *
read_file(Fixture *f, const char *name)
{
    g_autofree char *path = path_of(f, name);
    char *text = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

static void
make_key(Fixture *f, const char *name, const char *bits)
{
    g_autofree char *key = path_of(f, name);
    g_autofree char *size = g_strconcat("rsa_keygen_bits:", bits, NULL);
    const char *argv[] = {"openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt",
                          size,      "-out",    key,          NULL};

    run(argv);
}

/* A credentials file with the key of that name, and @more members. */
static void
make_account(Fixture *f, const char *name, const char *key, const char *more)
{
    g_autofree char *pem = read_file(f, key);
    g_autofree char *escaped = g_strescape(pem, NULL);
    g_autofree char *text =
        g_strdup_printf("{\"type\": \"service_account\", \"client_email\": \"me@tests.example\", "
                        "\"private_key\": \"%s\"%s}",
                        escaped, more);

    write_file(f, name, text, -1);
}

static void
set_up(Fixture *f, gconstpointer unused)
{
    f->folder = g_dir_make_tmp("mcp-google-XXXXXX", NULL);
    f->schema = mcp_schema_new();
    g_assert_true(mcp_schema_add(f->schema, mcp_google_settings, NULL));
    make_key(f, "key.pem", "2048");
    make_account(f, "account.json", "key.pem", ", \"private_key_id\": \"one\"");
}

static void
tear_down(Fixture *f, gconstpointer unused)
{
    const char *argv[] = {"rm", "-rf", "--", f->folder, NULL};

    run(argv);
    mcp_schema_unref(f->schema);
    g_free(f->folder);
}

static McpGoogleConfig *
load(Fixture *f, const char *lines, GError **error)
{
    g_autofree char *path = path_of(f, "mcp.conf");
    g_autofree char *text = g_strconcat("[google-tts]\n", lines, "\n", NULL);
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    McpSettingsSource source = {path, NULL, NULL};
    g_autoptr(McpSettings) settings = NULL;

    write_file(f, "mcp.conf", text, -1);
    settings = mcp_settings_load(f->schema, &source, errors);
    g_assert_cmpuint(errors->len, ==, 0);
    return mcp_google_config_new(settings, error);
}

static void
expect_fault(Fixture *f, const char *lines, const char *words)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(load(f, lines, &error));
    g_assert_nonnull(error);
    if (strstr(error->message, words) == NULL)
        g_error("'%s' is refused by '%s', without '%s'", lines, error->message, words);
    g_assert_nonnull(strstr(error->message, "mcp.conf:2"));
    g_assert_null(strstr(error->message, "PRIVATE KEY"));
    g_assert_null(strstr(error->message, "hidden"));
}

static void
test_values(Fixture *f, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpGoogleConfig) config =
        load(f, "speaking_rate = 0.8\npitch = -2.5\ngender = female\nproxy = http://a:b@[::1]:3128",
             &error);

    g_assert_no_error(error);
    g_assert_cmpfloat(config->speaking_rate, ==, 0.8);
    g_assert_cmpfloat(config->pitch, ==, -2.5);
    g_assert_cmpint(config->gender, ==, MCP_GOOGLE_GENDER_FEMALE);
    g_assert_cmpstr(config->access.endpoint, ==, "texttospeech.googleapis.com:443");
}

static void
test_faults(Fixture *f, gconstpointer unused)
{
    static const struct {
        const char *lines;
        const char *words;
    } rows[] = {
        {"endpoint = speech.example", "has no port"},
        {"endpoint = :443:", "endpoint"},
        {"endpoint = speech.example:443\nplaintext = true", "is not this machine"},
        {"endpoint = localhost.example:443\nplaintext = true", "is not this machine"},
        {"endpoint = 10.0.0.1:443\nplaintext = true", "is not this machine"},
        {"proxy = proxy.example:3128", "http://HOST:PORT"},
        {"proxy = https://me:hidden@proxy.example:3128", "http://HOST:PORT"},
        {"proxy = http://me:hidden@proxy.example", "http://HOST:PORT"},
        {"speaking_rate = fast", "'fast' is no number"},
        {"speaking_rate = 0.1", "0.25"},
        {"speaking_rate = nan", "'nan' is no number"},
        {"pitch = 21", "-20 to 20"},
        {"pitch = 1,5", "'1,5' is no number"},
        {"volume_gain_db = 17", "-96 to 16"},
        {"ca_file = missing.pem", "missing.pem"},
        {"ca_file = account.json", "has no certificate"},
        {"credentials_file = missing.json", "missing.json"},
        {"credentials_file = key.pem", "key.pem"},
        {"api_key = hidden key", "no key has"},
        {"api_key = hidden\ncredentials_file = account.json", "one of them must go"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        expect_fault(f, rows[i].lines, rows[i].words);
}

static void
test_local(Fixture *f, gconstpointer unused)
{
    static const char *const hosts[] = {"127.0.0.1:1", "[::1]:1", "localhost:1"};

    for (guint i = 0; i < G_N_ELEMENTS(hosts); i++) {
        g_autofree char *lines = g_strdup_printf("endpoint = %s\nplaintext = true", hosts[i]);
        g_autoptr(GError) error = NULL;
        g_autoptr(McpGoogleConfig) config = load(f, lines, &error);

        g_assert_no_error(error);
    }
}

static void
expect_account_fault(Fixture *f, const char *text, const char *words)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(mcp_oauth_account_parse(text, strlen(text), NULL, "scope", &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, words));
}

static void
test_account_faults(Fixture *f, gconstpointer unused)
{
    static const char *const texts[][2] = {
        {"[]", "no object"},
        {"{\"type\": \"authorized_user\"}", "'authorized_user'"},
        {"{}", "''"},
        {"{\"type\": \"service_account\"}", "client_email"},
        {"{\"type\": \"service_account\", \"client_email\": 5}", "client_email"},
        {"{\"type\": \"service_account\", \"client_email\": \"a\"}", "private_key"},
        {"{\"type\": \"service_account\", \"client_email\": \"a\", \"private_key\": \"b\"}",
         "private_key: not a private RSA key"},
        {"{\"type\": \"service_account\", \"client_email\": \"a\", \"private_key\": \"b\", "
         "\"token_uri\": \"nowhere\"}",
         "token_uri"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        expect_account_fault(f, texts[i][0], texts[i][1]);
    make_key(f, "weak.pem", "1024");
    make_account(f, "weak.json", "weak.pem", "");
    expect_fault(f, "credentials_file = weak.json", "not a private RSA key of 2048 bits");
}

static void
decode(Fixture *f, const char *name, const char *part)
{
    g_autofree char *text =
        g_strdup_printf("%s%.*s", part, (int)((4 - strlen(part) % 4) % 4), "==");
    g_autofree guchar *data = NULL;
    gsize length = 0;

    g_strdelimit(text, "-", '+');
    g_strdelimit(text, "_", '/');
    data = g_base64_decode(text, &length);
    write_file(f, name, (const char *)data, (gssize)length);
}

static void
expect_decoded(Fixture *f, const char *part, const char *wanted)
{
    g_autofree char *text = NULL;

    decode(f, "part", part);
    text = read_file(f, "part");
    g_assert_cmpstr(text, ==, wanted);
}

static void
test_assertion(Fixture *f, gconstpointer unused)
{
    g_autofree char *key = path_of(f, "key.pem");
    g_autofree char *public_key = path_of(f, "public.pem");
    g_autofree char *text = path_of(f, "text");
    g_autofree char *signature = path_of(f, "signature");
    const char *publish[] = {"openssl", "pkey", "-in", key, "-pubout", "-out", public_key, NULL};
    const char *verify[] = {"openssl",    "dgst",    "-sha256", "-verify", public_key,
                            "-signature", signature, text,      NULL};
    g_autoptr(McpGoogleConfig) config =
        load(f, "credentials_file = account.json\ntoken_uri = https://t.example/token", NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *assertion = mcp_oauth_account_assert(config->access.account, 1000000, &error);
    g_auto(GStrv) parts = g_strsplit(assertion, ".", -1);
    g_autofree char *signed_part = NULL;

    g_assert_no_error(error);
    g_assert_cmpuint(g_strv_length(parts), ==, 3);
    g_assert_null(strpbrk(assertion, "=+/"));
    expect_decoded(f, parts[0], "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"one\"}");
    expect_decoded(f, parts[1],
                   "{\"iss\":\"me@tests.example\",\"scope\":"
                   "\"https://www.googleapis.com/auth/cloud-platform\","
                   "\"aud\":\"https://t.example/token\",\"iat\":1000000,\"exp\":1003600}");
    signed_part = g_strconcat(parts[0], ".", parts[1], NULL);
    write_file(f, "text", signed_part, -1);
    decode(f, "signature", parts[2]);
    run(publish);
    run(verify);
}

#define ADD(name, func) g_test_add("/google-tts/" name, Fixture, NULL, set_up, func, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("values", test_values);
    ADD("faults", test_faults);
    ADD("local", test_local);
    ADD("account-faults", test_account_faults);
    ADD("assertion", test_assertion);
    return g_test_run();
}
