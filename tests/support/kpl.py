# SPDX-License-Identifier: Apache-2.0
"""Takes aggregates of the Kinesis Producer Library apart (awslabs/amazon-kinesis-producer, aggregation-format.md)."""

import hashlib

MAGIC = b"\xf3\x89\x9a\xc2"


def fields(message):
    """(number, value) of a protocol buffers message that has only numbers and bytes."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        tag = varint()
        value = varint()
        if tag & 7 == 2:
            assert at + value <= len(message)
            at += value
            value = message[at - value:at]
        else:
            assert tag & 7 == 0
        yield tag >> 3, value


def records(data):
    """(partition key, data, explicit hash key or None) of each record in an aggregate; None if it is none."""
    if not data.startswith(MAGIC):
        return None
    message, digest = data[len(MAGIC):-16], data[-16:]
    assert hashlib.md5(message).digest() == digest
    keys, hash_keys, found = [], [], []
    for number, value in fields(message):
        if number in (1, 2):
            (keys if number == 1 else hash_keys).append(value.decode())
        elif number == 3:
            record = dict(fields(value))
            found.append((keys[record[1]], record[3], hash_keys[record[2]] if 2 in record else None))
    return found


def take_apart(stored):
    """What FakeKinesis has stored, as single records in the order of storing."""
    return [record for outer in stored for record in (records(outer[1]) or [outer])]
