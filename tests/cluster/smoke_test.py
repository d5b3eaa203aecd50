#!/usr/bin/env python3
"""Pods of both nodes reach each other over every protocol, until a policy is there; nothing is left
in the switch when they have gone."""

import unittest

import objects
import packets
from cluster import Cluster
from fence import Fence

NAMESPACE = "smoke"


class SmokeTest(unittest.TestCase):
    def setUp(self):
        self.cluster = Cluster()
        self.nodes = list(self.cluster.nodes.values())
        self.cluster.delete_namespace(NAMESPACE)
        self.cluster.create_namespace(NAMESPACE)
        self.addCleanup(self.cluster.delete_namespace, NAMESPACE)

    def test_pods_reach_each_other_until_a_policy_forbids_it(self):
        node_names = [node.name for node in self.nodes]
        pods = self.cluster.create_pods(
            [objects.pod(NAMESPACE, f"p{i}", {"pod": f"p{i}"}, node=node_names[i % len(node_names)])
             for i in range(4)])
        paths = self.cluster.netns_of_all(pods)
        attempts = [packets.Attempt(paths[i], pods[j]["status"]["podIP"], protocol, 80, f"p{j}")
                    for i in range(4) for j in range(4) if i != j
                    for protocol in ("tcp", "udp", "sctp")]
        with packets.Servers() as servers:
            servers.serve({path: (f"p{i}", [80]) for i, path in enumerate(paths)})
            self.assertEqual(set(packets.judge(self.nodes, attempts)), {packets.ALLOWED})

            self.cluster.api.create(objects.deny_all(NAMESPACE, "deny", objects.selector(pod="p1"),
                                                     types=["Ingress"]))
            Fence(self.cluster).pass_through()
            packets.forget_the_past(self.nodes)
            for attempt, verdict in zip(attempts, packets.judge(self.nodes, attempts)):
                expected = packets.DENIED if attempt.server == "p1" else packets.ALLOWED
                self.assertEqual(verdict, expected, attempt)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
