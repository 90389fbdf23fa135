/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a SIP URI leads (RFC 3263): NAPTR says by what protocol, SRV (RFC 2782) to which hosts and
 * in what order, A and AAAA to which addresses. NAPTR and SRV are asked of the name servers by the
 * library's resolver, addresses of the system's, which knows /etc/hosts as well. One question at a
 * time; what an answer holds is bounded, whoever writes it. SIP context.
 */
#define SRES_CONTEXT_T struct _McpSipSearch
#include "locate.h"

#include "interfaces.h"

#include <sofia-resolv/sres_record.h>
#include <sofia-sip/sresolv.h>
#include <string.h>

#define DEADLINE (5 * G_USEC_PER_SEC)
#define SERVICES_MAX 8
#define HOSTS_MAX 16
#define DESTINATIONS_MAX 32

struct _McpSipLocator {
    su_root_t *root;
    GMainContext *context;
    McpClock *clock;
    McpSipLocatorUse use;
    gpointer user_data;
    sres_resolver_t *resolver; /* nullable: made with the first search that needs it */
};

/* An SRV name to ask for, or a host whose addresses are wanted. */
typedef struct {
    const char *protocol;
    char *name;
    guint port; /* of a host */
    guint order;
    guint preference; /* of NAPTR */
} Place;

struct _McpSipSearch {
    McpSipLocator *locator;
    char *host;
    const char *protocol; /* nullable: not said */
    guint port;           /* 0: not said */
    gboolean secure;      /* sips: */
    GPtrArray *services;  /* Place: SRV names, in order */
    GPtrArray *hosts;     /* Place, in order */
    guint next;           /* of the list that is worked on */
    GPtrArray *destinations;
    sres_query_t *query;
    GCancellable *cancellable;
    McpTimer *timer;
    gboolean unanswered; /* a question got no answer */
    McpSipLocated func;
    gpointer user_data;
};

static const struct {
    const char *service; /* of NAPTR (RFC 3263 §4.1) */
    const char *label;   /* of SRV */
    const char *protocol;
} known[] = {
    {"SIP+D2U", "_sip._udp", "udp"},
    {"SIP+D2T", "_sip._tcp", "tcp"},
    {"SIPS+D2T", "_sips._tcp", "tls"},
};

static void
destination_free(gpointer data)
{
    McpSipDestination *destination = data;

    g_free(destination->name);
    g_free(destination->address);
    g_free(destination);
}

static void
place_free(gpointer data)
{
    Place *place = data;

    g_free(place->name);
    g_free(place);
}

static void
add_place(GPtrArray *places, const char *protocol, const char *name, guint port)
{
    Place *place = g_new0(Place, 1);

    place->protocol = protocol;
    place->name = g_strdup(name);
    place->port = port;
    g_ptr_array_add(places, place);
}

static guint
default_port(const char *protocol)
{
    return strcmp(protocol, "tls") == 0 ? 5061 : 5060;
}

char *
mcp_sip_destination_to_string(const McpSipDestination *destination)
{
    g_autofree char *host = mcp_sip_add_brackets(destination->address);

    return g_strdup_printf("%s:%s:%u", destination->protocol, host, destination->port);
}

char *
mcp_sip_destination_to_url(const McpSipDestination *destination)
{
    g_autofree char *host = mcp_sip_add_brackets(destination->address);

    return g_strdup_printf("sip:%s:%u;transport=%s", host, destination->port,
                           destination->protocol);
}

static void
add_destination(GPtrArray *destinations, const char *protocol, const char *name,
                const char *address, guint port)
{
    McpSipDestination *destination = g_new0(McpSipDestination, 1);

    destination->protocol = protocol;
    destination->name = g_strdup(name);
    destination->address = g_strdup(address);
    destination->port = port;
    g_ptr_array_add(destinations, destination);
}

static void
search_free(McpSipSearch *search)
{
    if (search->query != NULL)
        sres_query_bind(search->query, NULL, NULL);
    mcp_timer_clear(&search->timer);
    g_clear_object(&search->cancellable);
    g_ptr_array_unref(search->services);
    g_ptr_array_unref(search->hosts);
    g_ptr_array_unref(search->destinations);
    g_free(search->host);
    g_free(search);
}

/* Frees @search. */
static void
finish(McpSipSearch *search)
{
    g_autofree char *failure = NULL;

    if (search->destinations->len == 0)
        failure = g_strdup_printf("%s: %s", search->host,
                                  search->unanswered ? "the name service does not answer"
                                                     : "no address is known");
    search->func(g_ptr_array_ref(search->destinations), failure, search->user_data);
    search_free(search);
}

static void
on_deadline(gpointer user_data)
{
    McpSipSearch *search = user_data;

    search->unanswered = TRUE;
    g_cancellable_cancel(search->cancellable);
    finish(search);
}

void
mcp_sip_search_cancel(McpSipSearch *search)
{
    g_cancellable_cancel(search->cancellable);
    search_free(search);
}

/* --- addresses --- */

static void look_up_next(McpSipSearch *search);

static void
on_addresses(GObject *source, GAsyncResult *result, gpointer user_data)
{
    McpSipSearch *search = user_data;
    g_autoptr(GError) error = NULL;
    GList *addresses = g_resolver_lookup_by_name_finish(G_RESOLVER(source), result, &error);
    const Place *place = NULL;

    /* The search is gone then. */
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    place = search->hosts->pdata[search->next - 1];
    if (g_error_matches(error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_TEMPORARY_FAILURE) ||
        g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
        search->unanswered = TRUE;
    for (const GList *item = addresses; item != NULL; item = item->next) {
        g_autofree char *address = g_inet_address_to_string(item->data);

        if (search->destinations->len < DESTINATIONS_MAX)
            add_destination(search->destinations, place->protocol, search->host, address,
                            place->port);
    }
    g_resolver_free_addresses(addresses);
    look_up_next(search);
}

static void
look_up_next(McpSipSearch *search)
{
    g_autoptr(GResolver) resolver = NULL;
    const Place *place = NULL;

    if (search->next == search->hosts->len) {
        finish(search);
        return;
    }
    /* lint: allow pools core's resolver is the default one */
    resolver = g_resolver_get_default();
    place = search->hosts->pdata[search->next++];
    g_resolver_lookup_by_name_async(resolver, place->name, search->cancellable, on_addresses,
                                    search);
}

static void
look_up_hosts(McpSipSearch *search)
{
    const char *protocol = search->protocol;

    if (protocol == NULL)
        protocol = search->secure ? "tls" : "udp";
    if (search->hosts->len == 0)
        add_place(search->hosts, protocol, search->host,
                  search->port != 0 ? search->port : default_port(protocol));
    search->next = 0;
    look_up_next(search);
}

/* --- SRV --- */

static void ask_next_service(McpSipSearch *search);

/* One of @records from @begin on that have the same priority, by weight (RFC 2782). */
static guint
choose_srv(const GPtrArray *records, guint begin, guint end)
{
    guint sum = 0;
    guint drawn = 0;

    for (guint i = begin; i < end; i++)
        sum += ((const sres_srv_record_t *)records->pdata[i])->srv_weight;
    drawn = sum > 0 ? (guint)g_random_int_range(0, (gint32)sum + 1) : 0;
    for (guint i = begin; i < end; i++) {
        guint weight = ((const sres_srv_record_t *)records->pdata[i])->srv_weight;

        if (weight >= drawn)
            return i;
        drawn -= weight;
    }
    return begin;
}

static gint
compare_priority(gconstpointer a, gconstpointer b)
{
    const sres_srv_record_t *one = *(const sres_srv_record_t *const *)a;
    const sres_srv_record_t *other = *(const sres_srv_record_t *const *)b;

    if (one->srv_priority != other->srv_priority)
        return one->srv_priority < other->srv_priority ? -1 : 1;
    /* RFC 2782: those without weight first, so that they may be drawn at all. */
    return (gint)(one->srv_weight != 0) - (gint)(other->srv_weight != 0);
}

static void
order_srv(GPtrArray *records)
{
    g_ptr_array_sort(records, compare_priority);
    for (guint i = 0; i < records->len; i++) {
        const sres_srv_record_t *first = records->pdata[i];
        guint end = i;
        gpointer chosen = NULL;
        guint n = 0;

        while (end < records->len &&
               ((const sres_srv_record_t *)records->pdata[end])->srv_priority ==
                   first->srv_priority)
            end++;
        n = choose_srv(records, i, end);
        chosen = records->pdata[n];
        /* The others keep their order: those without weight stay in front. */
        memmove(&records->pdata[i + 1], &records->pdata[i], (n - i) * sizeof(gpointer));
        records->pdata[i] = chosen;
    }
}

static gboolean
is_of_type(const sres_record_t *record, guint16 type)
{
    return record->sr_record->r_status == SRES_OK && record->sr_record->r_type == type;
}

/* No answer in time, or a name server that cannot: not the same as "there is none". */
static void
note_failures(McpSipSearch *search, sres_record_t **answers)
{
    if (answers == NULL) {
        search->unanswered = TRUE;
        return;
    }
    for (guint i = 0; answers[i] != NULL; i++) {
        guint status = answers[i]->sr_record->r_status;

        if (status == SRES_TIMEOUT_ERR || status == SRES_NETWORK_ERR || status == SRES_SERVER_ERR)
            search->unanswered = TRUE;
    }
}

static void
on_srv(McpSipSearch *search, sres_query_t *query, sres_record_t **answers)
{
    g_autoptr(GPtrArray) records = g_ptr_array_new();
    const Place *service = search->services->pdata[search->next - 1];

    search->query = NULL;
    note_failures(search, answers);
    for (guint i = 0; answers != NULL && answers[i] != NULL; i++) {
        /* "." stands for: not offered here. */
        if (is_of_type(answers[i], sres_type_srv) && answers[i]->sr_srv->srv_target[0] != '.' &&
            answers[i]->sr_srv->srv_target[0] != '\0' && answers[i]->sr_srv->srv_port != 0)
            g_ptr_array_add(records, answers[i]->sr_srv);
    }
    order_srv(records);
    for (guint i = 0; i < records->len && search->hosts->len < HOSTS_MAX; i++) {
        const sres_srv_record_t *record = records->pdata[i];

        add_place(search->hosts, service->protocol, record->srv_target, record->srv_port);
    }
    sres_free_answers(search->locator->resolver, answers);
    ask_next_service(search);
}

static gboolean
ask(McpSipSearch *search, sres_answer_f *answered, guint16 type, const char *name)
{
    McpSipLocator *locator = search->locator;
    g_autofree char *whole =
        g_str_has_suffix(name, ".") ? g_strdup(name) : g_strconcat(name, ".", NULL);

    if (locator->resolver == NULL)
        locator->resolver = sres_resolver_create(locator->root, NULL, TAG_END());
    if (locator->resolver != NULL)
        search->query = sres_query(locator->resolver, answered, search, type, whole);
    if (search->query == NULL)
        search->unanswered = TRUE;
    return search->query != NULL;
}

static void
ask_next_service(McpSipSearch *search)
{
    while (search->next < search->services->len) {
        const Place *service = search->services->pdata[search->next++];

        if (ask(search, on_srv, sres_type_srv, service->name))
            return;
    }
    look_up_hosts(search);
}

/* Without NAPTR: the SRV names of whatever can be spoken (RFC 3263 §4.1). */
static void
ask_usual_services(McpSipSearch *search)
{
    McpSipLocator *locator = search->locator;

    for (guint i = 0; i < G_N_ELEMENTS(known); i++) {
        gboolean wanted = search->protocol != NULL
                              ? strcmp(search->protocol, known[i].protocol) == 0
                              : !search->secure || strcmp(known[i].protocol, "tls") == 0;
        g_autofree char *name = g_strdup_printf("%s.%s", known[i].label, search->host);

        if (wanted && locator->use(known[i].protocol, locator->user_data))
            add_place(search->services, known[i].protocol, name, 0);
    }
    search->next = 0;
    ask_next_service(search);
}

/* --- NAPTR --- */

static gint
compare_order(gconstpointer a, gconstpointer b)
{
    const Place *one = *(const Place *const *)a;
    const Place *other = *(const Place *const *)b;

    if (one->order != other->order)
        return one->order < other->order ? -1 : 1;
    return one->preference < other->preference ? -1 : one->preference > other->preference;
}

static void
take_naptr(McpSipSearch *search, const sres_naptr_record_t *record)
{
    McpSipLocator *locator = search->locator;

    if (g_ascii_strcasecmp(record->na_flags, "s") != 0 || record->na_replace[0] == '\0' ||
        search->services->len >= SERVICES_MAX)
        return;
    for (guint i = 0; i < G_N_ELEMENTS(known); i++) {
        Place *place = NULL;

        if (g_ascii_strcasecmp(record->na_services, known[i].service) != 0 ||
            (search->secure && strcmp(known[i].protocol, "tls") != 0) ||
            !locator->use(known[i].protocol, locator->user_data))
            continue;
        add_place(search->services, known[i].protocol, record->na_replace, 0);
        place = search->services->pdata[search->services->len - 1];
        place->order = record->na_order;
        place->preference = record->na_prefer;
    }
}

static void
on_naptr(McpSipSearch *search, sres_query_t *query, sres_record_t **answers)
{
    search->query = NULL;
    note_failures(search, answers);
    for (guint i = 0; answers != NULL && answers[i] != NULL; i++) {
        if (is_of_type(answers[i], sres_type_naptr))
            take_naptr(search, answers[i]->sr_naptr);
    }
    sres_free_answers(search->locator->resolver, answers);
    g_ptr_array_sort(search->services, compare_order);
    search->next = 0;
    if (search->services->len > 0)
        ask_next_service(search);
    else
        ask_usual_services(search);
}

static void
begin(McpSipSearch *search)
{
    if (search->port != 0) {
        look_up_hosts(search);
        return;
    }
    if (search->protocol != NULL) {
        ask_usual_services(search);
        return;
    }
    if (!ask(search, on_naptr, sres_type_naptr, search->host))
        ask_usual_services(search);
}

/* --- */

static const char *
protocol_of(const url_t *url)
{
    char text[8] = "";

    url_param(url->url_params, "transport", text, sizeof text);
    if (url->url_type == url_sips || g_ascii_strcasecmp(text, "tls") == 0)
        return "tls";
    if (g_ascii_strcasecmp(text, "tcp") == 0)
        return "tcp";
    return g_ascii_strcasecmp(text, "udp") == 0 ? "udp" : NULL;
}

static void
tell_address(const char *protocol, const char *host, guint port, McpSipLocated func,
             gpointer user_data)
{
    GPtrArray *destinations = g_ptr_array_new_with_free_func(destination_free);

    if (protocol == NULL)
        protocol = "udp";
    add_destination(destinations, protocol, host, host, port != 0 ? port : default_port(protocol));
    func(destinations, NULL, user_data);
}

McpSipSearch *
mcp_sip_locator_find(McpSipLocator *locator, const url_t *url, McpSipLocated func,
                     gpointer user_data)
{
    g_autofree char *host = mcp_sip_strip_brackets(url->url_host != NULL ? url->url_host : "");
    McpSipSearch *search = NULL;
    guint64 port = 0;

    if (url->url_port != NULL)
        g_ascii_string_to_unsigned(url->url_port, 10, 1, G_MAXUINT16, &port, NULL);
    if (g_hostname_is_ip_address(host)) {
        tell_address(protocol_of(url), host, (guint)port, func, user_data);
        return NULL;
    }
    search = g_new0(McpSipSearch, 1);
    search->locator = locator;
    search->host = g_steal_pointer(&host);
    search->protocol = protocol_of(url);
    search->secure = url->url_type == url_sips;
    search->port = (guint)port;
    search->services = g_ptr_array_new_with_free_func(place_free);
    search->hosts = g_ptr_array_new_with_free_func(place_free);
    search->destinations = g_ptr_array_new_with_free_func(destination_free);
    search->cancellable = g_cancellable_new();
    search->func = func;
    search->user_data = user_data;
    search->timer =
        mcp_clock_after(locator->clock, locator->context, DEADLINE, on_deadline, search);
    begin(search);
    return search;
}

McpSipLocator *
mcp_sip_locator_new(su_root_t *root, GMainContext *context, McpClock *clock, McpSipLocatorUse use,
                    gpointer user_data)
{
    McpSipLocator *locator = g_new0(McpSipLocator, 1);

    locator->root = root;
    locator->context = context;
    locator->clock = clock;
    locator->use = use;
    locator->user_data = user_data;
    return locator;
}

void
mcp_sip_locator_free(McpSipLocator *locator)
{
    if (locator->resolver != NULL)
        sres_resolver_destroy(locator->resolver);
    g_free(locator);
}
