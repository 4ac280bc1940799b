/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/error.h"
#include "lib/str.h"

enum { RULE_CAP = 1024 };

const char *config_lookup(char *const *environment, const char *name)
{
    size_t len = strlen(name);

    for (; *environment; environment++) {
        if (strncmp(*environment, name, len) == 0 && (*environment)[len] == '=') {
            const char *value = *environment + len + 1;
            return *value ? value : NULL;
        }
    }
    return NULL;
}

static bool parse_bool(const char *value, bool *ret)
{
    static const char *const yes[] = {"true", "1", "yes", "on"};
    static const char *const no[] = {"false", "0", "no", "off"};

    for (size_t i = 0; i < ARRAY_LENGTH(yes); i++) {
        if (strcasecmp(value, yes[i]) == 0 || strcasecmp(value, no[i]) == 0) {
            *ret = strcasecmp(value, yes[i]) == 0;
            return true;
        }
    }
    return false;
}

static bool parse_number(const char *value, const struct config_option *option, double *ret)
{
    char *end;
    double number;

    if (strspn(value, "0123456789.-") != strlen(value)) {
        return false; /* neither hexadecimal nor infinity nor a locale's comma */
    }
    number = strtod(value, &end);
    if (*end != '\0' || !isfinite(number) || number < (double)option->min || number > (double)option->max) {
        return false;
    }
    *ret = number;
    return true;
}

static bool parse_choice(const char *value, const struct config_option *option, int *ret)
{
    for (int i = 0; option->choices[i]; i++) {
        if (strcmp(value, option->choices[i]) == 0) {
            *ret = i;
            return true;
        }
    }
    return false;
}

static bool is_url(const char *value)
{
    const char *host;
    size_t authority;

    if (strncmp(value, "http://", 7) == 0) {
        host = value + 7;
    } else if (strncmp(value, "https://", 8) == 0) {
        host = value + 8;
    } else {
        return false;
    }
    authority = strcspn(host, "/?#");
    return authority > 0 && host[0] != ':' && !memchr(host, '@', authority) &&
           strcspn(value, " \t\r\n\"<>\\") == strlen(value);
}

/* The rule that a value of this option has to follow, as text. */
static void add_rule(const struct config_option *option, struct buf *out)
{
    switch (option->type) {
    case CONFIG_TEXT:
        if (option->max > 0) {
            buf_addf(out, "at most %lld bytes", (long long)option->max);
        } else {
            buf_add_str(out, "text");
        }
        break;
    case CONFIG_INT:
        buf_addf(out, "a whole number from %lld to %lld", (long long)option->min, (long long)option->max);
        break;
    case CONFIG_NUMBER:
        buf_addf(out, "a number from %lld to %lld", (long long)option->min, (long long)option->max);
        break;
    case CONFIG_BOOL:
        buf_add_str(out, "true or false");
        break;
    case CONFIG_CHOICE:
        for (size_t i = 0; option->choices[i]; i++) {
            buf_addf(out, "%s%s", i == 0 ? "" : option->choices[i + 1] ? ", " : " or ", option->choices[i]);
        }
        break;
    case CONFIG_URL:
        buf_add_str(out, "http:// or https:// with a host and without user info");
        break;
    }
}

/* Stores the value in its field. False if it breaks the option's rule. */
static bool store(const struct config_option *option, const char *value, char *field)
{
    long long number;

    switch (option->type) {
    case CONFIG_TEXT:
        if (option->max > 0 && strlen(value) > (size_t)option->max) {
            return false;
        }
        memcpy(field, &value, sizeof(value));
        return true;
    case CONFIG_URL:
        if (!is_url(value)) {
            return false;
        }
        memcpy(field, &value, sizeof(value));
        return true;
    case CONFIG_INT:
        if (!str_to_int64(str_of(value), option->min, option->max, &number)) {
            return false;
        }
        *(int64_t *)(void *)field = number;
        return true;
    case CONFIG_NUMBER:
        return parse_number(value, option, (double *)(void *)field);
    case CONFIG_BOOL:
        return parse_bool(value, (bool *)(void *)field);
    case CONFIG_CHOICE:
        return parse_choice(value, option, (int *)(void *)field);
    }
    return false;
}

static void add_problem(const struct config_option *option, const char *value, const char *rule,
                        struct buf *problems)
{
    if (value) {
        buf_addf(problems, "%s=%s: must be ", option->name, option->secret ? "****" : value);
    } else {
        buf_addf(problems, "%s is not set: must be ", option->name);
    }
    if (rule) {
        buf_add_str(problems, rule);
    } else {
        add_rule(option, problems);
    }
    buf_addf(problems, " (%s)\n", option->help);
}

int config_load(const struct config_table *table, char *const *environment, void *ret_config,
                struct buf *problems)
{
    bool wrong = false;
    const char *mistake;

    for (size_t i = 0; i < table->count; i++) {
        const struct config_option *option = &table->options[i];
        const char *given = config_lookup(environment, option->name);
        const char *value = given ? given : option->default_value;
        const char *rule = NULL;

        if (!value) {
            if (option->required) {
                add_problem(option, NULL, NULL, problems);
                wrong = true;
            }
            continue;
        }
        if (!store(option, value, (char *)ret_config + option->offset) ||
            (option->check && (rule = option->check(value)) != NULL)) {
            add_problem(option, value, rule, problems);
            wrong = true;
        }
    }
    if (!wrong && table->check && (mistake = table->check(ret_config)) != NULL) {
        buf_addf(problems, "%s\n", mistake);
        wrong = true;
    }
    return wrong ? -ERROR_CONFIG : 0;
}

void config_print(const struct config_table *table, char *const *environment, struct buf *out)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct config_option *option = &table->options[i];
        const char *given = config_lookup(environment, option->name);
        const char *value = given ? given : option->default_value;

        buf_addf(out, "%s=%s\n", option->name, !value ? "" : option->secret ? "****" : value);
    }
}

/* Adds the text broken into lines of at most `width` characters, each line after the first indented. */
static void add_wrapped(struct buf *out, const char *text, size_t indent, size_t width)
{
    size_t column = 0;

    while (*text) {
        size_t word = strcspn(text, " ");
        if (column > 0 && column + 1 + word > width) {
            buf_addf(out, "\n%*s", (int)indent, "");
            column = 0;
        } else if (column > 0) {
            buf_add_char(out, ' ');
            column++;
        }
        buf_add(out, text, word);
        column += word;
        text += word + (text[word] == ' ');
    }
}

static void add_help_entry(struct buf *out, const char *name, const char *text)
{
    enum { INDENT = 30, WIDTH = 76 };

    buf_addf(out, "  %-*s", INDENT - 3, name);
    if (strlen(name) > INDENT - 4) {
        buf_addf(out, "\n%*s", INDENT, "");
    } else {
        buf_add_char(out, ' ');
    }
    add_wrapped(out, text, INDENT, WIDTH);
    buf_add_char(out, '\n');
}

static void add_default(const struct config_option *option, struct buf *out, const char *quote)
{
    if (option->required) {
        buf_add_str(out, "required");
    } else if (option->default_value) {
        buf_addf(out, "%s%s%s", quote, option->default_value, quote);
    } else {
        buf_add_str(out, "none");
    }
}

void config_help(const struct config_table *table, struct buf *out)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct config_option *option = &table->options[i];
        struct buf text;

        buf_init(&text, RULE_CAP);
        buf_addf(&text, "%s (", option->help);
        if (option->type != CONFIG_TEXT || option->max > 0) {
            add_rule(option, &text);
            buf_add_str(&text, "; ");
        }
        if (!option->required) {
            buf_add_str(&text, "default ");
        }
        add_default(option, &text, "");
        buf_add_char(&text, ')');
        add_help_entry(out, option->name, buf_error(&text) ? option->help : text.data);
        buf_done(&text);
    }
    for (const struct config_passthrough *p = table->passthrough; p && p->pattern; p++) {
        add_help_entry(out, p->pattern, p->help);
    }
}

void config_markdown(const struct config_table *table, struct buf *out)
{
    buf_add_str(out, "| variable | value | default | meaning |\n|---|---|---|---|\n");
    for (size_t i = 0; i < table->count; i++) {
        const struct config_option *option = &table->options[i];
        buf_addf(out, "| `%s` | ", option->name);
        add_rule(option, out);
        buf_add_str(out, option->secret ? ", secret | " : " | ");
        add_default(option, out, "`");
        buf_addf(out, " | %s |\n", option->help);
    }
    for (const struct config_passthrough *p = table->passthrough; p && p->pattern; p++) {
        buf_addf(out, "| `%s` | | | %s |\n", p->pattern, p->help);
    }
}
