/* SPDX-License-Identifier: Apache-2.0 */
/* folders: analytics */
/* Any bytes as an answer of GetRecords: all that is handed out lies inside, and what is taken is JSON to
 * cJSON too. */
#include "analytics/kinesis.h"

#include "analytics/slice.h"
#include "tests/fuzz/fuzz.h"

static void check_inside(struct str part, const char *body, size_t len)
{
    require(part.len == 0 || (part.ptr >= body && part.ptr + part.len <= body + len));
}

static void check_records(const struct kinesis_records *records, const char *body, size_t len)
{
    size_t bytes = 0;

    for (size_t i = 0; i < records->count; i++) {
        const struct kinesis_record *record = &records->records[i];
        check_inside(record->data, body, len);
        check_inside(record->partition_key, body, len);
        check_inside(record->sequence, body, len);
        require(record->sequence.len > 0 && record->sequence.len < KINESIS_SEQUENCE_SIZE);
        require(str_is_utf8(record->partition_key));
        bytes += record->data.len;
    }
    require(bytes == records->data_bytes);
    require(records->next_iterator.len < KINESIS_ITERATOR_SIZE);
    check_inside(records->next_iterator, body, len);
}

static void check_slices(const struct kinesis_records *records)
{
    static struct slice slice;
    struct slice_reader reader = {0};

    slice_start(&reader, records, NULL);
    do {
        slice_fill(&reader, &slice);
    } while (slice.count > 0);
    slice_reader_done(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct kinesis_records records = {0};
    struct error err = {0};
    char *body = malloc(size ? size : 1);
    char iterator[KINESIS_ITERATOR_SIZE];
    struct kinesis_shards shards = {0};

    require(body != NULL);
    if (size > 0) {
        memcpy(body, data, size);
    }
    if (kinesis_read_shard_iterator((struct str){body, size}, iterator, &err) == 0) {
        require(strlen(iterator) < sizeof(iterator));
    }
    if (kinesis_read_shards((struct str){body, size}, &shards, &err) == 0) {
        require(shards.count == 0 || shards.shards[0].id[0] != '\0');
    }
    kinesis_shards_done(&shards);
    if (kinesis_read_records(body, size, &records, &err) == 0) {
        check_records(&records, body, size);
        check_slices(&records);
    } else {
        require(err.message[0] != '\0');
    }
    kinesis_records_done(&records);
    free(body);
    return 0;
}
