"""Packets between two pods of the node, in turn with the same on bridges of the same ovs-vswitchd:
one with a NORMAL flow only, and one with nothing but conntrack before it."""

import os
import subprocess

import bridges
import cluster
import harness
import known
import netns
import rows
from megaflows import masks, megaflows

POLICIES = (0, 10, 1_000, 10_000)
SHORT_POLICIES = (0, 10)
ROUNDS = 21
SECONDS = 0.4  # of a sample: many short ones in turn, for other work comes and goes
TICK = 1 / os.sysconf("SC_CLK_TCK")
SOURCES = 10_000
SOURCES_TRIES = 10
OUTSIDE = "198.18.0.0/15"  # RFC 2544: benchmarks
PEERS = {"normal": "NORMAL", "conntrack": "conntrack alone"}

UNITS = {"stream": "Mbit/s", "stream, switch's CPU time": "us a Mbit",
         "connections": "1/s", "connections, switch's CPU time": "us each",
         "warm": "us", "first packet": "us"}
GOALS = {("stream", "normal"): {"goal": 0.9, "of_ratio": 1, "at_least": 1},
         ("connections", "normal"): {"goal": 0.8, "of_ratio": 1, "at_least": 1}}


def switch_seconds(running):
    """CPU time of ovs-vswitchd so far (proc(5): utime and stime)."""
    with open(f"/proc/{running.node.pid('ovs-vswitchd')}/stat", encoding="utf-8") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return TICK * (int(fields[11]) + int(fields[12]))


def with_pods(running):
    known.write(running, {"bench-local.yaml": cluster.local_pods(bridges.PODS)})
    return bridges.attached(running)


def with_policies(running, count):
    """That many select the two pods, beside the one that lets them talk to each other."""
    if count:
        known.write(running, {"bench-among.yaml": cluster.among_local(),
                              "bench-policies.yaml": cluster.peer_policies(count)})


def _sample(running, pair, found):
    """Appends one of each figure."""
    for what in ("stream", "connections"):
        # Else connections of before, closed but kept for a while, are looked after meanwhile.
        running.node.appctl("dpctl/flush-conntrack")
        before = switch_seconds(running)
        rate = pair.run(what, SECONDS)
        spent = switch_seconds(running) - before
        found[what].append(rate)
        found[what + ", switch's CPU time"].append(1e6 * spent / (rate * SECONDS))
    found["warm"].append(pair.run("latency", 200))


def _first_packet(running, pair, found):
    """No megaflow is there."""
    running.node.appctl("dpctl/del-flows")
    found["first packet"].append(pair.run("latency", 1))


def measure(running, pairs, rounds):
    """By pair and figure: samples, taken in turn, beginning with another pair each time."""
    found = {who: {what: [] for what in UNITS} for who in pairs}
    for sample in (_sample, _first_packet):
        order = list(pairs)
        for _ in range(rounds):
            for who in order:
                sample(running, pairs[who], found[who])
            order.append(order.pop(0))
    return found


def rows_of(policies, found):
    for what, unit in UNITS.items():
        for peer, name in PEERS.items():
            floor = "" if peer == "normal" else " beside " + name
            yield rows.paired(f"datapath/{policies} policies/{what}{floor}", found["sluice"][what],
                              unit, name, found[peer][what], **GOALS.get((what, peer), {}))


def bounded(running, pair, policies):
    """Megaflows and masks of one stream between the pods."""
    running.node.appctl("dpctl/del-flows")
    pair.run("stream", 0.5)
    dump = running.node.appctl("dpctl/dump-flows", "-m")
    here = f"datapath/{policies} policies"
    yield rows.exact(f"{here}/megaflows of a stream", len(megaflows(dump)), "megaflows", goal=5)
    yield rows.exact(f"{here}/masks of a stream", masks(dump), "masks", goal=2)


def sources(running, pair):
    """Megaflows after a packet of each of 10,000 sources, all in one ipBlock."""
    known.write(running, {"bench-block.yaml": cluster.from_block(OUTSIDE)})
    space = os.path.join(running.playground.state_dir, "netns", "sources")
    netns.create(space)
    netns.ip_batch(running.node.netns, [
        "link add sources type veth peer name eth0 netns " + space, "link set sources up",
        "addr add 198.19.255.253/15 dev sources"])
    netns.ip_batch(space, ["addr add 198.19.255.254/15 dev eth0", "link set eth0 up",
                           "route add default via 198.19.255.253"])
    running.node.appctl("dpctl/del-flows")
    running.node.appctl("dpctl/flush-conntrack")
    connections = 0
    for _ in range(SOURCES_TRIES):  # where the switch has to wait for a core, a socket's queue overflows
        subprocess.run(netns.command(space, bridges.TRAFFIC, "sources", pair.address, bridges.PORT,
                                     str(SOURCES)), check=True, capture_output=True, timeout=60)
        connections = int(running.node.appctl("dpctl/ct-get-nconns").split()[0])
        if connections >= SOURCES:
            break
    dump = running.node.appctl("dpctl/dump-flows", "-m")
    netns.remove(space)
    if connections < SOURCES:
        raise SystemExit(f"only {connections} of {SOURCES} sources got through")
    yield rows.exact(f"datapath/{SOURCES} sources in one ipBlock", len(megaflows(dump)),
                     "megaflows", goal=40)


def run(short):
    with harness.Running("default-deny", "-path") as running:
        pairs = {"sluice": with_pods(running)}
        try:
            pairs["normal"] = bridges.bridge(running, "normal", bridges.NORMAL)
            pairs["conntrack"] = bridges.bridge(running, "tracked", bridges.CONNTRACK)
            for count in SHORT_POLICIES if short else POLICIES:
                with_policies(running, count)
                yield from rows_of(count, measure(running, pairs, 3 if short else ROUNDS))
                yield from bounded(running, pairs["sluice"], count)
            yield from sources(running, pairs["sluice"])
        finally:
            for pair in pairs.values():
                pair.close()
            bridges.remove(running, "normal", "tracked")


def run_megaflows(_short):
    """What of it is exact, and so for CI."""
    with harness.Running("default-deny", "-mega") as running:
        pair = with_pods(running)
        try:
            for count in SHORT_POLICIES:
                with_policies(running, count)
                yield from bounded(running, pair, count)
            yield from sources(running, pair)
        finally:
            pair.close()
            bridges.remove(running)
