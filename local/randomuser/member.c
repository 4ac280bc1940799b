/* SPDX-License-Identifier: Apache-2.0 */
#include "local/randomuser/member.h"

#include "lib/attr.h"
#include "lib/hash.h"
#include "local/randomuser/generate.h"
#include "local/randomuser/prng.h"

static const struct {
    const char *offset;
    const char *description;
} timezones[] = {
    {"-10:00", "Honolulu, Papeete"},
    {"-8:00", "Los Angeles, Vancouver"},
    {"-6:00", "Chicago, Mexico City"},
    {"-5:00", "New York, Lima"},
    {"-3:30", "St. John's"},
    {"-3:00", "Buenos Aires, Recife"},
    {"0:00", "London, Lisbon, Dakar"},
    {"+1:00", "Berlin, Madrid, Lagos"},
    {"+2:00", "Athens, Kyiv, Cairo"},
    {"+3:00", "Istanbul, Nairobi"},
    {"+3:30", "Tehran"},
    {"+5:30", "Delhi, Colombo"},
    {"+5:45", "Kathmandu"},
    {"+7:00", "Bangkok, Jakarta"},
    {"+8:00", "Perth, Singapore"},
    {"+9:30", "Adelaide, Darwin"},
    {"+12:00", "Auckland, Suva"},
};

static const char *const user_adjectives[] = {"blue",  "quiet",  "happy", "golden", "tiny",
                                              "brave", "silver", "green", "lively", "clever",
                                              "sunny", "purple", "calm",  "swift"};
static const char *const user_animals[] = {"otter",    "heron", "badger",  "lynx", "falcon",
                                           "tortoise", "whale", "rabbit",  "swan", "beetle",
                                           "moose",    "gecko", "panther", "koala"};
static const char *const passwords[] = {"lantern", "biscuit", "meadow", "thunder", "pepper",
                                        "anchor",  "violet",  "orbit",  "walnut",  "harbour",
                                        "cobalt",  "saddle",  "maple",  "ginger"};

#define PICK(prng, list) ((list)[prng_below((prng), (uint32_t)ARRAY_LENGTH(list))])
#define ADD(out, literal) buf_add((out), (literal), sizeof(literal) - 1)

static void add_number(struct buf *out, uint32_t number, unsigned least_digits)
{
    char digits[10];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0 || sizeof(digits) - at < least_digits);
    buf_add(out, digits + at, sizeof(digits) - at);
}

/* A digit for '#', a letter for '@', everything else as it stands. */
static void add_pattern(struct buf *out, struct prng *prng, const char *pattern)
{
    for (; *pattern; pattern++) {
        if (*pattern == '#') {
            buf_add_char(out, (char)('0' + prng_below(prng, 10)));
        } else if (*pattern == '@') {
            buf_add_char(out, (char)('A' + prng_below(prng, 26)));
        } else {
            buf_add_char(out, *pattern);
        }
    }
}

static void add_hex(struct buf *out, struct prng *prng, size_t digits)
{
    for (size_t i = 0; i < digits; i++) {
        buf_add_char(out, "0123456789abcdef"[prng_below(prng, 16)]);
    }
}

/* A signed number of ten-thousandths as a decimal string with four places. */
static void add_degrees(struct buf *out, struct prng *prng, uint32_t limit)
{
    uint32_t value = prng_below(prng, 2 * limit * 10000 + 1);
    bool negative = value < limit * 10000;
    uint32_t size = negative ? limit * 10000 - value : value - limit * 10000;

    buf_add_str(out, negative ? "\"-" : "\"");
    add_number(out, size / 10000, 1);
    buf_add_char(out, '.');
    add_number(out, size % 10000, 4);
    buf_add_char(out, '"');
}

/* Any moment of a year, 29 February left out. */
static void add_date(struct buf *out, struct prng *prng, uint32_t year)
{
    static const unsigned char days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint32_t month = prng_below(prng, 12);
    const struct {
        uint32_t value;
        char before;
        unsigned digits;
    } parts[] = {
        {year, '"', 4},
        {month + 1, '-', 2},
        {prng_between(prng, 1, days[month]), '-', 2},
        {prng_below(prng, 24), 'T', 2},
        {prng_below(prng, 60), ':', 2},
        {prng_below(prng, 60), ':', 2},
        {prng_below(prng, 1000), '.', 3},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        buf_add_char(out, parts[i].before);
        add_number(out, parts[i].value, parts[i].digits);
    }
    ADD(out, "Z\"");
}

/* ---- the members, in the order of enum query_field ---- */

static void add_gender(struct buf *out, const struct person *person, struct prng *prng)
{
    (void)prng;
    buf_add_str(out, person->male ? "\"male\"" : "\"female\"");
}

static void add_name(struct buf *out, const struct person *person, struct prng *prng)
{
    (void)prng;
    ADD(out, "{\"title\":\"");
    buf_add_str(out, person->title);
    ADD(out, "\",\"first\":\"");
    buf_add_str(out, person->first->text);
    ADD(out, "\",\"last\":\"");
    buf_add_str(out, person->last->text);
    ADD(out, "\"}");
}

static void add_postcode(struct buf *out, struct prng *prng, const char *pattern)
{
    if (pattern) {
        buf_add_char(out, '"');
        add_pattern(out, prng, pattern);
        buf_add_char(out, '"');
    } else {
        add_number(out, prng_between(prng, 10000, 99999), 1);
    }
}

static void add_location(struct buf *out, const struct person *person, struct prng *prng)
{
    const struct nation *nation = person->nation;
    const struct nation_city *city = &nation->cities.items[prng_below(prng, (uint32_t)nation->cities.count)];
    size_t zone = prng_below(prng, (uint32_t)ARRAY_LENGTH(timezones));

    ADD(out, "{\"street\":{\"number\":");
    add_number(out, prng_between(prng, 1, 9999), 1);
    ADD(out, ",\"name\":\"");
    buf_add_str(out, nation->streets.items[prng_below(prng, (uint32_t)nation->streets.count)]);
    ADD(out, "\"},\"city\":\"");
    buf_add_str(out, city->name);
    ADD(out, "\",\"state\":\"");
    buf_add_str(out, city->state);
    ADD(out, "\",\"country\":\"");
    buf_add_str(out, nation->country);
    ADD(out, "\",\"postcode\":");
    add_postcode(out, prng, nation->postcode);
    ADD(out, ",\"coordinates\":{\"latitude\":");
    add_degrees(out, prng, 90);
    ADD(out, ",\"longitude\":");
    add_degrees(out, prng, 180);
    ADD(out, "},\"timezone\":{\"offset\":\"");
    buf_add_str(out, timezones[zone].offset);
    ADD(out, "\",\"description\":\"");
    buf_add_str(out, timezones[zone].description);
    ADD(out, "\"}}");
}

static void add_email(struct buf *out, const struct person *person, struct prng *prng)
{
    (void)prng;
    buf_add_char(out, '"');
    buf_add_str(out, person->first->ascii);
    buf_add_char(out, '.');
    buf_add_str(out, person->last->ascii);
    ADD(out, "@example.com\"");
}

static void add_digests(struct buf *out, struct str salted, struct prng *prng)
{
    unsigned char md5[HASH_MD5_SIZE];
    char hex[HASH_SHA256_HEX_SIZE];

    hash_md5(salted.ptr, salted.len, md5);
    hash_hex(md5, sizeof(md5), hex);
    ADD(out, "\",\"md5\":\"");
    buf_add_str(out, hex);
    ADD(out, "\",\"sha1\":\"");
    add_hex(out, prng, 40);
    hash_sha256_hex(salted.ptr, salted.len, hex);
    ADD(out, "\",\"sha256\":\"");
    buf_add_str(out, hex);
    ADD(out, "\"}");
}

static void add_login(struct buf *out, const struct person *person, struct prng *prng)
{
    struct buf salted;

    (void)person;
    buf_init(&salted, 64);
    ADD(out, "{\"uuid\":\"");
    add_hex(out, prng, 8);
    buf_add_char(out, '-');
    add_hex(out, prng, 4);
    ADD(out, "-4");
    add_hex(out, prng, 3);
    ADD(out, "-a");
    add_hex(out, prng, 3);
    buf_add_char(out, '-');
    add_hex(out, prng, 12);
    ADD(out, "\",\"username\":\"");
    buf_add_str(out, PICK(prng, user_adjectives));
    buf_add_str(out, PICK(prng, user_animals));
    add_number(out, prng_between(prng, 100, 999), 3);
    ADD(out, "\",\"password\":\"");
    buf_add_str(&salted, PICK(prng, passwords));
    buf_add(out, salted.data, salted.len);
    ADD(out, "\",\"salt\":\"");
    add_hex(&salted, prng, 8);
    buf_add(out, salted.data + salted.len - 8, 8);
    add_digests(out, buf_str(&salted), prng);
    buf_done(&salted);
}

static void add_dob(struct buf *out, const struct person *person, struct prng *prng)
{
    uint32_t age = prng_between(prng, GENERATE_AGE_MIN, GENERATE_AGE_MAX);

    (void)person;
    ADD(out, "{\"date\":");
    add_date(out, prng, GENERATE_REFERENCE_YEAR - age);
    ADD(out, ",\"age\":");
    add_number(out, age, 1);
    buf_add_char(out, '}');
}

static void add_registered(struct buf *out, const struct person *person, struct prng *prng)
{
    uint32_t years = prng_between(prng, 1, 8); /* less than the youngest age */

    (void)person;
    ADD(out, "{\"date\":");
    add_date(out, prng, GENERATE_REFERENCE_YEAR - years);
    ADD(out, ",\"age\":");
    add_number(out, years, 1);
    buf_add_char(out, '}');
}

static void add_id(struct buf *out, const struct person *person, struct prng *prng)
{
    ADD(out, "{\"name\":\"");
    buf_add_str(out, person->nation->id_name);
    ADD(out, "\",\"value\":");
    if (person->nation->id_value) {
        buf_add_char(out, '"');
        add_pattern(out, prng, person->nation->id_value);
        ADD(out, "\"}");
    } else {
        ADD(out, "null}");
    }
}

static void add_picture(struct buf *out, const struct person *person, struct prng *prng)
{
    static const struct {
        const char *before;
        const char *folder;
    } sizes[] = {{"{\"large\":", ""}, {",\"medium\":", "med/"}, {",\"thumbnail\":", "thumb/"}};
    uint32_t number = prng_below(prng, person->male ? 100 : 97);

    for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
        buf_add_str(out, sizes[i].before);
        ADD(out, "\"https://randomuser.me/api/portraits/");
        buf_add_str(out, sizes[i].folder);
        buf_add_str(out, person->male ? "men/" : "women/");
        add_number(out, number, 1);
        ADD(out, ".jpg\"");
    }
    buf_add_char(out, '}');
}

static void add_phone(struct buf *out, const struct person *person, struct prng *prng)
{
    buf_add_char(out, '"');
    add_pattern(out, prng, person->nation->phone);
    buf_add_char(out, '"');
}

static void add_cell(struct buf *out, const struct person *person, struct prng *prng)
{
    buf_add_char(out, '"');
    add_pattern(out, prng, person->nation->cell);
    buf_add_char(out, '"');
}

static void add_nat(struct buf *out, const struct person *person, struct prng *prng)
{
    (void)prng;
    buf_add_char(out, '"');
    buf_add_str(out, person->nation->code);
    buf_add_char(out, '"');
}

static const struct {
    const char *key;
    void (*add)(struct buf *out, const struct person *person, struct prng *prng);
} members[QUERY_FIELD_COUNT] = {
    [QUERY_GENDER] = {"\"gender\":", add_gender},
    [QUERY_NAME] = {"\"name\":", add_name},
    [QUERY_LOCATION] = {"\"location\":", add_location},
    [QUERY_EMAIL] = {"\"email\":", add_email},
    [QUERY_LOGIN] = {"\"login\":", add_login},
    [QUERY_DOB] = {"\"dob\":", add_dob},
    [QUERY_REGISTERED] = {"\"registered\":", add_registered},
    [QUERY_PHONE] = {"\"phone\":", add_phone},
    [QUERY_CELL] = {"\"cell\":", add_cell},
    [QUERY_ID] = {"\"id\":", add_id},
    [QUERY_PICTURE] = {"\"picture\":", add_picture},
    [QUERY_NAT] = {"\"nat\":", add_nat},
};

void member_add(struct buf *out, enum query_field field, const struct person *person, struct prng *prng)
{
    buf_add_str(out, members[field].key);
    members[field].add(out, person, prng);
}
