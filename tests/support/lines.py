# SPDX-License-Identifier: Apache-2.0
"""What the lines in S3 must be, computed again without any code of the pipeline."""

import collections
import decimal
import json

FIELDS = ["first", "last", "age", "gender", "latitude", "longitude"]


def expected_lines(users):
    """What the SQL says, said again in Python."""
    return collections.Counter(
        (
            user["name"]["first"], user["name"]["last"], user["dob"]["age"], user["gender"],
            decimal.Decimal(user["location"]["coordinates"]["latitude"]),
            decimal.Decimal(user["location"]["coordinates"]["longitude"]),
        )
        for user in users
        if user["gender"] == "male" and user["dob"]["age"] >= 18
    )


def read_line(line):
    pairs = json.loads(line, object_pairs_hook=list, parse_float=decimal.Decimal)
    assert [name for name, _ in pairs] == FIELDS, line
    values = [decimal.Decimal(value) if name in FIELDS[4:] else value for name, value in pairs]
    assert [type(value) for value in values] == [str, str, int, str, decimal.Decimal, decimal.Decimal], line
    return tuple(values)
