/* SPDX-License-Identifier: Apache-2.0 */
#include "local/randomuser/generate.h"

#include "lib/attr.h"
#include "local/randomuser/member.h"

static const struct nation *pick_nation(struct prng *prng, uint32_t allowed)
{
    uint32_t chosen = prng_below(prng, (uint32_t)__builtin_popcount(allowed));

    while (chosen-- > 0) {
        allowed &= allowed - 1;
    }
    return &nations[__builtin_ctz(allowed)];
}

static const struct nation_name *pick_name(struct prng *prng, const struct nation_names *names)
{
    return &names->items[prng_below(prng, (uint32_t)names->count)];
}

static bool pick_male(struct prng *prng, const struct query *query)
{
    bool male = prng_below(prng, 2) == 1;

    return query->gender == QUERY_ANY_GENDER ? male : query->gender == QUERY_MALE;
}

static struct person make_person(const struct query *query, uint64_t start)
{
    static const char *const female_titles[] = {"Ms", "Mrs", "Miss"};
    struct prng prng = prng_stream(start, QUERY_FIELD_COUNT);
    struct person person = {.nation = pick_nation(&prng, query->nations), .male = pick_male(&prng, query)};

    person.first = pick_name(&prng, person.male ? &person.nation->male : &person.nation->female);
    person.last = pick_name(&prng, &person.nation->last);
    person.title = person.male ? "Mr" : female_titles[prng_below(&prng, ARRAY_LENGTH(female_titles))];
    return person;
}

static void add_user(struct buf *out, const struct query *query, uint32_t fields, uint64_t start)
{
    struct person person = make_person(query, start);
    char before = '{';

    for (unsigned i = 0; i < QUERY_FIELD_COUNT; i++) {
        if (fields & 1U << i) {
            struct prng prng = prng_stream(start, i);
            buf_add_char(out, before);
            member_add(out, (enum query_field)i, &person, &prng);
            before = ',';
        }
    }
    buf_add_str(out, before == '{' ? "{}" : "}");
}

static void add_info(struct buf *out, const struct query *query)
{
    buf_add_str(out, ",\"info\":{\"seed\":");
    buf_add_json_string(out, query->seed, strlen(query->seed));
    buf_addf(out, ",\"results\":%u,\"page\":%u,\"version\":\"1.4\"}", query->results, query->page);
}

void generate_page(const struct query *query, struct buf *out)
{
    uint64_t seed = prng_seed(str_of(query->seed));
    uint64_t page = prng_stream(seed, query->page).state;
    uint32_t fields = query_fields(query);

    buf_add_str(out, "{\"results\":[");
    for (uint32_t i = 0; i < query->results; i++) {
        if (i > 0) {
            buf_add_char(out, ',');
        }
        add_user(out, query, fields, prng_stream(page, i).state);
    }
    buf_add_char(out, ']');
    if (!query->noinfo) {
        add_info(out, query);
    }
    buf_add_char(out, '}');
}
