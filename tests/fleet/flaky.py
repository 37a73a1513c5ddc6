# SPDX-License-Identifier: MIT
"""The way to a real server, as a bad network makes it: of the requests some never arrive, some arrive and their answer does not, some come late.
While `away` is set nobody is there. As a program it loses nothing, but gives the server another version.

usage: flaky.py PORT VERSION    prints its own port; VERSION is as long as the server's"""
import random
import socket
import sys
import threading
import time


class Flaky(threading.Thread):
    def __init__(self, port, seed, lost=0.1, unanswered=0.1, late=0.1, version=None):
        super().__init__(daemon=True)
        self.to, self.dice, self.shares, self.away = port, random.Random(seed), (lost, unanswered, late), False
        self.version = version
        self.told = dict(lost=0, unanswered=0, late=0, passed=0)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]

    def run(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    @staticmethod
    def message(stream):
        """One message of HTTP with its body; b"" at the end."""
        head, length, chunked = b"", 0, False
        while True:
            line = stream.readline()
            head += line
            if not line:
                return b""
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
            chunked |= line.lower().startswith(b"transfer-encoding: chunked")
            if line in (b"\r\n", b"\n"):
                break
        body = stream.read(length)
        while chunked:
            line = stream.readline()
            body += line + stream.read(int(line.strip() or b"0", 16) + 2)
            if not int(line.strip() or b"0", 16):
                break
        return head + body

    def serve(self, client):
        lost, unanswered, late = self.shares
        try:
            with client, client.makefile("rb") as questions, socket.create_connection(("127.0.0.1", self.to)) as server, server.makefile("rb") as answers:
                while True:
                    question = self.message(questions)
                    fate = self.dice.random()
                    if not question or self.away:
                        return
                    if fate < lost:
                        self.told["lost"] += 1
                        return
                    if fate > 1 - late:
                        self.told["late"] += 1
                        time.sleep(2)
                    server.sendall(question)
                    answer = self.message(answers)
                    if self.version:
                        answer = answer.replace(b"\t18.16.1\t", b"\t%s\t" % self.version.encode())
                    if fate < lost + unanswered:
                        self.told["unanswered"] += 1
                        return
                    self.told["passed"] += 1
                    client.sendall(answer)
        except (OSError, ValueError):
            pass


if __name__ == "__main__":
    way = Flaky(int(sys.argv[1]), 1, 0, 0, 0, sys.argv[2])
    print(way.port, flush=True)
    way.run()
