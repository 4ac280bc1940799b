# SPDX-License-Identifier: Apache-2.0
"""One process of the stack: its start, its log file, its HTTP endpoints, its end.

A process is known by its pid and its start time together, so that a pid that the system has given to
another one since is never taken for it.
"""

import ctypes
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

SAMPLE = re.compile(r'^([a-zA-Z_:][\w:]*)(?:\{\w+="((?:[^"\\]|\\.)*)".*\})? (\S+)')


def free_port(taken=()):
    """A loopback port nobody listens on, below those that outgoing connections take theirs from."""
    first = 10240 + int.from_bytes(os.urandom(2), "big") % 20000
    for port in range(first, 32000):
        if port not in taken and port_is_free(port):
            return port
    raise RuntimeError("no free loopback port from 10240 to 32000")


def port_is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def start_time(pid):
    """When a process began, in clock ticks since boot, or None if it is gone (or a zombie)."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except (OSError, IndexError):
        return None
    return None if fields[0] in "ZX" else int(fields[19])


STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def prepare_child(with_parent):
    """In the child: signals as ever, and SIGTERM when the parent ends, even if that is killed (prctl(2),
    PR_SET_PDEATHSIG)."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    if with_parent:
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Process:
    def __init__(self, name, port, log, pid=None, started=None):
        self.name = name
        self.port = port
        self.log = pathlib.Path(log)
        self.pid = pid
        self.started = started
        self.popen = None
        self.last = {}  # counters as read last
        self._connection = None

    # --- life -----------------------------------------------------------------------------------------

    def start(self, binary, environment, cwd, with_parent):
        self.log.parent.mkdir(parents=True, exist_ok=True)
        # A Ctrl-C waits until it is known which process was started.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        try:
            with open(self.log, "wb") as log:
                # A session of its own: Ctrl-C reaches the orchestrator alone, which then stops all in order.
                self.popen = subprocess.Popen(
                    [str(binary)], env=environment, cwd=cwd, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    start_new_session=True, preexec_fn=lambda: prepare_child(with_parent),
                )
            self.pid = self.popen.pid
            self.started = start_time(self.pid)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)

    def running(self):
        if self.popen is not None:
            return self.popen.poll() is None
        return self.started is not None and start_time(self.pid) == self.started

    def exit_code(self):
        """None while it runs, or when it was started by another process."""
        return self.popen.poll() if self.popen is not None else None

    def signal(self, number):
        if self.running():
            os.kill(self.pid, number)

    def wait_ended(self, timeout):
        """True once it has ended; False after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while self.running():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    # --- HTTP -----------------------------------------------------------------------------------------

    def get(self, path):
        """(status, text) or None if there is no answer."""
        for _ in range(2):  # the second time on a new connection
            try:
                if self._connection is None:
                    self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
                self._connection.request("GET", path)
                answer = self._connection.getresponse()
                return answer.status, answer.read().decode("utf-8", "replace")
            except (OSError, http.client.HTTPException):
                if self._connection is not None:
                    self._connection.close()
                self._connection = None
        return None

    def ready(self):
        answer = self.get("/readyz")
        return answer is not None and answer[0] == 200

    def not_ready_reason(self):
        answer = self.get("/readyz")
        return answer[1].strip() if answer else f"no answer on port {self.port}"

    def read_metrics(self):
        """Reads /metrics into `last`: name or (name, label value) -> number. Keeps the old if none come."""
        answer = self.get("/metrics")
        if answer is not None and answer[0] == 200:
            found = {}
            for line in answer[1].splitlines():
                sample = SAMPLE.match(line)
                if sample:
                    name, label, value = sample.groups()
                    found[name if label is None else (name, label)] = float(value)
            self.last = found

    # --- log ------------------------------------------------------------------------------------------

    def log_lines(self):
        try:
            return self.log.read_text(errors="replace").splitlines()
        except OSError:
            return []

    def events(self):
        """The log's lines that are JSON objects, oldest first."""
        for line in self.log_lines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict):
                yield event

    def event(self, name):
        return next((event for event in self.events() if event.get("event") == name), None)

    def last_event(self, fields):
        """The last event that has all these fields, or None."""
        return next((event for event in reversed(list(self.events())) if all(key in event for key in fields)), None)

    def reason(self):
        """What it said last about its own trouble, or an empty text."""
        told = [event for event in self.events() if event.get("level") == "error"]
        if told:
            known = ("ts", "level", "service", "event")
            fields = ", ".join(f"{key} {value}" for key, value in told[-1].items() if key not in known)
            return told[-1].get("event", "") + (f" ({fields})" if fields else "")
        plain = [line for line in self.log_lines() if line and not line.startswith("{")]
        return plain[0] if plain else ""
