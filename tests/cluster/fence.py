"""Fence: when it has been passed, every agent knows all that was written to the apiserver before.

Pods, namespaces and policies come to an agent by three watches, which know nothing of each other. So
one object of each kind is marked with the same number; a connection that only the three together
allow tells that all of them have come."""

import objects
from wait import wait_for

NAMESPACE = "sluice-fence"
NOBODY = "nobody"  # no scheduler has this name: the pods stay without a node
ADDRESSES = {"client": "127.1.0.1", "server": "127.1.0.2"}  # no packet's


class Fence:
    def __init__(self, cluster):
        self.cluster, self.api, self.number = cluster, cluster.api, 0
        cluster.create_namespace(NAMESPACE)
        for name, address in ADDRESSES.items():
            self.api.delete("Pod", NAMESPACE, name, 0)
            pod = objects.pod(NAMESPACE, name)
            del pod["spec"]["nodeName"]
            pod["spec"]["schedulerName"] = NOBODY
            self.api.create(pod)
            self.api.patch("Pod", NAMESPACE, name, {"status": {
                "phase": "Running", "podIP": address, "podIPs": [{"ip": address}]}}, "status")

    def pass_through(self, seconds=20.0, nodes=None):
        """Back when the agents (of all nodes unless told) know what was written before, and their
        switches hold what follows from it."""
        self.number += 1
        mark = {"fence": str(self.number)}
        self.api.apply(objects.policy(
            NAMESPACE, "fence", objects.selector(**mark),
            ingress=[{"from": [{"namespaceSelector": objects.selector(**mark),
                                "podSelector": objects.selector(**mark)}],
                      "ports": [{"port": self.number}]}]))
        for name in ADDRESSES:
            self.api.patch("Pod", NAMESPACE, name, {"metadata": {"labels": mark}})
        self.api.patch("Namespace", None, NAMESPACE, {"metadata": {"labels": mark}})
        for node in nodes or self.cluster.nodes.values():
            wait_for(f"the agent of {node.name} to know fence {self.number}",
                     lambda node=node: self._is_passed(node), seconds, every=0.002)

    def _is_passed(self, node):
        try:
            return self._knows(node) and node.ask_agent("status")["inSync"]
        except OSError:
            return False  # it is being started

    def _knows(self, node):
        why = node.ask_agent("why", source=f"{NAMESPACE}/client",
                             target=f"{NAMESPACE}/server:{self.number}/tcp")
        return any(path["ingress"].get("decidedBy") for path in why["paths"])
