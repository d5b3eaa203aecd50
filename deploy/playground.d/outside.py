"""Outside hosts: real machines beyond the node, with the addresses the ipBlocks speak of."""

import ipaddress
import os
from dataclasses import dataclass

import netns

# The hosts' next hop. It exists as a permanent neighbour entry only, so that it takes no address
# away from what a policy may name.
NEXT_HOP = ipaddress.ip_address("169.254.0.1")
NODE_MAC = "0a:00:00:00:01:01"
HOST_MAC = "0a:00:00:00:01:02"
WORLD = [ipaddress.ip_network(text) for text in (
    "203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24", "8.8.8.0/24", "100.64.0.0/16")]
# Not the address of any host: this network, loopback, multicast and class E.
IMPOSSIBLE = [ipaddress.ip_network(text) for text in ("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3")]


@dataclass(frozen=True)
class Host:
    address: str
    why: str  # "in 172.17.0.0/16", "outside every block"


def choose(manifests, pod_cidr):
    """The fewest addresses that tell the blocks and their excepts apart, and one in none."""
    unusable = [*IMPOSSIBLE, ipaddress.ip_network(pod_cidr)]
    hosts = {}

    def add(network, cuts, why):
        address = _address_in(network, [*unusable, *cuts])
        if address is not None:
            hosts.setdefault(str(address), Host(str(address), why))

    for block in manifests.blocks:
        add(block.cidr, block.excepts, f"in {block.cidr}")
        for cut in block.excepts:
            add(cut, [], f"in except {cut}")
    everything = [block.cidr for block in manifests.blocks]
    for network in WORLD:
        address = _address_in(network, [*unusable, *everything])
        if address is not None:
            hosts.setdefault(str(address), Host(str(address), "in no ipBlock"))
            break
    return list(hosts.values())


def _address_in(network, holes):
    """An address of `network` outside all `holes`, or None. Jumps over holes: they may be huge."""
    candidate = int(network.network_address)
    last = int(network.broadcast_address)
    if network.prefixlen <= 28:
        candidate += 10  # reads like a host
        last -= 1
    while candidate <= last:
        address = ipaddress.ip_address(candidate)
        hole = next((hole for hole in holes if address in hole), None)
        if hole is None and address != NEXT_HOP:
            return address
        candidate = int(hole.broadcast_address) + 1 if hole else candidate + 1
        if hole and network.prefixlen <= 28 and candidate + 10 <= last:
            candidate += 10
    return None


def path(state_dir, address):
    return os.path.join(state_dir, "netns", f"outside-{address}")


def attach(node_netns, state_dir, host, number):
    """A namespace with one link to the node, which routes for it."""
    namespace = path(state_dir, host.address)
    netns.create(namespace)
    leg = f"out{number}"
    netns.ip_batch(node_netns, [
        f"link add {leg} address {NODE_MAC} type veth peer name eth0 address {HOST_MAC}"
        f" netns {namespace}",
        f"link set {leg} up",
        f"neigh add {host.address} lladdr {HOST_MAC} dev {leg} nud permanent",
        f"route add {host.address}/32 dev {leg}",
    ])
    netns.ip_batch(namespace, [
        f"addr add {host.address}/32 dev eth0",
        "link set eth0 up",
        f"neigh add {NEXT_HOP} lladdr {NODE_MAC} dev eth0 nud permanent",
        f"route add default via {NEXT_HOP} dev eth0 onlink",
    ])
