"""What comes through the node is not the node's own: destinations that it translates (NodePorts,
ClusterIPs, hostPorts), with and without masquerade. PIPELINE.md, "Translated by the node", has the
rules that these packets show."""

import contextlib
import socket
import threading
import unittest

import harness
from attack_case import BATCH, DB, FRONTEND, GATEWAY, OUTSIDE, AttackCase, in_namespace

ALLOWED_OUTSIDE = "172.17.0.10"  # db's policy names its block
EGRESS_PEER, EGRESS_PORT = "10.0.0.10", 5978  # all that db may open
SERVICE, SERVICE_PORT = "10.96.0.1", 443
NODE_PORT = 30080
SECONDS = 0.7  # within which an answer comes, if any does

CLUSTER_IP_POLICY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: cluster-ip, namespace: default}
spec:
  podSelector: {matchLabels: {role: db}}
  policyTypes: [Egress]
  egress: [{to: [{ipBlock: {cidr: %s}}]}]
"""


class NodeTrafficTest(AttackCase):
    def answer(self, source, address, port):
        """Who answers on a TCP connection from `source`; None if nobody does."""
        def call():
            with socket.socket() as client:
                client.settimeout(SECONDS)
                client.connect((address, port))
                with client.makefile() as lines:
                    return (lines.readline().split() or [None])[0]

        try:
            return in_namespace(self.running.playground.namespace_of(source), call)
        except OSError:
            return None

    @contextlib.contextmanager
    def translated(self, wanted, to, masquerade=False):
        """The node sends what is for `wanted` to `to`, pairs of address and port, as kube-proxy or
        the portmap plugin would."""
        rules = ["add table ip nodetest",
                 "add chain ip nodetest pre { type nat hook prerouting priority -100; }",
                 f"add rule ip nodetest pre ip daddr {wanted[0]} tcp dport {wanted[1]}"
                 f" dnat to {to[0]}:{to[1]}"]
        if masquerade:
            rules += ["add chain ip nodetest post { type nat hook postrouting priority 100; }",
                      "add rule ip nodetest post ct status dnat masquerade"]
        self.in_node("nft", "; ".join(rules))
        try:
            yield
        finally:
            self.in_node("nft", "delete table ip nodetest")

    @contextlib.contextmanager
    def node_listens(self, port):
        def listen():
            server = socket.create_server(("0.0.0.0", port))
            server.settimeout(20)
            return server

        server = in_namespace(self.node.netns, listen)

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    client = server.accept()[0]
                    with client:
                        client.sendall(b"node\n")

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown(socket.SHUT_RDWR)
            server.close()

    # --- kubelet's probes -------------------------------------------------------------------

    def test_the_nodes_own_connections_reach_an_isolated_pod(self):
        self.assertEqual(DB, self.answer("node", self.db, 9999))

    # --- NodePort, hostPort: from outside to a pod ------------------------------------------

    def test_a_translated_destination_is_judged_by_who_asked(self):
        for pod, port, source, expected in (
                (self.frontend, 9999, OUTSIDE, FRONTEND), (self.db, 6379, ALLOWED_OUTSIDE, DB),
                (self.db, 6379, OUTSIDE, None), (self.db, 9999, ALLOWED_OUTSIDE, None)):
            with self.translated((GATEWAY, NODE_PORT), (pod, port)):
                self.assertEqual(expected, self.answer(source, GATEWAY, NODE_PORT),
                                 (source, pod, port))

    def test_masqueraded_it_has_the_nodes_address_and_not_its_exemption(self):
        for pod, source, expected in ((self.frontend, OUTSIDE, FRONTEND),
                                      (self.db, OUTSIDE, None), (self.db, ALLOWED_OUTSIDE, None)):
            with self.translated((GATEWAY, NODE_PORT), (pod, 6379), masquerade=True):
                self.assertEqual(expected, self.answer(source, GATEWAY, NODE_PORT), (source, pod))

    # --- ClusterIP: from a pod by way of the node -------------------------------------------

    def test_a_pod_reaches_what_a_cluster_ip_stands_for_outside_the_switch(self):
        with self.node_listens(6443), self.translated((SERVICE, SERVICE_PORT), (GATEWAY, 6443)):
            self.assertEqual("node", self.answer(BATCH, SERVICE, SERVICE_PORT))
        with self.translated((SERVICE, SERVICE_PORT), (OUTSIDE, 9999)):
            self.assertEqual(OUTSIDE, self.answer(BATCH, SERVICE, SERVICE_PORT))

    def test_egress_policy_sees_the_cluster_ip_the_pod_wrote(self):
        for to in ((EGRESS_PEER, EGRESS_PORT), (OUTSIDE, 9999), (self.frontend, 9999)):
            with self.translated((SERVICE, SERVICE_PORT), to):
                self.assertIsNone(self.answer(DB, SERVICE, SERVICE_PORT), to)

    def test_who_is_allowed_a_cluster_ip_is_allowed_what_the_node_makes_of_it_outside(self):
        self.running.write("cluster-ip.yaml", CLUSTER_IP_POLICY % f"{SERVICE}/32")
        self.addCleanup(self.running.remove, "cluster-ip.yaml")
        with self.translated((SERVICE, SERVICE_PORT), (OUTSIDE, 9999)):
            self.assertTrue(harness.wait_until(
                lambda: self.answer(DB, SERVICE, SERVICE_PORT) == OUTSIDE, 5))
            self.assertIsNone(self.answer(DB, OUTSIDE, 9999))
        # A pod of this node is reached by the node's address only: as anybody would by that one.
        with self.translated((SERVICE, SERVICE_PORT), (self.frontend, 9999)):
            self.assertIsNone(self.answer(DB, SERVICE, SERVICE_PORT))
        with self.translated((SERVICE, SERVICE_PORT), (self.frontend, 9999), masquerade=True):
            self.assertEqual(FRONTEND, self.answer(DB, SERVICE, SERVICE_PORT))
            self.assertIsNone(self.answer(DB, self.frontend, 9999))

    def test_a_cluster_ip_does_not_lead_back_to_a_pod_here(self):
        with self.translated((SERVICE, SERVICE_PORT), (self.frontend, 9999)):
            self.assertIsNone(self.answer(BATCH, SERVICE, SERVICE_PORT))
            self.assertIsNone(self.answer(FRONTEND, SERVICE, SERVICE_PORT))  # hairpin

    def test_masqueraded_it_does_as_the_nodes_address_and_reaches_no_isolated_pod(self):
        for pod, port, expected in ((self.frontend, 9999, FRONTEND), (self.db, 6379, None)):
            with self.translated((SERVICE, SERVICE_PORT), (pod, port), masquerade=True):
                self.assertEqual(expected, self.answer(BATCH, SERVICE, SERVICE_PORT), pod)
                self.assertEqual(expected, self.answer(FRONTEND, SERVICE, SERVICE_PORT), pod)


if __name__ == "__main__":
    unittest.main()
