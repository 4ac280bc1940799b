#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the forwarder costs: a broker filled with records, a TLS sink that takes everything, several runs.

    forwarder_bench.py [--records 400000] [--size 512] [--runs 5] [--plain] [--peer]

Prints per order setting the median CPU time per record of the forwarder's whole process, records per second
between the first and the last request, and the peak of resident memory. --peer measures the forwarder and Quix
Streams (from PyPI, pinned), which does the same job, on the real Apache Kafka. Uses build/release.
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
from support.fill import fill  # noqa: E402
from support.procs import BUILD, Service  # noqa: E402
from support.real_kafka import RealKafka  # noqa: E402
from support.pypi import environment  # noqa: E402

PARTITIONS = 8
EMBEDDED_PARTITIONS = 64  # the embedded broker keeps 5 MB of each
PEER = ROOT / "tests/bench/quixstreams"


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

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        words = self.process.stdout.readline().split()
        return {name: float(value) for name, value in zip(words[::2], words[1::2])}

    def look(self):
        return self.ask("?")

    def report(self):
        """What came since the last report."""
        return self.ask("")

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


def environment_of(kafka, sink, group):
    env = {
        "KAFKA_BOOTSTRAP_SERVERS": kafka, "KAFKA_TOPIC": "bench", "KAFKA_GROUP_ID": group,
        "KINESIS_STREAM": "bench", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret", "AWS_ENDPOINT_URL": sink.url,
    }
    if sink.url.startswith("https"):
        env["AWS_CA_BUNDLE"] = str(sink.certificate)
    return env


def result(sink, cpu, peak):
    report = sink.report()
    sent = report["records"]
    return {"us": cpu * 1e6 / sent, "rate": sent / report["seconds"], "rss": peak, "sent": sent,
            "requests": report["requests"], "connections": report["connections"]}


def run_forwarder(kafka, sink, order, number, records, libraries=None):
    env = {**environment_of(kafka, sink, f"bench-{order}-{number}"), "FORWARDER_ORDER": order}
    if libraries:
        env["LD_LIBRARY_PATH"] = libraries
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
    measured = result(sink, cpu - idle_cpu, peak)
    assert measured["sent"] == records, measured
    return measured


def run_peer(python, kafka, sink, number, records):
    """Quix Streams from its first request on: what it takes to start is not the records'. It may send some twice."""
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **environment_of(kafka, sink, f"bench-peer-{number}")}
    peer = subprocess.Popen([python, PEER / "peer.py"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    idle_cpu, deadline = 0, time.monotonic() + 600
    while (seen := sink.look()["records"]) < records:
        if peer.poll() is not None or time.monotonic() > deadline:
            peer.kill()
            raise SystemExit(f"the peer stopped at {seen:.0f} records\n{peer.stderr.read().decode()[-2000:]}")
        if seen == 0:
            idle_cpu, _ = process_cost(peer.pid)
        time.sleep(0.05)
    cpu, peak = process_cost(peer.pid)
    peer.terminate()
    peer.wait()
    peer.stderr.close()
    return result(sink, cpu - idle_cpu, peak)


def show(name, runs):
    middle = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    print(f"  {name:<28} {middle['us']:6.2f} us CPU a record, {middle['rate']:9,.0f} records/s, "
          f"peak RSS {middle['rss']:6.1f} MiB, {middle['sent']:.0f} records in {middle['requests']:.0f} requests, {middle['connections']:.0f} connections",
          flush=True)


def fill_bench(bootstrap, arguments):
    fill(bootstrap, arguments.records, arguments.keys or arguments.records, arguments.size, topic="bench")


def measure_forwarder(bootstrap, sink, order, arguments):
    show(f"forwarder, order={order}", [run_forwarder(bootstrap, sink, order, i, arguments.records, arguments.libraries)
                                       for i in range(arguments.runs)])


def alone(arguments, sink):
    kafka = Service("local-kafka", {"LOCAL_KAFKA_TOPICS": f"bench:{EMBEDDED_PARTITIONS}"}).start()
    bootstrap = kafka.wait_for_event("kafka ready")["bootstrap_servers"]
    fill_bench(bootstrap, arguments)
    for order in ("key", "none"):
        measure_forwarder(bootstrap, sink, order, arguments)
    kafka.stop()


def beside_peer(arguments, sink, directory):
    """Quix Streams asks the broker for what the embedded one does not know."""
    python = environment(PEER / "requirements.txt") / "bin/python"
    kafka = RealKafka(directory)
    try:
        kafka.create_topic("bench", PARTITIONS)
        fill_bench(kafka.bootstrap_servers, arguments)
        measure_forwarder(kafka.bootstrap_servers, sink, "key", arguments)
        show("Quix Streams", [run_peer(python, kafka.bootstrap_servers, sink, i, arguments.records)
                              for i in range(arguments.runs)])
    finally:
        kafka.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=400000)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--keys", type=int, default=0, help="0: a key per record")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--libraries", help="folder with another librdkafka.so.1 for the forwarder")
    parser.add_argument("--plain", action="store_true", help="HTTP instead of TLS")
    parser.add_argument("--peer", action="store_true", help="on the real Kafka, beside Quix Streams")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        sink = Sink(pathlib.Path(directory), arguments.plain)
        print(f"{arguments.records} records of {arguments.size} bytes, {'plain HTTP' if arguments.plain else 'TLS'}, "
              f"{'Apache Kafka' if arguments.peer else 'embedded broker'}, median of {arguments.runs} runs")
        if arguments.peer:
            beside_peer(arguments, sink, pathlib.Path(directory) / "kafka")
        else:
            alone(arguments, sink)
        sink.close()


if __name__ == "__main__":
    main()
