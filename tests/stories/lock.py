# SPDX-License-Identifier: MIT
"""librbd's exclusive lock, as it is taken and broken: the owner, the list of watchers, the request, the fence."""
from world import ESHUTDOWN, GIVE_UP, NOTIFY


def take(world, opened):
    """A lock that is free."""
    opened.image.locker = (opened.client, opened.cookie)
    opened.owner = True
    world.note("header_op", opened.client.process, client=opened.client, opened=opened, method="lock.lock", result=0)


def acquire(world, opened, then, fence, began=None, blind=None):
    """librbd wants the lock: whoever has it is asked; one without a watch is fenced. `then(result)`; `fence`: fields of a Fence.

    blind: the number of watchers that a damaged list lacks (no such thing in Ceph; for recorders see there)."""
    client, image, busy = opened.client, opened.image, fence.get("busy")
    began = world.now if began is None else began
    if client.shut is not None or opened.closed:
        return
    if image.locker is None:
        take(world, opened)
        then(0)
        return
    owner, cookie = image.locker
    if owner is client:
        then(0)
        return
    state = {}

    def info():
        return 0

    def got_info(result):
        world.note("header_op", client.process, client=client, opened=opened, method="lock.get_info", result=0)
        world.ask(client, image.primary, listed, got_list, image)

    def listed():
        # In the order of addresses, as the OSD keeps them.
        state["watchers"] = sorted((watch.client.address, watch.client.gid, watch.cookie) for watch in image.watches.values())
        state["owner"] = image.locker
        state["looked"] = world.now
        return 0

    def got_list(result):
        if image.locker is None or image.locker[0] is not owner:
            acquire(world, opened, then, fence, began)  # released meanwhile
            return
        number = client.process.next_action()
        world.note("watchers_listed", client.process, client=client, opened=opened, watchers=state["watchers"], list=number)
        if any(address == owner.address and each == cookie for address, _, each in state["watchers"]):
            ask_owner()
        elif busy:  # it asks the OSD once more who has the lock, and has much else to do
            world.at_process(client.process, world.now + world.dice.uniform(0.001, 0.6), breaks)
        else:
            breaks()

    def breaks():
        if image.locker is None or image.locker[0] is not owner:
            acquire(world, opened, then, fence, began)
        else:
            break_lock(world, opened, owner, then, state, **fence)

    def ask_owner():
        """Alive, it releases the lock; an owner that cannot answer is looked at again."""
        alive = any(each.image is image and each.registered and not each.error for each in owner.images)
        reachable = alive and owner.process.wakes(world.now) == world.now and not world.cut_at(world.now, owner.process.host, image.primary, "to") \
            and not world.cut_at(world.now, owner.process.host, image.primary, "from") and image.primary.hears(world.now, owner) == world.now \
            and owner.shut is None and owner.process.ended is None
        if reachable and fence.get("proxy", True):
            watch = next(each for each in owner.images if each.image is image and not each.closed)
            world.note("notify", owner.process, client=owner, opened=watch, op=2, notifier=client.gid)
            if fence.get("handover"):  # a whole lock is wanted, not one change: it is let go
                world.at_process(client.process, world.now + world.dice.uniform(0.01, 0.2), handed_over)
                return
            world.at_process(client.process, world.now + world.dice.uniform(0.01, 0.2), then, 0)  # the owner does what was asked
        elif world.now - began < GIVE_UP:
            world.at_process(client.process, world.now + 2 * NOTIFY, acquire, world, opened, then, fence, began)
        else:
            then(-110)

    def handed_over():
        if image.locker and image.locker[0] is owner:
            image.locker = None
        acquire(world, opened, then, fence, began)

    world.ask(client, image.primary, info, got_info, image)


def break_lock(world, opened, owner, then, state, entry="exclusive-lock-break", snap=None, proxy=True, denied=0, handover=False, busy=False):
    """BreakRequest: fence, then break."""
    client, image = opened.client, opened.image

    def fenced(result):
        if result:
            then(result)
            return

        def there():
            if world.is_fenced(image.primary, client):
                return ESHUTDOWN
            if image.locker and image.locker[0] is owner:
                image.locker = None
            return 0

        def broken(result):
            world.note("header_op", client.process, client=client, opened=opened, method="lock.break_lock", result=result)
            if result == 0 and image.locker is None:
                take(world, opened)
            then(result)
        world.ask(client, image.primary, there, broken, image)

    action = client.process.next_action()
    fence = world.command(client, "add", [owner], owner.address, fenced, entry=entry, way="break", image=image, look=state, snap=snap, owner=owner,
                          forced=False)
    fence.denied = denied
    world.note("blocklist", client.process, client=client, fence=fence, entry=entry, action=action)


def break_by_api(world, client, opened, owner, then, call, looks):
    """rbd_break_lock (looks at nothing) or rbd_lock_break (lists the watchers, and goes on whatever it sees)."""
    action = client.process.next_action()
    image = opened.image
    world.note("lock_break_begin", client.process, client=client, opened=opened, action=action, call=call, owner=owner)
    state = {}

    def go(_=0):
        def fenced(result):
            if result == 0 and image.locker and image.locker[0] is owner:
                image.locker = None
            world.note("header_op", client.process, client=client, opened=opened, method="lock.break_lock", result=result)
            world.note("lock_break_end", client.process, client=client, action=action, result=result)
            then(result)
        number = client.process.next_action()
        fence = world.command(client, "add", [owner], owner.address, fenced, entry="break-lock-api", way="api-break", image=image, look=state,
                              snap=None, owner=owner, forced=True)
        world.note("blocklist", client.process, client=client, fence=fence, entry="break-lock-api", action=number)

    def listed():
        state["watchers"] = sorted((watch.client.address, watch.client.gid, watch.cookie) for watch in image.watches.values())
        state["owner"] = image.locker
        return 0

    def got_list(_):
        world.note("watchers_listed", client.process, client=client, opened=opened, watchers=state["watchers"], list=client.process.next_action())
        go()
    if looks:
        world.ask(client, image.primary, listed, got_list, image)
    else:
        go()
