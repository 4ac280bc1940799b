# SPDX-License-Identifier: Apache-2.0
"""Shared by all pytest suites: puts tests/ on the path and brings the fixtures of tests/support/."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from support.stack import (  # noqa: E402,F401 (fixtures are found by being here)
    local_aws,
    local_kafka,
    local_randomuser,
    services,
    start_local_aws,
    transformer,
)
