"""Raw sockets for sctp.py. While one is open, the kernel of its namespace leaves SCTP to it: no
"protocol unreachable" for what it does not know itself (raw(7))."""

import socket

import sctp

BUFFER = 1 << 22  # bytes; all probes of a namespace arrive by one socket


def open_socket(family):
    """`family`: 4 or 6. In the namespace of the calling thread."""
    raw = socket.socket(socket.AF_INET if family == 4 else socket.AF_INET6, socket.SOCK_RAW,
                        sctp.PROTOCOL)
    raw.setblocking(False)
    for option in (socket.SO_RCVBUF, 33):  # 33: SO_RCVBUFFORCE, beyond rmem_max
        raw.setsockopt(socket.SOL_SOCKET, option, BUFFER)
    return raw


def receive(raw):
    """(packet, the sender's address); the packet is None if it is none. BlockingIOError at the
    end."""
    data, address = raw.recvfrom(65536)
    if raw.family == socket.AF_INET:
        data = data[(data[0] & 15) * 4:]  # raw(7): with its IP header
    return sctp.parse(data), address[0]


def send(raw, packet, address):
    raw.sendto(packet, (address, 0))
