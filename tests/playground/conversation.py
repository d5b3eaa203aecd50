"""Live connections with both ends in the test's hands: TCP, UDP and SCTP, over either family. A
word said at one end is heard at the other, or it is not."""

import contextlib
import os
import socket
import time

import harness
import netns
import raw_sctp
import sctp

PROTOCOLS = ("tcp", "udp", "sctp")
CLIENT, SERVER = "client", "server"
OTHER = {CLIENT: SERVER, SERVER: CLIENT}


@contextlib.contextmanager
def inside(path):
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    try:
        netns.enter(path)
        yield
    finally:
        netns.enter(f"/proc/self/fd/{home}")
        os.close(home)


class Conversation:
    """From `source` to `target`:`port`, where no listener may be. Fails if it does not come up."""

    def __init__(self, running, protocol, family, source, target, port):
        self.name = f"{source} -> {target} : {protocol}{'6' if family == 6 else ''} {port}"
        self.ends = {}  # CLIENT, SERVER -> socket
        self.said = {CLIENT: [], SERVER: []}
        self.heard = {CLIENT: [], SERVER: []}
        self.address = running.playground.address_of(target, family)
        self.own_address = running.playground.address_of(source, family)
        self.port = port
        self.domain = socket.AF_INET6 if family == 6 else socket.AF_INET
        with inside(running.playground.namespace_of(target)):
            self._listen()
        with inside(running.playground.namespace_of(source)):
            self._connect()
        self._agree()

    def __str__(self):
        return self.name

    def say(self, end, word):
        """Never blocks; a word that the kernel does not take is as lost as any other."""
        self.said[end].append(word)
        with contextlib.suppress(OSError):
            self._send(end, word.encode() + b"\n")

    def hears(self, end, word):
        with contextlib.suppress(BlockingIOError):
            while True:
                self._receive(end)
        return word in self.heard[end]

    def close(self):
        for end in self.ends.values():
            end.close()

    def _agree(self):
        """Until both have heard each other. A datagram may be lost while the edit takes effect."""
        for end in (CLIENT, SERVER):
            if not harness.wait_until(lambda end=end: self._reaches(end, "hello"), 5):
                raise AssertionError(f"{self} does not come up")
        self.said, self.heard = ({CLIENT: [], SERVER: []} for _ in range(2))

    def _reaches(self, end, word):
        self.say(end, word)
        return harness.wait_until(lambda: self.hears(OTHER[end], word), 0.3)

    def _take(self, end, data):
        self.heard[end] += data.decode().split()


class _Stream(Conversation):
    def _listen(self):
        self.rest = {CLIENT: b"", SERVER: b""}
        self.listener = socket.socket(self.domain, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((self.address, self.port))
        self.listener.listen()
        self.listener.settimeout(5)

    def _connect(self):
        client = socket.socket(self.domain, socket.SOCK_STREAM)
        client.settimeout(5)
        client.connect((self.address, self.port))
        server, _ = self.listener.accept()
        self.listener.close()
        self.ends = {CLIENT: client, SERVER: server}
        for end in self.ends.values():
            end.setblocking(False)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _send(self, end, data):
        self.ends[end].send(data)

    def _receive(self, end):
        data = self.ends[end].recv(65536)
        if not data:
            raise BlockingIOError
        *lines, self.rest[end] = (self.rest[end] + data).split(b"\n")
        self._take(end, b"\n".join(lines))


class _Datagrams(Conversation):
    def _listen(self):
        self.peer = None
        server = socket.socket(self.domain, socket.SOCK_DGRAM)
        server.bind((self.address, self.port))
        server.setblocking(False)
        self.ends[SERVER] = server

    def _connect(self):
        client = socket.socket(self.domain, socket.SOCK_DGRAM)
        client.connect((self.address, self.port))
        client.setblocking(False)
        self.ends[CLIENT] = client

    def _send(self, end, data):
        if end == CLIENT:
            self.ends[end].send(data)
        else:
            self.ends[end].sendto(data, self.peer)

    def _receive(self, end):
        data, peer = self.ends[end].recvfrom(2048)
        if end == SERVER:
            self.peer = peer
        self._take(end, data)


class _SctpServer(sctp.Server):
    """Keeps what it is told, and echoes nothing."""

    def __init__(self, port):
        super().__init__({port: b"up\n"})
        self.text = b""

    def told(self, _key, payload):
        self.text += payload
        return []


class _Association(Conversation):
    CLIENT_PORT = 40001

    def _listen(self):
        self.server = _SctpServer(self.port)
        self.client = sctp.Association(self.CLIENT_PORT, self.port)
        self.ends[SERVER] = raw_sctp.open_socket(6 if self.domain == socket.AF_INET6 else 4)

    def _connect(self):
        self.ends[CLIENT] = raw_sctp.open_socket(6 if self.domain == socket.AF_INET6 else 4)

    def _agree(self):
        def established():
            for end in (SERVER, CLIENT):
                self.hears(end, "")
            return self.client.established

        def up():
            raw_sctp.send(self.ends[CLIENT], self.client.unanswered, self.address)
            return harness.wait_until(established, 0.3)

        if not harness.wait_until(up, 5):
            raise AssertionError(f"{self} does not come up")
        super()._agree()

    def _send(self, end, data):
        if end == CLIENT:
            raw_sctp.send(self.ends[end], self.client.data(data), self.address)
        else:
            key = (self.own_address, self.CLIENT_PORT, self.port)
            raw_sctp.send(self.ends[end], self.server.data(key, data), self.own_address)

    def _receive(self, end):
        packet, peer = raw_sctp.receive(self.ends[end])
        if packet is None:
            return
        if end == CLIENT:
            if peer == self.address:
                self._reply(end, self.client.feed(packet), peer)
                self._take_text(end, self.client)
        elif (peer, packet.target_port) == (self.own_address, self.port):
            self._reply(end, self.server.answer(packet, peer), peer)
            self._take_text(end, self.server)

    def _take_text(self, end, side):
        self._take(end, side.text)
        side.text = b""

    def _reply(self, end, packets, peer):
        for packet in packets:
            raw_sctp.send(self.ends[end], packet, peer)


def start(running, protocol, family, source, target, port):
    kind = {"tcp": _Stream, "udp": _Datagrams, "sctp": _Association}[protocol]
    return kind(running, protocol, family, source, target, port)
