# SPDX-License-Identifier: MIT
"""Images that a host's kernel maps (krbd), as ceph-csi does for containers: no shim, no trace; the kernel's log is all they leave."""
import lock


def mapped(story, image, host, begin, pause=2.0):
    """A kernel's client with one image; it takes the lock at its first write. {"opened": …} once it is mapped."""
    dice, world = story.dice, story.world
    device = dict(opened=None, process=None)

    def maps():
        process = device["process"] = story.process(story.host(host), "krbd", traced=False)
        process.device = "rbd%d" % (len([p for p in world.processes if p.host is process.host and p.name == "krbd"]) - 1)
        client = story.client(process, "client.csi-rbd-node")
        client.kernel = True
        world.connect(client)

        def is_open(opened):
            device["opened"] = opened
            world.at_process(process, world.now + dice.uniform(0.05, 1.0), writes)

        def writes():
            lock.acquire(world, device["opened"], has_lock, dict(entry="exclusive-lock-break"))

        def has_lock(result):
            if result == 0:
                device["opened"].owner = True
                world.at_process(process, world.now + dice.uniform(0.1, 1), world.write_for_ever, device["opened"], pause)
            else:
                world.at_process(process, world.now + 5, writes)
        world.open_image(client, image, 1, then=is_open)
    world.at(begin, maps)
    return device


def of_device(device):
    return list(device["process"].clients) if device["process"] else []


def plot(story, plots):
    """A node that is cut off or dies, and whoever wants its image: another node, a snapshot, a network fence; or a VM beside it."""
    dice, world = story.dice, story.world
    image = story.image("csi-vol-%04x" % dice.getrandbits(16))
    node = story.host("node1")
    device = mapped(story, image, "node1", dice.uniform(0, 2))
    plots.neighbours(story)
    begin = plots.when(story)
    fate = dice.choice(("well", "cut off", "cut off", "dead", "way back"))
    last = begin + world.timeout * dice.choice((0.6, 1.1, 1.3, 1.6)) + dice.uniform(0, 6)
    if fate == "dead":
        world.at(begin, lambda: [world.kill(p, None) for p in world.processes if p.host is node])
    elif fate != "well":
        story.cut(node, None, "both" if fate == "cut off" else "from", begin, last + dice.uniform(1, 14), dice.random() < 0.5)
    who = dice.choice(("node", "node", "job", "job", "network fence"))
    if who == "node":
        mapped(story, image, "node2", last)
    elif who == "job":
        plots.jobs(story, image, last)
    else:
        everybody = lambda: [c for p in world.processes if p.host is node for c in p.clients]  # noqa: E731
        range_ = world.release >= 18
        story.commands(last, everybody, node.ip + ("/32" if range_ else ":0/0"), range_=range_, entity="client.csi-rbd-provisioner",
                       host="storage1", traced=False)
    if dice.random() < 0.4:  # a VM's disk is wanted by a kernel: a backup that maps it
        vm = plots.drawn_vm(story, "vm1", "compute1")
        if dice.random() < 0.7:
            story.cut(vm["host"], None, "both", begin, last + dice.uniform(2, 12), dice.random() < 0.5)
        mapped(story, vm["images"][0], "backup1", last + dice.uniform(0, 3))
    return "krbd, %s, %s" % (fate, who)
