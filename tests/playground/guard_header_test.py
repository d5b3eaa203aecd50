"""Extension headers and fragments hide nothing from the policies."""

import struct
import unittest

from attack_case import ALLOWED_PORT, BATCH, DB, FRONTEND
from frames import (AUTH, HOP_BY_HOP, ICMP6, OPTIONS, ROUTER_ADVERT, ROUTING, SYN, TCP, extended,
                    fragment6, icmp6, ipv6, tcp_segment)
from guard_case import GuardCase


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


if __name__ == "__main__":
    unittest.main()
