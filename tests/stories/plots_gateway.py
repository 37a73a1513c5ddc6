# SPDX-License-Identifier: MIT
"""A gateway: one client has many images open, and closes some and opens them again while the others stay."""
import lock


def gateway(story, host, count):
    """A process without a VM. As a VM is told of: {"process": …, "images": …}; "opened": {image: how it is open now}."""
    dice, world = story.dice, story.world
    gate = dict(host=story.host(host), images=[story.image("lun%d" % n) for n in range(count)], process=None, opened={}, serial=0)

    def starts():
        process = gate["process"] = story.process(gate["host"], dice.choice(("nvmf_tgt", "tcmu-runner", "python3")))
        client = gate["client"] = story.client(process, "client.gateway")
        world.connect(client)
        for image in gate["images"]:
            world.at_process(process, world.now + dice.uniform(0.01, 3), opens, story, gate, image)
    world.at(dice.uniform(0, 2), starts)
    return gate


def opens(story, gate, image):
    world, dice, process = story.world, story.dice, gate["process"]
    gate["serial"] += 1

    def is_open(opened):
        world.at_process(process, world.now + dice.uniform(0.02, 0.5), takes, opened)

    def takes(opened):
        lock.acquire(world, opened, lambda result: has_lock(opened, result), dict(entry="exclusive-lock-break"))

    def has_lock(opened, result):
        if result == 0:
            opened.owner = True
            world.at_process(process, world.now + dice.uniform(0.1, 1), world.write_for_ever, opened, dice.uniform(2, 6))
        else:
            world.at_process(process, world.now + 5, takes, opened)
    gate["opened"][image] = world.open_image(gate["client"], image, gate["serial"], then=is_open)


def closes(story, gate, image, after):
    """In good order, if nothing is in the way; opened again so much later (None: not)."""
    world, opened = story.world, gate["opened"].get(image)
    if not opened or not opened.registered or opened.error or opened.closed or gate["client"].shut is not None:
        return
    if world.cut_at(world.now, gate["host"], image.primary, "to") or world.cut_at(world.now, gate["host"], image.primary, "from"):
        return
    world.close(opened)
    if after is not None:
        world.at_process(gate["process"], world.now + after, opens, story, gate, image)


def plot(story, plots):
    dice, world = story.dice, story.world
    gate = gateway(story, "gateway1", dice.choice((2, 3, 3, 4, 6)))
    plots.neighbours(story, dice.choice((0, 0, 1)))
    story.later = dice.choice((0.0, 30.0, 60.0, 120.0))
    world.end += story.later
    image, others = gate["images"][0], gate["images"][1:]

    def at_gate(t, *what):
        world.at(t, lambda: gate["process"] and world.at_process(gate["process"], t, *what))
    for each in others:
        if dice.random() < 0.4:
            at_gate(dice.uniform(6, 30 + story.later), closes, story, gate, each, dice.choice((None, dice.uniform(0.3, 20))))
    if story.later and dice.random() < 0.7:  # a near miss; the image is closed as soon as that is possible, or much later
        begin, length = 12 + dice.uniform(0, 6), world.timeout * dice.uniform(0.3, 0.8)
        story.cut(gate["host"], dice.choice((None, image.primary)), "both", begin, begin + length, dice.random() < 0.7)
        at_gate(begin + length + dice.choice((0.02, 1.0, 10.0)) * dice.uniform(0.5, 2), closes, story, gate, image, dice.uniform(0.3, 10))
        story.hole = (gate["host"], begin + dice.uniform(0.2, 1.1) * length)
    begin = plots.when(story)
    last = begin + world.timeout * dice.choice((1.1, 1.3, 1.6)) + dice.uniform(0, 6)
    fate = dice.choice(("cut off", "one OSD", "one OSD", "stopped", "forgotten", "command", "killed"))
    if fate in ("cut off", "one OSD"):
        story.cut(gate["host"], None if fate == "cut off" else image.primary, "both", begin, last + dice.uniform(2, 10), dice.random() < 0.5)
    elif fate == "stopped":
        world.at(begin, lambda: gate["process"].stops.append((begin, last + dice.uniform(0.2, 6))))
    elif fate == "killed":
        world.at(begin, lambda: world.kill(gate["process"], None))
    elif fate == "forgotten":
        last = begin + dice.uniform(0.3, 8)
        story.cut(gate["host"], image.primary, "to", begin + 0.0005, last + dice.uniform(1, 20), dice.random() < 0.5)
        world.at(begin, lambda: forgets(world, gate, image))
    if fate == "command":
        story.commands(begin, lambda: list(gate["process"].clients), lambda: gate["client"].address, traced=dice.random() < 0.6,
                       entity=dice.choice(("client.admin", "client.ha")))
    elif dice.random() < 0.25:
        story.at_once(last, dice.sample(gate["images"], len(gate["images"])), traced=dice.random() < 0.9)
    else:
        plots.jobs(story, image, last)
    return "gateway, " + fate


def forgets(world, gate, image):
    for watch in list(image.watches.values()):
        if watch.client is gate["client"]:
            world.note("osd_dropped", image.primary, image=image, client=watch.client)
            world.drop(image, watch)
