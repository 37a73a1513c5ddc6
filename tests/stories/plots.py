# SPDX-License-Identifier: MIT
"""What stories are made of: VMs and their disks, troubles, and those who fence. Each is drawn; what comes of it is left to the world."""
import sys

import krbd
import lock
import plots_again
import plots_gateway
import plots_more
from fencers import Fencers
from network import Cut
from world import Client, Host, Image, Osd, Process, World

# Of the clients' librbd: the shim knows none before 14, which talks to a cluster of 12.
VERSIONS = {12: "14.2.21", 14: "14.2.21", 16: "16.2.15", 18: "18.2.7", 20: "20.2.4"}


class Story(Fencers):
    """A world with its people; what is drawn comes from one seed."""

    def __init__(self, dice, prefix=""):
        self.dice, self.prefix = dice, prefix  # of its hosts' names: another cluster has hosts of its own
        release = dice.choice((12, 14, 16, 16, 18, 18, 20))
        timeout = dice.choice((8, 20, 30, 30, 30, 60))
        self.world = World(dice, release, timeout, secure=dice.random() < 0.12, end=45 + timeout * 2.2 + dice.uniform(10, 60))
        self.world.story = self
        self.fsid = "%08x-1111-2222-3333-%012x" % (dice.getrandbits(32), dice.getrandbits(48))
        self.gids = dice.randrange(4000, 90000)
        self.vms, self.told = [], []
        self.hosts = {}
        self.later = 0.0  # s: what plots stage comes so much later
        self.hole = None  # (host, t): of what happens there from then on, recorders may have nothing for a while
        self.world.commit = dice.choice(((0.05, 0.8), (0.05, 0.8), (0.3, 3.0), (1.0, 14.0)))
        for number in range(dice.choice((1, 2, 3))):
            self.world.osds.append(Osd(number, "10.99.0.%d:%d" % (number + 1, 6800 + 2 * dice.randrange(40)), "ceph%d" % number))

    def host(self, name):
        if name not in self.hosts:
            self.hosts[name] = Host(self.prefix + name, "10.99.%d.2" % (len(self.hosts) + 1))
            self.world.hosts.append(self.hosts[name])
        return self.hosts[name]

    def process(self, host, name, **more):
        pid = self.dice.choice((7, 87, self.dice.randrange(300, 60000)))
        while any(p.host is host and p.pid == pid for p in self.world.processes):
            pid += 1
        process = Process(host, pid, name, **more)
        process.began = self.world.now
        self.world.processes.append(process)
        return process

    def client(self, process, entity):
        self.gids += self.dice.randrange(1, 40)
        client = Client(self.world, process, self.gids, self.dice.randrange(1, 1 << 32), entity, VERSIONS[self.world.release])
        return client

    def image(self, name):
        return Image(name, "%012x" % self.dice.getrandbits(48), "volumes", self.dice.choice(self.world.osds))

    # ---- VMs ----

    def vm(self, name, host, disks=1, one_client=False, uuid=None, images=None, begin=None, pause=None, incoming=False):
        """A QEMU with its disks; it boots at `begin` and takes its locks at the first writes."""
        dice, world = self.dice, self.world
        begin = dice.uniform(0.0, 2.0) if begin is None else begin
        uuid = uuid or "%08x-5a7d-4d2b-9a51-%012x" % (dice.getrandbits(32), dice.getrandbits(48))
        images = images or [self.image("%s-disk%d" % (name, n) if n else name) for n in range(disks)]
        pause = pause or dice.uniform(0.8, 4.0)
        if any(each["name"] == name and each["host"] is host and each["uuid"] != uuid for each in self.vms):
            name += "b"  # no libvirt has two VMs of one name
        vm = dict(name=name, uuid=uuid, host=host, images=images, process=None, opened=[])
        self.vms.append(vm)

        def boots():
            if vm["process"]:
                return
            process = vm["process"] = self.process(host, "qemu-system-x86_64", vm=name, uuid=uuid)
            client = None
            for n, image in enumerate(images):
                if client is None or not one_client:
                    client = self.client(process, vm.get("entity", "client.libvirt"))
                    world.connect(client)
                serial = n + 1

                def is_open(opened):
                    if incoming:
                        return  # it takes its locks when the guest comes over

                    def has_lock(result):
                        if result == 0:
                            opened.owner = True
                            world.at_process(process, world.now + dice.uniform(0.1, 1), world.write_for_ever, opened, pause)
                    world.at_process(process, world.now + dice.uniform(0.05, 1.0), lock.acquire, world, opened, has_lock, dict(entry="exclusive-lock-break"))
                vm["opened"].append(world.open_image(client, image, serial, then=is_open))
        world.at(begin, boots)
        return vm

    # ---- Troubles ----

    def cut(self, host, osd, way, begin, end, reset):
        cut = Cut(host, osd, way, begin, end, reset)
        self.world.cuts.append(cut)
        if reset:
            self.world.at(end, self.world.cut_ends, cut)
        return cut

    def silence(self, osd, begin, end):
        """An OSD that hears nothing of the clients it has at `begin`."""
        def falls():
            osd.silent.append((begin, end, {client for process in self.world.processes for client in process.clients}))
        self.world.at(begin, falls)


# ---- Plots: P(story) makes the whole; `about` is what the judge's tables call it ----

def drawn_vm(story, name, host):
    dice = story.dice
    disks = dice.choice((1, 1, 2))
    return story.vm(name, story.host(host), disks, one_client=disks > 1 and dice.random() < 0.5)


def neighbours(story, n=None):
    dice = story.dice
    for number in range(dice.choice((0, 0, 1, 1, 2)) if n is None else n):
        host = dice.choice(("compute1", "compute2", "compute%d" % (number + 3)))
        name = "vm%d" % (number + 2) if dice.random() < 0.93 else "vm1"
        drawn_vm(story, name, host)


def jobs(story, image, t, traced=True, **more):
    """Whoever wants the lock of an image for a snapshot."""
    dice = story.dice
    if dice.random() < 0.06 and traced and not more:  # a service that works on many at once
        others = [each for vm in story.vms for each in vm["images"] if each is not image and dice.random() < 0.7]
        story.at_once(t, dice.sample([image, *others], 1 + len(others)))
        return
    if dice.random() < 0.15:  # a script on the command line
        story.snapshots(t, image, entity="client.admin", host="admin1", traced=traced and dice.random() < 0.5, **more)
        return
    kind = dice.random()
    if kind < 0.45:
        story.snapshots(t, image, traced=traced, **more)
    elif kind < 0.75:
        process = story.process(story.host("storage1"), "cinder-volume", traced=traced)
        story.snapshots(t, image, process=process, tag="a-", **more)
        if dice.random() < 0.5 and len(story.vms) > 1:
            story.snapshots(t + dice.uniform(-0.5, 0.5), dice.choice(story.vms[1]["images"]), process=process, tag="b-")
    elif kind < 0.88:
        story.snapshots(t, image, name="ceph-mgr", entity="mgr.x", host="ceph0", traced=False, tag="scheduled-", **more)
    else:
        story.snapshots(t, image, name="rbd-mirror", entity="client.rbd-mirror.a", host="mirror1", traced=traced, tag=".mirror.", **more)
    if dice.random() < 0.25:  # somebody else, soon after, on the same image
        story.snapshots(t + dice.uniform(0.2, 20), image, entity="client.backup", host="backup1", tag="backup-")


def every_disk(story, vm, image, t):
    """A VM's disks are saved one after another: the next when the first is done, or much later."""
    for other in vm["images"]:
        if other is not image and story.dice.random() < 0.6:
            jobs(story, other, t + story.dice.choice((0.0, 6.0, 30.0)) + story.dice.uniform(0.2, 8))


def when(story):
    return 20 + story.later + story.dice.uniform(0, 6)


def lost_pings(story):
    """A cut on some side, until the watch has run out or not quite; somebody wants the lock."""
    dice, world = story.dice, story.world
    vm = drawn_vm(story, "vm1", "compute1")
    neighbours(story)
    begin = when(story)
    last = begin + world.timeout * dice.choice((0.6, 1.0, 1.1, 1.2, 1.4, 1.8)) + dice.uniform(0, 6)
    end = last + dice.uniform(2, 12)
    image = dice.choice(vm["images"])
    side = dice.choice(("host", "host", "way back", "way there", "osd silent", "osd slow", "pg stuck", "only this osd"))
    if side == "host":
        story.cut(vm["host"], None, "both", begin, end, dice.random() < 0.5)
    elif side == "way back":
        story.cut(vm["host"], None, "from", begin, end, dice.random() < 0.5)
    elif side == "way there":
        story.cut(vm["host"], image.primary, "to", begin, end, dice.random() < 0.5)
    elif side == "only this osd":
        story.cut(vm["host"], image.primary, "both", begin, end, dice.random() < 0.5)
    elif side == "osd silent":
        story.silence(image.primary, begin, end)
    elif side == "osd slow":
        image.primary.slow.append((begin, begin + world.timeout * dice.uniform(0.5, 1.3)))
    else:
        world.stuck.append((image, begin, begin + world.timeout * dice.uniform(0.4, 1.3)))
    jobs(story, image, last)
    every_disk(story, vm, image, last)
    return "lost-pings, " + side


def back_too_late(story):
    """Its watch has run out, somebody finds it missing, and it is back before the monitors have committed the fence."""
    dice, world = story.dice, story.world
    world.commit = dice.choice(((0.3, 3.0), (1.0, 14.0), (1.0, 14.0)))
    vm = drawn_vm(story, "vm1", "compute1")
    neighbours(story)
    begin = when(story)
    last = begin + world.timeout + dice.uniform(0.5, 12)
    image = vm["images"][0]
    story.cut(vm["host"], None, dice.choice(("both", "to")), begin, last + dice.uniform(0.02, 3), dice.random() < 0.8)
    if dice.random() < 0.3:  # a person's `rbd snap create`: in the audit log it looks like a person's fence
        story.snapshots(last, image, entity="client.admin", host="admin1", traced=False)
    else:
        jobs(story, image, last)
    every_disk(story, vm, image, last)
    return "back too late"


def stalled(story):
    dice, world = story.dice, story.world
    vm = drawn_vm(story, "vm1", "compute1")
    neighbours(story)
    begin = when(story)
    length = world.timeout * dice.choice((0.3, 0.8, 1.0, 1.2, 1.5)) + dice.uniform(0, 8)

    def stops():
        if dice.random() < 0.15:
            for process in world.processes:
                if process.host is vm["host"]:
                    process.stops.append((begin, begin + length))
        elif dice.random() < 0.15:
            vm["process"].starved.append((begin, begin + length))
        else:
            vm["process"].stops.append((begin, begin + length))
    world.at(begin, stops)
    if dice.random() < 0.2:
        story.cut(vm["host"], None, "both", begin + dice.uniform(-8, 8), begin + length + 3, True)
    if dice.random() < 0.8:
        image, t = dice.choice(vm["images"]), begin + length - dice.uniform(0.1, max(0.2, length - world.timeout + 5))
        jobs(story, image, t)
        every_disk(story, vm, image, t)
    else:
        story.commands(begin + dice.uniform(1, length), lambda: clients_of(vm), lambda: address_of(vm))
    return "stalled"


def clients_of(vm):
    return list(vm["process"].clients)[:1]


def address_of(vm):
    return vm["process"].clients[0].address


def by_command(story):
    """A person or a script: of a healthy VM, a silent one, a dead one, a range, a whole address; refused, lifted, done again."""
    dice, world = story.dice, story.world
    vm = drawn_vm(story, "vm1", "compute1")
    neighbours(story)
    begin = when(story)
    t = begin + dice.uniform(0, 1.5 * world.timeout)
    state = dice.choice(("healthy", "healthy", "healthy", "cut", "dead", "stopped"))
    if state == "cut":
        story.cut(vm["host"], None, "both", begin, t + dice.uniform(2, 20), dice.random() < 0.5)
    elif state == "dead":
        world.at(begin, lambda: world.kill(vm["process"]))
    elif state == "stopped":
        world.at(begin, lambda: vm["process"].stops.append((begin, t + dice.uniform(1, 20))))
    how = dice.choice(("one", "one", "one", "range", "whole", "api"))
    host = vm["host"]
    who = dict(traced=dice.random() < 0.4, entity=dice.choice(("client.admin", "client.admin", "client.ha", "client.nova")))
    everybody = lambda: [c for p in world.processes if p.host is host for c in p.clients]  # noqa: E731
    if how == "range" and world.release >= 18:
        story.commands(t, everybody, host.ip + "/32", range_=True, **who)
    elif how == "whole":
        story.commands(t, everybody, host.ip + ":0/0", **who)
    else:
        denied = dice.choice((0, 0, 0, -13))
        story.commands(t, lambda: clients_of(vm), lambda: address_of(vm), api=how == "api", denied=denied, **who)
        if dice.random() < 0.2:
            story.commands(t + dice.uniform(1, 6), lambda: clients_of(vm), lambda: address_of(vm), entity="client.admin", host="admin2", traced=False)
    if dice.random() < 0.1:
        story.commands(t + dice.uniform(16, 25), lambda: clients_of(vm), lambda: address_of(vm), op="rm", traced=False)
    if dice.random() < 0.25:  # a rotation meanwhile
        jobs(story, dice.choice(vm["images"]), t + dice.uniform(-6, 6))
    return "by command, %s" % state


def successor(story):
    """A QEMU that died or was cut off, and its VM started again, here or there."""
    dice, world = story.dice, story.world
    vm = drawn_vm(story, "vm1", "compute1")
    neighbours(story)
    begin = when(story)
    there = dice.choice(("compute1", "compute2", "compute9"))
    fate = dice.choice(("killed", "killed", "host dead", "cut off", "cut off", "shut down", "ping on its way"))
    if fate == "killed":
        world.at(begin, lambda: world.kill(vm["process"]))
    elif fate == "ping on its way":
        story.cut(vm["host"], None, "both", begin, begin + 5.5, True)
        world.at(begin + 5.4, lambda: world.kill(vm["process"]))
    elif fate == "host dead":
        there = "compute2"
        world.at(begin, lambda: [world.kill(p, None) for p in world.processes if p.host is vm["host"]])
    elif fate == "shut down":
        world.at(begin, lambda: [world.shutdown(c) for c in vm["process"].clients])
        world.at(begin + 0.05, lambda: world.kill(vm["process"], "shutdown"))
    else:
        there = "compute2"
        back = begin + world.timeout * 2 if dice.random() < 0.5 else world.end  # or it lives on alone, and never hears of its fence
        story.cut(vm["host"], None, "both", begin, back, dice.random() < 0.5)
    start = begin + dice.choice((1.0, world.timeout * 0.5, world.timeout + 2)) + dice.uniform(0, 10)
    if dice.random() < 0.3:
        story.commands(start - dice.uniform(0.2, 3), lambda: clients_of(vm), lambda: address_of(vm), entity=dice.choice(("client.admin", "client.ha")),
                       traced=dice.random() < 0.4)
    again = story.vm("vm1", story.host(there), uuid=vm["uuid"], images=vm["images"], begin=start)
    again["successor_of"] = vm
    return "successor, " + fate


def broken_by_api(story):
    dice, world = story.dice, story.world
    vm = drawn_vm(story, "vm1", "compute1")
    neighbours(story)
    begin = when(story)
    t = begin + dice.uniform(0, 1.4 * world.timeout)
    if dice.random() < 0.4:
        story.cut(vm["host"], None, "both", begin, t + dice.uniform(2, 20), dice.random() < 0.5)
    call = dice.choice(("rbd_break_lock", "rbd_lock_break"))

    def breaks():
        opened = vm["opened"][0]
        process = story.process(story.host("storage1"), "nova-compute", traced=True)
        client = story.client(process, "client.nova")
        world.connect(client)

        def is_open(mine):
            if not mine.image.locker or mine.image.locker[0].process is not vm["process"]:
                return
            lock.break_by_api(world, client, mine, opened.client, lambda result: leaves(mine), call, looks=call == "rbd_lock_break")

        def leaves(mine):
            world.at_process(process, world.now + 0.01, lambda: (world.close(mine), world.shutdown(client)))
        world.open_image(client, vm["images"][0], 1, then=is_open)
    world.at(t, breaks)
    return "broken by API"


def moved(story):
    """The header's primary moves once or twice in the silence, or beside it."""
    dice, world = story.dice, story.world
    about = lost_pings(story)
    image = story.vms[0]["images"][0]
    for _ in range(dice.choice((1, 2))):
        world.at(when(story) + dice.uniform(-5, 1.3 * world.timeout), lambda: world.move_primary(image, dice.choice(world.osds)))
    return "moved primary, " + about


def healthy(story):
    dice, world = story.dice, story.world
    vm = drawn_vm(story, "vm1", "compute1")
    neighbours(story)
    jobs(story, dice.choice(vm["images"]), when(story))
    if dice.random() < 0.4:
        begin = when(story)
        story.cut(vm["host"], None, "both", begin, begin + dice.uniform(3, 1.6 * world.timeout), dice.random() < 0.5)
    return "healthy or a near miss"


def watch_lost(story):
    """The watch breaks by itself (an OSD restarts and forgets, librbd does not come back), and somebody wants the lock."""
    dice, world = story.dice, story.world
    vm = drawn_vm(story, "vm1", "compute1")
    neighbours(story)
    begin = when(story)
    image = vm["images"][0]

    def breaks():
        for watch in list(image.watches.values()):
            if watch.client.process is vm["process"]:
                world.note("osd_dropped", image.primary, image=image, client=watch.client)
                world.drop(image, watch)
        if dice.random() < 0.7:  # the registration cannot get through
            story.cut(vm["host"], image.primary, "to", world.now + 0.0005, world.now + dice.uniform(5, 40), dice.random() < 0.5)
    world.at(begin, breaks)
    jobs(story, image, begin + dice.uniform(0.3, 12))
    return "watch lost"


def paused(story):
    """The cluster is paused: nobody pings, and watches run out all the same."""
    dice, world = story.dice, story.world
    vm = drawn_vm(story, "vm1", "compute1")
    neighbours(story)
    begin = when(story)
    end = begin + world.timeout * dice.uniform(0.7, 1.6)
    world.paused.append((begin, end))
    jobs(story, vm["images"][0], end + dice.uniform(-3, 5))
    return "paused"


# The others are of plots_more, plots_again, plots_gateway and krbd.
ALONE = [lost_pings, back_too_late, stalled, by_command, successor, broken_by_api, moved, healthy, watch_lost, paused]
PLOTS = [lost_pings] * 6 + [stalled] * 3 + [by_command] * 4 + [successor] * 3 + [broken_by_api] * 2 + [moved] * 2 + [healthy, watch_lost, watch_lost, paused]
PLOTS += [back_too_late] * 2 + [plots_more.migrated, plots_more.migrated, plots_more.fenced_and_killed, krbd.plot, krbd.plot]
PLOTS += [plots_again.again] * 3 + [plots_again.stood_and_lost] * 2 + [plots_gateway.plot]


def tell(dice, prefix="", like=None):
    """A story, run to its end. `like`: of another cluster, with the same global ids."""
    story = Story(dice, prefix)
    if like:
        story.gids = like.first_gid
    story.first_gid = story.gids
    plot = dice.choice(PLOTS)
    story.plot = plot.__name__
    story.about = plot(story) if plot in ALONE else plot(story, sys.modules[__name__])
    if dice.random() < 0.08:
        second = dice.choice(PLOTS)
        if second in (by_command, healthy):
            story.about += " + " + second(story)
    if dice.random() < 0.06:
        plots_more.failover(story)
    story.world.run()
    return story
