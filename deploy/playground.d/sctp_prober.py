"""Many SCTP probes at once, over one raw socket a family."""

import errno
import os
import selectors
import time
import zlib

import raw_sctp
import sctp

FIRST_PORT, PORTS = 32768, 28232  # as ip_local_port_range
AGAIN = 0.3  # of what follows the first packet


class _Attempt:
    def __init__(self, index, probe, port, deadline):
        self.index, self.probe, self.deadline = index, probe, deadline
        self.association = sctp.Association(port, probe.port)
        self.again = 0.0


class SctpProber:
    """`run` returns what probes.run does: open, dropped, mute, "answered by ..."."""

    def __init__(self, probes, times, at_once):
        """`times`: probes.run's `timeout`, `again` and `answer`."""
        self.waiting = list(enumerate(probes))[::-1]
        self.outcomes = ["dropped"] * len(probes)
        (self.timeout, self.again, self.answer), self.at_once = times, at_once
        self.selector = selectors.DefaultSelector()
        self.sockets = {}
        for family in {probe.family for probe in probes}:
            raw = self.sockets[family] = raw_sctp.open_socket(family)
            self.selector.register(raw, selectors.EVENT_READ)
        self.attempts = {}  # our port -> _Attempt

    def run(self):
        while self.waiting or self.attempts:
            while self.waiting and len(self.attempts) < self.at_once:
                self._start(*self.waiting.pop())
            now = time.monotonic()
            timers = [min(a.again or a.deadline, a.deadline) for a in self.attempts.values()]
            for ready, _ in self.selector.select(max(0.0, min(timers, default=now) - now)):
                self._drain(ready.fileobj)
            self._expire(time.monotonic())
        return self.outcomes

    def _start(self, index, probe):
        # The same port every time: the switch remembers an association for minutes (userspace
        # datapath), and only so many of a pod.
        port = FIRST_PORT + zlib.crc32(f"{probe.target} {probe.port}".encode()) % PORTS
        while port in self.attempts:
            port = FIRST_PORT + (port + 1 - FIRST_PORT) % PORTS
        attempt = _Attempt(index, probe, port, time.monotonic() + self.timeout)
        self.attempts[port] = attempt
        self._send(attempt, attempt.association.unanswered)

    def _send(self, attempt, packet):
        after = AGAIN if attempt.association.peer_tag else self.again
        attempt.again = time.monotonic() + after if after else 0.0
        try:
            raw_sctp.send(self.sockets[attempt.probe.family], packet, attempt.probe.target)
        except BlockingIOError:
            pass  # once more, later
        except OSError as error:
            unreachable = error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH)
            self._finish(attempt, "unreachable" if unreachable else os.strerror(error.errno))

    def _drain(self, raw):
        while True:
            try:
                packet, sender = raw_sctp.receive(raw)
            except BlockingIOError:
                return
            attempt = self.attempts.get(packet.target_port) if packet else None
            if attempt is None or attempt.probe.target != sender:
                continue
            connected = attempt.association.peer_tag
            for reply in attempt.association.feed(packet):
                self._send(attempt, reply)
            if attempt.association.peer_tag and not connected:
                attempt.deadline = time.monotonic() + self.answer
            text = attempt.association.text
            if b"\n" in text and attempt.association.established:
                answer = text.split(b"\n")[0].decode(errors="replace")
                right = answer == attempt.probe.expected
                self._finish(attempt, "open" if right else f"answered by {answer}")

    def _expire(self, now):
        for attempt in list(self.attempts.values()):
            if now >= attempt.deadline:
                self._finish(attempt, "mute" if attempt.association.peer_tag else "dropped")
            elif attempt.again and now >= attempt.again:
                if attempt.association.unanswered:
                    self._send(attempt, attempt.association.unanswered)
                else:
                    attempt.again = 0.0

    def _finish(self, attempt, outcome):
        if self.attempts.pop(attempt.association.ports[0], None) is attempt:
            self.outcomes[attempt.index] = outcome
