# SPDX-License-Identifier: Apache-2.0
"""The real Apache Kafka as a fixture: one broker of tools/kafka on loopback, which a test may stop and kill."""

import json
import pathlib
import subprocess

import pytest

from support.kafka import read_topic
from support.procs import BUILD, ROOT


class RealKafka:
    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.start()

    def tool(self, *arguments, timeout=300):
        run = subprocess.run([ROOT / "tools/kafka", *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
                             check=False)
        assert run.returncode == 0, f"tools/kafka {arguments[0]}: {run.stdout}{run.stderr}"
        return run.stdout

    def start(self):
        addresses = dict(line.split() for line in self.tool("start", self.directory).splitlines())
        self.bootstrap_servers = addresses["PLAINTEXT"]
        self.secure_servers = addresses["SASL_SSL"]
        self.ca = self.directory / "ca.pem"

    def stop(self, kill=False):
        self.tool("stop", self.directory, *(["--kill"] if kill else []))

    def restart(self, kill=False):
        self.stop(kill)
        self.start()

    def admin(self, *arguments):
        run = subprocess.run([BUILD / "tests/kafka_admin", self.bootstrap_servers, *map(str, arguments)],
                             capture_output=True, text=True, timeout=120, check=False)
        assert run.returncode == 0, run.stderr
        return run.stdout

    def create_topic(self, name, partitions=8, **settings):
        self.admin("create", name, partitions, *(f"{key.replace('_', '.')}={value}" for key, value in settings.items()))

    def committed(self, group, topic, partitions=8):
        return json.loads(self.admin("committed", group, topic, partitions))

    def members(self, group):
        """(state, sorted ids of the members)."""
        state, *members = self.admin("members", group).splitlines()
        return state, sorted(members)

    def read(self, topic):
        """Every record of a topic, as support.kafka.Record."""
        return read_topic(self.bootstrap_servers, topic, timeout=120)


@pytest.fixture(scope="module")
def real_kafka(tmp_path_factory):
    kafka = RealKafka(tmp_path_factory.mktemp("kafka"))
    yield kafka
    kafka.stop()
