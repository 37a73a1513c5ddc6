# SPDX-License-Identifier: MIT
"""A client that cannot connect and tries again; several clients, each with an image of its own; one that is shut down first."""
import os

import rados
import rbd

POOL = os.environ["LIFE_POOL"]

# A wrong key, then the right one, in one process; the refused handle is shut down.
refused = rados.Rados(conffile="", rados_id="nova", conf={"key": "AQD8z35fAAAAABAAtDYhQ7n6Bi7MZQfOYJgG7g==", "client_mount_timeout": "5"})
try:
    refused.connect()
    raise SystemExit("a wrong key was let in")
except (rados.PermissionDeniedError, rados.PermissionError, rados.TimedOut, rados.ObjectNotFound):
    pass
refused.shutdown()

clients = [rados.Rados(conffile="", rados_id=name) for name in ("nova", "cinder", "admin", "nova")]
for client in clients:
    client.connect()
images = [rbd.Image(client.open_ioctx(POOL), "thousand.%d" % i) for i, client in enumerate(clients)]
for turn in range(3):
    for image in images:
        image.write(b"y" * 4096, turn * 4096)
for image in images[1:]:
    image.close()
clients[1].shutdown()
images[0].read(0, 4096)
images[0].close()
for client in (clients[0], clients[2], clients[3]):
    client.shutdown()
again = rados.Rados(conffile="", name="client.admin")
again.connect()
again.shutdown()
