"""What the tests by hand-made frames share. Absence is not waited for: a fence that follows the
forbidden frames through the same port shows that the switch has dealt with them."""

import itertools
import os
import socket
import struct
import time
import unittest

import harness
import netns
from frames import ARP, IPV4, IPV6, arp, mac_of, udp

DB, FRONTEND, BATCH = "default/db", "default/frontend", "default/batch"
OUTSIDE = "203.0.113.10"  # in no ipBlock: may reach everything but db
OUTSIDE6 = "2001:db8:cafe::10"
GATEWAY, GATEWAY6 = "10.244.0.1", "fd00:10:244::1"
ALLOWED_PORT = 6379  # frontend's with db
PACKET_OUTGOING = 4
_numbers = itertools.count()


def marker():
    return b"sluice attack %d:%d." % (os.getpid(), next(_numbers))


class Wire:
    """A raw socket on a device of a namespace."""

    def __init__(self, path, device="eth0"):
        self.socket = in_namespace(path, lambda: socket.socket(
            socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)))
        self.socket.bind((device, 0))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def receives(self, marks, seconds):
        """Those of `marks` that come in; all there are now if `seconds` is 0."""
        found, deadline = set(), time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            try:
                self.socket.settimeout(max(left, 0))
                frame, address = self.socket.recvfrom(65535)
            except OSError:
                return found
            if address[2] != PACKET_OUTGOING:
                found |= {mark for mark in marks if mark in frame}
            if seconds and found == set(marks):
                return found


def in_namespace(path, action):
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    try:
        netns.enter(path)
        return action()
    finally:
        netns.enter(f"/proc/self/fd/{home}")
        os.close(home)


class AttackCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.running = harness.Running("networkpolicy-page", "-attack")
        cls.running.__enter__()
        cls.addClassCleanup(cls.running.__exit__, None, None, None)
        cls.node = cls.running.node
        cls.db, cls.frontend, cls.batch = (
            cls.running.playground.address_of(pod) for pod in (DB, FRONTEND, BATCH))

    def wire(self, who):
        device = "sluice-gw0" if who == "node" else "eth0"
        return Wire(self.running.playground.namespace_of(who), device)

    def address(self, who, family=4):
        """Of a pod; an outside host is its address."""
        return self.running.playground.address_of(who, family)

    def frame(self, sender, body, ethertype=None):
        """`body` behind the MACs that `sender` rightly uses."""
        if ethertype is None:
            ethertype = IPV6 if body[0] >> 4 == 6 else IPV4
        if sender in (OUTSIDE, OUTSIDE6):
            macs = bytes.fromhex("0a0000000101") + bytes.fromhex("0a0000000102")
        else:
            macs = mac_of(GATEWAY) + mac_of(self.address(sender))
        return macs + struct.pack("!H", ethertype) + body

    def fence(self, sender, wire):
        # Twice: within one batch of the switch a packet may overtake another.
        for _ in range(2):
            if sender in (OUTSIDE, OUTSIDE6):
                mark = marker()
                target = self.address(FRONTEND, 6 if sender == OUTSIDE6 else 4)
                with self.wire(FRONTEND) as end:
                    wire.socket.send(self.frame(sender, udp((sender, target), (1, 1), mark)))
                    self.assertTrue(end.receives([mark], 3), "the fence is lost")
                continue
            me = self.address(sender)
            wire.socket.send(self.frame(sender, arp(
                1, (mac_of(me), me), (bytes(6), GATEWAY)), ARP))
            answer = arp(2, (mac_of(GATEWAY), GATEWAY), (mac_of(me), me))
            self.assertTrue(wire.receives([answer], 3), "the fence is lost")

    def delivered(self, sender, receiver, frames):
        """Names of the frames of {name: (frame or frames, mark)} whose mark gets to `receiver`."""
        with self.wire(receiver) as end, self.wire(sender) as start:
            for sent, _ in frames.values():
                for frame in [sent] if isinstance(sent, bytes) else sent:
                    start.socket.send(frame)
            self.fence(sender, start)
            found = end.receives([mark for _, mark in frames.values()], 0)
        return [name for name, (_, mark) in frames.items() if mark in found]

    def passes(self, sender, receiver, build):
        """Whether one packet gets through; `build` makes it of a mark."""
        mark = marker()
        return bool(self.delivered(sender, receiver,
                                   {"it": (self.frame(sender, build(mark)), mark)}))

    def datagram(self, *ends, ports=(5, 9999)):
        return lambda mark: udp(ends, ports, mark)

    def node_datagram(self, source, port, mark):
        """What the node itself sends to db."""
        def send():
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.bind((source, port))
                sender.sendto(mark, (self.db, 7777))

        with self.wire(DB) as end:
            in_namespace(self.node.netns, send)
            return bool(end.receives([mark], 3))

    def in_node(self, *command):
        harness.subprocess.run(netns.command(self.node.netns, *command), check=True)

    def masquerade(self):
        self.in_node("nft", "add table ip attack; add chain ip attack out "
                     "{ type nat hook postrouting priority 100; }; "
                     "add rule ip attack out oifname sluice-gw0 masquerade")
        self.addCleanup(self.in_node, "nft", "delete table ip attack")
