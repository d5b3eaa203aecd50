"""Hand-made frames and hand-made events: what a hostile pod, host or administrator's slip must not
be able to do. guard_test.py and its neighbours go through the guards one by one."""

import itertools
import os
import signal
import socket
import struct
import unittest

import harness
from attack_case import (ALLOWED_PORT, BATCH, DB, FRONTEND, GATEWAY, OUTSIDE, AttackCase, marker)
from frames import (ACK, ARP, IPV4, IPV6, QINQ, SYN, TCP, VLAN, arp, ipv4, mac_of, tcp, udp,
                    unreachable)


class FrameTest(AttackCase):
    def test_the_fence_does_not_hide_what_is_allowed(self):
        self.assertTrue(self.passes(BATCH, FRONTEND, self.datagram(self.batch, self.frontend)))
        self.assertTrue(self.passes(OUTSIDE, FRONTEND, self.datagram(OUTSIDE, self.frontend)))
        self.assertTrue(self.passes(BATCH, "node", self.datagram(self.batch, GATEWAY)))

    def test_no_borrowed_address_tag_or_destination_gets_past_a_policy(self):
        borrowed, own = (self.frontend, self.db), (self.batch, self.db)

        def attacks(mark):
            syn = tcp(borrowed, (5, ALLOWED_PORT), SYN, mark)
            yield "own address", self.frame(BATCH, udp(own, (5, ALLOWED_PORT), mark))
            yield "borrowed address", self.frame(BATCH, syn)
            yield "borrowed MAC and address", self.frame(FRONTEND, syn)
            for target in (mac_of(self.db), b"\xff" * 6):
                for ends in (own, (self.batch, OUTSIDE), (self.batch, "255.255.255.255"),
                             (self.batch, "10.244.0.255"), (self.batch, "224.0.0.1")):
                    yield (f"to {target.hex()} {ends}",
                           target + self.frame(BATCH, udp(ends, (5, 9999), mark))[6:])
            for tag, number in itertools.product((VLAN, QINQ), (0, 5)):
                header = struct.pack("!HH", number, IPV4)
                yield f"tagged {tag:x} {number}", self.frame(
                    BATCH, header + udp(own, (5, 9999), mark), tag)
                yield f"tagged {tag:x} {number}, borrowed", self.frame(BATCH, header + syn, tag)
            for kind in (IPV6, 0x8847, 0x88CC, 0x9000, 400):
                yield f"type {kind:x}", b"\xff" * 6 + self.frame(BATCH, bytes(48) + mark, kind)[6:]
            for flags in (0, 1, ACK, SYN | ACK, 0x14, 0x18, 0x29, 0x3F):
                yield f"flags {flags:x}", self.frame(BATCH, tcp(
                    own, (51000, ALLOWED_PORT), flags, mark))
            for protocol in (2, 4, 41, 47, 50, 132, 255):
                yield f"protocol {protocol}", self.frame(BATCH, ipv4(
                    own, protocol, bytes(8) + mark))
            route = bytes([131, 7, 4]) + socket.inet_aton(self.db) + b"\0"
            yield "source route", self.frame(BATCH, ipv4(
                (self.batch, GATEWAY), 253, bytes(8) + mark, options=route))

        frames = {}
        names = [name for name, _ in attacks(b"")]
        for index, name in enumerate(names):
            mark = marker()
            frames[name] = (next(itertools.islice(attacks(mark), index, None))[1], mark)
        self.assertEqual([], self.delivered(BATCH, DB, frames))

    def test_a_pod_shut_in_reaches_no_address_of_the_node_and_no_group(self):
        frames = {}
        for target in (GATEWAY, "10.244.0.255", "255.255.255.255", "224.0.0.1", OUTSIDE):
            mark = marker()
            frames[target] = (self.frame(DB, udp((self.db, target), (5, 9999), mark)), mark)
        self.assertEqual([], self.delivered(DB, "node", frames))

    def test_a_pod_can_tell_nobody_whose_an_address_is(self):
        mine = mac_of(self.batch)
        to_pod = arp(2, (mine, GATEWAY), (mac_of(self.frontend), self.frontend))
        to_node = arp(2, (mine, self.db), (mac_of(GATEWAY), GATEWAY))
        for receiver, lie in ((FRONTEND, to_pod), ("node", to_node)):
            for target in (b"\xff" * 6, mac_of(GATEWAY), mac_of(self.frontend)):
                self.assertEqual([], self.delivered(BATCH, receiver, {
                    "lie": (target + mine + struct.pack("!H", ARP) + lie, lie)}))

    # Ports are in the first fragment alone, and that one is judged by them: what a datagram's other
    # fragments may do without it is nothing (PIPELINE.md, "Known limits").
    def test_no_first_fragment_passes_for_another(self):
        ends, head, mark = (self.frontend, self.db), b"x" * 1392, marker()
        evil = tcp(ends, (9, 9999), SYN, mark + head[len(mark):] + bytes(64))[20:]
        good = tcp(ends, (9, ALLOWED_PORT), SYN, head + bytes(64))[20:]
        alone = tcp(ends, (9, ALLOWED_PORT), SYN, head + mark)[20:]
        numbers = itertools.count(100)

        def part(body, first, number):
            at = slice(0, 1392) if first else slice(1392, None)
            return self.frame(FRONTEND, ipv4(ends, TCP, body[at], 0x2000 if first else 1392 // 8,
                                             number=number))

        def parts(*of):
            number = next(numbers)
            return [part(body, first, number) for body, first in of]

        self.assertEqual([], self.delivered(FRONTEND, DB, {
            "in order": (parts((evil, True), (evil, False)), mark),
            "backwards": (parts((evil, False), (evil, True)), mark),
            "two heads": (parts((good, True), (evil, True), (evil, False)), mark)}))
        self.assertEqual([], self.delivered(FRONTEND, DB, {
            "alone": (parts((alone, False)), mark)}))
        self.assertEqual(["whole"], self.delivered(FRONTEND, DB, {
            "whole": (parts((alone, True), (alone, False)), mark)}))

    def test_nobody_outside_may_use_a_pods_or_the_nodes_address(self):
        self.in_node("sh", "-c",
                     "for i in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >$i; done")
        for source in (self.frontend, self.batch, GATEWAY):
            self.assertFalse(self.passes(OUTSIDE, DB, lambda mark, source=source: tcp(
                (source, self.db), (5, ALLOWED_PORT), SYN, mark)), source)

    def test_a_packet_in_mid_stream_opens_nothing_that_its_sender_may_not_open(self):
        connection = harness.Connection(self.running, FRONTEND, DB, ALLOWED_PORT)
        self.addCleanup(connection.close)
        port = connection.socket.getsockname()[1]
        self.node.appctl("dpctl/flush-conntrack")
        self.assertFalse(self.passes(DB, FRONTEND, lambda mark: tcp(
            (self.db, self.frontend), (ALLOWED_PORT, port), ACK, mark)))
        self.assertTrue(connection.echoes("the client goes on"))

    # IANA's HOPOPT, which is IPv6's; the switch keeps no original tuple for it.
    def test_ip_protocol_0_gets_past_no_policy(self):
        def nothing(ends):
            return lambda mark: ipv4(ends, 0, mark)

        self.assertFalse(self.passes(BATCH, DB, nothing((self.batch, self.db))))
        self.assertFalse(self.passes(DB, OUTSIDE, nothing((self.db, OUTSIDE))))
        self.assertFalse(self.passes(OUTSIDE, DB, nothing((OUTSIDE, self.db))))

    def test_a_pod_reports_errors_of_its_own_connections_only(self):
        connection = harness.Connection(self.running, FRONTEND, DB, ALLOWED_PORT)
        self.addCleanup(connection.close)
        reply = tcp((self.db, self.frontend),
                    (ALLOWED_PORT, connection.socket.getsockname()[1]), ACK)
        for sender, may in ((FRONTEND, True), (BATCH, False)):
            address = self.running.playground.address_of(sender)
            self.assertEqual(may, self.passes(sender, DB, lambda mark, address=address: unreachable(
                (address, self.db), reply, mark)), sender)


class NodeTest(AttackCase):
    def test_the_node_reaches_its_pods_whichever_of_its_addresses_it_uses(self):
        self.in_node("ip", "address", "add", "10.77.0.1/32", "dev", "lo")
        for source in (GATEWAY, "10.77.0.1"):
            self.assertTrue(self.node_datagram(source, 0, marker()))

    def test_what_the_node_forwards_under_its_own_address_is_not_the_nodes(self):
        self.masquerade()
        self.assertFalse(self.passes(OUTSIDE, DB, self.datagram(OUTSIDE, self.db,
                                                                ports=(45001, 7777))))

    def test_not_even_on_a_port_that_the_node_has_just_used(self):
        self.assertTrue(self.node_datagram(GATEWAY, 45000, marker()))
        self.masquerade()  # only now: else the kernel would know that the port is taken
        self.assertFalse(self.passes(OUTSIDE, DB, self.datagram(OUTSIDE, self.db,
                                                                ports=(45000, 7777))))


class EventTest(AttackCase):
    def batch_reaches_frontend(self):
        return self.passes(BATCH, FRONTEND, self.datagram(self.batch, self.frontend))

    def test_a_revoked_permission_ends_both_directions_of_what_it_allowed(self):
        policy = self.running.read("policy.yaml")
        self.addCleanup(self.running.write, "policy.yaml", policy)
        there = self.datagram(self.db, self.batch, ports=(9999, 7000))
        back = self.datagram(self.batch, self.db, ports=(7000, 9999))
        self.assertFalse(self.passes(DB, BATCH, there))
        self.running.write("policy.yaml", policy[:policy.index("  egress:")] + "  egress: [{}]\n")
        self.assertTrue(harness.wait_until(lambda: self.passes(DB, BATCH, there), 3))
        self.assertTrue(self.passes(BATCH, DB, back))
        self.running.write("policy.yaml", policy)
        self.assertTrue(harness.wait_until(lambda: not self.passes(DB, BATCH, there), 3))
        self.assertFalse(self.passes(BATCH, DB, back))

    def test_a_pod_whose_object_is_gone_is_shut_though_still_attached(self):
        text = self.running.read("pods.yaml")
        self.addCleanup(self.running.write, "pods.yaml", text)
        flows = self.running.flows()
        self.running.write("pods.yaml", "---".join(
            part for part in text.split("---") if "name: batch" not in part))
        self.assertTrue(harness.wait_until(
            lambda: not any(self.batch in flow for flow in self.running.flows()), 3))
        self.assertEqual("dropped", self.running.outcome(BATCH, FRONTEND, "tcp", 9999))
        self.assertEqual("dropped", self.running.outcome(FRONTEND, BATCH, "tcp", 9999))
        self.running.write("pods.yaml", text)
        self.assertTrue(harness.wait_until(lambda: self.running.flows() == flows, 3))
        self.assertTrue(self.batch_reaches_frontend())

    def test_a_remote_pod_with_a_local_pods_address_lends_it_no_labels(self):
        self.addCleanup(self.running.remove, "claim.yaml")
        self.running.write("claim.yaml", f"""
kind: Pod
apiVersion: v1
metadata: {{name: claim, namespace: default, labels: {{role: frontend}}}}
spec: {{nodeName: elsewhere, containers: [{{name: a, image: a}}]}}
status: {{podIP: {self.batch}, podIPs: [{{ip: {self.batch}}}]}}
---
kind: Pod
apiVersion: v1
metadata: {{name: read, namespace: default, labels: {{role: frontend}}}}
spec: {{nodeName: elsewhere, containers: [{{name: a, image: a}}]}}
status: {{podIP: 192.0.2.77, podIPs: [{{ip: 192.0.2.77}}]}}
""")
        self.assertTrue(harness.wait_until(
            lambda: any("192.0.2.77" in flow for flow in self.running.flows()), 3))
        self.assertEqual("dropped", self.running.outcome(BATCH, DB, "tcp", ALLOWED_PORT))

    def test_a_bundle_the_switch_is_too_slow_for_takes_effect_when_it_wakes(self):
        switch = self.node.pid("ovs-vswitchd")
        os.kill(switch, signal.SIGSTOP)
        try:
            self.running.write("deny.yaml", """
kind: NetworkPolicy
apiVersion: networking.k8s.io/v1
metadata: {name: deny, namespace: default}
spec: {podSelector: {matchLabels: {role: frontend}}}
""")
            self.assertTrue(harness.wait_until(lambda: self.node.engine.verdicts(
                [(BATCH, FRONTEND, "udp", 9999)]) == ["denied"], 3))
        finally:
            os.kill(switch, signal.SIGCONT)
        self.assertTrue(harness.wait_until(lambda: not self.batch_reaches_frontend(), 3))
        self.running.remove("deny.yaml")
        self.assertTrue(harness.wait_until(self.batch_reaches_frontend, 3))

    def test_all_flows_deleted_by_hand_come_back(self):
        flows = self.running.flows()
        self.node.ofctl("del-flows")
        self.assertTrue(harness.wait_until(lambda: self.running.flows() == flows, 2))


if __name__ == "__main__":
    unittest.main()
