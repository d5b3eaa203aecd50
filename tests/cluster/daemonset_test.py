#!/usr/bin/env python3
"""What `kubectl apply -k deploy/` has made: the DaemonSet is rolled out, and its container killed,
under a flood and a live connection; a policy without sense gets an Event; what the node itself sends
gets to isolated pods, and pods get to the apiserver's ClusterIP."""

import socket
import unittest

import objects
import packets
from cluster import Cluster
from cluster_node import inside
from etcd import Etcd, key_of
from fence import Fence
from flood import Flood, arrived
from live import LiveConnection
from wait import wait_for

NAMESPACE = "daemonset"
NODE = "node2"
ROLES = ("client", "server", "flooder", "open")
APISERVER = ("10.96.0.1", 443)


def admits(subject, *peers):
    return objects.policy(NAMESPACE, subject, objects.selector(role=subject),
                          policyTypes=["Ingress"],
                          ingress=[{"from": [{"podSelector": objects.selector(role=peer)}
                                             for peer in peers]}] if peers else [])


class DaemonSetTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster()
        cls.api, cls.node = cls.cluster.api, cls.cluster.node_named(NODE)
        cls.fence = Fence(cls.cluster)
        cls.cluster.delete_namespace(NAMESPACE)
        cls.cluster.create_namespace(NAMESPACE)
        cls.addClassCleanup(cls.cluster.delete_namespace, NAMESPACE)
        cls.api.apply(admits("server", "client"))
        pods = cls.cluster.create_pods(
            [objects.pod(NAMESPACE, name, {"role": name}, node=NODE) for name in ROLES])
        cls.path = dict(zip(ROLES, cls.cluster.netns_of_all(pods)))
        cls.address = {name: pod["status"]["podIP"] for name, pod in zip(ROLES, pods)}
        cls.settle()

    @classmethod
    def settle(cls):
        cls.fence.pass_through(60.0)
        packets.forget_the_past([cls.node])

    def agent(self):
        """The container's id, on the node."""
        pod = next(pod for pod in self.api.list("Pod", "kube-system", "app.kubernetes.io/name=sluice")
                   if pod["spec"]["nodeName"] == NODE and "deletionTimestamp" not in pod["metadata"])
        running = pod["status"].get("containerStatuses", [{}])[0].get("state", {}).get("running")
        return pod["status"]["containerStatuses"][0]["containerID"] if running else None

    def is_replaced(self, before):
        try:
            return self.agent() not in (None, before) and self.node.ask_agent("status")["inSync"]
        except (OSError, KeyError, IndexError, StopIteration):
            return False

    def under_fire(self, end_the_agent):
        """Nothing changed: the connection loses no packet, none of the flood comes through, no flow is written."""
        live = LiveConnection(self.path["client"], self.path["server"], self.address["server"], 80)
        live.start()
        self.addCleanup(live.close)
        leaked, control = arrived(self.path["server"]), arrived(self.path["open"])
        with Flood(self.path["flooder"], [self.address["server"], self.address["open"]]), \
                Flood(self.cluster.outside.netns, [self.address["server"]]):
            wait_for("the flood to get where it may", lambda: arrived(self.path["open"]) > control)
            before = self.agent()
            end_the_agent()
            wait_for("another agent, in sync", lambda: self.is_replaced(before), 60.0)
            echoes = live.echoes
            wait_for(lambda: f"the connection to go on: {live.failure}",
                     lambda: live.echoes > echoes + 10)
        print(f"\n  {self.id().rpartition('.')[2]}: {live.lost} packets lost, longest wait {live.outage:.3f} s", flush=True)
        self.assertEqual(arrived(self.path["server"]), leaked)
        self.assertIsNone(live.failure)
        self.assertEqual(live.lost, 0)
        self.assertEqual(self.node.ask_agent("status")["counters"]["flowMods"], 0)

    def test_rollout(self):
        """kubectl rollout restart."""
        switch = self.node.run("cat", "/run/openvswitch/ovs-vswitchd.pid").stdout
        marks = {"sluice.test/restarted": self.agent()}
        self.under_fire(lambda: self.api.patch("DaemonSet", "kube-system", "sluice", {
            "spec": {"template": {"metadata": {"annotations": marks}}}}))
        wait_for("the rollout to end", lambda: self.is_rolled_out(), 60.0)
        self.assertEqual(self.node.run("cat", "/run/openvswitch/ovs-vswitchd.pid").stdout, switch)

    def is_rolled_out(self):
        daemon_set = self.api.get("DaemonSet", "kube-system", "sluice")
        status = daemon_set["status"]
        return (status["observedGeneration"] == daemon_set["metadata"]["generation"]
                and status.get("updatedNumberScheduled") == status.get("numberReady")
                == status["desiredNumberScheduled"])

    def test_container_killed(self):
        self.under_fire(lambda: self.node.run("pkill", "-KILL", "-x", "sluice-agent"))

    def test_policy_without_sense_gets_an_event(self):
        """Written past validation: the Event names it, and what of it makes no sense."""
        good = self.api.get("NetworkPolicy", NAMESPACE, "server")
        key = key_of("networkpolicies", NAMESPACE, "bad")
        etcd = Etcd(self.cluster.nodes[1])
        self.addCleanup(self.settle)
        self.addCleanup(etcd.delete, key)
        etcd.put(key, {
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {**good["metadata"], "name": "bad"},
            "spec": {"podSelector": objects.selector(role="open"), "policyTypes": ["Ingress"],
                     "ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0.0/8",
                                                        "except": ["banana"]}}]}]}})
        event = wait_for("an Event on the policy", lambda: next(
            (event for event in self.api.list("Event", NAMESPACE)
             if event["involvedObject"]["kind"] == "NetworkPolicy"), None))
        self.assertEqual(event["involvedObject"]["name"], "bad")
        self.assertEqual(event["type"], "Warning")
        self.assertIn("banana", event["message"])

    def test_kubelets_probe_gets_to_an_isolated_pod(self):
        """It comes from the node itself. The other node is a peer like any other."""
        pod = objects.pod(NAMESPACE, "probed", {"role": "probed"}, node=NODE)
        pod["spec"]["containers"][0]["readinessProbe"] = {"tcpSocket": {"port": 80},
                                                         "periodSeconds": 1}
        self.api.apply(admits("probed"))
        self.api.create(pod)
        found = wait_for("its address", lambda: self.pod_with_address("probed"))
        path = self.cluster.netns(found)
        with packets.Servers() as servers:
            servers.serve({path: ("probed", [80])})
            self.cluster.await_ready([(NAMESPACE, "probed")])
            other = next(node for node in self.cluster.nodes.values() if node.name != NODE)
            self.settle()
            sources = (other.netns, self.cluster.outside.netns, self.path["client"])
            verdicts = packets.judge([self.node], [
                packets.Attempt(source, found["status"]["podIP"], "tcp", 80, "probed")
                for source in sources])
        self.assertEqual(verdicts, [packets.DENIED] * len(sources))
        self.cluster.delete_pods([(NAMESPACE, "probed")])

    def pod_with_address(self, name):
        pod = self.api.get("Pod", NAMESPACE, name)
        return pod if pod["status"].get("podIP") else None

    def test_pods_reach_the_apiserver_by_its_cluster_ip(self):
        """By the DNAT of the node, which is not the apiserver's."""
        with inside(self.path["client"]):
            socket.create_connection(APISERVER, timeout=5).close()


if __name__ == "__main__":
    unittest.main(warnings="ignore")
