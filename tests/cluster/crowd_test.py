#!/usr/bin/env python3
"""A crowd: 60 pods at once on one node, 200 in all, every one isolated by a policy that was there before
it and flooded from its first moment; then, among 200 policies, how fast one more comes into force.

Only counts are asserted; times are printed and written to $SLUICE_CLUSTER_FIGURES (JSON)."""

import json
import os
import time
import unittest

import cni_latency
import latency
import objects
from cluster import Cluster
from fence import Fence
from flood import Flood, arrived

NAMESPACE = "crowd"
AT_ONCE = 60  # on one node
ON_EACH_NODE = 100  # kubelet's own limit is 110
POLICIES = 200
ROUNDS = 100
PACKETS_PER_SECOND = 2000
FIGURES = os.environ.get("SLUICE_CLUSTER_FIGURES", "")


class CrowdTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster()
        cls.nodes = list(cls.cluster.nodes.values())
        cls.cluster.delete_namespace(NAMESPACE)
        cls.cluster.create_namespace(NAMESPACE)
        cls.addClassCleanup(cls.cluster.delete_namespace, NAMESPACE, 180)
        cls.fence = Fence(cls.cluster)
        cls.figures = {}

    @classmethod
    def tearDownClass(cls):
        for name, figure in cls.figures.items():
            print(f"{name}: {figure}", flush=True)
        if FIGURES:
            with open(FIGURES, "w", encoding="utf-8") as file:
                json.dump(cls.figures, file, indent=1)

    def make_pods(self, name, number, node, labels=None):
        """Created at once; seconds until all were Ready, and the pods."""
        started = time.monotonic()
        pods = self.cluster.create_pods(
            [objects.pod(NAMESPACE, f"{name}-{i}", {"crowd": name, **(labels or {})},
                         node=node.name) for i in range(number)], 180)
        return time.monotonic() - started, pods

    def failed_adds(self):
        """kubelet's Events about sandboxes that could not be made."""
        return [event["message"] for event in self.cluster.api.list("Event", NAMESPACE)
                if event["reason"] == "FailedCreatePodSandBox"]

    def look_at_adds(self):
        """As the agents' own metric has them, where they are told to show it."""
        try:
            samples = [node.metrics() for node in self.nodes]
        except OSError:
            self.figures["CNI ADD by the agents' metric"] = "no agent has --http_address"
            return
        self.assertEqual([cni_latency.failed_adds(of_node) for of_node in samples],
                         [{} for _ in samples])
        self.figures["CNI ADD by the agents' metric"] = {
            f"p{percent}_at_most_s": cni_latency.add_percentile(samples, percent)
            for percent in (50, 99)}

    def test_1_pods_at_once_under_a_flood(self):
        _, (flooder, *_) = self.make_pods("flooder", 1, self.nodes[-1])
        self.cluster.api.create(objects.deny_all(
            NAMESPACE, "isolated", {"matchLabels": {"isolated": "yes"}}, ["Ingress"]))
        self.fence.pass_through()
        first, last = self.nodes[0], self.nodes[-1]
        candidates = [f"10.244.{node.number}.{host}" for node in self.nodes
                      for host in range(2, 255)]
        isolated = {"isolated": "yes"}
        with Flood(self.cluster.netns(flooder), candidates, PACKETS_PER_SECOND), \
                Flood(self.cluster.outside.netns, candidates, PACKETS_PER_SECOND):
            _, opened = self.make_pods("open", 1, first)
            seconds, crowd = self.make_pods("first", AT_ONCE, first, isolated)
            self.figures[f"{AT_ONCE} pods at once on one node, all Ready"] = f"{seconds:.1f} s"
            for node, number in ((first, ON_EACH_NODE - AT_ONCE), (last, ON_EACH_NODE)):
                crowd += self.make_pods(f"more-{node.name}", number, node, isolated)[1]
            came = [arrived(path) for path in self.cluster.netns_of_all(crowd)]
            control = arrived(self.cluster.netns(opened[0]))
        self.figures["flooded from their first moment"] = (
            f"{len(crowd)} isolated pods: {sum(came)} datagrams came through; "
            f"to an open pod: {control}")
        self.assertEqual(self.failed_adds(), [])
        self.look_at_adds()
        self.assertGreater(control, 0, "the flood is no flood")
        self.assertEqual(sum(came), 0)
        type(self).crowd = crowd
        type(self).opened = opened[0]
        type(self).flooder = flooder

    def test_2_a_policy_among_many(self):
        def other(number):
            self.cluster.api.create(objects.policy(
                NAMESPACE, f"other-{number}", objects.selector(crowd="first"),
                ingress=[{"from": [{"podSelector": objects.selector(number=str(number))}],
                          "ports": [{"port": 1000 + number}]}]))

        self.cluster.in_parallel(other, range(POLICIES - 1))  # "isolated" is one more
        self.fence.pass_through()
        policy = objects.deny_all(NAMESPACE, "late", objects.selector(crowd="open"), ["Ingress"])
        api = self.cluster.api
        stream = latency.Stream(self.cluster.netns(self.flooder), self.cluster.netns(self.opened),
                                self.opened["status"]["podIP"])
        self.addCleanup(stream.close)
        closing, opening, answers = [], [], []

        def create():
            started = time.monotonic()
            api.create(policy)
            answers.append(time.monotonic() - started)

        for _ in range(ROUNDS):
            closing.append(stream.until_denied(create))
            opening.append(stream.until_allowed(
                lambda: api.delete("NetworkPolicy", NAMESPACE, "late")))
        self.figures["of that the apiserver's answer"] = latency.summary(answers)
        where = f"{len(self.crowd) + 2} pods, {POLICIES} policies"
        self.figures[f"API create to the first packet denied, {where}"] = latency.summary(closing)
        self.figures[f"API delete to the first packet allowed, {where}"] = latency.summary(opening)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
