"""Every pair, every port, over real TCP, UDP and SCTP and both families, beside what the policy
engine says."""

import time
from dataclasses import dataclass

import listeners
import probes

PROTOCOLS = ("tcp", "udp", "sctp")
ALLOWED, DENIED = "allowed", "denied"


@dataclass(frozen=True, order=True)
class Question:
    source: str  # namespace/name, an outside host's address, or node
    target: str
    protocol: str
    port: int
    family: int = 4

    def __str__(self):
        """netstat's names: tcp is over IPv4, tcp6 over IPv6."""
        protocol = self.protocol + ("6" if self.family == 6 else "")
        return f"{self.source} -> {self.target} : {protocol} {self.port}"


@dataclass
class Cell:
    question: Question
    outcome: str  # probes.run's
    verdict: str  # Engine.verdicts'

    @property
    def agrees(self):
        return ((self.outcome == probes.OPEN and self.verdict == ALLOWED)
                or (self.outcome == probes.DROPPED and self.verdict == DENIED))

    @property
    def packet(self):
        """What became of the packet, in one word or a few."""
        return {probes.OPEN: "allowed", probes.DROPPED: "dropped"}.get(self.outcome, self.outcome)


@dataclass
class Matrix:
    cells: list
    seconds: float

    @property
    def disagreements(self):
        return [cell for cell in self.cells if not cell.agrees]

    def outcomes(self):
        return {cell.question: cell.outcome for cell in self.cells}


def questions(playground):
    """All that can be tried now: pods and outside hosts with pods, the node to pods."""
    pods, hosts = list(playground.state["pods"]), list(playground.state["hosts"])
    found = []
    for target in [*pods, *hosts]:
        sources = [*pods, *hosts, "node"] if target in pods else pods
        for source in sources:
            if source != target:
                both = playground.addresses_of(source).keys() & playground.addresses_of(target)
                found += [Question(source, target, protocol, port, family)
                          for family in sorted(both)
                          for protocol in PROTOCOLS
                          for port in playground.manifests.ports_of(target)]
    return found


def try_packets(playground, asked, timeout=probes.TIMEOUT, answer=probes.ANSWER):
    """The outcomes of probes.run, in order."""
    return probes.run([
        probes.Probe(playground.namespace_of(q.source), playground.address_of(q.target, q.family),
                     q.protocol, q.port, listeners.name_of(q.target, q.protocol, q.port))
        for q in asked], timeout, answer=answer)


def _ask(playground, asked, timeout):
    verdicts = playground.node.engine.verdicts(
        [(playground.party_of(q.source, q.family), playground.party_of(q.target, q.family),
          q.protocol, q.port) for q in asked])
    outcomes = try_packets(playground, asked, timeout)
    return [Cell(*answer) for answer in zip(asked, outcomes, verdicts)]


def measure(playground, timeout=probes.TIMEOUT):
    """Tries everything at once, and once more what seems to disagree: a lost packet, or an edit
    in between, is not a wrong verdict."""
    started = time.monotonic()
    cells = _ask(playground, questions(playground), timeout)
    doubtful = [index for index, cell in enumerate(cells) if not cell.agrees]
    if doubtful:
        again = _ask(playground, [cells[index].question for index in doubtful], timeout)
        for index, cell in zip(doubtful, again):
            cells[index] = cell
    return Matrix(cells, time.monotonic() - started)
