"""Pairs of namespaces to send packets between: two pods of the node, and beside them, of the same
ovs-vswitchd, bridges that do less."""

import os
import subprocess

import netns
import pods
from playground import BINARIES

PORT = "7000"
TRAFFIC = os.path.join(BINARIES, "sluice-bench-traffic")
PODS = ("client", "server")

# Forwards by learned addresses: the least that a bridge can do.
NORMAL = ("actions=NORMAL",)
# And lets answers through because conntrack knows the connection, whatever else: the floor of every
# design that does.
CONNTRACK = ("priority=2,arp,actions=NORMAL",
             "priority=1,ip,actions=ct(table=1)",
             "table=1,ip,ct_state=+trk+new,actions=ct(commit),NORMAL",
             "table=1,ip,ct_state=+trk+est,actions=NORMAL")


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


def _space(running, name):
    return os.path.join(running.playground.state_dir, "netns", name)


def bridge(running, name, flows):
    """Two namespaces on a bridge with these flows."""
    node, spaces = running.node, []
    node.vsctl("add-br", f"br-{name}", "--", "set", "bridge", f"br-{name}", "datapath_type=netdev")
    node.ofctl("del-flows", bridge=f"br-{name}")
    for flow in flows:
        node.ofctl("add-flow", flow, bridge=f"br-{name}")
    for number in (1, 2):
        space = _space(running, f"{name}-{number}")
        netns.create(space)
        port = f"{name}{number}"
        netns.ip_batch(node.netns, [f"link add {port} type veth peer name eth0 netns {space}",
                                    f"link set {port} up"])
        netns.ip_batch(space, [f"addr add 10.98.0.{number}/24 dev eth0", "link set eth0 up"])
        # As in pods: the userspace datapath computes no checksums.
        subprocess.run(netns.command(space, "ethtool", "-K", "eth0", "tx", "off"), check=True,
                       capture_output=True)
        node.vsctl("add-port", f"br-{name}", port)
        spaces.append(space)
    return Pair(*spaces, "10.98.0.2")


def attached(running):
    """Two pods of the node."""
    spaces, addresses = [], []
    for name in PODS:
        key = f"default/{name}"
        spaces.append(pods.path(running.playground.state_dir, key))
        netns.create(spaces[-1])
        addresses.append(running.playground.cni.add(key, spaces[-1])[0])
    return Pair(*spaces, addresses[1])


def remove(running, *names):
    """The namespaces of the pods, and of the bridges of these names."""
    state = running.playground.state_dir
    for name in PODS:
        netns.remove(pods.path(state, f"default/{name}"))
    for name in names:
        for number in (1, 2):
            netns.remove(_space(running, f"{name}-{number}"))
