# SPDX-License-Identifier: Apache-2.0
"""Shows the stages while the counters move: a table redrawn in place on a terminal, else a line a second."""

import collections
import os
import shutil
import sys
import time

from .balance import stages

BAR_WIDTH = 30
RATE_WINDOW_S = 3.0
PLAIN_EVERY_S = 1.0
SHORT = {
    "fetched from the API": "fetched",
    "in Kafka": "Kafka",
    "in Kinesis": "Kinesis",
    "seen by the SQL": "SQL",
    "matched by the SQL": "matched",
    "lines in S3": "S3",
}


class Rates:
    """Counts per second over the last seconds."""

    def __init__(self):
        self.history = collections.deque()

    def add(self, now, numbers):
        self.history.append((now, numbers))
        while now - self.history[0][0] > RATE_WINDOW_S:
            self.history.popleft()

    def of(self, index):
        (first, old), (last, new) = self.history[0], self.history[-1]
        return (new[index] - old[index]) / (last - first) if last > first else 0.0


def bar(count, users, characters):
    full, empty = characters
    filled = min(BAR_WIDTH, BAR_WIDTH * count // users)
    return full * filled + empty * (BAR_WIDTH - filled)


def table(counts, users, rates, characters="█░", finished=False):
    """The rows of the live view."""
    rows = []
    for index, (name, count) in enumerate(stages(counts)):
        rate = "" if finished else f"{rates.of(index):>8.0f}/s"
        rows.append(f"  {name:<20} {count:>8} {rate:>10}  {bar(count, users, characters)}")
    return rows


class Terminal:
    def __init__(self, stream, users):
        self.stream = stream
        self.users = users
        self.rates = Rates()
        self.drawn = 0
        encoding = (getattr(stream, "encoding", "") or "").lower()
        self.characters = "█░" if "utf" in encoding else "#."

    def show(self, counts, finished=False):
        self.rates.add(time.monotonic(), [count for _, count in stages(counts)])
        width = shutil.get_terminal_size().columns
        rows = table(counts, self.users, self.rates, self.characters, finished)
        up = f"\x1b[{self.drawn}A" if self.drawn else ""
        self.stream.write(up + "".join(f"\r\x1b[2K{row[: width - 1]}\n" for row in rows))
        self.stream.flush()
        self.drawn = len(rows)


class Plain:
    def __init__(self, stream):
        self.stream = stream
        self.began = time.monotonic()
        self.due = self.began

    def show(self, counts, finished=False):
        now = time.monotonic()
        if now < self.due and not finished:
            return
        self.due = now + PLAIN_EVERY_S
        parts = [f"{SHORT[name]} {count}" for name, count in stages(counts)]
        self.stream.write(f"  {now - self.began:4.0f} s  {', '.join(parts)}\n")
        self.stream.flush()


def view(users, stream=None):
    stream = stream or sys.stdout
    clever = stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    return Terminal(stream, users) if clever else Plain(stream)
