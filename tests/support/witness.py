# SPDX-License-Identifier: Apache-2.0
"""Watches a consumer group while a forwarder runs: what is committed, and how much is stored, several times a second.

Afterwards Verdict says for every sample whether what was committed had been stored, and for every restart how many
records it may have repeated.
"""

import threading
import time


class Sample:
    def __init__(self, committed, stored, begin=0.0):
        self.begin = begin  # when asking began
        self.committed = committed  # offsets by partition, -1: none
        self.stored = stored  # records that the stream had, counted after the offsets were read


class Witness:
    """committed(): the group's offsets, or None while the cluster cannot be asked. stored(): records in the stream."""

    def __init__(self, committed, stored, pause_s=0.3):
        self.committed, self.stored = committed, stored
        self.samples = []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(pause_s,), daemon=True)
        self._thread.start()

    def _run(self, pause_s):
        while not self._end.wait(pause_s):
            begin = time.time()
            offsets = self.committed()
            if offsets is not None:
                self.samples.append(Sample(offsets, self.stored(), begin))

    def around(self, begin, end):
        """What was committed before `begin`, and stored by `end`: a sample that is true of no moment, but a bound."""
        committed = [sample for sample in self.samples if sample.begin < begin - 2]  # asking takes its time
        stored = [sample for sample in self.samples if sample.begin > end]
        return Sample(committed[-1].committed if committed else [-1] * len(self.samples[0].committed),
                      stored[0].stored if stored else self.stored())

    def close(self):
        self._end.set()
        self._thread.join()


class Verdict:
    """records: what the topic holds. stored: the values in the stream, in the order of storing. buried: places
    (partition, offset) of dead letters."""

    def __init__(self, records, stored, buried=()):
        first = {}
        for index, value in enumerate(stored):
            first.setdefault(value, index)
        self.stored_at = {}  # by partition: when each offset's value was first stored, None: never
        for record in records:
            places = self.stored_at.setdefault(record.partition, {})
            at = -1 if (record.partition, record.offset) in buried else first.get(record.value)
            places[record.offset] = at

    def unsent(self, sample):
        """Places that were committed when the stream did not have them."""
        return [(partition, offset) for partition, places in self.stored_at.items()
                for offset, at in places.items()
                if offset < sample.committed[partition] and (at is None or at >= sample.stored)]

    def uncommitted(self, sample, partition=None):
        """How many records the stream had that were not committed."""
        return sum(at is not None and at < sample.stored and offset >= sample.committed[number]
                   for number, places in self.stored_at.items() if partition in (None, number)
                   for offset, at in places.items())
