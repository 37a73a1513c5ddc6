# SPDX-License-Identifier: MIT
"""More of what befalls VMs: live migration, a fence that is followed by a kill, a manager's failover."""
import lock


def migrated(story, plots):
    """A VM moves to another host while it runs: its new QEMU has the disks open before the old one lets go."""
    dice, world = story.dice, story.world
    vm = plots.drawn_vm(story, "vm1", "compute1")
    plots.neighbours(story)
    begin = plots.when(story)
    there = story.vm("vm1", story.host("compute2"), uuid=vm["uuid"], images=vm["images"], begin=begin, incoming=True)
    there["successor_of"] = vm
    over = begin + dice.uniform(1.5, 15)
    fate = dice.choice(("well", "well", "well", "cut off", "killed"))
    if fate == "cut off":  # too late to let go: whoever wants the lock next finds no watch
        story.cut(vm["host"], None, "both", over - dice.uniform(0, 2), over + world.timeout * dice.uniform(1.2, 2), dice.random() < 0.5)
    elif fate == "killed":
        world.at(over - dice.uniform(0, 1), lambda: world.kill(vm["process"]))

    def switches():
        for opened in vm["opened"]:
            opened.stopped = True
        for opened in there["opened"]:
            takes(opened)

    def takes(opened):
        def has_lock(result):
            if result == 0:
                opened.owner = True
                world.at_process(there["process"], world.now + 0.1, world.write_for_ever, opened, 2.0)
            else:
                world.at_process(there["process"], world.now + 5, takes, opened)
        lock.acquire(world, opened, has_lock, dict(entry="exclusive-lock-break", handover=True))

    def ends():
        if fate == "well" and vm["process"].ended is None:
            for client in vm["process"].clients:
                world.shutdown(client)
            world.kill(vm["process"], "migrated")
    world.at(over, switches)
    world.at_process_of(vm, over + dice.uniform(0.5, 4), ends)
    if dice.random() < 0.4:
        plots.jobs(story, dice.choice(vm["images"]), over + dice.uniform(-3, 8))
    if dice.random() < 0.15:
        story.commands(over + dice.uniform(-4, 10), lambda: plots.clients_of(vm), lambda: plots.address_of(vm), traced=dice.random() < 0.5)
    return "migrated, " + fate


def fenced_and_killed(story, plots):
    """High availability: the client is fenced, and its QEMU killed right after, or the VM's host; then it is started elsewhere."""
    dice, world = story.dice, story.world
    vm = plots.drawn_vm(story, "vm1", "compute1")
    plots.neighbours(story)
    begin = plots.when(story)
    t = begin + dice.uniform(0, world.timeout)
    if dice.random() < 0.4:
        story.cut(vm["host"], None, "both", begin, t + dice.uniform(0, 20), dice.random() < 0.5)
    story.commands(t, lambda: plots.clients_of(vm), lambda: plots.address_of(vm), entity=dice.choice(("client.ha", "client.nova", "client.admin")),
                   traced=dice.random() < 0.6)
    killed = t + dice.choice((-0.5, 0.5, 4.0, 9.0, 14.0)) + dice.uniform(0, 1)
    world.at(killed, lambda: world.kill(vm["process"], dice.choice(("destroyed", "crashed"))))
    again = story.vm("vm1", story.host(dice.choice(("compute1", "compute2"))), uuid=vm["uuid"], images=vm["images"], begin=killed + dice.uniform(0.5, 12))
    again["successor_of"] = vm
    return "fenced and killed"


def failover(story):
    """Another manager takes over: the monitors put the old one's addresses on the blocklist, and no command is logged."""
    dice, world = story.dice, story.world
    t = dice.uniform(10, world.end)

    def listed():
        for client in range(dice.choice((1, 3, 5))):
            world.listed["10.99.0.1:%d/%d" % (0 if client else 6800 + dice.randrange(40), dice.randrange(1, 1 << 32))] = world.now + 86400
    world.at(t, listed)
