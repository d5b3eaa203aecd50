"""As much of SCTP (RFC 9260) as it takes to prove who answers: the four-way handshake, then DATA.
Pure: packets in, packets out. Neither end needs an SCTP kernel; where one answers beside us, its
ABORTs are ignored."""

import os
import struct
from collections import OrderedDict
from dataclasses import dataclass, field

PROTOCOL = 132
DATA, INIT, INIT_ACK, SACK, COOKIE_ECHO, COOKIE_ACK = 0, 1, 2, 3, 10, 11
STATE_COOKIE = 7  # parameter of INIT ACK
WHOLE = 3  # flags of a DATA chunk that is a message by itself
WINDOW = 65536
MOST_ASSOCIATIONS = 4096  # of a server; the oldest one is forgotten


def _table():
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        yield byte


_CRC = tuple(_table())


def crc32c(data):
    """The checksum of RFC 9260, appendix A."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _CRC[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def chunk(kind, value=b"", flags=0):
    return struct.pack("!BBH", kind, flags, 4 + len(value)) + value + bytes(-len(value) % 4)


def data_chunk(tsn, payload):
    return chunk(DATA, struct.pack("!IHHI", tsn, 0, 0, 0) + payload, WHOLE)


def sack(tsn):
    return chunk(SACK, struct.pack("!IIHH", tsn, WINDOW, 0, 0))


def build(ports, tag, *chunks):
    """`ports`: source and destination."""
    body = b"".join(chunks)
    header = struct.pack("!HHI", *ports, tag)
    return header + struct.pack("<I", crc32c(header + bytes(4) + body)) + body


@dataclass
class Packet:
    source_port: int
    target_port: int
    tag: int
    chunks: list = field(default_factory=list)  # (type, value)


def parse(data):
    """None for what is no SCTP packet with the right checksum."""
    if len(data) < 12 or struct.unpack("<I", data[8:12])[0] != crc32c(
            data[:8] + bytes(4) + data[12:]):
        return None
    packet = Packet(*struct.unpack("!HHI", data[:8]))
    rest = data[12:]
    while len(rest) >= 4:
        kind, _, length = struct.unpack("!BBH", rest[:4])
        if not 4 <= length <= len(rest):
            return None
        packet.chunks.append((kind, rest[4:length]))
        rest = rest[length + -length % 4:]
    return packet


def _random():
    return int.from_bytes(os.urandom(4), "big") or 1


def _init(kind, tag, tsn, parameters=b""):
    return chunk(kind, struct.pack("!IIHHI", tag, WINDOW, 1, 1, tsn) + parameters)


def _cookie_of(parameters):
    while len(parameters) >= 4:
        kind, length = struct.unpack("!HH", parameters[:4])
        if kind == STATE_COOKIE and length >= 4:
            return parameters[4:length]
        parameters = parameters[max(length, 4) + -length % 4:]
    return None


def _next(tsn):
    return (tsn + 1) & 0xFFFFFFFF


class Association:
    """The client's end of one association."""

    def __init__(self, source_port, target_port):
        self.ports = (source_port, target_port)
        self.tag, self.tsn = _random(), _random()
        self.peer_tag = 0
        self.received = None  # the last TSN
        self.established = False
        self.text = b""
        self.unanswered = build(self.ports, 0, _init(INIT, self.tag, self.tsn))

    def feed(self, packet):
        """The packets to send for one that came in."""
        if packet.tag != self.tag or (packet.target_port, packet.source_port) != self.ports:
            return []
        replies = []
        for kind, value in packet.chunks:
            if kind == INIT_ACK and not self.peer_tag and len(value) >= 16:
                self.peer_tag = struct.unpack("!I", value[:4])[0]
                echo = chunk(COOKIE_ECHO, _cookie_of(value[16:]) or b"")
                self.unanswered = build(self.ports, self.peer_tag, echo)
                replies.append(self.unanswered)
            elif kind == COOKIE_ACK:
                self.established, self.unanswered = True, None
            elif kind == DATA and len(value) >= 12:
                tsn = struct.unpack("!I", value[:4])[0]
                if tsn != self.received:  # a repeated greeting is told once
                    self.text += value[12:]
                self.received = tsn
                replies.append(build(self.ports, self.peer_tag, sack(tsn)))
        return replies

    def data(self, payload):
        """A packet with a message of ours."""
        packet = build(self.ports, self.peer_tag, data_chunk(self.tsn, payload))
        self.tsn = _next(self.tsn)
        return packet


class Server:
    """The servers of one namespace. Says its name when an association is up, then echoes. Knows
    nothing of a peer before the cookie is back."""

    def __init__(self, names):
        self.names = names  # port -> what to say
        self.associations = OrderedDict()  # (peer, its port, our port) -> [peer tag, tag, tsn]

    def answer(self, packet, peer):
        """The packets to send to the peer (an address)."""
        name = self.names.get(packet.target_port)
        if name is None:
            return []
        key = (peer, packet.source_port, packet.target_port)
        ports = (packet.target_port, packet.source_port)
        replies = []
        for kind, value in packet.chunks:
            if kind == INIT and len(value) >= 16:
                replies.append(self._invite(ports, *struct.unpack("!I8xI", value[:16])))
            elif kind == COOKIE_ECHO and len(value) == 16:
                peer_tag, tag, peer_tsn, tsn = struct.unpack("!IIII", value)
                if tag == packet.tag:
                    self.associations[key] = [peer_tag, tag, _next(tsn)]
                    if len(self.associations) > MOST_ASSOCIATIONS:
                        self.associations.popitem(last=False)
                    replies.append(build(ports, peer_tag, chunk(COOKIE_ACK),
                                         data_chunk(tsn, name)))
            elif kind == DATA and len(value) >= 12:
                known = self.associations.get(key)
                if known and known[1] == packet.tag:
                    tsn = struct.unpack("!I", value[:4])[0]
                    replies.append(build(ports, known[0], sack(tsn)))
                    replies += self.told(key, value[12:])
        return replies

    def told(self, key, payload):
        """The packets to send for a message: its echo."""
        return [self.data(key, payload)]

    def data(self, key, payload):
        """A packet with a message of ours, on that association."""
        known = self.associations[key]
        packet = build((key[2], key[1]), known[0], data_chunk(known[2], payload))
        known[2] = _next(known[2])
        return packet

    @staticmethod
    def _invite(ports, peer_tag, peer_tsn):
        tag, tsn = _random(), _random()
        cookie = struct.pack("!IIII", peer_tag, tag, peer_tsn, tsn)
        parameter = struct.pack("!HH", STATE_COOKIE, 4 + len(cookie)) + cookie
        return build(ports, peer_tag, _init(INIT_ACK, tag, tsn, parameter))
