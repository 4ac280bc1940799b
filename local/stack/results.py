# SPDX-License-Identifier: Apache-2.0
"""The files that the delivery stream left in the bucket."""

from .parts import BUCKET

FAILED = "processing-failed"


def files(s3_dir):
    """Delivered objects as paths, oldest first by key; not those that the transform refused."""
    bucket = s3_dir / BUCKET
    if not bucket.is_dir():
        return []
    found = (path for path in bucket.rglob("*") if path.is_file())
    return sorted(path for path in found if FAILED not in path.relative_to(bucket).parts)


def count_lines(paths):
    return sum(path.read_bytes().count(b"\n") for path in paths)


def first_lines(paths, count):
    lines = []
    for path in paths:
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                lines.append(line.rstrip("\n"))
                if len(lines) == count:
                    return lines
    return lines
