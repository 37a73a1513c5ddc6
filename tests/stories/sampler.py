# SPDX-License-Identifier: MIT
"""The shim's sampler thread: looks at each watch once a second, notes what changed, notices that it did not run."""

TICK = 5.0
STATE_EVERY = 3  # looks between two state events


class Sampler:
    """A part of the world."""

    def sample_from(self, opened, count=0):
        """The clock of the sampler's looks; what it would see is noted when it changes something (see recorders)."""
        self.at(self.now + 0.02, self.sample, opened, 0, self.now)

    def sample(self, opened, count, last):
        process, client = opened.client.process, opened.client
        runs = process.wakes(self.now)
        if runs is None or opened.closed or client.shut is not None:
            return
        for begin, end in process.starved:
            if begin <= runs < end:
                runs = end
        if runs > self.now:
            self.at(runs + self.dice.uniform(0, 0.002), self.sample, opened, count, last)
            return
        gap = self.now - last - 1.0
        if gap > 2.0 and opened is self.first_open(process):
            self.note("process_stalled", process, client=client, begin=last, gap=gap)
        self.look(opened)
        if count % STATE_EVERY == 0:
            self.note("state", process, client=client, opened=opened, cookie=opened.cookie if opened.registered else 0, acked=opened.acked,
                      inflight=opened.inflight, ios=opened.ios, errors=opened.errors, eshutdowns=opened.eshutdowns)
        self.sum_up(opened)
        self.at(self.now + 1.0 + self.dice.uniform(0, 0.002), self.sample, opened, count + 1, self.now)

    def first_open(self, process):
        """One thread looks at all watches; what it tells of itself is told once."""
        return next((each for client in process.clients if client.shut is None for each in client.images if not each.closed), None)

    def sum_up(self, opened):
        """Once a second while I/O waits, and the second after."""
        done, opened.summed = opened.ios - opened.summed, opened.ios
        if opened.inflight or opened.summing:
            self.note("io_summary", opened.client.process, client=opened.client, opened=opened, done=done, inflight=opened.inflight)
        opened.summing = opened.inflight > 0

    def look(self, opened):
        """rados_watch_check of this watch."""
        if not opened.registered:
            return
        note = dict(client=opened.client, opened=opened, cookie=opened.cookie)
        if opened.error:
            if opened.told_overdue != ("error", opened.cookie):
                opened.told_overdue = ("error", opened.cookie)
                self.note("ping_sample", opened.client.process, age_ms=opened.error, acked=None, change=3, **note)
            return
        age = self.now - opened.acked
        fresh = opened.sampled is None or opened.acked - opened.sampled > 1.0
        if fresh:
            first = opened.sampled is None
            opened.sampled, opened.told_overdue = opened.acked, None
            self.note("ping_sample", opened.client.process, age_ms=int(age * 1000) + 1, acked=opened.acked, change=0 if first else 1, **note)
        elif age > TICK + 2.0 and (opened.told_overdue is None or self.now - opened.told_overdue > TICK):
            opened.told_overdue = self.now
            self.note("ping_sample", opened.client.process, age_ms=int(age * 1000) + 1, acked=opened.acked, change=2, **note)
