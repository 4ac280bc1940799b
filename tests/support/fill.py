# SPDX-License-Identifier: Apache-2.0
"""Filling a topic by the helper program build/<profile>/tests/kafka_fill."""

import subprocess

from support.procs import BUILD


def fill(bootstrap_servers, count, keys, size=200, first=0, topic="users"):
    """`count` records over `keys` keys, each with its key and its number in the key, from `first` on."""
    subprocess.run([BUILD / "tests/kafka_fill", bootstrap_servers, topic, str(count), str(size), str(keys), str(first)],
                   check=True, timeout=300)
