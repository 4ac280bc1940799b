/* SPDX-License-Identifier: Apache-2.0 */
#include "local/randomuser/query.h"

#include "local/randomuser/nation.h"

static const char *const field_names[QUERY_FIELD_COUNT] = {
    [QUERY_GENDER] = "gender", [QUERY_NAME] = "name",   [QUERY_LOCATION] = "location",
    [QUERY_EMAIL] = "email",   [QUERY_LOGIN] = "login", [QUERY_DOB] = "dob",
    [QUERY_PHONE] = "phone",   [QUERY_CELL] = "cell",   [QUERY_REGISTERED] = "registered",
    [QUERY_ID] = "id",         [QUERY_NAT] = "nat",     [QUERY_PICTURE] = "picture",
};

static const uint32_t all_fields = (1U << QUERY_FIELD_COUNT) - 1;

static uint32_t all_nations(void)
{
    return (1U << nation_count) - 1;
}

void query_init(struct query *query)
{
    *query = (struct query){.results = 1, .page = 1, .nations = all_nations(), .include = all_fields};
}

static uint32_t number_or_1(struct str value, long long max)
{
    long long number = 1;

    return str_to_int64(value, 1, max, &number) ? (uint32_t)number : 1;
}

/* Takes the next item off a comma list, without blanks around it. False at the end. */
static bool next_item(struct str *list, struct str *ret_item)
{
    size_t end = 0;

    if (list->len == 0) {
        return false;
    }
    while (end < list->len && list->ptr[end] != ',') {
        end++;
    }
    *ret_item = (struct str){list->ptr, end};
    while (ret_item->len > 0 && ret_item->ptr[0] == ' ') {
        ret_item->ptr++;
        ret_item->len--;
    }
    while (ret_item->len > 0 && ret_item->ptr[ret_item->len - 1] == ' ') {
        ret_item->len--;
    }
    end += end < list->len;
    list->ptr += end;
    list->len -= end;
    return true;
}

static uint32_t field_bits(struct str list)
{
    uint32_t bits = 0;
    struct str item;

    while (next_item(&list, &item)) {
        for (size_t i = 0; i < QUERY_FIELD_COUNT; i++) {
            bits |= (uint32_t)str_eq_nocase(item, str_of(field_names[i])) << i;
        }
    }
    return bits;
}

/* One code that is not known makes it all nationalities, as the API does. */
static uint32_t nation_bits(struct str list)
{
    uint32_t bits = 0;
    struct str item;

    while (next_item(&list, &item)) {
        uint32_t found = 0;
        for (size_t i = 0; i < nation_count; i++) {
            found |= (uint32_t)str_eq_nocase(item, str_of(nations[i].code)) << i;
        }
        if (!found) {
            return all_nations();
        }
        bits |= found;
    }
    return bits ? bits : all_nations();
}

static void set_seed(struct query *query, struct str value)
{
    size_t len = value.len < QUERY_SEED_SIZE ? value.len : QUERY_SEED_SIZE - 1;

    memcpy(query->seed, value.ptr, len);
    query->seed[len] = '\0';
}

static enum query_gender gender_of(struct str value)
{
    if (str_eq_nocase(value, STR("male"))) {
        return QUERY_MALE;
    }
    return str_eq_nocase(value, STR("female")) ? QUERY_FEMALE : QUERY_ANY_GENDER;
}

void query_set(struct query *query, struct str name, struct str value)
{
    if (str_eq(name, STR("results"))) {
        query->results = number_or_1(value, QUERY_RESULTS_MAX);
    } else if (str_eq(name, STR("page"))) {
        query->page = number_or_1(value, QUERY_PAGE_MAX);
    } else if (str_eq(name, STR("seed"))) {
        set_seed(query, value);
    } else if (str_eq(name, STR("gender"))) {
        query->gender = gender_of(value);
    } else if (str_eq(name, STR("nat"))) {
        query->nations = nation_bits(value);
    } else if (str_eq(name, STR("inc"))) {
        query->include = value.len > 0 ? field_bits(value) : all_fields;
    } else if (str_eq(name, STR("exc"))) {
        query->exclude = field_bits(value);
    } else if (str_eq(name, STR("noinfo"))) {
        query->noinfo = true;
    } else if (str_eq(name, STR("format"))) {
        query->pretty = str_eq_nocase(value, STR("pretty")) || str_eq_nocase(value, STR("prettyjson"));
    }
}

uint32_t query_fields(const struct query *query)
{
    return query->include & ~query->exclude;
}
