# SPDX-License-Identifier: MIT
"""The monitors: a blocklist command is dispatched, committed, and in the map of each OSD and client a while later."""


class Fence:
    """One command, as it truly was."""

    def __init__(self, **fields):
        self.finished = self.removed = None
        self.denied = False
        self.elects, self.lost = 0.0, None  # s that the monitors take for an election; where the command is lost in it
        self.__dict__.update(fields)

    def lifted(self, t):
        """Had it been taken back by then?"""
        return self.removed is not None and self.removed <= t


class Monitors:
    """A part of the world."""

    busy_until = 0.0

    def is_fenced(self, osd, client):
        since = osd.fenced.get(client.address)
        return since is not None and since <= self.now

    def command(self, client, op, targets, target, answered=None, patience=None, **fence):
        """A blocklist command: dispatched, committed, in each OSD's map. `targets`: clients whose addresses it covers."""
        fence = Fence(sent=self.now, by=client, op=op, target=target, targets=targets, **fence)
        if patience:
            answered = self.impatient(client, patience, answered)
        if fence.lost != "unheard":
            self.at(self.now + self.dice.uniform(0.0005, 0.006), self.dispatch, fence, answered)
        if op == "add":
            self.fences.append(fence)
        return fence

    def impatient(self, client, patience, answered):
        """rados_mon_op_timeout: the sender tells itself -110. What the monitors make of its command is another matter."""
        told = []

        def once(result):
            if not told:
                told.append(result)
                answered(result)
        self.at_process(client.process, self.now + patience, once, -110)
        return once

    def dispatch(self, fence, answered):
        fence.dispatched = self.now
        if fence.denied:
            self.note("mon_denied", "mon", fence=fence)
            if answered:
                self.at_process(fence.by.process, self.now + 0.001, answered, fence.denied)
            return
        self.note("mon_dispatch", "mon", fence=fence)
        if not fence.lost:  # one after the other, as they came: during an election nobody's
            self.busy_until = max(self.now + fence.elects + self.dice.uniform(*self.commit), self.busy_until + 0.0001)
            self.at(self.busy_until, self.committed, fence, answered)

    def committed(self, fence, answered):
        fence.finished = self.now
        self.note("mon_finished", "mon", fence=fence)
        if fence.op == "add":
            self.listed[fence.target] = self.now + 3600
        else:
            self.listed.pop(fence.target, None)
            for each in self.fences:
                if each.target == fence.target and each.finished and each.removed is None:
                    each.removed = self.now
        for osd in self.osds:
            self.at(self.now + self.dice.uniform(0.0, 1.2), self.has_map, osd, fence)
        for client in fence.targets:
            self.at_process(client.process, self.now + self.dice.uniform(0.0, 2.0), self.client_has_map, client, fence)
        if answered:
            self.at_process(fence.by.process, self.now + self.dice.uniform(0.001, 0.01), answered, 0)

    def has_map(self, osd, fence):
        for client in fence.targets:
            if fence.op == "rm":
                osd.fenced.pop(client.address, None)
                continue
            osd.fenced.setdefault(client.address, self.now)
            for opened in client.images:
                watch = opened.image.watches.get((client.address, opened.cookie))
                if watch and opened.image.primary is osd:
                    self.note("osd_found_fenced", osd, image=opened.image, client=client, cookie=watch.cookie)
                    self.drop(opened.image, watch)

    def client_has_map(self, client, fence):
        if fence.op == "add":
            client.fenced_map = client.fenced_map if client.fenced_map is not None else self.now
