/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/kinesis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* Reads a copy that ends exactly where the text does. */
static int read(const char *text, struct kinesis_records *records, char **ret_body, struct error *err)
{
    size_t len = strlen(text);

    *ret_body = malloc(len ? len : 1);
    memcpy(*ret_body, text, len);
    return kinesis_read_records(*ret_body, len, records, err);
}

static void reads_an_answer(void **state)
{
    struct kinesis_records r = {0};
    struct error err = {0};
    char *body;

    (void)state;
    assert_int_equal(read("{\"ChildShards\":[{\"ShardId\":\"s\"}],\"MillisBehindLatest\":2500,"
                          "\"NextShardIterator\":\"AA\\/b==\","
                          "\"Records\":[{\"ApproximateArrivalTimestamp\":1795392000.123,\"Data\":"
                          "\"eyJhIjoxfQ==\",\"PartitionKey\":"
                          "\"k\\u00e9\",\"SequenceNumber\":\"4965\",\"EncryptionType\":\"NONE\"},{"
                          "\"SequenceNumber\":\"4966\","
                          "\"PartitionKey\":\"k2\",\"Data\":\"\"}]}",
                          &r, &body, &err),
                     0);
    assert_int_equal(r.count, 2);
    assert_true(str_eq(r.records[0].data, STR("{\"a\":1}")));
    assert_true(str_eq(r.records[0].partition_key, STR("k\xC3\xA9")));
    assert_true(str_eq(r.records[0].sequence, STR("4965")));
    assert_int_equal(r.records[0].arrival_ms, 1795392000123);
    assert_int_equal(r.records[1].data.len, 0);
    assert_int_equal(r.data_bytes, 7);
    assert_true(str_eq(r.next_iterator, STR("AA/b==")));
    assert_int_equal(r.millis_behind, 2500);
    free(body);
    /* An iterator of null is the end of the shard; the struct may be used again. */
    assert_int_equal(read("{\"Records\":[],\"NextShardIterator\":null}", &r, &body, &err), 0);
    assert_int_equal(r.count, 0);
    assert_null(r.next_iterator.ptr);
    assert_int_equal(r.millis_behind, 0);
    free(body);
    kinesis_records_done(&r);
}

static void data_with_escapes_is_read_and_bad_data_is_empty(void **state)
{
    struct kinesis_records r = {0};
    struct error err = {0};
    char *body;

    (void)state;
    assert_int_equal(
        read("{\"Records\":[{\"SequenceNumber\":\"1\",\"Data\":\"\\/\\/\\/\\/\"},"
             "{\"SequenceNumber\":\"2\",\"Data\":\"***\"},{\"SequenceNumber\":\"3\",\"Data\":\"QQ==\"}]}",
             &r, &body, &err),
        0);
    assert_int_equal(r.count, 3);
    assert_true(str_eq(r.records[0].data, STR("\xFF\xFF\xFF")));
    assert_int_equal(r.records[1].data.len, 0);
    assert_true(str_eq(r.records[2].data, STR("A")));
    free(body);
    kinesis_records_done(&r);
}

static void what_is_no_answer_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "[]",
                                      "{}",
                                      "{\"Records\":{}}",
                                      "{\"Records\":[1]}",
                                      "{\"Records\":[{}]}",
                                      "{\"Records\":[{\"Data\":\"QQ==\"}]}",
                                      "{\"Records\":[{\"SequenceNumber\":7}]}",
                                      "{\"Records\":[],\"NextShardIterator\":5}",
                                      "{\"Records\":[{\"SequenceNumber\":\"1\",\"Data\":\"QQ=",
                                      "{\"Records\":[{\"SequenceNumber\":\"1\",\"Data\":\"QQ==\"}]"};
    struct kinesis_records r = {0};
    struct error err = {0};
    char *body;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        if (read(bad[i], &r, &body, &err) == 0) {
            fail_msg("accepted: %s", bad[i]);
        }
        assert_true(err.retriable);
        free(body);
    }
    kinesis_records_done(&r);
}

static void writes_requests(void **state)
{
    struct kinesis_position position = {.start = KINESIS_AT_TIMESTAMP, .timestamp_ms = 1795392000042};
    struct buf out;

    (void)state;
    buf_init(&out, 4096);
    kinesis_add_get_records(&out, STR("it\"er"), 1000);
    assert_string_equal(out.data, "{\"ShardIterator\":\"it\\\"er\",\"Limit\":1000}");
    buf_reset(&out);
    kinesis_add_get_shard_iterator(&out, "users", "shardId-000000000000", &position);
    assert_string_equal(out.data, "{\"StreamName\":\"users\",\"ShardId\":\"shardId-000000000000\","
                                  "\"ShardIteratorType\":\"AT_TIMESTAMP\",\"Timestamp\":1795392000.042}");
    buf_reset(&out);
    position = (struct kinesis_position){.start = KINESIS_AFTER_SEQUENCE, .sequence = "4965"};
    kinesis_add_get_shard_iterator(&out, "arn:aws:kinesis:eu-west-1:111122223333:stream/users", "s",
                                   &position);
    assert_string_equal(
        out.data, "{\"StreamARN\":\"arn:aws:kinesis:eu-west-1:111122223333:stream/users\",\"ShardId\":\"s\","
                  "\"ShardIteratorType\":\"AFTER_SEQUENCE_NUMBER\",\"StartingSequenceNumber\":\"4965\"}");
    buf_reset(&out);
    kinesis_add_list_shards(&out, "users", NULL);
    kinesis_add_list_shards(&out, "users", "to\\ken");
    assert_string_equal(out.data, "{\"StreamName\":\"users\"}{\"NextToken\":\"to\\\\ken\"}");
    buf_done(&out);
}

static void collects_shards_over_pages(void **state)
{
    struct kinesis_shards shards = {0};
    struct error err = {0};

    (void)state;
    assert_int_equal(
        kinesis_read_shards(STR("{\"NextToken\":\"t\",\"Shards\":[{\"ShardId\":\"a\",\"SequenceNumberRange\":"
                                "{\"StartingSequenceNumber\":\"1\",\"EndingSequenceNumber\":\"9\"}}]}"),
                            &shards, &err),
        0);
    assert_string_equal(shards.next_token, "t");
    assert_int_equal(kinesis_read_shards(STR("{\"Shards\":[{\"ShardId\":\"b\",\"ParentShardId\":\"a\","
                                             "\"AdjacentParentShardId\":\"c\",\"SequenceNumberRange\":"
                                             "{\"StartingSequenceNumber\":\"1\"}}]}"),
                                         &shards, &err),
                     0);
    assert_null(shards.next_token);
    assert_int_equal(shards.count, 2);
    assert_true(shards.shards[0].closed);
    assert_false(shards.shards[1].closed);
    assert_string_equal(shards.shards[1].parent, "a");
    assert_string_equal(shards.shards[1].adjacent_parent, "c");
    assert_int_not_equal(kinesis_read_shards(STR("{}"), &shards, &err), 0);
    assert_int_not_equal(kinesis_read_shards(STR("{\"Shards\":[{}]}"), &shards, &err), 0);
    kinesis_shards_done(&shards);
}

static void reads_an_iterator(void **state)
{
    char iterator[KINESIS_ITERATOR_SIZE] = "";
    struct error err = {0};

    (void)state;
    assert_int_equal(kinesis_read_shard_iterator(STR("{\"ShardIterator\":\"AAA\"}"), iterator, &err), 0);
    assert_string_equal(iterator, "AAA");
    assert_int_not_equal(kinesis_read_shard_iterator(STR("{}"), iterator, &err), 0);
    assert_int_not_equal(kinesis_read_shard_iterator(STR("<html>"), iterator, &err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_an_answer),
        cmocka_unit_test(data_with_escapes_is_read_and_bad_data_is_empty),
        cmocka_unit_test(what_is_no_answer_is_refused),
        cmocka_unit_test(writes_requests),
        cmocka_unit_test(collects_shards_over_pages),
        cmocka_unit_test(reads_an_iterator),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
