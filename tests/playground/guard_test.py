"""Each guard against spoofing, one by one, in both families: sources, tags, destinations, source
routes. How a guard is tried: guard_case.py."""

import struct
import unittest

import harness
from attack_case import ALLOWED_PORT, BATCH, DB, FRONTEND, GATEWAY, GATEWAY6, OUTSIDE, OUTSIDE6
from frames import (ARP, QINQ, ROUTING, SYN, UDP, VLAN, arp, extended, fragment6, ipv4, ipv6,
                    mac_of, packed, tcp, udp, udp_segment)
from guard_case import (CLASSIFIER, CONNTRACK_STATE, FAMILIES, L3_FORWARD, SPOOF_GUARD, GuardCase,
                        text_of)


class SourceTest(GuardCase):
    def test_mac(self):
        for family in FAMILIES:
            ends = self.ends(BATCH, FRONTEND, family)
            with self.subTest(family=family):
                self.assertTrue(self.reaches(BATCH, FRONTEND, self.udp_frame(BATCH, ends)))
                self.guarded((BATCH, FRONTEND), self.udp_frame(DB, ends), SPOOF_GUARD,
                             self.batch_is, f"_src={ends[0]} ", "goto_table:20",
                             fields=["dl_src"])

    def test_address(self):
        for family, field in ((4, "nw_src"), (6, "ipv6_src")):
            me = self.address(BATCH, family)
            for source in ("other/frontend", {4: GATEWAY, 6: GATEWAY6}[family], {4: OUTSIDE, 6: OUTSIDE6}[family],
                           {4: "0.0.0.0", 6: "::"}[family],
                           {4: "127.0.0.1", 6: f"::ffff:{self.batch}"}[family]):
                with self.subTest(source=source):
                    self.guarded((BATCH, FRONTEND),
                                 self.udp_frame(BATCH, self.ends(source, FRONTEND, family)),
                                 SPOOF_GUARD, self.batch_is, f"{field}={me} ", "goto_table:20",
                                 fields=[field])

    # Known from a peer: what has no class has no isolation either.
    def test_a_link_local_source_does_not_get_past_an_egress_deny(self):
        def secret(source):
            return lambda mark: self.frame(DB, udp((source, OUTSIDE6), (5, 9999), mark))

        self.assertFalse(self.reaches(DB, "node", secret(self.db6)))
        self.guarded((DB, "node"), secret("fe80::1"), SPOOF_GUARD,
                     f"dl_src={text_of(self.db_mac)}", "goto_table:20", "ipv6_src=",
                     fields=["ipv6_src"])

    def test_a_pods_address_from_outside(self):
        self.in_node("sh", "-c",
                     "for i in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >$i; done")
        for outside, family in ((OUTSIDE, 4), (OUTSIDE6, 6)):
            ends = self.ends(FRONTEND, DB, family)
            with self.subTest(family=family):
                self.guarded((outside, DB), lambda mark, ends=ends, outside=outside: self.frame(
                    outside, tcp(ends, (5, ALLOWED_PORT), SYN, mark)),
                    SPOOF_GUARD, "reg0=0x2", f"_src={ends[0]} ")


class ArpTest(GuardCase):
    def test_only_ones_own_mac_and_address_ask(self):
        other = mac_of(self.db)
        for field, sender, mac in (("arp_spa", (self.batch_mac, self.db), self.batch_mac),
                                   ("arp_sha", (other, self.batch), self.batch_mac),
                                   ("dl_src", (self.batch_mac, self.batch), other)):
            question = mac_of(GATEWAY) + mac + struct.pack("!H", ARP) + arp(
                1, sender, (bytes(6), GATEWAY))
            answer = arp(2, (mac_of(GATEWAY), GATEWAY), sender)
            with self.subTest(field=field), self.wire(BATCH) as wire:
                wire.socket.send(question)
                self.assertEqual(set(), wire.receives([answer], 0.1))
                with self.without(SPOOF_GUARD, "arp", self.batch_is, fields=[field]):
                    wire.socket.send(question)
                    self.assertEqual({answer}, wire.receives([answer], 2))


class TagTest(GuardCase):
    def test_no_tag_passes_a_gate(self):
        gate = f"in_port={self.port_of(BATCH)},"
        for family in FAMILIES:
            packet = self.udp_frame(BATCH, self.ends(BATCH, FRONTEND, family))
            for kind in (VLAN, QINQ):
                for tci in (0, 5, 0xE000):
                    def tagged(mark, packet=packet, kind=kind, tci=tci):
                        frame = packet(mark)
                        return frame[:12] + struct.pack("!HH", kind, tci) + frame[12:]

                    with self.subTest(family=family, kind=hex(kind), tci=tci):
                        self.guarded((BATCH, FRONTEND), tagged, CLASSIFIER, gate,
                                     fields=["vlan_tci"])

    # The switch takes the inner tag for the EtherType, and SpoofGuard knows no such type.
    def test_nor_do_two(self):
        def twice(mark, kinds):
            frame = self.frame(BATCH, udp((self.batch, self.frontend), (5, 9999), mark))
            tags = b"".join(struct.pack("!HH", kind, 5) for kind in kinds)
            return frame[:12] + tags + frame[12:]

        for kinds in ((VLAN, VLAN), (QINQ, VLAN), (QINQ, QINQ), (VLAN, QINQ)):
            self.assertFalse(self.reaches(BATCH, FRONTEND,
                                          lambda mark, kinds=kinds: twice(mark, kinds)), kinds)


class DestinationTest(GuardCase):
    # Known from a peer: forwarded by MAC, judged by an address that nobody isolates.
    def test_a_forged_mac_destination_chooses_nothing(self):
        port = self.port_of(DB)
        for family, outside in ((4, OUTSIDE), (6, OUTSIDE6)):
            def forged(mark, family=family, outside=outside):
                return self.db_mac + self.frame(BATCH, udp(
                    self.ends(BATCH, outside, family), (5, 9999), mark))[6:]

            with self.subTest(family=family):
                self.assertFalse(self.reaches(BATCH, DB, forged))
                self.assertTrue(self.reaches(BATCH, outside, forged), "the address decides")
                with self.halted():
                    self.node.ofctl("add-flow", f"table={L3_FORWARD},priority=999,"
                                    f"dl_dst={text_of(self.db_mac)},"
                                    f"actions=set_field:{port}->reg1,goto_table:80")
                    self.node.appctl("revalidator/purge")
                    self.assertTrue(self.reaches(BATCH, DB, forged), "no such test finds it")

    def test_a_pod_is_no_dhcp_server(self):
        for family, ports in ((4, (67, 68)), (6, (547, 546))):
            ends = self.ends(BATCH, FRONTEND, family)
            guard = ("ct_nw_proto=17", f"ct_tp_src={ports[0]},ct_tp_dst={ports[1]}")
            with self.subTest(family=family):
                self.guarded((BATCH, FRONTEND), self.udp_frame(BATCH, ends, ports),
                             CONNTRACK_STATE, *guard)
                # A table look-up sees no ports in a fragment.
                self.guarded((BATCH, FRONTEND), self.in_two(ends, ports), CONNTRACK_STATE, *guard)
                # What got through without the guard is forgotten: the client opens this one.
                self.node.appctl("dpctl/flush-conntrack")
                back = ends[::-1]
                self.assertTrue(self.reaches(FRONTEND, BATCH, self.udp_frame(
                    FRONTEND, back, ports[::-1])), "a client may ask")
                self.guarded((BATCH, FRONTEND), self.udp_frame(BATCH, ends, ports),
                             CONNTRACK_STATE, "ct_nw_proto=17", "+rpl",
                             f"ct_tp_src={ports[1]},ct_tp_dst={ports[0]}")

    def in_two(self, ends, ports):
        def build(mark):
            body = udp_segment(ends, ports, mark.ljust(1400))
            if ":" in ends[0]:
                parts = [ipv6(ends, *fragment6(UDP, body[:1280], 0, 1, 21)),
                         ipv6(ends, *fragment6(UDP, body[1280:], 1280, 0, 21))]
            else:
                parts = [ipv4(ends, UDP, body[:1280], 0x2000, number=21),
                         ipv4(ends, UDP, body[1280:], 1280 // 8, number=21)]
            return [self.frame(BATCH, part) for part in parts]
        return build


class SourceRouteTest(GuardCase):
    """A pod that may reach its gateway alone must not go on from there."""

    def setUp(self):
        self.addCleanup(self.running.remove, "gateway-only.yaml")
        self.running.write("gateway-only.yaml", f"""
kind: NetworkPolicy
apiVersion: networking.k8s.io/v1
metadata: {{name: gateway-only, namespace: default}}
spec:
  podSelector: {{matchLabels: {{role: batch}}}}
  policyTypes: [Egress]
  egress: [{{to: [{{ipBlock: {{cidr: {GATEWAY}/32}}}}, {{ipBlock: {{cidr: {GATEWAY6}/128}}}}]}}]
""")
        direct = self.udp_frame(BATCH, (self.batch, OUTSIDE))
        self.assertTrue(harness.wait_until(lambda: not self.reaches(BATCH, OUTSIDE, direct), 3))

    def test_ipv4(self):
        route = bytes([131, 7, 4]) + packed(OUTSIDE) + b"\0"

        def build(mark):
            return self.frame(BATCH, ipv4((self.batch, GATEWAY), 253, mark, options=route))

        self.assertTrue(self.reaches(BATCH, "node", build))
        self.assertFalse(self.reaches(BATCH, OUTSIDE, build))
        for value in ("1", "0"):
            self.in_node("sh", "-c", "for i in all sluice-gw0; do "
                         f"echo {value} >/proc/sys/net/ipv4/conf/$i/accept_source_route; done")
            self.assertEqual(value == "1", self.reaches(BATCH, OUTSIDE, build))

    def test_ipv6(self):
        for kind in (0, 2, 3, 4):
            def build(mark, kind=kind):
                data = struct.pack("!BBI", kind, 1, 0) + packed(OUTSIDE6)
                return self.frame(BATCH, ipv6((self.batch6, GATEWAY6), *extended(
                    ROUTING, 59, mark, data)))

            self.assertTrue(self.reaches(BATCH, "node", build), kind)
            self.assertFalse(self.reaches(BATCH, OUTSIDE6, build), kind)


if __name__ == "__main__":
    unittest.main()
