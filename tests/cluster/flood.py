#!/usr/bin/env python3
"""Datagrams without end to ports where nobody listens, and how many of them came through.

What reaches a pod is counted by the pod's own kernel (NoPorts of UDP in /proc/net/snmp), from the pod's
first moment on: no listener has to be there in time. Run as a program it is the sender, so that it
has an interpreter of its own: flood.py NETNS PACKETS_PER_SECOND ADDRESS..."""

import os
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PORT = 9  # discard; permitted traffic of the tests uses others
BATCHES = 200  # a second


class Flood:
    """From a network namespace to addresses, all of them in turn, until the end of the block."""

    def __init__(self, source, addresses, packets_per_second=500):
        self.command = [sys.executable, "-B", os.path.join(HERE, "flood.py"), source,
                        str(packets_per_second), *addresses]
        self.sent = 0  # known at the end

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()  # it has begun
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.sent = int(self.process.communicate(timeout=10)[0])


def arrived(path):
    """Datagrams of floods that have reached the pod with this network namespace since it was made."""
    # The thread's own view: a namespace is entered by a thread, not by the process.
    from cluster_node import inside
    with inside(path):
        with open("/proc/thread-self/net/snmp", encoding="ascii") as file:
            names, values = [line.split()[1:] for line in file if line.startswith("Udp:")]
    return int(dict(zip(names, values))["NoPorts"])


def _send(source, packets_per_second, addresses):
    import cluster  # noqa: F401  (the path of netns)
    import netns
    netns.enter(source)
    flooder = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    flooder.setblocking(False)
    ended = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
    print("begun", flush=True)
    sent, started = 0, time.monotonic()
    while not ended:
        due = int((time.monotonic() - started) * packets_per_second)
        while sent < due and not ended:
            try:
                flooder.sendto(b"flood", (addresses[sent % len(addresses)], PORT))
            except OSError:
                pass  # the way out is gone for a moment, as faults have it
            sent += 1
        time.sleep(1 / BATCHES)
    print(sent)


if __name__ == "__main__":
    _send(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
