"""How long a policy takes from the apiserver to the packets."""

import itertools
import socket
import struct
import threading
import time

from cluster_node import inside

PORT = 4321
EVERY = 0.0005  # seconds between two datagrams: the resolution
SETTLED = 0.1  # no other datagram for so long: the verdict has changed for good


def percentile(values, percent):
    """The smallest value that so many per cent are not above."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def summary(seconds):
    """Of a list of seconds, in milliseconds."""
    return {"number": len(seconds), "p50_ms": round(percentile(seconds, 50) * 1000, 1),
            "p99_ms": round(percentile(seconds, 99) * 1000, 1),
            "max_ms": round(max(seconds) * 1000, 1)}


class Stream:
    """Numbered datagrams from one pod to another."""

    def __init__(self, source, target, address):
        with inside(target):
            self.receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.receiver.bind(("0.0.0.0", PORT))
        with inside(source):
            self.sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sender.connect((address, PORT))
        self.receiver.setblocking(False)
        self.sender.setblocking(False)

    def close(self):
        self.sender.close()
        self.receiver.close()

    def until_denied(self, change, seconds=10.0):
        """Seconds from the call of `change` until the first datagram was sent of which none that
        followed has arrived. AssertionError if they go on arriving."""
        return self._until(change, self._first_lost, seconds)

    def until_allowed(self, change, seconds=10.0):
        """Seconds from the call of `change` until the first datagram was sent that has arrived."""
        return self._until(change, lambda sent, arrived: min(arrived, default=None), seconds)

    @staticmethod
    def _first_lost(sent, arrived):
        first = max(arrived, default=-1) + 1
        lost_for = sent[-1] - sent[first] if first < len(sent) else 0.0
        return first if lost_for > SETTLED else None

    def _until(self, change, answer, seconds):
        self._drain(set())
        sent, arrived, begun = [], set(), threading.Event()
        started = []

        def run():
            begun.wait()
            started.append(time.monotonic())
            change()

        changer = threading.Thread(target=run)
        changer.start()
        for number in itertools.count():
            sent.append(time.monotonic())
            self._send(number)
            if number == 20:
                begun.set()
            self._drain(arrived)
            if not changer.is_alive() and number % 10 == 0:
                found = answer(sent, arrived)
                if found is not None:
                    break
                assert sent[-1] - started[0] < seconds, f"no other verdict within {seconds} s"
            time.sleep(max(0.0, sent[-1] + EVERY - time.monotonic()))
        changer.join()
        return max(0.0, sent[found] - started[0])

    def _send(self, number):
        try:
            self.sender.send(struct.pack("!QQ", id(self), number))
        except OSError:
            pass

    def _drain(self, arrived):
        while True:
            try:
                stream, number = struct.unpack("!QQ", self.receiver.recv(64))
            except BlockingIOError:
                return
            if stream == id(self):
                arrived.add(number)
