"""Real packets between the pods: servers in their namespaces, and probes that must reach them.

The sockets are made from here, inside of the pods' network namespaces, as the playground does it;
the pods themselves are kubelet's."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import tree  # noqa: F401  for the playground's modules
from wait import wait_for

import listeners
import probes

LISTENERS = os.path.abspath(listeners.__file__)
# Seconds until no answer is silence, try by try: the machine may be busy. A silent probe has sent one packet
# by then, and no second one (RFC 6298: a SYN is said again after one second).
SILENCES = (0.25, 0.25, 0.5, 0.5, 0.9, 0.9, 0.9, 0.9)

ALLOWED, DENIED, LOST = "allowed", "denied", "neither an answer nor a drop by a policy"

# agent/pipeline/tables.h: where what no rule has allowed is dropped.
_ISOLATION = re.compile(r"table_id=(?:EgressDefault|IngressDefault|65|85),.*actions=goto_table:(?:Drop|110)$")
_PACKETS = re.compile(r"n_packets=(\d+)")


class Servers:
    """One process that answers in many namespaces, over TCP, UDP and SCTP, by the server's name."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="sluice-servers-")
        self.generation, self.process = 0, None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.directory)

    def serve(self, servers):
        """`servers`: netns path -> (name, ports), all there are from now on. Back when they answer."""
        wanted = {path: {"who": name, "ports": sorted(ports)}
                  for path, (name, ports) in servers.items()}
        self.generation += 1
        path = os.path.join(self.directory, "listeners.json")
        with open(path + ".new", "w", encoding="utf-8") as file:
            json.dump({"generation": self.generation, "servers": wanted}, file)
        os.rename(path + ".new", path)
        if self.process:
            self.process.send_signal(signal.SIGHUP)
        else:
            self.process = subprocess.Popen([sys.executable, "-B", LISTENERS, self.directory],
                                            stdin=subprocess.DEVNULL)
        wait_for("the servers to listen", self._is_served, 20.0, every=0.005)

    def _is_served(self):
        try:
            with open(os.path.join(self.directory, "listeners.ack"), encoding="utf-8") as file:
                return file.read() == str(self.generation)
        except FileNotFoundError:
            return False


@dataclass(frozen=True)
class Attempt:
    """From a network namespace to a server of a name."""
    source: str  # netns path
    target: str  # address
    protocol: str  # tcp, udp, sctp
    port: int
    server: str  # its name among the Servers

    def probe(self):
        return probes.Probe(self.source, self.target, self.protocol, self.port,
                            listeners.name_of(self.server, self.protocol, self.port))


def dropped_by_policies(nodes):
    """How many packets the isolation of pods has dropped, on all these nodes together."""
    with ThreadPoolExecutor() as pool:
        flows = "".join(pool.map(lambda node: node.switch.flows() + "\n", nodes))
    return sum(int(_PACKETS.search(line).group(1)) for line in flows.splitlines()
               if _ISOLATION.search(line))


def forget_the_past(nodes):
    """Back when no megaflow is left that the flows of now would not make. A switch marks its
    megaflows as outdated in the turn of its loop after the one that has acknowledged a bundle: the
    first sweep may come too early to know."""
    for _ in range(2):
        dropped_by_policies(nodes)


def await_purges(nodes):
    """Back when the agents have had all megaflows purged that may be stale: at most once a second they do,
    the rarer the more there are (agent/reconcile/megaflow_purge.h)."""
    for node in nodes:
        wait_for(f"the agent of {node.name} to owe no purge",
                 lambda: not node.metrics().get("sluice_megaflow_purge_owed"), 40.0, every=0.1)


def outcomes(attempts, silence=SILENCES[0]):
    """What became of each, without proof: probes.OPEN, probes.DROPPED or an oddity in words."""
    return probes.run([attempt.probe() for attempt in attempts], silence, again=None)


def judge(nodes, attempts, mended=None):
    """ALLOWED, DENIED, LOST or an oddity for each attempt. `mended` is told in words what was odd at first,
    and is not when it is asked again.

    Denied is what a policy has dropped: as many packets as there were silent attempts have been
    counted by the isolation flows of the nodes. When the numbers differ (a slow machine, a foreign
    packet), the silent ones are tried again, with more patience and once the agents owe their switches no
    purge of megaflows. So are oddities. What policies do to a packet stays so."""
    verdicts = [LOST] * len(attempts)
    doubtful = list(range(len(attempts)))
    first = {}
    for number, silence in enumerate(SILENCES):
        if number > 0:
            await_purges(nodes)
        before = dropped_by_policies(nodes)
        found = outcomes([attempts[index] for index in doubtful], silence)
        silent = [index for index, outcome in zip(doubtful, found) if outcome == probes.DROPPED]
        for index, outcome in zip(doubtful, found):
            verdicts[index] = ALLOWED if outcome == probes.OPEN else outcome
            first.setdefault(index, outcome)
        proved = not silent or dropped_by_policies(nodes) - before == len(silent)
        for index in silent:
            verdicts[index] = DENIED if proved else LOST
        doubtful = [index for index, outcome in zip(doubtful, found)
                    if outcome != probes.OPEN and not (proved and outcome == probes.DROPPED)]
        if not doubtful:
            break
    if mended is not None:
        mended += [f"{attempts[index].server} {attempts[index].port}: {outcome}, then {verdicts[index]}"
                   for index, outcome in first.items()
                   if verdicts[index] == ALLOWED and outcome != probes.OPEN]
    return verdicts
