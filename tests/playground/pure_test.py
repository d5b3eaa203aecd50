"""What the playground reads out of manifests, which hosts it adds, how it draws, and how long it waits."""

import ipaddress
import os
import socket
import tempfile
import threading
import unittest

import harness  # noqa: F401  (finds the playground's modules)
import manifests
import matrix
import outside
import picture
import probes
import sctp


def read(text):
    with tempfile.TemporaryDirectory() as directory:
        with open(os.path.join(directory, "a.yaml"), "w", encoding="utf-8") as file:
            file.write(text)
        return manifests.read(directory)


def policy(rule):
    return f"""
kind: NetworkPolicy
spec:
  ingress:
  - {rule}
"""


def pod(name, more=""):
    return f"---\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{containers: []{more}}}\n"


class ManifestsTest(unittest.TestCase):
    def test_pods_are_found_in_documents_and_in_lists(self):
        found = read(pod("a") + "---\nkind: List\n"
                     "items: [{kind: Pod, metadata: {name: b, namespace: x}}]")
        self.assertEqual({"default/a", "x/b"}, set(found.pods))

    def test_pods_without_a_network_of_their_own_are_left_out(self):
        found = read(pod("a", ", hostNetwork: true")
                     + "---\nkind: Pod\nmetadata: {name: b}\nstatus: {phase: Succeeded}\n")
        self.assertEqual({}, found.pods)

    def test_a_range_is_tried_at_both_ends_in_the_middle_and_beside_it(self):
        found = read(policy("ports: [{port: 8000, endPort: 8010}]"))
        self.assertEqual({7999, 8000, 8005, 8010, 8011}, found.policy_ports)

    def test_the_unnamed_port_is_named_by_nobody(self):
        found = read(policy("ports: [{port: 9999}]") + """---
kind: Pod
metadata: {name: a}
spec: {containers: [{ports: [{containerPort: 9998}]}]}
""")
        self.assertEqual(9997, found.unnamed_port())

    def test_a_name_is_tried_at_every_number_that_some_pod_gives_it(self):
        found = read(policy("ports: [{port: http}, {port: nobody-has-it}]") + """---
kind: Pod
metadata: {name: a}
spec: {containers: [{ports: [{name: http, containerPort: 80}, {name: x, containerPort: 81}]}]}
---
kind: Pod
metadata: {name: b}
spec: {initContainers: [{ports: [{name: http, containerPort: 8080}]}]}
""")
        self.assertEqual({80, 8080}, found.policy_ports)
        self.assertEqual([80, 81, 8080, 9999], found.ports_of("default/a"))

    def test_what_is_not_a_port_is_passed_over(self):
        found = read(policy("ports: [{port: 70000}, {port: http}, {port: true}, 7, {port: -1}]"))
        self.assertEqual(set(), found.policy_ports)

    def test_a_broken_document_harms_only_itself(self):
        found = read(pod("a") + "---\nkind: [\n" + pod("b"))
        self.assertEqual({"default/a", "default/b"}, set(found.pods))
        self.assertEqual(1, len(found.unreadable))


class OutsideTest(unittest.TestCase):
    def hosts(self, cidr, *excepts):
        block = f"{{cidr: {cidr}, except: [{', '.join(excepts)}]}}"
        found = read(policy(f"from: [{{ipBlock: {block}}}]"))
        return [host.address for host in outside.choose(found, ["10.244.0.0/24", "fd00::/64"])
                if host.address not in ("203.0.113.10", "2001:db8:cafe::10")]

    def test_each_family_has_a_host_in_no_block(self):
        found = [host.address for host in outside.choose(read(pod("a")), ["10.244.0.0/24",
                                                                         "fd00::/64"])]
        self.assertEqual(["203.0.113.10", "2001:db8:cafe::10"], found)
        self.assertEqual(["203.0.113.10"], [
            host.address for host in outside.choose(read(pod("a")), ["10.244.0.0/24"])])

    def test_an_ipv6_block_and_its_exceptions_get_hosts(self):
        self.assertEqual(["2001:db8:a::10", "2001:db8:a:1::10"],
                         self.hosts("'2001:db8:a::/48'", "'2001:db8:a:1::/64'"))
        self.assertEqual(["2001:db8::7"], self.hosts("'2001:db8::7/128'"))
        self.assertEqual(["2001:db8::c"], self.hosts("'2001:db8::c/127'"))

    def test_ipv6_addresses_of_pods_and_links_are_nobodys(self):
        for cidr in ("'fd00::/80'", "'fe80::/64'", "'::1/128'", "'ff02::/16'", "'::ffff:a00:0/104'"):
            self.assertEqual([], self.hosts(cidr))

    def test_a_block_and_each_exception_get_a_host_and_the_rest_of_the_world_one(self):
        self.assertEqual(["172.17.0.10", "172.17.1.10"],
                         self.hosts("172.17.0.0/16", "172.17.1.0/24"))

    def test_the_address_in_the_block_is_outside_its_exceptions(self):
        first = ipaddress.ip_address(self.hosts("192.0.2.0/24", "192.0.2.0/25")[0])
        self.assertIn(first, ipaddress.ip_network("192.0.2.128/25"))

    def test_pod_addresses_loopback_and_multicast_are_nobodys(self):
        for cidr in ("10.244.0.0/25", "127.0.0.0/8", "224.0.0.0/4"):
            self.assertEqual([], self.hosts(cidr))

    def test_a_block_of_one_address_is_that_address(self):
        self.assertEqual("192.0.2.7", self.hosts("192.0.2.7/32")[0])

    def test_nothing_is_outside_the_block_of_all_addresses(self):
        self.assertEqual(["1.0.0.10"], self.hosts("0.0.0.0/0"))


class PictureTest(unittest.TestCase):
    def cells(self, *outcomes):
        ports = [80, 81, 82]
        return [matrix.Cell(matrix.Question("a/a", "b/b", protocol, port), outcome, "allowed")
                for (protocol, port), outcome in
                zip([(protocol, port) for protocol in ("tcp", "udp") for port in ports], outcomes)]

    def test_everything_and_nothing_are_one_word(self):
        self.assertEqual("all", picture.cell_text(self.cells(*["open"] * 6)))
        self.assertEqual("-", picture.cell_text(self.cells(*["dropped"] * 6)))

    def test_a_few_ports_are_listed_and_a_protocol_alone_means_all_of_it(self):
        self.assertEqual("tcp 80,81", picture.cell_text(self.cells(
            "open", "open", "dropped", "dropped", "dropped", "dropped")))
        self.assertEqual("tcp", picture.cell_text(self.cells(
            "open", "open", "open", "dropped", "dropped", "dropped")))

    def test_families_are_told_apart_only_where_they_differ(self):
        def cells(*outcomes):
            return [matrix.Cell(matrix.Question("a/a", "b/b", "tcp", port, family), outcome, "")
                    for (family, port), outcome in
                    zip([(4, 80), (4, 81), (6, 80), (6, 81)], outcomes)]
        self.assertEqual("all", picture.cell_text(cells(*["open"] * 4)))
        self.assertEqual("-", picture.cell_text(cells(*["dropped"] * 4)))
        self.assertEqual("tcp 80", picture.cell_text(cells("open", "dropped", "open", "dropped")))
        self.assertEqual("IPv4 all, IPv6 tcp 81",
                         picture.cell_text(cells("open", "open", "dropped", "open")))

    def test_an_answer_that_is_neither_agrees_with_no_verdict(self):
        for verdict in ("allowed", "denied", "unknown x"):
            cell = matrix.Cell(matrix.Question("a", "b", "tcp", 1), "refused", verdict)
            self.assertFalse(cell.agrees)

    def test_an_unknown_verdict_agrees_with_nothing(self):
        for outcome in ("open", "dropped"):
            cell = matrix.Cell(matrix.Question("a", "b", "tcp", 1), outcome, "unknown pod")
            self.assertFalse(cell.agrees)


class SctpTest(unittest.TestCase):
    def deliver(self, server, client, packets):
        """Both ends' packets until nobody has any more; what the client was sent."""
        received = []
        while packets:
            replies = server.answer(sctp.parse(packets.pop(0)), "10.0.0.1")
            received += replies
            for reply in replies:
                packets += client.feed(sctp.parse(reply))
        return received

    def associate(self):
        server, client = sctp.Server({80: b"db\n"}), sctp.Association(40000, 80)
        self.deliver(server, client, [client.unanswered])
        return server, client

    def test_the_checksum_is_that_of_the_rfc(self):
        self.assertEqual(0xE3069283, sctp.crc32c(b"123456789"))
        self.assertEqual(0x8A9136AA, sctp.crc32c(bytes(32)))

    def test_a_handshake_ends_with_the_servers_name_and_then_it_echoes(self):
        server, client = self.associate()
        self.assertTrue(client.established)
        self.assertEqual(b"db\n", client.text)
        self.deliver(server, client, [client.data(b"word\n")])
        self.assertEqual(b"db\nword\n", client.text)

    def test_a_greeting_that_is_repeated_is_told_once(self):
        server, client = sctp.Server({80: b"db\n"}), sctp.Association(40000, 80)
        invitation = server.answer(sctp.parse(client.unanswered), "10.0.0.1")[0]
        echo = client.feed(sctp.parse(invitation))[0]
        self.assertEqual([], client.feed(sctp.parse(invitation)))
        self.deliver(server, client, [echo, echo])
        self.assertEqual(b"db\n", client.text)

    def test_what_is_damaged_or_for_nobody_is_not_answered(self):
        server, client = self.associate()
        damaged = bytearray(client.unanswered or client.data(b"x"))
        damaged[-1] ^= 1
        self.assertIsNone(sctp.parse(bytes(damaged)))
        self.assertIsNone(sctp.parse(b"short"))
        elsewhere = sctp.Association(40000, 81)
        self.assertEqual([], server.answer(sctp.parse(elsewhere.unanswered), "10.0.0.1"))
        stranger = sctp.parse(client.data(b"x"))
        self.assertEqual([], server.answer(stranger, "10.0.0.2"))
        forged = sctp.parse(client.data(b"x"))
        forged.tag ^= 1
        self.assertEqual([], server.answer(forged, "10.0.0.1"))


class ProbesTest(unittest.TestCase):
    HERE = "/proc/self/ns/net"

    def test_who_has_connected_waits_for_a_late_answer(self):
        """However short the time after which silence is a drop."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            probe = probes.Probe(self.HERE, "127.0.0.1", "tcp", server.getsockname()[1], "me")

            def answer():
                connection, _ = server.accept()
                with connection:
                    connection.sendall(b"me\n")

            threading.Thread(target=answer, daemon=True).start()
            self.assertEqual([probes.OPEN], probes.run([probe], timeout=0))

    def test_a_datagram_is_said_once_only_if_so_asked(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind(("127.0.0.1", 0))
            server.setblocking(False)
            probe = probes.Probe(self.HERE, "127.0.0.1", "udp", server.getsockname()[1], "me")
            for again, said in ((None, 1), (0.01, 2)):
                self.assertEqual([probes.DROPPED], probes.run([probe], 0.05, again))
                self.assertEqual(b"who?\n" * said, b"".join(
                    server.recv(64) for _ in range(said)))
                if again is None:
                    self.assertRaises(BlockingIOError, server.recv, 64)


if __name__ == "__main__":
    unittest.main()
