"""Outside hosts: real machines beyond the node, with the addresses the ipBlocks speak of."""

import ipaddress
import os
from dataclasses import dataclass

import netns

# The hosts' next hop. It exists as a permanent neighbour entry only, so that it takes no address
# away from what a policy may name.
NEXT_HOP = {4: ipaddress.ip_address("169.254.0.1"), 6: ipaddress.ip_address("fe80::1")}
NODE_MAC = "0a:00:00:00:01:01"
HOST_MAC = "0a:00:00:00:01:02"
WORLD = [ipaddress.ip_network(text) for text in (
    "203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24", "8.8.8.0/24", "100.64.0.0/16",
    "2001:db8:cafe::/64", "2001:db8:f00d::/64", "2600:cafe::/64", "fdca:fe::/64")]
# Not the address of any host: this network, loopback, multicast and class E; all below 2000::,
# link-local and multicast.
IMPOSSIBLE = [ipaddress.ip_network(text) for text in (
    "0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3", "::/3", "fe80::/10", "ff00::/8")]


@dataclass(frozen=True)
class Host:
    address: str
    why: str  # "in 172.17.0.0/16", "outside every block"


def choose(manifests, pod_cidrs):
    """The fewest addresses that tell the blocks and their excepts apart, and a family one in none;
    of the families that the pods have."""
    cidrs = [ipaddress.ip_network(cidr) for cidr in pod_cidrs]
    families = {cidr.version for cidr in cidrs}
    unusable = [*IMPOSSIBLE, *cidrs]
    hosts = {}

    def add(network, cuts, why):
        address = _address_in(network, [*unusable, *cuts])
        if address is not None:
            hosts.setdefault(str(address), Host(str(address), why))
        return address

    blocks = [block for block in manifests.blocks if block.cidr.version in families]
    for block in blocks:
        add(block.cidr, block.excepts, f"in {block.cidr}")
        for cut in block.excepts:
            add(cut, [], f"in except {cut}")
    everything = [block.cidr for block in blocks]
    for family in sorted(families):
        any(add(network, everything, "in no ipBlock")
            for network in WORLD if network.version == family)
    return list(hosts.values())


def _address_in(network, holes):
    """An address of `network` outside all `holes`, or None. Jumps over holes: they may be huge."""
    Address = type(network.network_address)
    candidate = int(network.network_address)
    last = int(network.broadcast_address)
    # Reads like a host: 203.0.113.10, 2001:db8::10.
    step = 10 if network.version == 4 else 0x10
    roomy = network.prefixlen <= network.max_prefixlen - 4 - network.version // 6
    if roomy:
        candidate += step
        last -= 1
    while candidate <= last:
        address = Address(candidate)
        hole = next((hole for hole in holes if address in hole), None)
        if hole is None and address != NEXT_HOP[network.version]:
            return address
        candidate = int(hole.broadcast_address) + 1 if hole else candidate + 1
        if hole and roomy and candidate + step <= last:
            candidate += step
    return None


def path(state_dir, address):
    return os.path.join(state_dir, "netns", f"outside-{address}")


def attach(node_netns, state_dir, host, number):
    """A namespace with one link to the node, which routes for it."""
    namespace = path(state_dir, host.address)
    netns.create(namespace)
    leg = f"out{number}"
    family = ipaddress.ip_address(host.address).version
    prefix = f"{host.address}/{32 if family == 4 else 128}"
    next_hop = NEXT_HOP[family]
    netns.ip_batch(node_netns, [
        f"link add {leg} address {NODE_MAC} type veth peer name eth0 address {HOST_MAC}"
        f" netns {namespace}",
        f"link set {leg} up",
        f"neigh add {host.address} lladdr {HOST_MAC} dev {leg} nud permanent",
        f"route add {prefix} dev {leg}",
    ])
    netns.ip_batch(namespace, [
        f"addr add {prefix} dev eth0" + (" nodad" if family == 6 else ""),
        "link set eth0 up",
        f"neigh add {next_hop} lladdr {NODE_MAC} dev eth0 nud permanent",
        f"route add default via {next_hop} dev eth0 onlink",
    ])
