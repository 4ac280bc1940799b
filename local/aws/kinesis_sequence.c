/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/kinesis_sequence.h"

#include <inttypes.h>
#include <stdio.h>

enum { CREATED_DIGITS = 13, SERIAL_DIGITS = 19, ARRIVAL_DIGITS = 10, SHARD_DIGITS = 12 };

void kinesis_sequence_format(const struct kinesis_sequence *sequence, char out[KINESIS_SEQUENCE_SIZE])
{
    snprintf(out, KINESIS_SEQUENCE_SIZE, "49%013" PRId64 "%019" PRId64 "%010" PRId64 "%012" PRId64,
             sequence->shard_created_ms, sequence->serial, sequence->arrival_s, sequence->shard);
}

/* Reads the next `digits` digits. */
static bool take_number(struct str *text, size_t digits, int64_t *ret)
{
    long long value;

    if (text->len < digits || text->ptr[0] == '-' ||
        !str_to_int64((struct str){text->ptr, digits}, 0, INT64_MAX, &value)) {
        return false;
    }
    text->ptr += digits;
    text->len -= digits;
    *ret = value;
    return true;
}

bool kinesis_sequence_parse(struct str text, struct kinesis_sequence *ret)
{
    struct kinesis_sequence sequence;

    if (text.len != KINESIS_SEQUENCE_SIZE - 1 || !str_starts_with(text, STR("49"))) {
        return false;
    }
    text.ptr += 2;
    text.len -= 2;
    if (!take_number(&text, CREATED_DIGITS, &sequence.shard_created_ms) ||
        !take_number(&text, SERIAL_DIGITS, &sequence.serial) ||
        !take_number(&text, ARRIVAL_DIGITS, &sequence.arrival_s) ||
        !take_number(&text, SHARD_DIGITS, &sequence.shard)) {
        return false;
    }
    *ret = sequence;
    return true;
}

bool kinesis_sequence_is_wellformed(struct str text)
{
    if (text.len == 0 || text.len > 129 || (text.len > 1 && text.ptr[0] == '0')) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
    }
    return true;
}
