#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The whole fetcher at FETCHER_RATE=0 with the largest pages, between the local generator and the embedded broker
on the same cores: users per second, CPU per user (librdkafka's threads included) and peak resident memory, of several
runs the median, and of memory the largest. One line of JSON.
"""

import json
import os
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
os.environ["BUILD_DIR"] = "build/release"

from support.procs import Services  # noqa: E402

USERS, RUNS = 300000, 5


def fetch(services, env):
    """(seconds, CPU seconds, peak resident KiB) of one run."""
    begin = time.monotonic()
    process = services("fetcher", env).process
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, "the fetcher failed"
    return time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def main():
    services = Services()
    try:
        runs = []
        randomuser = services("local-randomuser").wait_ready()
        for _ in range(RUNS):
            kafka = services("local-kafka", {"LOCAL_KAFKA_TOPICS": "users:8,users.dlq:1"})
            servers = kafka.wait_for_event("kafka ready")["bootstrap_servers"]
            runs.append(fetch(services, {
                "KAFKA_BOOTSTRAP_SERVERS": servers, "FETCHER_URL": randomuser.url + "/api/1.4/", "FETCHER_RATE": "0",
                "FETCHER_RESULTS": "5000", "FETCHER_LIMIT": USERS, "FETCHER_QUOTA": "100000000/1"}))
            kafka.stop()
    finally:
        services.stop_all()
    seconds, cpu, resident = zip(*runs)
    print(json.dumps({"bench": "fetcher", "users": USERS, "users_per_second": round(USERS / statistics.median(seconds)),
                      "cpu_us_per_user": round(statistics.median(cpu) / USERS * 1e6, 2),
                      "peak_resident_mib": round(max(resident) / 1024, 1)}))


main()
