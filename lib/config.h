/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration from the environment by one table per service. From the table come the parsed struct,
 * all mistakes at once, --help, --print-config (secrets masked) and docs/configuration.md.
 */
#ifndef LIB_CONFIG_H
#define LIB_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"

enum config_type {
    CONFIG_TEXT,   /* const char *: any text */
    CONFIG_INT,    /* int64_t: a whole number within [min, max] */
    CONFIG_NUMBER, /* double: a decimal number within [min, max] */
    CONFIG_BOOL,   /* bool: true, false, 1, 0, yes, no, on, off */
    CONFIG_CHOICE, /* int: index into `choices` */
    CONFIG_URL     /* const char *: http:// or https:// with a host, no user info */
};

struct config_option {
    const char *name; /* the environment variable */
    enum config_type type;
    bool required; /* without a value the configuration is wrong; otherwise an unset text is NULL */
    bool secret;   /* shown as **** */
    const char *default_value;  /* as it would be written; NULL: none */
    int64_t min, max;           /* CONFIG_INT, CONFIG_NUMBER; and bytes for CONFIG_TEXT when max > 0 */
    const char *const *choices; /* CONFIG_CHOICE, ends with NULL */
    const char *help;           /* one or two sentences; says the unit */
    size_t offset;              /* of the field in the service's struct */
    /* A further rule: NULL, or returns NULL if the value is right, else the rule as text. */
    const char *(*check)(const char *value);
};

/* Prefixes whose variables another component reads itself, shown in --help (KAFKA_<PROPERTY>, AWS_*). */
struct config_passthrough {
    const char *pattern; /* "KAFKA_<PROPERTY>" */
    const char *help;
};

struct config_table {
    const struct config_option *options;
    size_t count;
    const struct config_passthrough *passthrough; /* ends with pattern NULL; may be NULL */
    /* A rule between options, asked once each is right by itself: NULL, or returns NULL or the mistake as
     * text. */
    const char *(*check)(const void *config);
};

/*
 * Fills the struct at `ret_config` from `environment` ("NAME=value", ends with NULL; both it and the table
 * outlive the struct, whose strings are borrowed from them). An empty value counts as unset. Every mistake
 * becomes one line in `problems`: "NAME=value: rule", or what the table's check says. Returns 0 or
 * -ERROR_CONFIG.
 */
int config_load(const struct config_table *table, char *const *environment, void *ret_config,
                struct buf *problems) MUST_USE;

/* The value of one variable in `environment`, or NULL if it is unset or empty. */
const char *config_lookup(char *const *environment, const char *name);

/* "NAME=value" lines as loaded, secrets masked. */
void config_print(const struct config_table *table, char *const *environment, struct buf *out);
/* The options as text for --help, and as a Markdown table for docs/configuration.md. */
void config_help(const struct config_table *table, struct buf *out);
void config_markdown(const struct config_table *table, struct buf *out);

#endif
