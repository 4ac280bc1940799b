# SPDX-License-Identifier: Apache-2.0
"""npm packages for tests, installed by their lock file with the npm of a pinned Node (support.node)."""

import os
import shutil
import subprocess

from support import node, pypi

NODE = "22"


def installed(source):
    """`source` with package.json, package-lock.json and programs: a copy of it with node_modules/."""
    binary = node.binary(NODE)
    npm = binary.parents[1] / "lib/node_modules/npm/bin/npm-cli.js"

    def make(folder):
        shutil.copytree(source, folder)
        subprocess.run([binary, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder,
                       env=dict(os.environ, PATH=f"{binary.parent}:{os.environ['PATH']}"), check=True,
                       stdout=subprocess.DEVNULL)

    return pypi.once(f"npm-{source.name}", b"".join(path.read_bytes() for path in sorted(source.iterdir()) if path.is_file()),
                     make)
