# SPDX-License-Identifier: Apache-2.0
"""Reading a topic back, by the helper program build/<profile>/tests/kafka_cat."""

import base64
import json
import subprocess

from support.procs import BUILD


class Record:
    def __init__(self, fields):
        self.partition = fields["partition"]
        self.offset = fields["offset"]
        self.key = fields["key"]
        self.headers = fields["headers"]
        encoded = fields["value_base64"]
        self.value = None if encoded is None else base64.b64decode(encoded)

    def __repr__(self):
        return f"<{self.key} {self.headers}>"


def read_topic(bootstrap_servers, topic, timeout=60):
    """All records of a topic, in the order of each partition."""
    done = subprocess.run(
        [str(BUILD / "tests" / "kafka_cat"), bootstrap_servers, topic],
        capture_output=True, timeout=timeout, check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return [Record(json.loads(line)) for line in done.stdout.splitlines()]
