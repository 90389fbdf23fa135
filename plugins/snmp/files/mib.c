/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The MIB (SMIv2, RFC 2578 to 2580) of the tables of metrics and of alerts. Any thread.
 */
#include "files.h"

#define UPDATED "202611290000Z"
#define LABEL_MAX 64
#define BOUND_MAX 16

/* What is written about one table. */
typedef struct {
    GString *text;
    GString *group; /* names of what can be read */
    const McpMetricDef *def;
    char *name; /* identifier of the row */
    char *type; /* the same, upper-case */
} Writer;

static const char head[] =
    "-- Generated from the tables of metrics by tests/harness/test_reference.py\n"
    "\n"
    "MCP-MIB DEFINITIONS ::= BEGIN\n"
    "\n"
    "IMPORTS\n"
    "    MODULE-IDENTITY, OBJECT-TYPE, NOTIFICATION-TYPE, Counter64, Unsigned32\n"
    "        FROM SNMPv2-SMI\n"
    "    DisplayString\n"
    "        FROM SNMPv2-TC\n"
    "    CounterBasedGauge64\n"
    "        FROM HCNUM-TC\n"
    "    MODULE-COMPLIANCE, OBJECT-GROUP, NOTIFICATION-GROUP\n"
    "        FROM SNMPv2-CONF\n"
    "    netSnmpPlaypen\n"
    "        FROM NET-SNMP-MIB;\n"
    "\n"
    "mcpMIB MODULE-IDENTITY\n"
    "    LAST-UPDATED \"" UPDATED "\"\n"
    "    ORGANIZATION \"The media control platform\"\n"
    "    CONTACT-INFO \"The project's issue tracker\"\n"
    "    DESCRIPTION\n"
    "        \"Metrics and alerts of the media control platform. No enterprise\n"
    "        number is assigned to the project: its objects stand below the\n"
    "        playpen that net-snmp keeps for such modules.\n"
    "\n"
    "        A metric without a label is a scalar. One with a label is a table\n"
    "        whose index is the label's value. A histogram has the number of its\n"
    "        observations, their sum, and a table of buckets, each of which counts\n"
    "        what is not above its bound.\"\n"
    "    REVISION \"" UPDATED "\"\n"
    "    DESCRIPTION\n"
    "        \"First version.\"\n";

static void
add_description(GString *text, const char *help)
{
    g_string_append(text, "    DESCRIPTION\n        \"");
    for (; *help != '\0'; help++)
        g_string_append_c(text, *help == '"' ? '\'' : *help);
    g_string_append(text, "\"\n");
}

static void
add_group_member(Writer *writer, const char *suffix)
{
    g_string_append_printf(writer->group, "%s\n        %s%s", writer->group->len > 0 ? "," : "",
                           writer->name, suffix);
}

static void
end_object(GString *text, const char *access, const char *help, const char *parent, guint number)
{
    g_string_append_printf(text, "    MAX-ACCESS %s\n    STATUS current\n", access);
    add_description(text, help);
    g_string_append_printf(text, "    ::= { %s %u }\n", parent, number);
}

/* @suffix: of its name. @parent: identifier of what it is below. */
static void
add_object(Writer *writer, const char *suffix, const char *syntax, const char *units,
           const char *help, const char *parent, guint number)
{
    g_string_append_printf(writer->text, "\n%s%s OBJECT-TYPE\n    SYNTAX %s\n", writer->name,
                           suffix, syntax);
    if (units != NULL)
        g_string_append_printf(writer->text, "    UNITS \"%s\"\n", units);
    end_object(writer->text, "read-only", help, parent, number);
    add_group_member(writer, suffix);
}

/* @most: octets; both indexes of a bucket fit into a name of 128 sub-identifiers. */
static void
add_index(Writer *writer, const char *suffix, guint most, const char *help, const char *entry)
{
    g_string_append_printf(writer->text,
                           "\n%s%s OBJECT-TYPE\n    SYNTAX DisplayString (SIZE (1..%u))\n",
                           writer->name, suffix, most);
    end_object(writer->text, "not-accessible", help, entry, MCP_SNMP_COLUMN_INDEX);
}

/* The table NAME@part@Table and its entry; @index and @fields as they are written. */
static void
add_table(Writer *writer, const char *part, const char *index, const char *fields,
          const char *parent, guint number)
{
    GString *text = writer->text;
    const char *name = writer->name;

    g_string_append_printf(text, "\n%s%sTable OBJECT-TYPE\n    SYNTAX SEQUENCE OF %s%sEntry\n",
                           name, part, writer->type, part);
    g_string_append(text, "    MAX-ACCESS not-accessible\n    STATUS current\n");
    add_description(text, writer->def->help);
    g_string_append_printf(text, "    ::= { %s %u }\n", parent, number);
    g_string_append_printf(text, "\n%s%sEntry OBJECT-TYPE\n    SYNTAX %s%sEntry\n", name, part,
                           writer->type, part);
    g_string_append(text, "    MAX-ACCESS not-accessible\n    STATUS current\n");
    add_description(text, writer->def->help);
    g_string_append_printf(text, "    INDEX { %s }\n    ::= { %s%sTable 1 }\n", index, name, part);
    g_string_append_printf(text, "\n%s%sEntry ::= SEQUENCE {\n%s}\n", writer->type, part, fields);
}

static const char *
value_syntax(const McpMetricDef *def)
{
    return def->kind == MCP_METRIC_GAUGE ? "CounterBasedGauge64" : "Counter64";
}

#define SUM_SYNTAX "DisplayString (SIZE (1..48))"
#define SUM_HELP "Sum of the observations in the unit, as a decimal number."
#define COUNT_HELP "Number of observations."

static void
add_labelled(Writer *writer, const char *parent, const char *label)
{
    g_autofree char *index = g_strconcat(writer->name, label, NULL);
    g_autofree char *entry = g_strconcat(writer->name, "Entry", NULL);
    g_autofree char *fields = g_strdup_printf("    %s DisplayString,\n    %s %s\n", index,
                                              writer->name, value_syntax(writer->def));

    add_table(writer, "", index, fields, parent, writer->def->oid);
    add_index(writer, label, LABEL_MAX, writer->def->values, entry);
    add_object(writer, "", value_syntax(writer->def), writer->def->unit, writer->def->help, entry,
               MCP_SNMP_COLUMN_VALUE);
}

static void
add_buckets(Writer *writer, const char *label)
{
    g_autofree char *le = g_strconcat(writer->name, "Le", NULL);
    g_autofree char *index =
        label != NULL ? g_strdup_printf("%s%s, %s", writer->name, label, le) : g_strdup(le);
    g_autofree char *entry = g_strconcat(writer->name, "BucketEntry", NULL);
    g_autofree char *fields =
        g_strdup_printf("    %s DisplayString,\n    %sBucket Counter64\n", le, writer->name);

    add_table(writer, "Bucket", index, fields, writer->name, MCP_SNMP_BUCKETS);
    add_index(writer, "Le", BOUND_MAX, "Upper bound in the unit, or " MCP_SNMP_ABOVE_ALL ".",
              entry);
    add_object(writer, "Bucket", "Counter64", NULL,
               "Number of observations that are not above the bound.", entry,
               MCP_SNMP_COLUMN_VALUE);
}

static void
add_histogram(Writer *writer, const char *parent, const char *label)
{
    const char *name = writer->name;
    g_autofree char *entry = g_strconcat(name, "Entry", NULL);

    g_string_append_printf(writer->text, "\n%s OBJECT IDENTIFIER ::= { %s %u }\n", name, parent,
                           writer->def->oid);
    if (label != NULL) {
        g_autofree char *index = g_strconcat(name, label, NULL);
        g_autofree char *fields = g_strdup_printf("    %s DisplayString,\n    %sCount Counter64,\n"
                                                  "    %sSum DisplayString\n",
                                                  index, name, name);

        add_table(writer, "", index, fields, name, MCP_SNMP_LABELS);
        add_index(writer, label, LABEL_MAX, writer->def->values, entry);
        add_object(writer, "Count", "Counter64", NULL, COUNT_HELP, entry, MCP_SNMP_COLUMN_VALUE);
        add_object(writer, "Sum", SUM_SYNTAX, writer->def->unit, SUM_HELP, entry,
                   MCP_SNMP_COLUMN_SUM);
    } else {
        add_object(writer, "Count", "Counter64", NULL, writer->def->help, name, MCP_SNMP_COUNT);
        add_object(writer, "Sum", SUM_SYNTAX, writer->def->unit, SUM_HELP, name, MCP_SNMP_SUM);
    }
    add_buckets(writer, label);
}

static void
add_row(Writer *writer, const char *parent)
{
    const McpMetricDef *def = writer->def;
    g_autofree char *label = def->label != NULL ? mcp_snmp_type_name(def->label) : NULL;

    if (def->kind == MCP_METRIC_HISTOGRAM)
        add_histogram(writer, parent, label);
    else if (label != NULL)
        add_labelled(writer, parent, label);
    else
        add_object(writer, "", value_syntax(def), def->unit, def->help, parent, def->oid);
}

static void
add_metrics(GString *text, GString *groups, const McpSnmpTable *table)
{
    g_autofree char *plugin = mcp_snmp_type_name(table->plugin);
    g_autofree char *parent = g_strdup_printf("mcp%sObjects", plugin);
    Writer writer = {.text = text, .group = g_string_new(NULL)};

    g_string_append_printf(text, "\n-- %s\n\n%s OBJECT IDENTIFIER ::= { mcpObjects %u }\n",
                           table->plugin, parent, table->oid);
    for (writer.def = table->metrics; writer.def->name != NULL; writer.def++) {
        writer.name = mcp_snmp_identifier(writer.def->name);
        writer.type = mcp_snmp_type_name(writer.def->name);
        add_row(&writer, parent);
        g_free(writer.name);
        g_free(writer.type);
    }
    g_string_append_printf(groups, "\nmcp%sGroup OBJECT-GROUP\n    OBJECTS {%s }\n", plugin,
                           writer.group->str);
    g_string_append(groups, "    STATUS current\n");
    g_string_append_printf(groups,
                           "    DESCRIPTION\n        \"Metrics of %s.\"\n"
                           "    ::= { mcpGroups %u }\n",
                           table->plugin, table->oid);
    g_string_free(writer.group, TRUE);
}

static const char alert_objects[] =
    "\n-- What notifications carry\n"
    "\nmcpAlertSubject OBJECT-TYPE\n    SYNTAX DisplayString\n"
    "    MAX-ACCESS accessible-for-notify\n    STATUS current\n"
    "    DESCRIPTION\n        \"Whom or what it is about.\"\n    ::= { mcpAlertObjects 1 }\n"
    "\nmcpAlertText OBJECT-TYPE\n    SYNTAX DisplayString\n"
    "    MAX-ACCESS accessible-for-notify\n    STATUS current\n"
    "    DESCRIPTION\n        \"The reason, in a sentence.\"\n    ::= { mcpAlertObjects 2 }\n"
    "\nmcpAlertCall OBJECT-TYPE\n    SYNTAX DisplayString\n"
    "    MAX-ACCESS accessible-for-notify\n    STATUS current\n"
    "    DESCRIPTION\n        \"The id of the call that it is about; empty without one.\"\n"
    "    ::= { mcpAlertObjects 3 }\n"
    "\nmcpAlertSuppressed OBJECT-TYPE\n    SYNTAX Unsigned32\n"
    "    MAX-ACCESS accessible-for-notify\n    STATUS current\n"
    "    DESCRIPTION\n"
    "        \"How many alerts of this kind about this subject came before it and were\n"
    "        not sent, because of the limit of their rate.\"\n"
    "    ::= { mcpAlertObjects 4 }\n";

static void
add_alerts(GString *text, GString *groups)
{
    g_string_append(text, "\n-- Alerts\n");
    g_string_append(groups, "\nmcpNotificationGroup NOTIFICATION-GROUP\n    NOTIFICATIONS {");
    for (guint alert = 0; alert < MCP_ALERT_LAST; alert++) {
        const McpAlertDef *def = mcp_alert_get_def(alert);
        g_autofree char *name = mcp_snmp_type_name(def->name);

        g_string_append_printf(text,
                               "\nmcp%s NOTIFICATION-TYPE\n"
                               "    OBJECTS { mcpAlertSubject, mcpAlertText, mcpAlertCall, "
                               "mcpAlertSuppressed }\n    STATUS current\n",
                               name);
        add_description(text, def->help);
        g_string_append_printf(text, "    ::= { mcpNotifications %u }\n", def->oid);
        g_string_append_printf(groups, "%s\n        mcp%s", alert > 0 ? "," : "", name);
    }
    g_string_append(groups, " }\n    STATUS current\n"
                            "    DESCRIPTION\n        \"All alerts.\"\n"
                            "    ::= { mcpAlertGroups 1 }\n"
                            "\nmcpAlertGroup OBJECT-GROUP\n"
                            "    OBJECTS { mcpAlertSubject, mcpAlertText, mcpAlertCall, "
                            "mcpAlertSuppressed }\n    STATUS current\n"
                            "    DESCRIPTION\n        \"What alerts carry.\"\n"
                            "    ::= { mcpAlertGroups 2 }\n");
}

static void
add_compliance(GString *text, const McpSnmpTable *tables, guint n)
{
    g_string_append(text, "\nmcpCompliance MODULE-COMPLIANCE\n    STATUS current\n"
                          "    DESCRIPTION\n        \"What every platform has.\"\n"
                          "    MODULE\n"
                          "    MANDATORY-GROUPS {\n"
                          "        mcpCoreGroup, mcpAlertGroup, mcpNotificationGroup }\n");
    for (guint i = 0; i < n; i++) {
        g_autofree char *plugin = mcp_snmp_type_name(tables[i].plugin);

        if (tables[i].oid != MCP_METRICS_CORE_OID)
            g_string_append_printf(text,
                                   "    GROUP mcp%sGroup\n    DESCRIPTION\n"
                                   "        \"Where the plugin %s is enabled.\"\n",
                                   plugin, tables[i].plugin);
    }
    g_string_append(text, "    ::= { mcpCompliances 1 }\n");
}

char *
mcp_snmp_write_mib(const McpSnmpTable *tables, guint n)
{
    GString *text = g_string_new(head);
    g_autoptr(GString) groups = g_string_new("\n-- Conformance\n");

    g_string_append_printf(text, "    ::= { netSnmpPlaypen %d }\n\n", MCP_SNMP_PLAYPEN_NUMBER);
    g_string_append_printf(text,
                           "mcpNotifications OBJECT IDENTIFIER ::= { mcpMIB %d }\n"
                           "mcpObjects OBJECT IDENTIFIER ::= { mcpMIB %d }\n"
                           "mcpAlertObjects OBJECT IDENTIFIER ::= { mcpMIB %d }\n"
                           "mcpConformance OBJECT IDENTIFIER ::= { mcpMIB %d }\n",
                           MCP_SNMP_NOTIFICATIONS, MCP_SNMP_OBJECTS, MCP_SNMP_ALERT_OBJECTS,
                           MCP_SNMP_CONFORMANCE);
    g_string_append(text, "mcpCompliances OBJECT IDENTIFIER ::= { mcpConformance 1 }\n"
                          "mcpGroups OBJECT IDENTIFIER ::= { mcpConformance 2 }\n"
                          "mcpAlertGroups OBJECT IDENTIFIER ::= { mcpConformance 3 }\n");
    for (guint i = 0; i < n; i++)
        add_metrics(text, groups, &tables[i]);
    g_string_append(text, alert_objects);
    add_alerts(text, groups);
    g_string_append(text, groups->str);
    add_compliance(text, tables, n);
    g_string_append(text, "\nEND\n");
    return g_string_free(text, FALSE);
}
