# SPDX-License-Identifier: MIT
"""How messages travel between clients and OSDs: cuts, TCP that tries again, connections that end, OSDs that are slow or silent."""
import collections

Cut = collections.namedtuple("Cut", "host osd way begin end reset")  # way: to, from, both (seen from the host); host or osd None: all


class Network:
    """A part of the world; uses its clock, dice, cuts and stuck placement groups."""

    def cut_at(self, t, host, osd, way):
        for cut in self.cuts:
            if cut.begin <= t < cut.end and cut.host in (None, host) and cut.osd in (None, osd) and cut.way in ("both", way):
                return cut
        return None

    def travel(self, t, client, osd, way):
        """When a message arrives, or None: it is lost with its connection."""
        cut = self.cut_at(t, client.process.host, osd, way)
        arrives = t + self.dice.uniform(0.0001, 0.0006)
        while cut:
            if cut.reset:
                return None
            # TCP tries again at growing intervals.
            arrives = cut.end + self.dice.uniform(0.01, min(8.0, 0.2 + (cut.end - t) / 2))
            cut = self.cut_at(arrives, client.process.host, osd, way)
        key = (client, osd, way)
        arrives = max(arrives, self.lines.get(key, 0) + 0.000001)
        self.lines[key] = arrives
        return arrives

    def complain(self, osd, client, words, since, until):
        """What an OSD has in hand for long it complains of, again at twice the age."""
        age = self.complaint
        while since + age < until:
            self.at(since + age, lambda: self.note("osd_slow", osd, client=client, words=words, since=since))
            age *= 2

    def ask(self, client, osd, handle, answered, image=None, again=True, words=None):
        """A request to an OSD: handle() there gives the result, answered(result) runs in the client if the answer arrives.

        What is lost with its connection Objecter sends again over the next one, but for pings (again=False).
        words: object and operation, as the OSD names the request."""
        def once_more(way):
            cut = self.cut_at(self.now, client.process.host, osd, way)
            if again and cut:
                self.at_process(client.process, cut.end + self.dice.uniform(0.1, 2.0), self.ask, client, image.primary if image else osd, handle,
                                answered, image, again, words)
        arrives = self.travel(self.now, client, osd, "to")
        if arrives is None:
            once_more("to")
            return
        came = heard = osd.hears(arrives, client)
        for begin, end in osd.slow:
            if begin <= heard < end:
                heard = end + self.dice.uniform(0, 0.3)
        if image:
            for stuck, begin, end in self.stuck:
                if stuck is image and begin <= heard < end:
                    heard = end + self.dice.uniform(0, 0.05)
        if words:
            self.complain(osd, client, words, came, heard)

        def there():
            result = handle()
            if result is None:
                return
            back = self.travel(self.now, client, osd, "from")
            if back is not None:
                self.at_process(client.process, back, answered, result)
            else:
                once_more("from")
        self.at(heard, there)
