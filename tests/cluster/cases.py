"""The conformance cases of ../shared/conformance (its README has the format), made to fit pods whose
addresses kubelet chooses. Pure.

This is a second reader of these files, beside tests/conformance: what it hands on are the very
objects of the file, so that the apiserver sees all that the file says."""

import ipaddress
import json
import re
from dataclasses import dataclass

_LEGAL_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")

VERDICTS = {".": "allowed", "X": "denied"}


@dataclass(frozen=True)
class Cell:
    source: tuple  # (namespace, name) of a pod
    target: tuple
    protocol: str  # tcp, udp, sctp
    port: int
    expected: str  # allowed, denied

    def __str__(self):
        return (f"{'/'.join(self.source)} -> {'/'.join(self.target)} {self.protocol} {self.port}: "
                f"expected {self.expected}")


def read(path):
    """The cases of a file, those with the same pods side by side: pods are dear."""
    with open(path, encoding="utf-8") as file:
        cases = json.load(file)["cases"]
    return sorted(cases, key=lambda case: str(sorted(
        (key_of(pod), str(pod["ports"])) for pod in case["steps"][0]["pods"])))


def key_of(pod):
    return pod["namespace"], pod["name"]


def cells(step):
    """What the file judges of a step: both directions' word together, no pod to itself."""
    order = [tuple(name.split("/")) for name in step["order"]]
    found = []
    for service, views in step["expected"].items():
        protocol, port = service.split("/")
        for source, row in zip(order, views["combined"]):
            for target, letter in zip(order, row):
                if source != target and letter in VERDICTS:
                    found.append(Cell(source, target, protocol.lower(), int(port),
                                      VERDICTS[letter]))
    return found


def before(step):
    """The policies there are before a step's actions, as far as the step tells: what it updates or
    deletes was there, what it creates was not."""
    created = {(a["policy"]["metadata"]["namespace"], a["policy"]["metadata"]["name"])
               for a in step["actions"] if a["type"] == "create-policy"}
    return [policy for policy in step["policies"]
            if (policy["metadata"]["namespace"], policy["metadata"]["name"]) not in created]


def container_ports(pod):
    """A container has a name and a number once only; so have the pods of these files."""
    return [{"containerPort": port["port"], "protocol": port["protocol"],
             **({"name": port["name"]} if port.get("name") else {})} for port in pod["ports"]]


def legal_name(name):
    """Names mean nothing to a policy; a few of the file no apiserver would take today."""
    return name if _LEGAL_NAME.fullmatch(name) else "p-" + name.encode().hex()[:60]


def fitted(policy, addresses):
    """The policy with the file's pod addresses in its ipBlocks replaced by the real ones (`addresses`:
    the file's -> the real). ValueError if a block splits the pods otherwise than in the file."""
    fit = json.loads(json.dumps(policy))
    fit["metadata"]["name"] = legal_name(policy["metadata"]["name"])
    for direction in ("ingress", "egress"):
        for rule in fit["spec"].get(direction) or ():
            for peer in rule.get("from" if direction == "ingress" else "to") or ():
                block = peer.get("ipBlock")
                if block:
                    block["cidr"] = _fitted_block(block["cidr"], addresses)
                    if "except" in block:
                        block["except"] = [_fitted_block(one, addresses)
                                           for one in block["except"]]
    return fit


def _fitted_block(cidr, addresses):
    address, _, length = cidr.partition("/")
    if length == "32" and address in addresses:
        return f"{addresses[address]}/32"
    block = ipaddress.ip_network(cidr, strict=False)
    for ours, real in addresses.items():
        if (ipaddress.ip_address(ours) in block) != (ipaddress.ip_address(real) in block):
            raise ValueError(f"ipBlock {cidr}: has one of {ours} and {real} alone")
    return cidr
