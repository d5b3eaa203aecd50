"""Pods: a network namespace each, attached by the real CNI binary as a runtime does it."""

import hashlib
import json
import os
import subprocess

import netns
from console import Failure
from node import NETWORKS

CNI_PATH = "/usr/lib/cni"
CONFLIST = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                        "10-sluice.conflist")


class CniError(Failure):
    """What the plugin answered instead of a result."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def container_id(key):
    """The same pod name gives the same id, so that a half-taken-down pod can be named again."""
    return hashlib.sha256(key.encode()).hexdigest()


def path(state_dir, key):
    return os.path.join(state_dir, "netns", "pod-" + key.replace("/", "_"))


def _network_config(node):
    """The shipped conflist as a runtime hands it to the plugin, on the playground's own paths and
    with its networks: dual-stack."""
    with open(CONFLIST, encoding="utf-8") as file:
        conflist = json.load(file)
    config = {**conflist["plugins"][0], "cniVersion": conflist["cniVersion"],
              "name": conflist["name"], "agentSocket": node.cni_socket}
    config["ipam"]["ranges"] = [[{"subnet": cidr, "gateway": gateway}]
                                for cidr, gateway in NETWORKS.values()]
    config["ipam"]["dataDir"] = os.path.join(node.state_dir, "ipam")
    return config


class Cni:
    """Calls the plugin inside the node's namespace."""

    def __init__(self, node):
        self.node = node
        self.plugin = os.path.join(node.binaries, "sluice")
        self.config = json.dumps(_network_config(node))

    def call(self, verb, key, namespace, config=None):
        """The plugin's result (a dictionary, None if it has none); raises CniError."""
        pod_namespace, name = key.split("/")
        identity = container_id(key)
        environment = {
            "PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
            "CNI_COMMAND": verb,
            "CNI_CONTAINERID": identity,
            "CNI_NETNS": namespace,
            "CNI_IFNAME": "eth0",
            "CNI_PATH": CNI_PATH,
            "CNI_ARGS": f"IgnoreUnknown=1;K8S_POD_NAMESPACE={pod_namespace};K8S_POD_NAME={name};"
                        f"K8S_POD_INFRA_CONTAINER_ID={identity}",
        }
        try:
            done = subprocess.run(netns.command(self.node.netns, self.plugin), env=environment,
                                  input=config or self.config, capture_output=True, text=True,
                                  check=False, timeout=60)
        except subprocess.TimeoutExpired as error:
            raise CniError(0, f"{key}: CNI {verb} has no answer after 60 s") from error
        try:
            answer = json.loads(done.stdout) if done.stdout.strip() else None
        except ValueError:
            answer = {"msg": done.stdout.strip()}
        if done.returncode != 0:
            answer = answer or {}
            reason = ", ".join(filter(None, (answer.get("msg"), answer.get("details")))) \
                or done.stderr.strip() or f"exit status {done.returncode}"
            raise CniError(answer.get("code", 0), f"{key}: CNI {verb}: {reason}")
        return answer

    def add(self, key, namespace):
        """The pod's addresses, the one of IPv4 first."""
        result = self.call("ADD", key, namespace)
        try:
            addresses = [ip["address"].split("/")[0] for ip in result["ips"]]
            return sorted(addresses, key=lambda address: ":" in address)
        except (KeyError, TypeError) as error:
            raise CniError(0, f"{key}: CNI ADD gave no address: {result}") from error

    def delete(self, key, namespace):
        self.call("DEL", key, namespace)
