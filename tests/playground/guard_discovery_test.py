"""The guards of neighbour discovery: who may ask whom for what, and that nobody else answers."""

import struct
import unittest

from attack_case import BATCH, FRONTEND, GATEWAY, GATEWAY6, OUTSIDE6
from frames import (ADVERT, ICMP6, REDIRECT, ROUTER_ADVERT, ROUTER_SOLICIT, SOLICIT, TARGET_LINK,
                    advert, discovery, fragment6, group_of, icmp6, ipv6, link_option, mac_of,
                    packed, solicit)
from guard_case import ARP_ND, SPOOF_GUARD, GuardCase


class DiscoveryTest(GuardCase):
    def question(self, source=None, to=GATEWAY6, target=GATEWAY6, mac=None, option=True, **options):
        def build(mark):
            inside = (mac or self.batch_mac) if option else None
            return self.frame(BATCH, solicit((source or self.batch6, to), target, inside, mark,
                                             **options))
        return build

    def test_a_pod_may_ask_for_its_gateway_and_is_answered(self):
        for to in (GATEWAY6, group_of(GATEWAY6)):
            self.assertTrue(self.reaches(BATCH, "node", self.question(to=to)), to)
        answer = packed(GATEWAY6) + link_option(TARGET_LINK, mac_of(GATEWAY))
        with self.wire(BATCH) as wire:
            wire.socket.send(self.question(to=group_of(GATEWAY6))(b""))
            self.assertEqual({answer}, wire.receives([answer], 3))

    def test_source_and_link_layer_option(self):
        guard = (SPOOF_GUARD, self.batch_is, "icmp_type=135")
        beyond = self.frame(BATCH, b"\x60" + bytes(39))[:12]
        for field, build in (
                ("ipv6_src", self.question(source=self.db6)),
                ("ipv6_src", self.question(source="fe80::1")),
                ("ipv6_src", self.question(source="::")),
                ("nd_sll", self.question(mac=self.db_mac)),
                ("nd_sll", self.question(option=False)),
                ("nw_ttl", self.question(hops=254)),
                ("dl_src", lambda mark: beyond[:6] + self.db_mac + self.question()(mark)[12:])):
            with self.subTest(field=field):
                self.guarded((BATCH, "node"), build, *guard, fields=[field])

    def test_target_and_destination(self):
        guard = (ARP_ND, "reg0=0x1", "icmp_type=135", f"ipv6_dst={GATEWAY6},")
        for field, build in (("nd_target", self.question(target=self.db6)),
                             ("nd_target", self.question(target=self.batch6)),
                             # It would leave past every egress policy.
                             ("ipv6_dst", self.question(to=OUTSIDE6)),
                             ("ipv6_dst", self.question(to=self.db6)),
                             ("ipv6_dst", self.question(to="ff02::1"))):
            with self.subTest(field=field):
                self.guarded((BATCH, "node"), build, *guard, fields=[field])

    def test_a_question_in_a_fragment(self):
        def first(mark):
            ends = (self.batch6, GATEWAY6)
            whole = icmp6(ends, SOLICIT, bytes(4) + packed(GATEWAY6) + link_option(
                1, self.batch_mac) + mark + bytes(-len(mark) % 8))
            return self.frame(BATCH, ipv6(ends, *fragment6(ICMP6, whole, 0, 1, 7), hops=255))

        self.assertFalse(self.reaches(BATCH, "node", first))

    def test_what_the_node_forwards_is_no_answer_of_the_gateway(self):
        def forwarded(mark):
            return self.frame(OUTSIDE6, advert((OUTSIDE6, self.batch6), GATEWAY6, self.db_mac,
                                               mark))

        self.guarded((OUTSIDE6, BATCH), forwarded, SPOOF_GUARD, "in_port=1,", "icmp_type=136",
                     fields=["nw_ttl", "ipv6_src"])

    def test_routers_advertisements_and_redirects_end_at_their_guard(self):
        bodies = {
            ROUTER_SOLICIT: lambda mark: bytes(4) + mark,
            ROUTER_ADVERT: lambda mark: struct.pack("!BBHII", 64, 0, 1800, 0, 0) + link_option(
                1, self.batch_mac) + mark,
            SOLICIT: lambda mark: bytes(4) + packed(self.frontend6) + mark,
            ADVERT: lambda mark: struct.pack("!I", 0x60000000) + packed(GATEWAY6) + link_option(
                TARGET_LINK, self.batch_mac) + mark,
            REDIRECT: lambda mark: bytes(4) + packed(self.batch6) + packed(self.db6) + link_option(
                TARGET_LINK, self.batch_mac) + mark,
        }
        for kind, body in bodies.items():
            for to in (self.frontend6, GATEWAY6, "ff02::1", group_of(self.frontend6)):
                for target in (mac_of(self.frontend), b"\x33\x33\0\0\0\x01"):
                    def frame(mark, kind=kind, body=body, to=to, target=target):
                        return target + self.frame(BATCH, discovery((self.batch6, to), kind, body(
                            mark)))[6:]

                    with self.subTest(kind=kind, to=to):
                        before = self.dropped(kind)
                        for receiver in (FRONTEND, "node"):
                            self.assertFalse(self.reaches(BATCH, receiver, frame))
                        # Conntrack would call it invalid: the counter shows that it never asked.
                        self.assertGreaterEqual(self.dropped(kind), before + 2)

    def dropped(self, kind):
        self.node.appctl("revalidator/purge")  # counts what the datapath has seen
        line, = self.lines(SPOOF_GUARD, f"icmp_type={kind} ", "actions=goto_table:110")
        return int(line.split("n_packets=")[1].split(",")[0])


if __name__ == "__main__":
    unittest.main()
