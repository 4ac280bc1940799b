# SPDX-License-Identifier: Apache-2.0
"""Shared by all pytest suites: puts tests/ on the path and brings the fixtures of tests/support/."""

import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from support.compose import docker, images  # noqa: E402,F401
from support.real_kafka import real_kafka  # noqa: E402,F401
from support.stack import (  # noqa: E402,F401 (fixtures are found by being here)
    local_aws,
    local_kafka,
    local_randomuser,
    services,
    start_local_aws,
    transformer,
)


def pytest_collection_modifyitems(config, items):
    """TEST_SHARD=1/4 runs every fourth test from the second on (tools/run-tests)."""
    shard, shards = map(int, os.environ.get("TEST_SHARD", "0/1").split("/"))
    chosen = items[shard::shards]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen
