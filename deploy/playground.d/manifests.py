"""What the playground has to know of the manifests: which pods to start, which ports and which
outside addresses to try. It judges nothing: what is wrong with a document is the agent's to say,
here it is only left out.
"""

import ipaddress
import os
import re
from dataclasses import dataclass, field

import yaml

SUFFIXES = (".yaml", ".yml", ".json")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Pod:
    key: str  # namespace/name
    ports: set = field(default_factory=set)  # its containerPorts
    named: list = field(default_factory=list)  # (name, containerPort)


@dataclass
class Block:
    cidr: ipaddress.IPv4Network | ipaddress.IPv6Network
    excepts: list


@dataclass
class Manifests:
    directory: str
    pods: dict = field(default_factory=dict)  # key -> Pod
    policy_numbers: set = field(default_factory=set)
    policy_names: set = field(default_factory=set)
    blocks: list = field(default_factory=list)
    unreadable: list = field(default_factory=list)  # one sentence each

    @property
    def policy_ports(self):
        """The ports that policies speak of, by number or by a name that some pod has."""
        named = {number for pod in self.pods.values() for name, number in pod.named
                 if name in self.policy_names}
        return self.policy_numbers | named

    def unnamed_port(self):
        """A port no manifest names: rules about ports must leave it alone."""
        named = self.policy_ports.union(*(pod.ports for pod in self.pods.values()))
        return next(port for port in range(9999, 1024, -1) if port not in named)

    def ports_of(self, key):
        """What to try at a pod, or at an outside host."""
        own = self.pods[key].ports if key in self.pods else set()
        return sorted(own | self.policy_ports | {self.unnamed_port()})


def read(directory):
    result = Manifests(os.path.abspath(directory))
    for name in sorted(os.listdir(directory)):
        if name.endswith(SUFFIXES) and not name.startswith("."):
            _read_file(os.path.join(directory, name), name, result)
    return result


def _read_file(path, name, result):
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        result.unreadable.append(f"{name}: {error}")
        return
    # Document by document: a broken one must not take its neighbours with it.
    for chunk in re.split(r"(?m)^---(?=\s|$)", text):
        try:
            document = yaml.load(chunk, Loader=_Loader)
        except (yaml.YAMLError, ValueError) as error:
            result.unreadable.append(f"{name}: not YAML: {' '.join(str(error).split())}")
            continue
        for item in _objects(document):
            _collect(item, result)


def _objects(document):
    if not isinstance(document, dict):
        return
    if str(document.get("kind", "")).endswith("List") and isinstance(document.get("items"), list):
        for item in document["items"]:
            yield from _objects(item)
    else:
        yield document


def _mapping(value):
    return value if isinstance(value, dict) else {}


def _mappings(value):
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _collect(item, result):
    kind = item.get("kind")
    if kind == "Pod":
        _collect_pod(item, result)
    elif kind == "NetworkPolicy":
        spec = _mapping(item.get("spec"))
        for direction, peers in (("ingress", "from"), ("egress", "to")):
            for rule in _mappings(spec.get(direction)):
                _collect_ports(rule, result)
                for peer in _mappings(rule.get(peers)):
                    _collect_block(_mapping(peer.get("ipBlock")), result)


def _port(value):
    return value if type(value) is int and 1 <= value <= 65535 else None


def _collect_pod(item, result):
    metadata, spec = _mapping(item.get("metadata")), _mapping(item.get("spec"))
    name, namespace = metadata.get("name"), metadata.get("namespace", "default")
    finished = _mapping(item.get("status")).get("phase") in ("Succeeded", "Failed")
    if not isinstance(name, str) or not isinstance(namespace, str):
        return
    key = f"{namespace}/{name}"
    shared = spec.get("hostNetwork") is True
    if finished or shared or not re.fullmatch(r"[a-z0-9.-]+/[a-z0-9.-]+", key):
        return
    pod = result.pods.setdefault(key, Pod(key))
    for container in _mappings(spec.get("containers")) + _mappings(spec.get("initContainers")):
        for port in _mappings(container.get("ports")):
            number = _port(port.get("containerPort"))
            if number:
                pod.ports.add(number)
                pod.named.append((port.get("name"), number))


def _collect_ports(rule, result):
    for entry in _mappings(rule.get("ports")):
        first, last = _port(entry.get("port")), _port(entry.get("endPort"))
        if not first:
            if isinstance(entry.get("port"), str):
                result.policy_names.add(entry["port"])
            continue
        result.policy_numbers.add(first)
        if last and last > first:
            # The range's ends and middle, and the first port on either side of it.
            edges = {first - 1, (first + last) // 2, last, last + 1}
            result.policy_numbers.update(port for port in edges if 1 <= port <= 65535)


def _network(text):
    try:
        return ipaddress.ip_network(text, strict=False)
    except (ValueError, TypeError):
        return None


def _collect_block(block, result):
    network = _network(block.get("cidr"))
    if network is None:
        return
    excepts = block.get("except")
    inside = [_network(text) for text in excepts] if isinstance(excepts, list) else []
    result.blocks.append(Block(network, [
        cut for cut in inside if cut is not None and cut.version == network.version]))
