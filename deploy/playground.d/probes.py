"""Real packets: one forked prober for each source namespace tries all its targets at once (and
one more those over SCTP)."""

import errno
import heapq
import json
import os
import resource
import selectors
import signal
import socket
import time
from dataclasses import dataclass

import netns
from sctp_prober import SctpProber

TIMEOUT = 1.0
AGAIN = 0.3  # a lost packet must not look like a denied one
# Who has connected was let in: only the answer is owed, and a busy machine's server takes its time.
ANSWER = 10.0
AT_ONCE = 400

OPEN, DROPPED = "open", "dropped"


@dataclass(frozen=True)
class Probe:
    source: str  # netns path
    target: str  # IP address
    protocol: str  # tcp, udp, sctp
    port: int
    expected: str  # the answer that proves who answered

    @property
    def family(self):
        return 6 if ":" in self.target else 4


def run(probes, timeout=TIMEOUT, again=AGAIN, answer=ANSWER):
    """The outcome of each probe, in order: open; dropped (nothing back after `timeout`); refused;
    unreachable (ICMP); mute (a connection, and after `answer` seconds nothing said on it); "answered
    by ..." (somebody else).
    `again`: seconds after which datagrams and SCTP's first packets are said again; None: never."""
    by_source = {}
    for index, probe in enumerate(probes):
        key = (probe.source, probe.protocol == "sctp")
        by_source.setdefault(key, []).append((index, probe))
    outcomes = [None] * len(probes)
    children = []
    for (source, _), mine in by_source.items():
        read_end, write_end = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(read_end)
            _child(source, mine, (timeout, again, answer), write_end)
        os.close(write_end)
        children.append((pid, read_end, mine))
    try:
        for pid, read_end, mine in children:
            with os.fdopen(read_end, "rb") as pipe:
                text = pipe.read()
            found = json.loads(text) if text else ["the prober failed"] * len(mine)
            for (index, _), outcome in zip(mine, found):
                outcomes[index] = outcome
    finally:
        for pid, _, _ in children:
            try:
                os.kill(pid, signal.SIGKILL)  # finished already, unless we were interrupted
            except ProcessLookupError:
                pass
            os.waitpid(pid, 0)
    return outcomes


def _child(source, mine, times, write_end):
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        netns.enter(source)
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        probes = [probe for _, probe in mine]
        over_sctp = probes[0].protocol == "sctp"
        prober = SctpProber(probes, times, AT_ONCE) if over_sctp else _Prober(probes, times)
        found = prober.run()
        with os.fdopen(write_end, "wb") as pipe:
            pipe.write(json.dumps(found).encode())
    except BaseException as error:  # pylint: disable=broad-except
        os.write(2, f"prober: {error}\n".encode())
    finally:
        os._exit(0)


class _Attempt:
    def __init__(self, index, probe, deadline):
        self.index, self.probe, self.deadline = index, probe, deadline
        self.again = None
        self.connected = False
        self.text = b""


class _Prober:
    def __init__(self, probes, times):
        self.waiting = list(enumerate(probes))[::-1]
        self.outcomes = [DROPPED] * len(probes)
        self.timeout, self.again, self.answer = times
        self.selector = selectors.DefaultSelector()
        self.open = {}  # socket -> _Attempt
        self.timers = []  # (when, index, socket)

    def run(self):
        while self.waiting or self.open:
            while self.waiting and len(self.open) < AT_ONCE:
                self._start(*self.waiting.pop())
            now = time.monotonic()
            wait = max(0.0, self.timers[0][0] - now) if self.timers else 0.0
            for ready, events in self.selector.select(wait):
                if ready.fileobj in self.open:
                    self._ready(ready.fileobj, events)
            self._expire(time.monotonic())
        return self.outcomes

    def _start(self, index, probe):
        tcp = probe.protocol == "tcp"
        endpoint = socket.socket(socket.AF_INET if probe.family == 4 else socket.AF_INET6,
                                 socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)
        endpoint.setblocking(False)
        attempt = _Attempt(index, probe, time.monotonic() + self.timeout)
        self.open[endpoint] = attempt
        code = endpoint.connect_ex((probe.target, probe.port))
        if code not in (0, errno.EINPROGRESS):
            self._finish(endpoint, _failure(code))
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if tcp else 0)
        self.selector.register(endpoint, events)
        if not tcp:
            attempt.connected = True
            self._send(endpoint, attempt)
        self._schedule(endpoint, attempt)

    def _schedule(self, endpoint, attempt):
        when = min(filter(None, (attempt.again, attempt.deadline)))
        heapq.heappush(self.timers, (when, attempt.index, id(endpoint), endpoint))

    def _send(self, endpoint, attempt):
        try:
            endpoint.send(b"who?\n")
        except OSError:
            pass  # an ICMP error of the datagram before; the receive reports it
        attempt.again = time.monotonic() + self.again if self.again else None

    def _ready(self, endpoint, events):
        attempt = self.open[endpoint]
        if not attempt.connected:
            code = endpoint.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                self._finish(endpoint, _failure(code))
                return
            if not events & selectors.EVENT_WRITE:
                return
            attempt.connected = True
            attempt.deadline = time.monotonic() + self.answer
            self.selector.modify(endpoint, selectors.EVENT_READ)
        if not events & selectors.EVENT_READ:
            return
        try:
            data = endpoint.recv(2048)
        except BlockingIOError:
            return
        except OSError as error:
            self._finish(endpoint, _failure(error.errno))
            return
        attempt.text += data
        if not data:
            self._finish(endpoint, "mute")
        elif b"\n" in attempt.text:
            answer = attempt.text.split(b"\n")[0].decode(errors="replace")
            right = answer == attempt.probe.expected
            self._finish(endpoint, OPEN if right else f"answered by {answer}")

    def _expire(self, now):
        while self.timers and self.timers[0][0] <= now:
            endpoint = heapq.heappop(self.timers)[3]
            attempt = self.open.get(endpoint)
            if attempt is None:
                continue
            if now >= attempt.deadline:
                half = attempt.probe.protocol == "tcp" and attempt.connected
                self._finish(endpoint, "mute" if half else DROPPED)
                continue
            if attempt.again and now >= attempt.again:
                self._send(endpoint, attempt)
            self._schedule(endpoint, attempt)

    def _finish(self, endpoint, outcome):
        self.outcomes[self.open.pop(endpoint).index] = outcome
        try:
            self.selector.unregister(endpoint)
        except KeyError:
            pass
        endpoint.close()


def _failure(code):
    if code == errno.ECONNREFUSED:
        return "refused"
    if code in (errno.ENETUNREACH, errno.EHOSTUNREACH):
        return "unreachable"
    if code == errno.ETIMEDOUT:
        return DROPPED
    return os.strerror(code)
