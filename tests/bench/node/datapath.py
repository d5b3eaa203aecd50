"""Packets between two pods of the node: beside the same on a bridge with one NORMAL flow, of the
same ovs-vswitchd, in turn."""

import os
import re
import subprocess
import time

import cluster
import harness
import netns
import pods
import rows
from playground import BINARIES

PORT = "7000"
POLICIES = (0, 10, 1_000, 10_000)
SHORT_POLICIES = (0, 10)
ROUNDS = 7
SECONDS = 1
TICK = 1 / os.sysconf("SC_CLK_TCK")
COLD_TRIES = 15
SOURCES = 10_000
OUTSIDE = "198.18.0.0/15"  # RFC 2544: benchmarks
TRAFFIC = os.path.join(BINARIES, "sluice-bench-traffic")


UNITS = {"stream": "Mbit/s", "stream, switch's CPU time": "us a Mbit",
         "connections": "1/s", "connections, switch's CPU time": "us each",
         "warm": "us", "cold": "us"}


class Pair:
    """A client's namespace, and a server that answers there."""

    def __init__(self, client, server, address):
        self.client, self.address = client, address
        self.process = subprocess.Popen(netns.command(server, TRAFFIC, "serve", PORT),
                                        stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def run(self, what, amount):
        done = subprocess.run(netns.command(self.client, TRAFFIC, what, self.address, PORT,
                                            str(amount)), capture_output=True, text=True,
                              check=True, timeout=60)
        return float(done.stdout)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def normal_bridge(running):
    """Two namespaces on a bridge that only learns addresses."""
    node, state = running.node, running.playground.state_dir
    node.vsctl("add-br", "br-normal", "--", "set", "bridge", "br-normal", "datapath_type=netdev")
    spaces = []
    for number in (1, 2):
        space = os.path.join(state, "netns", f"normal-{number}")
        netns.create(space)
        port = f"normal{number}"
        netns.ip_batch(node.netns, [f"link add {port} type veth peer name eth0 netns {space}",
                                    f"link set {port} up"])
        netns.ip_batch(space, [f"addr add 10.98.0.{number}/24 dev eth0", "link set eth0 up"])
        subprocess.run(netns.command(space, "ethtool", "-K", "eth0", "tx", "off"), check=True,
                       capture_output=True)
        node.vsctl("add-port", "br-normal", port)
        spaces.append(space)
    return Pair(spaces[0], spaces[1], "10.98.0.2")


def sluice_pair(running):
    state = running.playground.state_dir
    spaces, addresses = [], []
    for name in ("client", "server"):
        key = f"default/{name}"
        spaces.append(pods.path(state, key))
        netns.create(spaces[-1])
        addresses.append(running.playground.cni.add(key, spaces[-1])[0])
    return Pair(spaces[0], spaces[1], addresses[1])


def settle(running):
    """What was written has been read and is in the switch."""
    time.sleep(0.3)
    harness.wait_until(running.node.engine.in_sync, 60)


def cold(running, pair):
    """Microseconds of a first packet's round trip: no megaflow is there."""
    taken = []
    for _ in range(COLD_TRIES):
        running.node.appctl("dpctl/del-flows")
        taken.append(pair.run("latency", 1))
    return taken


def switch_seconds(running):
    """CPU time of ovs-vswitchd so far (proc(5): utime and stime)."""
    with open(f"/proc/{running.node.pid('ovs-vswitchd')}/stat", encoding="utf-8") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return TICK * (int(fields[11]) + int(fields[12]))


def measure(running, pairs):
    """By figure and bridge: samples, taken in turn. The CPU time of the switch says more than wall
    time where the machine has other work: it is that of a megabit, of a connection."""
    found = {what: {who: [] for who in pairs} for what in UNITS}
    for _ in range(ROUNDS):
        for who, pair in pairs.items():
            for what in ("stream", "connections"):
                before = switch_seconds(running)
                rate = pair.run(what, SECONDS)
                spent = switch_seconds(running) - before
                found[what][who].append(rate)
                found[what + ", switch's CPU time"][who].append(1e6 * spent / (rate * SECONDS))
            found["warm"][who].append(pair.run("latency", 500))
    for who, pair in pairs.items():
        found["cold"][who] = cold(running, pair)
    return found


def rows_of(policies, found):
    goals = {"stream": {"goal": 0.9, "of_ratio": 1, "at_least": 1},
             "connections": {"goal": 0.8, "of_ratio": 1, "at_least": 1}}
    for what, by in found.items():
        yield rows.median(f"datapath/{policies} policies/{what}", by["sluice"], UNITS[what],
                          against="NORMAL", against_value=rows.percentile(by["normal"], 0.5),
                          **goals.get(what, {}))


def megaflows(running, pair):
    """Megaflows and masks of one stream between the pods."""
    running.node.appctl("dpctl/del-flows")
    pair.run("stream", 0.5)
    shown = running.node.appctl("dpctl/dump-flows", "-m")
    return len([line for line in shown.splitlines() if "recirc_id(" in line])


def outside_sources(running, server):
    """Megaflows after a packet of each of 10,000 sources, all in one ipBlock."""
    running.write("bench-block.yaml", cluster.from_block(OUTSIDE))
    settle(running)
    space = os.path.join(running.playground.state_dir, "netns", "sources")
    netns.create(space)
    netns.ip_batch(running.node.netns, [
        "link add sources type veth peer name eth0 netns " + space, "link set sources up",
        "addr add 198.18.0.1/15 dev sources"])
    netns.ip_batch(space, ["addr add 198.19.255.254/15 dev eth0", "link set eth0 up",
                           "route add default via 198.18.0.1"])
    running.node.appctl("dpctl/del-flows")
    subprocess.run(netns.command(space, TRAFFIC, "sources", server, PORT, str(SOURCES)),
                   check=True, capture_output=True, timeout=60)
    shown = running.node.appctl("dpctl/dump-flows")
    connections = int(running.node.appctl("dpctl/ct-get-nconns").split()[0])
    netns.remove(space)
    if connections < SOURCES * 0.9:
        raise SystemExit(f"only {connections} of {SOURCES} sources got through")
    return len(re.findall(r"recirc_id\(", shown))


def bounded(running, pair, policies):
    yield rows.exact(f"datapath/{policies} policies/megaflows of a stream",
                     megaflows(running, pair), "megaflows", goal=16)


def sources(running, pair):
    yield rows.exact(f"datapath/{SOURCES} sources in one ipBlock",
                     outside_sources(running, pair.address), "megaflows", goal=40)


def with_policies(running, policies):
    if policies:
        running.write("bench-among.yaml", cluster.among_local())
        running.write("bench-policies.yaml", cluster.peer_policies(policies))
        settle(running)


def run(short):
    with harness.Running("default-deny", "-path") as running:
        running.write("bench-local.yaml", cluster.local_pods(("client", "server")))
        settle(running)
        pairs = {"sluice": sluice_pair(running)}
        try:
            pairs["normal"] = normal_bridge(running)
            for policies in SHORT_POLICIES if short else POLICIES:
                with_policies(running, policies)
                yield from rows_of(policies, measure(running, pairs))
                yield from bounded(running, pairs["sluice"], policies)
            yield from sources(running, pairs["sluice"])
        finally:
            for pair in pairs.values():
                pair.close()
            for name in ("normal-1", "normal-2", "pod-default_client", "pod-default_server"):
                netns.remove(os.path.join(running.playground.state_dir, "netns", name))


def run_megaflows(_short):
    """What of it is exact, and so for CI."""
    with harness.Running("default-deny", "-mega") as running:
        running.write("bench-local.yaml", cluster.local_pods(("client", "server")))
        settle(running)
        pair = sluice_pair(running)
        try:
            for policies in SHORT_POLICIES:
                with_policies(running, policies)
                yield from bounded(running, pair, policies)
            yield from sources(running, pair)
        finally:
            pair.close()
