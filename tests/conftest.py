# SPDX-License-Identifier: Apache-2.0
"""Shared by all pytest suites: puts tests/ on the path and brings the fixtures of tests/support/."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

pytest_plugins = ["support.stack"]
