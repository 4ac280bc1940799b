/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "local/aws/s3_list.h"

#include "lib/attr.h"
#include "lib/buf.h"

static const char *const keys[] = {"a/1", "a/2", "b", "c/x/1", "c/y/1", "d"};

/* One page as text: "key " and "prefix* ", and "+" if there is more. */
static void expect_page(struct s3_listing listing, const char *expected)
{
    struct buf page;
    enum s3_listed listed = S3_LISTED_NOT;

    buf_init(&page, 4096);
    buf_add_str(&page, "");
    for (size_t i = 0; i < ARRAY_LENGTH(keys) && listed != S3_LISTED_END; i++) {
        listed = s3_listing_take(&listing, str_of(keys[i]));
        if (listed == S3_LISTED_KEY || listed == S3_LISTED_PREFIX) {
            buf_addf(&page, "%s%s ", listing.last, listed == S3_LISTED_PREFIX ? "*" : "");
        }
    }
    buf_add_str(&page, listing.truncated ? "+" : "");
    assert_string_equal(page.data, expected);
    buf_done(&page);
}

static void everything_is_shown_without_conditions(void **state)
{
    (void)state;
    expect_page((struct s3_listing){.max_keys = 1000}, "a/1 a/2 b c/x/1 c/y/1 d ");
    expect_page((struct s3_listing){.max_keys = 6}, "a/1 a/2 b c/x/1 c/y/1 d ");
    expect_page((struct s3_listing){.max_keys = 5}, "a/1 a/2 b c/x/1 c/y/1 +");
    expect_page((struct s3_listing){.max_keys = 0}, "");
}

static void a_prefix_narrows(void **state)
{
    (void)state;
    expect_page((struct s3_listing){.prefix = STR("c/"), .max_keys = 9}, "c/x/1 c/y/1 ");
    expect_page((struct s3_listing){.prefix = STR("zz"), .max_keys = 9}, "");
}

static void a_delimiter_rolls_up(void **state)
{
    (void)state;
    expect_page((struct s3_listing){.delimiter = STR("/"), .max_keys = 9}, "a/* b c/* d ");
    expect_page((struct s3_listing){.prefix = STR("c/"), .delimiter = STR("/"), .max_keys = 9},
                "c/x/* c/y/* ");
}

static void the_next_page_goes_on_behind_a_key_or_a_common_prefix(void **state)
{
    (void)state;
    expect_page((struct s3_listing){.delimiter = STR("/"), .max_keys = 1}, "a/* +");
    expect_page((struct s3_listing){.delimiter = STR("/"), .after = STR("a/"), .max_keys = 2}, "b c/* +");
    expect_page((struct s3_listing){.delimiter = STR("/"), .after = STR("c/"), .max_keys = 2}, "d ");
    expect_page((struct s3_listing){.after = STR("a/2"), .max_keys = 2}, "b c/x/1 +");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_shown_without_conditions),
        cmocka_unit_test(a_prefix_narrows),
        cmocka_unit_test(a_delimiter_rolls_up),
        cmocka_unit_test(the_next_page_goes_on_behind_a_key_or_a_common_prefix),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
