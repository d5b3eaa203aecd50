"""What the playground reads out of manifests, which hosts it adds, and how it draws."""

import ipaddress
import os
import tempfile
import unittest

import harness  # noqa: F401  (finds the playground's modules)
import manifests
import matrix
import outside
import picture


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
        return [host.address for host in outside.choose(found, "10.244.0.0/24")]

    def test_a_block_and_each_exception_get_a_host_and_the_rest_of_the_world_one(self):
        self.assertEqual(["172.17.0.10", "172.17.1.10", "203.0.113.10"],
                         self.hosts("172.17.0.0/16", "172.17.1.0/24"))

    def test_the_address_in_the_block_is_outside_its_exceptions(self):
        first = ipaddress.ip_address(self.hosts("192.0.2.0/24", "192.0.2.0/25")[0])
        self.assertIn(first, ipaddress.ip_network("192.0.2.128/25"))

    def test_pod_addresses_loopback_and_multicast_are_nobodys(self):
        for cidr in ("10.244.0.0/25", "127.0.0.0/8", "224.0.0.0/4"):
            self.assertEqual(["203.0.113.10"], self.hosts(cidr))

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

    def test_an_answer_that_is_neither_agrees_with_no_verdict(self):
        for verdict in ("allowed", "denied", "unknown x"):
            cell = matrix.Cell(matrix.Question("a", "b", "tcp", 1), "refused", verdict)
            self.assertFalse(cell.agrees)

    def test_an_unknown_verdict_agrees_with_nothing(self):
        for outcome in ("open", "dropped"):
            cell = matrix.Cell(matrix.Question("a", "b", "tcp", 1), outcome, "unknown pod")
            self.assertFalse(cell.agrees)


if __name__ == "__main__":
    unittest.main()
