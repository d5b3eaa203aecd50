"""The hard cases of NetworkPolicy that are about packets; the others: tests/hardcases."""

import os
import socket
import threading
import time
import unittest

import harness
import listeners
import netns
import pods
import probes
from attack_case import BATCH, DB, FRONTEND, GATEWAY, OUTSIDE, AttackCase, in_namespace, marker
from frames import ACK, IPV4, mac_of, tcp, udp
from node import NETWORKS

# db is isolated in both directions by the example's own policy.
DB_PORT = 6379  # open to frontend
FREE_PORT = 9999  # served by every pod, named by no policy
NODE_PORT = 30080
ANYWHERE = "0.0.0.0/0"
FAMILIES = tuple(NETWORKS)


def policy(name, spec):
    return ("kind: NetworkPolicy\napiVersion: networking.k8s.io/v1\n"
            f"metadata: {{name: {name}, namespace: default}}\nspec: {spec}\n")


def role(name):
    return f"podSelector: {{matchLabels: {{role: {name}}}}}"


class HardCase(AttackCase):
    def put(self, name, spec):
        """A policy of this test only; `name` is its file's too."""
        if not os.path.exists(os.path.join(self.running.directory, f"{name}.yaml")):
            self.addCleanup(self.take, name)
        self.running.write(f"{name}.yaml", policy(name, spec))

    def take(self, name):
        if os.path.exists(os.path.join(self.running.directory, f"{name}.yaml")):
            self.running.remove(f"{name}.yaml")

    def becomes(self, outcome, *question):
        self.assertTrue(
            self.running.becomes(outcome, *question),
            f"{question} does not become {outcome}, but {self.running.outcome(*question)}")

    def stays(self, outcome, *question):
        self.assertEqual(outcome, self.running.outcome(*question), question)

    def in_pod(self, pod, *command):
        path = self.running.playground.namespace_of(pod)
        harness.subprocess.run(netns.command(path, *command), check=True)

    def probe(self, source, target, port, expected):
        path = self.running.playground.namespace_of(source)
        return probes.run([probes.Probe(path, target, "tcp", port, expected)], 0.5)[0]

    def datagrams_of(self, who, family=4):
        path = self.running.playground.namespace_of(who)
        made = in_namespace(path, lambda: socket.socket(
            socket.AF_INET6 if family == 6 else socket.AF_INET, socket.SOCK_DGRAM))
        if family == 6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        self.addCleanup(made.close)
        return made


class NodeTest(HardCase):
    def test_HardCase44_the_own_node_reaches_an_isolated_pod(self):
        for family in FAMILIES:
            for protocol in ("tcp", "udp", "sctp"):
                self.stays("open", "node", DB, protocol, FREE_PORT, family)

    def test_HardCase45_another_node_does_not_unless_a_block_names_it(self):
        self.stays("dropped", OUTSIDE, DB, "tcp", DB_PORT)
        self.put("nodes", f"{{{role('db')}, ingress: [{{from: [{{ipBlock: {{cidr: {OUTSIDE}/32}}"
                 "}]}]}")
        self.becomes("open", OUTSIDE, DB, "tcp", DB_PORT)

    def test_HardCase46_an_isolated_pod_does_not_reach_its_own_node(self):
        self.assertTrue(self.passes(BATCH, "node", self.datagram(self.batch, GATEWAY)))
        self.put("world", f"{{{role('batch')}, policyTypes: [Egress], egress: [{{to: [{{ipBlock: "
                 f"{{cidr: {ANYWHERE}, except: [{GATEWAY}/32]}}}}]}}]}}")
        self.assertTrue(harness.wait_until(lambda: not self.passes(
            BATCH, "node", self.datagram(self.batch, GATEWAY)), 3))
        self.stays("open", BATCH, FRONTEND, "tcp", FREE_PORT)
        self.put("world", f"{{{role('batch')}, policyTypes: [Egress]}}")
        self.becomes("dropped", BATCH, FRONTEND, "tcp", FREE_PORT)
        self.assertFalse(self.passes(BATCH, "node", self.datagram(self.batch, GATEWAY)))

    def expose(self, *rules):
        """As kube-proxy does it: the node's own rules send a port of the node to db."""
        self.in_node("nft", "add table ip expose; add chain ip expose pre "
                     "{ type nat hook prerouting priority -100; }; "
                     f"add rule ip expose pre iifname out* tcp dport {NODE_PORT} "
                     f"dnat to {self.db}:{DB_PORT}" + "".join(rules))
        self.addCleanup(self.in_node, "nft", "delete table ip expose")

    def node_port(self):
        return self.probe(OUTSIDE, GATEWAY, NODE_PORT, listeners.name_of(DB, "tcp", DB_PORT))

    def test_HardCase41_the_pods_port_counts_not_the_one_asked_for(self):
        self.expose()
        outside = f"from: [{{ipBlock: {{cidr: {OUTSIDE}/32}}}}]"
        self.put("front", f"{{{role('db')}, ingress: [{{{outside}, ports: [{{port: {NODE_PORT}}}]"
                 "}]}")
        self.assertTrue(harness.wait_until(
            lambda: any(str(NODE_PORT) in flow for flow in self.running.flows()), 3))
        self.assertEqual("dropped", self.node_port())
        self.put("front", f"{{{role('db')}, ingress: [{{{outside}, ports: [{{port: {DB_PORT}}}]"
                 "}]}")
        self.assertTrue(harness.wait_until(lambda: self.node_port() == "open", 5))

    def test_HardCase47_what_the_node_only_forwards_is_not_the_nodes(self):
        self.expose()
        self.assertEqual("dropped", self.node_port())
        self.in_node("nft", "add chain ip expose post "
                     "{ type nat hook postrouting priority 100; }; "
                     "add rule ip expose post oifname sluice-gw0 masquerade")
        self.assertEqual("dropped", self.node_port())
        self.stays("open", "node", DB, "tcp", DB_PORT)
        self.put("all", f"{{{role('db')}, ingress: [{{}}]}}")
        self.assertTrue(harness.wait_until(lambda: self.node_port() == "open", 5),
                        "the way there exists: it was policy that said no")


class PodTest(HardCase):
    def test_HardCase43_a_policy_holds_between_two_pods_of_one_bridge(self):
        for family in FAMILIES:
            self.stays("open", BATCH, FRONTEND, "tcp", FREE_PORT, family)
        self.put("deny", f"{{{role('frontend')}}}")
        self.becomes("dropped", BATCH, FRONTEND, "tcp", FREE_PORT)
        for family in FAMILIES:
            for protocol in ("tcp", "udp", "sctp"):
                self.stays("dropped", BATCH, FRONTEND, protocol, FREE_PORT, family)
            self.stays("open", FRONTEND, BATCH, "tcp", FREE_PORT, family)

    def test_HardCase40_an_sctp_rule_lets_one_port_of_sctp_in_and_nothing_else(self):
        self.put("sctp", f"{{{role('batch')}, ingress: [{{ports: [{{protocol: SCTP, port: "
                 f"{FREE_PORT}}}]}}]}}")
        self.becomes("dropped", FRONTEND, BATCH, "tcp", FREE_PORT)
        for family in FAMILIES:
            self.stays("open", FRONTEND, BATCH, "sctp", FREE_PORT, family)
            self.stays("dropped", FRONTEND, BATCH, "sctp", DB_PORT, family)
            self.stays("dropped", FRONTEND, BATCH, "udp", FREE_PORT, family)

    @unittest.skipUnless(6 in FAMILIES, "this kernel has no IPv6")
    def test_HardCase61_a_shut_pod_finds_its_gateway_by_neighbour_discovery(self):
        gateway = NETWORKS[6][1]
        self.addCleanup(self.in_pod, DB, "ip", "neigh", "replace", gateway, "dev", "eth0",
                        "lladdr", mac_of(GATEWAY).hex(":"), "nud", "permanent")
        self.in_pod(DB, "ip", "neigh", "del", gateway, "dev", "eth0")
        self.stays("open", "node", DB, "tcp", FREE_PORT, 6)  # its answers go by the gateway
        self.stays("dropped", BATCH, DB, "tcp", FREE_PORT, 6)

    def test_HardCase49_a_pod_always_reaches_its_own_address(self):
        for family in FAMILIES:
            self.stays("open", DB, DB, "tcp", FREE_PORT, family)
            self.stays("open", DB, DB, "udp", FREE_PORT, family)

    def test_HardCase65_both_families_forwarded_both_judged(self):
        for family in FAMILIES:
            self.stays("open", FRONTEND, DB, "tcp", DB_PORT, family)
            self.stays("dropped", BATCH, DB, "tcp", DB_PORT, family)
            self.stays("dropped", DB, BATCH, "tcp", FREE_PORT, family)

    def test_HardCase65_no_forwarding_flow_gets_past_an_ingress_drop(self):
        frames = {}
        for name, target in (("gateway", mac_of(GATEWAY)),
                             ("db", mac_of(self.db)),
                             ("everybody", b"\xff" * 6)):
            mark = marker()
            body = udp((self.batch, self.db), (5, FREE_PORT), mark)
            frames[name] = (target + self.frame(BATCH, body)[6:], mark)
        self.assertEqual([], self.delivered(BATCH, DB, frames))
        self.put("open", f"{{{role('db')}, ingress: [{{}}]}}")
        self.becomes("open", BATCH, DB, "udp", FREE_PORT)
        self.assertEqual(sorted(frames), sorted(self.delivered(BATCH, DB, frames)),
                         "the address alone chooses the pod")

    def test_HardCase62_a_fragmented_datagram_passes_or_drops_as_a_whole(self):
        self.put("udp", f"{{{role('db')}, ingress: [{{ports: [{{protocol: UDP, port: 7000}}]}}]}}")
        data = os.urandom(4000)

        def arrives(client, server):
            server.settimeout(0.3)
            client.sendto(data, (self.running.playground.address_of(DB, family),
                                 server.getsockname()[1]))
            try:
                return server.recv(65535) == data
            except OSError:
                return False

        for family in FAMILIES:
            client = self.datagrams_of(FRONTEND, family)
            servers = [self.datagrams_of(DB, family) for _ in (7000, 7001)]
            for port, server in zip((7000, 7001), servers):
                server.bind(("", port))
            self.assertTrue(harness.wait_until(lambda: arrives(client, servers[0]), 5), family)
            self.assertFalse(arrives(client, servers[1]), family)


class Flood(threading.Thread):
    """Calls `send` over and over; counts the rounds."""

    def __init__(self, send):
        super().__init__()
        self.send, self.rounds, self.ending = send, 0, threading.Event()

    def run(self):
        while not self.ending.wait(0.001):
            try:
                self.send()
            except OSError:
                pass  # no address yet, no route yet
            self.rounds += 1

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.join()

    def goes_on(self, rounds=50):
        """True once that many more rounds were begun and ended."""
        enough = self.rounds + rounds + 1
        return harness.wait_until(lambda: self.rounds >= enough, 5)


class FirstPacketTest(HardCase):
    KEY = "default/fresh"

    def new_pod(self):
        """Its manifest and its namespace; not attached yet."""
        self.running.write("fresh.yaml", "{apiVersion: v1, kind: Pod, metadata: {name: fresh, "
                           "namespace: default, labels: {role: fresh}}, "
                           "spec: {containers: [{name: c, image: i}]}}")
        self.addCleanup(self.running.remove, "fresh.yaml")
        path = pods.path(self.running.playground.state_dir, self.KEY)
        netns.create(path)
        self.addCleanup(netns.remove, path)
        return path

    def to_whatever_is_next(self, wire, mark):
        """Sends to every address that the new pod may get."""
        taken = set(map(self.running.playground.address_of, self.running.playground.state["pods"]))
        frames = [self.frame(FRONTEND, udp((self.frontend, address), (5, FREE_PORT),
                                                       mark))
                  for address in (f"10.244.0.{n}" for n in range(2, 20)) if address not in taken]

        def send():
            for frame in frames:
                wire.socket.send(frame)

        return send

    def test_HardCase53_not_one_packet_of_or_to_a_new_pod_gets_past_a_deny(self):
        self.put("early", f"{{{role('fresh')}, policyTypes: [Ingress, Egress]}}")
        path, there, back = self.new_pod(), marker(), marker()
        inside = self.listen(path)
        outside = self.listen(self.running.playground.namespace_of(FRONTEND))
        sender = in_namespace(path, lambda: socket.socket(
            socket.AF_INET, socket.SOCK_DGRAM))
        with inside, outside, sender, self.wire(FRONTEND) as start:
            with Flood(self.to_whatever_is_next(start, there)) as inbound, \
                    Flood(lambda: sender.sendto(back, (self.frontend, FREE_PORT))) as outbound:
                self.assertTrue(inbound.goes_on() and outbound.goes_on())
                self.running.playground.cni.add(self.KEY, path)
                self.addCleanup(self.running.playground.cni.delete, self.KEY, path)
                self.assertTrue(inbound.goes_on() and outbound.goes_on())
                self.assertEqual((set(), set()), (self.heard(inside, there, 0),
                                                  self.heard(outside, back, 0)))
                self.take("early")
                self.assertEqual({there}, self.heard(inside, there, 5))
                self.assertEqual({back}, self.heard(outside, back, 5))

    @staticmethod
    def listen(path):
        """For what comes in by any device, also one that is still to come. IPv4 alone: of all
        types it would hear what goes out as well, and be deafened by the flood."""
        return in_namespace(path, lambda: socket.socket(
            socket.AF_PACKET, socket.SOCK_RAW, socket.htons(IPV4)))

    @staticmethod
    def heard(end, mark, seconds):
        """{mark} if it comes in; of what is there already if `seconds` is 0."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                end.settimeout(max(deadline - time.monotonic(), 0))
                if mark in end.recv(65535):
                    return {mark}
            except OSError:
                return set()


class LiveConnectionTest(HardCase):
    def connect(self, family=4):
        connection = harness.Connection(self.running, FRONTEND, BATCH, FREE_PORT, family)
        self.addCleanup(connection.close)
        self.assertTrue(connection.echoes("hello"))
        return connection

    def ask(self, client):
        client.settimeout(0.3)
        try:
            client.send(b"who?\n")
            return bool(client.recv(2048))
        except OSError:
            return False

    def client(self, family=4):
        made = self.datagrams_of(FRONTEND, family)
        made.connect((self.running.playground.address_of(BATCH, family), FREE_PORT))
        self.assertTrue(self.ask(made))
        return made

    def test_HardCase54_replies_of_an_older_connection_are_not_cut_by_the_other_direction(self):
        connections = [self.connect(family) for family in FAMILIES]
        self.put("in", f"{{{role('frontend')}, policyTypes: [Ingress]}}")
        self.put("out", f"{{{role('batch')}, policyTypes: [Egress]}}")
        self.becomes("dropped", BATCH, FRONTEND, "tcp", FREE_PORT)
        for connection in connections:
            for number in range(10):
                self.assertTrue(connection.echoes(f"reply {number}"), "nobody forbade this one")

    def test_HardCase54_an_older_connection_that_is_forbidden_is_cut_both_ways(self):
        connection = self.connect()
        port = connection.socket.getsockname()[1]
        self.put("out", f"{{{role('frontend')}, policyTypes: [Egress]}}")
        self.becomes("dropped", FRONTEND, BATCH, "tcp", FREE_PORT)
        self.assertFalse(connection.echoes("there", 0.3))
        self.assertFalse(self.passes(BATCH, FRONTEND, lambda mark: tcp(
            (self.batch, self.frontend), (FREE_PORT, port), ACK, mark)))

    def test_HardCase60_a_revoked_permission_stops_what_lives_and_one_given_back_lets_it_on(self):
        connections = [self.connect(family) for family in FAMILIES]
        clients = [self.client(family) for family in FAMILIES]
        port = clients[0].getsockname()[1]
        self.put("in", f"{{{role('batch')}, policyTypes: [Ingress]}}")
        self.becomes("dropped", FRONTEND, BATCH, "tcp", FREE_PORT)
        for connection, client in zip(connections, clients):
            self.assertFalse(connection.echoes("tcp", 0.3))
            self.assertFalse(self.ask(client))
        self.assertFalse(self.passes(BATCH, FRONTEND, self.datagram(
            self.batch, self.frontend, ports=(FREE_PORT, port))), "the server's half alone")
        self.take("in")
        for connection, client in zip(connections, clients):
            self.assertTrue(harness.wait_until(lambda client=client: self.ask(client), 5))
            self.assertTrue(harness.wait_until(
                lambda connection=connection: connection.echoes("tcp again", 3), 10))


if __name__ == "__main__":
    unittest.main()
