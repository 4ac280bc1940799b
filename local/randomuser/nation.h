/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nationalities that the generator knows: own lists of names and places with UTF-8 as people write
 * it, and the national shapes of phone numbers, identity numbers and postcodes. Codes and shapes are
 * those of the randomuser.me API 1.4; the names were written for this project.
 */
#ifndef LOCAL_RANDOMUSER_NATION_H
#define LOCAL_RANDOMUSER_NATION_H

#include <stddef.h>

struct nation_name {
    const char *text;
    const char *ascii; /* how it stands in an e-mail address */
};

struct nation_city {
    const char *name;
    const char *state;
};

struct nation_names {
    const struct nation_name *items;
    size_t count;
};

struct nation_cities {
    const struct nation_city *items;
    size_t count;
};

struct nation_streets {
    const char *const *items;
    size_t count;
};

/* In the patterns '#' stands for a digit and '@' for a capital letter. No text needs JSON escapes. */
struct nation {
    const char *code; /* "NL" */
    const char *country;
    struct nation_names male;
    struct nation_names female;
    struct nation_names last;
    struct nation_cities cities;
    struct nation_streets streets;
    const char *phone;
    const char *cell;
    const char *id_name;  /* empty where the API has no identity number */
    const char *id_value; /* NULL there */
    const char *postcode; /* NULL: the number 10000 to 99999, not a string */
};

extern const struct nation nations[];
extern const size_t nation_count;

#endif
