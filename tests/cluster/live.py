"""Live connections: a client in one pod, an echo server in another, words all the time."""

import socket
import struct
import threading
import time

from cluster_node import inside

EVERY = 0.005  # seconds between the words of a stream
PATIENCE = 30.0  # of one answer; longer than any outage that a test allows

# linux/tcp.h, struct tcp_info: where its tcpi_total_retrans and tcpi_dsack_dups are.
_INFO_SIZE, _TOTAL_RETRANS, _DSACK_DUPS = 224, 100, 216


def lost_packets(end):
    """Of what this end of a TCP connection sent: retransmissions, without those that the other end says
    (RFC 2883) it had received already. A busy machine makes packets late, and late ones are sent again."""
    text = end.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO_SIZE)
    sent_again, = struct.unpack_from("I", text, _TOTAL_RETRANS)
    needlessly, = struct.unpack_from("I", text, _DSACK_DUPS)
    return sent_again - needlessly


class LiveConnection(threading.Thread):
    """One TCP connection: a word, its echo, the next word. `lost` says exactly whether packets were dropped
    on the way. `outage` is the longest that an echo took, with what TCP's timers add to the switch's own
    outage (the last retransmission may come up to the same time again later)."""

    def __init__(self, client, server, address, port):
        """`client`, `server`: paths of network namespaces."""
        super().__init__(daemon=True)
        with inside(server):
            listener = socket.create_server((address, port))
        with inside(client):
            self.client = socket.create_connection((address, port), timeout=PATIENCE)
        self.client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server, _ = listener.accept()
        listener.close()
        self.server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=self._echo, daemon=True).start()
        self.echoes, self.outage, self.failure = 0, 0.0, None
        self._lost_before = self._lost()
        self.ending = threading.Event()

    def _echo(self):
        try:
            while data := self.server.recv(4096):
                self.server.sendall(data)
        except OSError:
            pass  # the client tells

    def run(self):
        try:
            while not self.ending.wait(EVERY):
                started = time.monotonic()
                self.client.sendall(b"word")
                if len(self.client.recv(4, socket.MSG_WAITALL)) < 4:
                    raise ConnectionError("closed")
                self.outage = max(self.outage, time.monotonic() - started)
                self.echoes += 1
        except OSError as error:
            self.failure = error

    def forget_outage(self):
        self.outage, self._lost_before = 0.0, self._lost()

    @property
    def lost(self):
        """Packets since then, of both directions."""
        return self._lost() - self._lost_before

    def _lost(self):
        return lost_packets(self.client) + lost_packets(self.server)

    def close(self):
        self.ending.set()
        self.join()
        self.client.close()
        self.server.close()


class DatagramPings(threading.Thread):
    """Numbered datagrams and their echoes, never said again: the time without any is the switch's
    outage itself."""

    def __init__(self, client, server, address, port):
        super().__init__(daemon=True)
        with inside(server):
            self.server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.server.bind((address, port))
        with inside(client):
            self.client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.client.connect((address, port))
        self.client.settimeout(EVERY)
        self.ending = threading.Event()
        self.sent, self.received, self.last, self.outage = 0, 0, time.monotonic(), 0.0
        threading.Thread(target=self._echo, daemon=True).start()

    def _echo(self):
        try:
            while True:
                data, peer = self.server.recvfrom(64)
                self.server.sendto(data, peer)
        except OSError:
            pass

    def run(self):
        while not self.ending.is_set():
            self.sent += 1
            word = b"%d" % self.sent
            try:
                self.client.send(word)
                while self._receive() != word:
                    pass  # an earlier one's, that came late
            except OSError:
                continue  # no echo in time
            now = time.monotonic()
            self.outage, self.last = max(self.outage, now - self.last), now
            self.ending.wait(EVERY)

    def _receive(self):
        data = self.client.recv(64)
        self.received += 1
        return data

    def forget_outage(self):
        self.outage, self.last = 0.0, time.monotonic()

    def close(self):
        self.ending.set()
        self.join()
        self.client.close()
        self.server.close()


class FormerConnection(threading.Thread):
    """A client that goes on sending, from the same port to the same port, after the permission of
    its connection has gone and the server with it: flood.arrived counts what comes through."""

    def __init__(self, client, server, address, port):
        super().__init__(daemon=True)
        pings = DatagramPings(client, server, address, port)
        pings.start()
        while not pings.received:
            time.sleep(EVERY)
        self.client = pings.client.dup()
        self.client.setblocking(False)
        self.sent, self.ending = 0, threading.Event()
        pings.close()

    def run(self):
        while not self.ending.wait(EVERY):
            try:
                self.client.send(b"still there?")
            except OSError:
                pass  # told that nobody is there: that was before the permission went
            self.sent += 1

    def close(self):
        self.ending.set()
        self.join()
        self.client.close()
