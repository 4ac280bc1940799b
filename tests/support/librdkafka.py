# SPDX-License-Identifier: Apache-2.0
"""Debian 13's version of librdkafka, from the confluent-kafka package, for a forwarder that was built on Debian 12."""

from support.procs import ROOT
from support.pypi import environment

REQUIREMENTS = ROOT / "tests/e2e/librdkafka/requirements.txt"


def newer_librdkafka():
    """A folder for LD_LIBRARY_PATH."""
    folder = environment(REQUIREMENTS)
    (library,) = folder.glob("lib/python3*/site-packages/confluent_kafka.libs/librdkafka-*.so.1")
    link = library.parent / "librdkafka.so.1"
    if not link.is_symlink():
        link.symlink_to(library.name)
    return library.parent
