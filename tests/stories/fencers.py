# SPDX-License-Identifier: MIT
"""Those who fence: whoever takes snapshots, one after the other or many at once, and whoever sends the command."""
import lock


class Fencers:
    """A part of the story."""

    # ---- Snapshots ----

    def snapshot(self, client, image, serial, op, snap, done, **fence):
        """One call: the image is opened for it, its lock taken. `done(opened)` when the call has ended; `fence`: fields of a Fence."""
        world, dice, own = self.world, self.dice, client.process
        call = dict(op=op, snap=snap, image=image, action=own.next_action(), client=client, process=own, begin=None, end=None, result=None)
        self.told.append(call)

        def is_open(opened):
            call["begin"] = world.now
            world.note("snapshot_begin", own, client=client, opened=opened, call=call)
            lock.acquire(world, opened, lambda result: goes_on(opened, result), dict(entry="exclusive-lock-break", snap=call, **fence))

        def goes_on(opened, result):
            if result == 0:
                world.at_process(own, world.now + dice.uniform(0.05, 1.5), changes, opened)
            else:
                ends(opened, result)

        def changes(opened):
            method = "rbd.snapshot_add" if op == "create" else "rbd.snapshot_remove"
            world.note("header_op", own, client=client, opened=opened, method=method, result=0)
            ends(opened, 0)

        def ends(opened, result):
            if call["end"] is not None:
                return
            call["end"], call["result"] = world.now, result
            world.note("snapshot_end", own, client=client, call=call, result=result)
            world.at_process(own, world.now + 0.002, done, opened)
        world.open_image(client, image, serial, then=is_open)

    def snapshots(self, t, image, name="rbd", entity="client.cinder", host="storage1", traced=True, process=None, tag="", proxy=True, denied=0):
        """Removes the oldest snapshot and makes a new one: two commands of `rbd`, or two calls of one process."""
        world, dice = self.world, self.dice
        serial = dice.randrange(1, 900)

        def one(op, snap, then=None):
            own = process or self.process(self.host(host), name, traced=traced)
            client = self.client(own, entity)
            world.connect(client)

            def leaves(opened):
                world.close(opened)
                world.shutdown(client)
                if not process:
                    own.ended = world.now + 0.01
                if then:
                    then()
            self.snapshot(client, image, dice.randrange(1, 5) if process else 1, op, snap, leaves, proxy=proxy, denied=denied)
        order = dice.random()
        snap = "%sdaily-%d" % (tag, serial)
        if order < 0.4:
            world.at(t, one, "remove", snap, lambda: world.at(world.now + dice.uniform(0.05, 2), one, "create", "%sdaily-%d" % (tag, serial + 5)))
        else:
            world.at(t, one, "create" if order < 0.8 else "remove", snap)

    def at_once(self, t, images, traced=True):
        """A service that snapshots several images over one connection, and waits for none before it begins the next."""
        world, dice = self.world, self.dice

        def runs():
            own = self.process(self.host("storage1"), dice.choice(("rotate.py", "cinder-volume", "python3")), traced=traced)
            client = self.client(own, "client.cinder")
            world.connect(client)
            left, tag = list(images), dice.randrange(1, 900)

            def closes(opened):
                world.close(opened)
                left.remove(opened.image)
                if not left:
                    world.shutdown(client)
                    own.ended = world.now + 0.01
            for number, image in enumerate(images):
                world.at_process(own, world.now + dice.uniform(0.02, 0.6), lambda n=number, each=image: self.snapshot(
                    client, each, n + 1, "create", "daily-%d-%d" % (tag, n), closes, busy=True))
        world.at(t, runs)

    # ---- The command ----

    def commands(self, t, targets, target, entity="client.admin", host="admin1", traced=True, name="ceph", api=False, op="add", denied=0, range_=False,
                 patient=False):
        """A monitor command, or a call of the blocklist API; now and then by somebody who gives up (rados_mon_op_timeout) while the monitors elect."""
        world, dice = self.world, self.dice
        waits = dict()
        if op == "add" and not denied and not patient and dice.random() < 0.12:
            patience = dice.choice((2.0, 5.0, 10.0))
            waits = dict(patience=patience, elects=patience + dice.uniform(0.2, 15), lost=dice.choice((None, None, None, "unheard", "not committed")))
            name, traced = "python3", traced or dice.random() < 0.6

        def runs():
            process = self.process(self.host(host), name, traced=traced)
            client = self.client(process, entity)
            world.connect(client)
            action = process.next_action()
            entry = "blocklist-api" if api else "monitor-command"

            def answered(result):
                world.note("blocklist_result", process, client=client, action=action, result=result)
                world.at_process(process, world.now + 0.01, leaves)
                if result == -110 and dice.random() < 0.3:
                    self.commands(world.now + dice.uniform(0.5, 5), targets, target, entity, host, traced, name, api, op, 0, range_, True)

            def leaves():
                world.shutdown(client)
                process.ended = world.now + 0.01

            def sends():
                covered = targets() if callable(targets) else targets
                address = target() if callable(target) else target
                if address is None:
                    return
                fence = world.command(client, op, covered, address, answered, entry=entry, way="command", image=None, look=None, snap=None, owner=None,
                                      forced=True, range=range_, **waits)
                fence.denied = denied
                world.note("blocklist", process, client=client, fence=fence, entry=entry, action=action)
            world.at_process(process, world.now + 0.05, sends)
        world.at(t, runs)
