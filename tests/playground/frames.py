"""Frames by hand: plain bytes, no library. Both families; what is wrong about a frame is its
caller's doing."""

import socket
import struct

IPV4, ARP, VLAN, QINQ, IPV6 = 0x0800, 0x0806, 0x8100, 0x88A8, 0x86DD
HOP_BY_HOP, ICMP, TCP, UDP, ROUTING, FRAGMENT, AUTH, ICMP6, OPTIONS = (
    0, 1, 6, 17, 43, 44, 51, 58, 60)
ACK, SYN = 0x10, 0x02
ROUTER_SOLICIT, ROUTER_ADVERT, SOLICIT, ADVERT, REDIRECT = range(133, 138)
SOURCE_LINK, TARGET_LINK = 1, 2  # options of neighbour discovery


def mac_of(address):
    return b"\x0a\x58" + socket.inet_aton(address)


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def summed(data, at, pseudo=b""):
    return data[:at] + struct.pack("!H", checksum(pseudo + data)) + data[at + 2:]


def ipv4(ends, protocol, body, fragment=0, options=b"", number=1):
    words = 5 + len(options) // 4
    header = struct.pack("!BBHHHBBH", 0x40 | words, 0, words * 4 + len(body), number,
                         fragment, 64,
                         protocol, 0) + b"".join(map(packed, ends)) + options
    return summed(header, 10) + body


def packed(address):
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def ipv6(ends, protocol, body, hops=64):
    return struct.pack("!IHBB", 6 << 28, len(body), protocol, hops) + b"".join(
        map(packed, ends)) + body


def extended(kind, following, body, data=b"\x01\x04\0\0\0\0"):
    """An IPv6 extension header of `kind` before `body`, which is of the protocol `following`; as it
    is, an option that pads. For ipv6(ends, *extended(...))."""
    units = len(data) // 4 - 1 if kind == AUTH else (len(data) + 2) // 8 - 1
    return kind, struct.pack("!BB", following, units) + data + body


def fragment6(following, body, offset, more, number):
    """`offset` in bytes."""
    return FRAGMENT, struct.pack("!BBHI", following, 0, offset | more, number) + body


def _pseudo(ends, protocol, body):
    if ":" in ends[0]:
        return b"".join(map(packed, ends)) + struct.pack("!IHBB", len(body), 0, 0, protocol)
    return b"".join(map(packed, ends)) + struct.pack("!HH", protocol, len(body))


def udp_segment(ends, ports, data):
    body = struct.pack("!HHHH", *ports, 8 + len(data), 0) + data
    return summed(body, 6, _pseudo(ends, UDP, body))


def tcp_segment(ends, ports, flags, data=b""):
    body = struct.pack("!HHIIBBHHH", *ports, 1, 1, 0x50, flags, 65000, 0, 0) + data
    return summed(body, 16, _pseudo(ends, TCP, body))


def ip(ends, protocol, body):
    return (ipv6 if ":" in ends[0] else ipv4)(ends, protocol, body)


def udp(ends, ports, data):
    return ip(ends, UDP, udp_segment(ends, ports, data))


def tcp(ends, ports, flags, data=b""):
    return ip(ends, TCP, tcp_segment(ends, ports, flags, data))


def icmp6(ends, kind, body, code=0):
    """`body` is what follows the checksum."""
    message = struct.pack("!BBH", kind, code, 0) + body
    return summed(message, 2, _pseudo(ends, ICMP6, message))


def discovery(ends, kind, body, hops=255, code=0):
    return ipv6(ends, ICMP6, icmp6(ends, kind, body, code), hops)


def link_option(kind, mac):
    return struct.pack("!BB", kind, 1) + mac


def solicit(ends, target, mac, mark=b"", **options):
    """A question for `target`. `mark` is in a padding that nobody reads (an unknown option)."""
    return discovery(ends, SOLICIT, bytes(4) + packed(target) + (
        link_option(SOURCE_LINK, mac) if mac else b"") + _unknown(mark), **options)


def advert(ends, target, mac, mark=b"", flags=0x60000000, **options):
    return discovery(ends, ADVERT, struct.pack("!I", flags) + packed(target) + link_option(
        TARGET_LINK, mac) + _unknown(mark), **options)


def _unknown(mark):
    data = mark + bytes(-(len(mark) + 2) % 8)
    return struct.pack("!BB", 253, (len(data) + 2) // 8) + data if mark else b""


def group_of(address):
    """The solicited-node group, RFC 4291."""
    return socket.inet_ntop(socket.AF_INET6, packed("ff02::1:ff00:0")[:13] + packed(address)[13:])


def unreachable(ends, about, data):
    """An ICMP error about the packet `about`."""
    return ipv4(ends, ICMP, summed(struct.pack("!BBHI", 3, 1, 0, 0) + about + data, 2))


def arp(operation, sender, target):
    """`sender` and `target` are (MAC, address)."""
    return struct.pack("!HHBBH", 1, IPV4, 6, 4, operation) + b"".join(
        mac + socket.inet_aton(address) for mac, address in (sender, target))
