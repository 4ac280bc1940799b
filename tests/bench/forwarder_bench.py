#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the forwarder costs: a broker filled with records, a TLS sink that takes everything, several runs.

    forwarder_bench.py [--records 400000] [--size 512] [--runs 5] [--plain]

Prints per order setting the median CPU time per record of the forwarder's whole process, records per second
between the first and the last request, and the peak of resident memory. Uses build/release.
"""

import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

import os  # noqa: E402

os.environ.setdefault("BUILD_DIR", "build/release")
from support.procs import BUILD, Service  # noqa: E402

PARTITIONS = 64  # the embedded broker keeps 5 MB of each


class Sink:
    def __init__(self, directory, plain):
        arguments = [BUILD / "bench/sink", "0"]
        self.certificate = directory / "cert.pem"
        if not plain:
            key = directory / "key.pem"
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                            "-nodes", "-keyout", key, "-out", self.certificate, "-days", "2", "-subj", "/CN=127.0.0.1",
                            "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
            arguments += [self.certificate, key]
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        port = self.process.stdout.readline().split()[1]
        self.url = f"{'http' if plain else 'https'}://127.0.0.1:{port}"

    def report(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        words = self.process.stdout.readline().split()
        return {name: float(value) for name, value in zip(words[::2], words[1::2])}

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def process_cost(pid):
    """(CPU seconds, peak resident MiB) of a running process."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    ticks = int(fields[11]) + int(fields[12])
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    return ticks / os.sysconf("SC_CLK_TCK"), peak / 1024


def one_run(kafka, sink, order, number, records, libraries=None):
    env = {
        "KAFKA_BOOTSTRAP_SERVERS": kafka, "KAFKA_TOPIC": "bench", "KAFKA_GROUP_ID": f"bench-{order}-{number}",
        "KINESIS_STREAM": "bench", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret", "AWS_ENDPOINT_URL": sink.url, "FORWARDER_ORDER": order,
    }
    if libraries:
        env["LD_LIBRARY_PATH"] = libraries
    if sink.url.startswith("https"):
        env["AWS_CA_BUNDLE"] = sink.certificate
    forwarder = Service("forwarder", env).start()
    forwarder.wait_for_event("listening")
    # The cost of joining the group and of starting up is not the records'.
    idle_cpu, _ = process_cost(forwarder.pid)
    deadline = time.monotonic() + 300
    while forwarder.metrics()["forwarder_records_confirmed_total"] < records:
        if time.monotonic() > deadline:
            raise SystemExit(f"stuck\n{forwarder.tail()}")
        time.sleep(0.2)
    cpu, peak = process_cost(forwarder.pid)
    assert forwarder.stop() == 0
    report = sink.report()
    assert report["records"] == records, report
    return {"us": (cpu - idle_cpu) * 1e6 / records, "rate": records / report["seconds"], "rss": peak,
            "requests": report["requests"], "connections": report["connections"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=400000)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--keys", type=int, default=0, help="0: a key per record")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--libraries", help="folder with another librdkafka.so.1 for the forwarder")
    parser.add_argument("--plain", action="store_true", help="HTTP instead of TLS")
    arguments = parser.parse_args()
    kafka = Service("local-kafka", {"LOCAL_KAFKA_TOPICS": f"bench:{PARTITIONS}"}).start()
    bootstrap = kafka.wait_for_event("kafka ready")["bootstrap_servers"]
    subprocess.run([BUILD / "tests/kafka_fill", bootstrap, "bench", str(arguments.records), str(arguments.size),
                    str(arguments.keys or arguments.records)], check=True)
    with tempfile.TemporaryDirectory() as directory:
        sink = Sink(pathlib.Path(directory), arguments.plain)
        print(f"{arguments.records} records of {arguments.size} bytes, {'plain HTTP' if arguments.plain else 'TLS'}, "
              f"median of {arguments.runs} runs")
        for order in ("key", "none"):
            runs = [one_run(bootstrap, sink, order, i, arguments.records, arguments.libraries)
                    for i in range(arguments.runs)]
            middle = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
            print(f"  order={order:<5} {middle['us']:.2f} us CPU a record, {middle['rate']:,.0f} records/s, "
                  f"peak RSS {middle['rss']:.1f} MiB, {middle['requests']:.0f} requests, "
                  f"{middle['connections']:.0f} connections", flush=True)
        sink.close()
    kafka.stop()


if __name__ == "__main__":
    main()
