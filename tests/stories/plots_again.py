# SPDX-License-Identifier: MIT
"""What looks like the reason and is none: a near miss minutes before the fence, a standstill that ended in time."""


def again(story, plots):
    """A near miss, and minutes later what another plot stages; recorders may have a hole in between."""
    dice, world = story.dice, story.world
    story.later = dice.uniform(50, 180)
    world.end += story.later
    begin, length = 20 + dice.uniform(0, 6), world.timeout * dice.uniform(0.3, 0.9)
    plot = dice.choice((plots.lost_pings, plots.stalled, plots.stalled, plots.stalled, plots.by_command, plots.by_command, plots.broken_by_api,
                        plots.watch_lost, plots.watch_lost, plots.back_too_late, plots.healthy, stood_and_lost))
    about = plot(story, plots) if plot is stood_and_lost else plot(story)
    vm = story.vms[0]
    kind = dice.choice(("cut", "cut", "cut", "one OSD", "stop", "watch"))
    if kind == "cut":
        story.cut(vm["host"], None, dice.choice(("both", "to", "from")), begin, begin + length, dice.random() < 0.5)
    elif kind == "one OSD":
        story.cut(vm["host"], vm["images"][0].primary, "both", begin, begin + length, dice.random() < 0.5)
    elif kind == "stop":
        world.at(begin, lambda: vm["process"].stops.append((begin, begin + length)))
    else:
        world.at(begin, lambda: forgets(world, vm))
    story.hole = (vm["host"], begin + max(dice.choice((1.0, 8.0)), dice.uniform(0.4, 1.05) * length))
    return "a near miss (%s), then %s" % (kind, about)


def forgets(world, vm):
    """An OSD that forgets a VM's watches, and can be asked for new ones at once."""
    for image in vm["images"]:
        for watch in list(image.watches.values()):
            if watch.client.process is vm["process"]:
                world.note("osd_dropped", image.primary, image=image, client=watch.client)
                world.drop(image, watch)


def stood_and_lost(story, plots):
    """A stop shorter than the watch's timeout; as it ends, or soon after, the network is cut, and the pings that would have saved it are lost."""
    dice, world = story.dice, story.world
    vm = plots.drawn_vm(story, "vm1", "compute1")
    plots.neighbours(story)
    begin = plots.when(story)
    length = world.timeout * dice.choice((0.3, 0.5, 0.6, 0.7, 0.85))
    last = begin + world.timeout + dice.uniform(0.5, 12)
    image = dice.choice(vm["images"])
    world.at(begin, lambda: vm["process"].stops.append((begin, begin + length)))
    story.cut(vm["host"], dice.choice((None, image.primary)), dice.choice(("both", "both", "to", "from")), begin + length + dice.uniform(-3, 4),
              last + dice.uniform(2, 12), dice.random() < 0.6)
    plots.jobs(story, image, last)
    plots.every_disk(story, vm, image, last)
    return "stood still, then lost pings"
