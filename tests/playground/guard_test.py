"""Each guard against spoofing, one by one, in both families. A guard is tried twice: as it is, and
with the agent halted and the guard's flow taken away or widened, when the same frame must get
through. So nothing else stops it, and these tests fail where the flow is missing."""

import contextlib
import os
import signal
import struct
import unittest

import harness
from attack_case import (ALLOWED_PORT, BATCH, DB, FRONTEND, GATEWAY, GATEWAY6, OUTSIDE, OUTSIDE6,
                         AttackCase, marker)
from frames import (ADVERT, ARP, AUTH, HOP_BY_HOP, ICMP6, IPV4, IPV6, OPTIONS, QINQ, REDIRECT,
                    ROUTER_ADVERT, ROUTER_SOLICIT, ROUTING, SOLICIT, SYN, TARGET_LINK, TCP, UDP, VLAN,
                    advert, arp, discovery, extended, fragment6, group_of, icmp6, ipv4, ipv6,
                    link_option, mac_of, packed, solicit, tcp, tcp_segment, udp,
                    udp_segment)

CLASSIFIER, SPOOF_GUARD, ARP_ND, CONNTRACK_STATE, L3_FORWARD = 0, 10, 15, 30, 70
FAMILIES = (4, 6)


def text_of(mac):
    return mac.hex(":")


class GuardCase(AttackCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.db6, cls.frontend6, cls.batch6 = (
            cls.running.playground.address_of(pod, 6) for pod in (DB, FRONTEND, BATCH))
        cls.batch_mac, cls.db_mac = mac_of(cls.batch), mac_of(cls.db)
        cls.batch_is = f"dl_src={text_of(cls.batch_mac)}"

    def lines(self, table, *words):
        text = self.node.ofctl("dump-flows", f"table={table}", options=("--no-names",))
        return [line for line in text.splitlines()
                if "actions=" in line and all(word in line for word in words)]

    def port_of(self, pod):
        return self.lines(SPOOF_GUARD, f"dl_src={text_of(mac_of(self.address(pod)))}",
                          "nw_src=")[0].split("in_port=")[1].split(",")[0]

    @contextlib.contextmanager
    def halted(self):
        """The agent sees nothing for a while; afterwards everything is as before."""
        before = self.running.flows()
        agent = self.node.pid("sluice-agent")
        os.kill(agent, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(agent, signal.SIGCONT)
            self.assertTrue(harness.wait_until(lambda: self.running.flows() == before, 5))
            self.node.appctl("revalidator/purge")

    @contextlib.contextmanager
    def without(self, table, *words, fields=()):
        """The flows with these words are not there, or match no `fields`."""
        found = self.lines(table, *words)
        self.assertTrue(found, words)
        with self.halted():
            for line in found:
                match, actions = line.split(" actions=")
                priority = match.split("priority=")[1].split(",")[0]
                parts = match.split(f"priority={priority}")[1].strip(",").split(",")
                left = [part for part in parts if part.split("=")[0] not in fields]
                key = ",".join([f"table={table}", f"priority={priority}", *left])
                if fields:
                    self.assertLess(len(left), len(parts), line)
                    self.node.ofctl("add-flow", f"{key},actions={actions}")
                else:
                    self.node.ofctl("del-flows", key, options=("--strict",))
            self.node.appctl("revalidator/purge")
            yield

    def reaches(self, sender, receiver, build):
        """`build` makes one frame, or several, of a mark."""
        mark = marker()
        return bool(self.delivered(sender, receiver, {"it": (build(mark), mark)}))

    def guarded(self, route, build, table, *words, fields=()):
        sender, receiver = route
        self.assertFalse(self.reaches(sender, receiver, build))
        with self.without(table, *words, fields=fields):
            self.assertTrue(self.reaches(sender, receiver, build), "something else stopped it")

    def ends(self, source, target, family):
        return tuple(who if ":" in who or who[0].isdigit() else self.address(who, family)
                     for who in (source, target))

    def udp_frame(self, sender, ends, ports=(5, 9999)):
        return lambda mark: self.frame(sender, udp(ends, ports, mark))


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
        line, = self.lines(SPOOF_GUARD, f"icmp_type={kind} ", "actions=drop")
        return int(line.split("n_packets=")[1].split(",")[0])


class HeaderTest(GuardCase):
    """Between frontend and db, where one TCP port is open: the packet is judged by the real one."""

    def setUp(self):
        self.to_db = (self.frontend6, self.db6)

    def passes_as(self, build):
        """By port: whether it gets through. `build(body)` puts a TCP segment into packets."""
        return {port: self.reaches(FRONTEND, DB, lambda mark, port=port: [
            self.frame(FRONTEND, packet) for packet in build(tcp_segment(
                self.to_db, (5, port), SYN, mark.ljust(1330, b".")))])
            for port in (ALLOWED_PORT, 9999)}

    def test_extension_headers_hide_no_port(self):
        none_left = struct.pack("!BBI", 0, 0, 0)  # a routing header of type 0 that has arrived
        for name, wrap in (
                ("none", lambda body: (TCP, body)),
                ("hop-by-hop", lambda body: extended(HOP_BY_HOP, TCP, body)),
                ("options", lambda body: extended(OPTIONS, TCP, body)),
                ("routing", lambda body: extended(ROUTING, TCP, body, none_left)),
                ("authentication", lambda body: extended(AUTH, TCP, body, bytes(10))),
                ("all", lambda body: extended(HOP_BY_HOP, ROUTING, extended(
                    ROUTING, OPTIONS, extended(OPTIONS, TCP, body)[1], none_left)[1])),
                ("long", lambda body: extended(OPTIONS, TCP, body, b"\x01\x04\0\0\0\0" + b"".join(
                    b"\x01\x06" + bytes(6) for _ in range(10))))):
            with self.subTest(name=name):
                self.assertEqual({ALLOWED_PORT: True, 9999: False}, self.passes_as(
                    lambda body, wrap=wrap: [ipv6(self.to_db, *wrap(body))]))

    def test_nor_do_fragments(self):
        def atomic(body):
            return [ipv6(self.to_db, *fragment6(TCP, body, 0, 0, 11))]

        def two(body):
            return [ipv6(self.to_db, *fragment6(TCP, body[:1288], 0, 1, 12)),
                    ipv6(self.to_db, *fragment6(TCP, body[1288:], 1288, 0, 12))]

        for build in (atomic, two):
            with self.subTest(build.__name__):
                self.assertEqual({ALLOWED_PORT: True, 9999: False}, self.passes_as(build))

    def test_nor_do_headers_in_fragments(self):
        """The userspace datapath never puts such a datagram together: too closed, not too open."""
        def behind_options(body):
            padded = extended(OPTIONS, TCP, body)[1]
            return [ipv6(self.to_db, *fragment6(OPTIONS, padded[:1288], 0, 1, 13)),
                    ipv6(self.to_db, *fragment6(OPTIONS, padded[1288:], 1288, 0, 13))]

        self.assertFalse(self.passes_as(behind_options)[9999])

    def test_ports_in_a_second_fragment(self):
        """Where the first one is options alone there are no ports to judge it by: it is dropped."""
        def late(port):
            def build(mark):
                body = tcp_segment(self.to_db, (5, port), SYN)
                options = b"\x01\x04" + bytes(4) + b"".join(
                    b"\x01\x06" + bytes(6) for _ in range(159)) + b"\x01\x16" + mark[:22].ljust(22)
                whole = extended(OPTIONS, TCP, body, options)[1]
                cut = len(whole) - len(body)
                return [self.frame(FRONTEND, ipv6(self.to_db, *part)) for part in (
                    fragment6(OPTIONS, whole[:cut], 0, 1, port), fragment6(
                        OPTIONS, whole[cut:], cut, 0, port))]
            return build

        self.assertFalse(self.reaches(FRONTEND, DB, lambda mark: late(9999)(b"12345678" + mark)))

    def test_overlapping_fragments(self):
        """The second rewrites the port that the first was judged by (RFC 5722: drop them all)."""
        def overlap(mark):
            good = extended(OPTIONS, TCP, tcp_segment(self.to_db, (5, ALLOWED_PORT), SYN,
                                                      bytes(1400)))[1]
            evil = tcp_segment(self.to_db, (5, 9999), SYN, mark.ljust(1400))
            return [self.frame(FRONTEND, ipv6(self.to_db, *part)) for part in (
                fragment6(OPTIONS, good[:1288], 0, 1, 14), fragment6(
                    OPTIONS, evil[:1288], 8, 1, 14), fragment6(
                    OPTIONS, good[1296:], 1296, 0, 14))]

        self.assertFalse(self.reaches(FRONTEND, DB, overlap))

    def test_a_router_advertisement_in_fragments(self):
        def build(mark):
            ends = (self.batch6, self.frontend6)
            body = icmp6(ends, ROUTER_ADVERT, struct.pack("!BBHII", 64, 0, 1800, 0, 0)
                         + mark.ljust(1400))
            whole = extended(OPTIONS, ICMP6, body)[1]
            return [self.frame(BATCH, ipv6(ends, *part, hops=255)) for part in (
                fragment6(OPTIONS, whole[:1288], 0, 1, 15), fragment6(
                    OPTIONS, whole[1288:], 1288, 0, 15))]

        self.assertFalse(self.reaches(BATCH, FRONTEND, build))


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
