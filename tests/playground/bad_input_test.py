"""Bad input is answered with one clear line and disturbs nothing else."""

import json
import os
import signal
import subprocess
import unittest

import harness
import netns
from pods import CniError

HEADER = """apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: bad, namespace: default}
"""


def ingress(rule):
    return HEADER + f"spec: {{podSelector: {{}}, ingress: [{rule}]}}\n"


# What is written to bad.yaml, and the words its complaint must have.
REFUSED = {
    "malformed YAML": ("kind: NetworkPolicy\n  metadata: [\n", ["bad.yaml"]),
    "a tab": ("kind: Pod\n\tmetadata: x\n", ["bad.yaml"]),
    "not a mapping": ("- 1\n- 2\n", ["bad.yaml"]),
    "wrong type": (HEADER + "spec: {podSelector: {}, ingress: 7}\n",
                   ["default/bad", "spec.ingress"]),
    "no podSelector but a list": (HEADER + "spec: {podSelector: [a]}\n",
                                  ["default/bad", "spec.podSelector"]),
    "port too high": (ingress("{ports: [{port: 70000}]}"),
                      ["default/bad", "spec.ingress[0].ports[0].port", "70000"]),
    "port zero": (ingress("{ports: [{port: 0}]}"),
                  ["default/bad", "spec.ingress[0].ports[0].port"]),
    "endPort below port": (ingress("{ports: [{port: 80, endPort: 79}]}"),
                           ["default/bad", "spec.ingress[0].ports[0].endPort"]),
    "endPort alone": (ingress("{ports: [{endPort: 80}]}"), ["default/bad", "endPort"]),
    "not a CIDR": (ingress("{from: [{ipBlock: {cidr: 10.0.0.0/33}}]}"),
                   ["default/bad", "spec.ingress[0].from[0].ipBlock.cidr"]),
    "except outside cidr": (
        ingress("{from: [{ipBlock: {cidr: 10.0.0.0/24, except: [10.9.0.0/25]}}]}"),
        ["default/bad", "spec.ingress[0].from[0].ipBlock.except[0]"]),
    "unknown operator": (
        HEADER + "spec: {podSelector: {matchExpressions: [{key: a, operator: Like}]}}\n",
        ["default/bad", "operator"]),
    "an empty peer": (ingress("{from: [{}]}"), ["default/bad", "spec.ingress[0].from[0]"]),
    "unknown protocol": (ingress("{ports: [{port: 1, protocol: ICMP}]}"),
                         ["default/bad", "protocol", "ICMP"]),
    "a bad name": ("apiVersion: v1\nkind: Pod\nmetadata: {name: 'NO!'}\n", ["bad.yaml"]),
}


class BadManifestTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.running = harness.Running("networkpolicy-page")
        cls.running.__enter__()
        cls.engine = cls.running.node.engine
        cls.good_flows = cls.running.flows()

    @classmethod
    def tearDownClass(cls):
        cls.running.__exit__(None, None, None)

    def tearDown(self):
        if os.path.exists(f"{self.running.directory}/bad.yaml"):
            self.running.remove("bad.yaml")
        self.assertTrue(harness.wait_until(lambda: not self.engine.complaints()))
        self.assertTrue(harness.wait_until(lambda: self.running.flows() == self.good_flows))

    def test_each_gets_one_line_and_disturbs_nothing(self):
        for name, (text, words) in REFUSED.items():
            with self.subTest(name):
                self.running.write("bad.yaml", text)
                self.assertTrue(harness.wait_until(self.engine.complaints, 3), "no complaint")
                complaints = self.engine.complaints()
                self.assertEqual(1, len(complaints), complaints)
                for word in ["bad.yaml", *words]:
                    self.assertIn(word, complaints[0])
                self.assertNotIn("\n", complaints[0].strip())
                self.assertEqual(self.good_flows, self.running.flows())
                self.running.remove("bad.yaml")
                harness.wait_until(lambda: not self.engine.complaints(), 3)

    def test_the_last_good_version_stays_in_force(self):
        good = self.running.read("policy.yaml")
        self.running.write("policy.yaml", good.replace("port: 6379", "port: 637900"))
        self.assertTrue(harness.wait_until(self.engine.complaints, 3))
        self.assertEqual(self.good_flows, self.running.flows())
        self.running.write("policy.yaml", good)
        self.assertTrue(harness.wait_until(lambda: not self.engine.complaints()))

    def test_a_broken_document_does_not_take_its_neighbours_along(self):
        self.running.write("bad.yaml", ingress("{ports: [{port: 70000}]}") + """---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: good, namespace: other}
spec: {podSelector: {}, policyTypes: [Ingress]}
""")
        self.assertTrue(self.running.becomes("dropped", "default/batch", "other/frontend", "tcp", 80))
        self.assertEqual(1, len(self.engine.complaints()))

    def test_host_bits_in_a_cidr_and_an_unknown_namespace_do_no_harm(self):
        self.running.write("bad.yaml", ingress("{from: [{ipBlock: {cidr: 10.0.0.77/24}}]}")
                           .replace("namespace: default", "namespace: nowhere"))
        harness.wait_until(self.engine.complaints, 1)
        self.assertLessEqual(len(self.engine.complaints()), 1)
        self.assertTrue(self.engine.in_sync())
        self.assertEqual(self.good_flows, self.running.flows())

    def test_a_rule_that_nobody_here_can_match_still_isolates(self):
        for rule in ("{ports: [{port: http}]}", "{ports: [{port: 80, protocol: SCTP}]}",
                     "{from: [{ipBlock: {cidr: 'fd00::/64'}}]}"):
            with self.subTest(rule):
                self.running.write("bad.yaml", ingress(rule).replace(
                    "podSelector: {}", "podSelector: {matchLabels: {role: batch}}"))
                self.assertTrue(self.running.becomes(
                    "dropped", "default/frontend", "default/batch", "tcp", 9999),
                    "its subject must be closed")
                self.assertEqual(self.engine.complaints(), [])
                self.running.remove("bad.yaml")
                self.assertTrue(self.running.becomes(
                    "open", "default/frontend", "default/batch", "tcp", 9999),
                    "else the next rule would find it closed already")


class BadCniTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.running = harness.Running("networkpolicy-page", "-cni")
        cls.running.__enter__()
        cls.cni = cls.running.playground.cni
        cls.flows = cls.running.flows()
        cls.netns = os.path.join(cls.running.playground.state_dir, "netns", "spare")
        netns.create(cls.netns)

    @classmethod
    def tearDownClass(cls):
        cls.running.__exit__(None, None, None)

    def tearDown(self):
        self.assertEqual(self.flows, self.running.flows())
        self.assertEqual([], self._links())

    def _links(self):
        done = subprocess.run(netns.command(self.netns, "ip", "-br", "link"), capture_output=True,
                              text=True, check=True)
        return [line.split()[0] for line in done.stdout.splitlines() if not line.startswith("lo")]

    def refused(self, code, *words, verb="ADD", key="default/nobody", config=None):
        with self.assertRaises(CniError) as caught:
            self.cni.call(verb, key, self.netns, config)
        self.assertEqual(code, caught.exception.code, caught.exception)
        for word in words:
            self.assertIn(word, str(caught.exception))
        self.assertNotIn("\n", str(caught.exception).strip())

    def config(self, **changes):
        return json.dumps({**json.loads(self.cni.config), **changes})

    def test_stdin_that_is_not_json(self):
        self.refused(6, config="{not json")

    def test_an_unknown_version(self):
        self.refused(1, "9.9.9", config=self.config(cniVersion="9.9.9"))

    def test_an_ipam_plugin_that_does_not_exist(self):
        with self.assertRaises(CniError):
            self.cni.call("ADD", "default/db", self.netns, self.config(ipam={"type": "no-such"}))

    def test_a_pod_nobody_has_heard_of_is_tried_again_later(self):
        self.refused(11, "default/nobody")
        ipam = os.path.join(self.running.playground.state_dir, "ipam", "sluice")
        held = [name for name in os.listdir(ipam) if name[0].isdigit()]
        self.assertEqual(len(self.running.playground.state["pods"]), len(held))

    def test_an_agent_that_is_down_is_tried_again_later(self):
        self.running.node.kill("sluice-agent")
        try:
            self.refused(11, "cni.sock")
        finally:
            self.running.node.start_agent(self.running.directory)

    def test_an_unreachable_switch_is_said_and_gets_over(self):
        node = self.running.node
        node.kill("ovs-vswitchd", signal.SIGKILL)
        try:
            self.assertTrue(harness.wait_until(lambda: not node.engine.in_sync(), 5))
            self.assertNotEqual("connected", node.engine.status().get("switch"))
            with self.assertRaises(CniError):
                self.cni.call("ADD", "default/nobody", self.netns)
        finally:
            node.start_switch()
        self.assertTrue(harness.wait_until(node.engine.in_sync, 15), node.engine.status_text())
        self.assertTrue(harness.wait_until(lambda: self.running.flows() == self.flows))


class BadCommandLineTest(unittest.TestCase):
    def said(self, *arguments):
        done = harness.command_line(*arguments, "--name", harness.unique_name())
        self.assertNotIn("Traceback", done.stdout + done.stderr)
        self.assertNotEqual(0, done.returncode)
        return done.stderr

    def test_each_mistake_gets_a_sentence(self):
        self.assertIn("no such directory", self.said("run", "/no/such/directory"))
        self.assertIn("no Pod", self.said("run", os.path.join(harness.ROOT, "deploy", "lib")))
        self.assertIn("--colour", self.said("matrix", "--colour"))
        for verb in ("matrix", "status", "flows", "logs"):
            self.assertIn("is not up", self.said(verb))

    def test_a_name_that_is_none_is_refused(self):
        done = harness.command_line("down", "--name", "../etc")
        self.assertEqual(2, done.returncode)
        self.assertIn("--name", done.stderr)

    def test_a_bad_manifest_is_shown_and_the_rest_goes_on(self):
        with harness.tempfile.TemporaryDirectory() as directory:
            harness.shutil.copytree(os.path.join(harness.EXAMPLES, "default-deny"), directory,
                                    dirs_exist_ok=True)
            with open(os.path.join(directory, "bad.yaml"), "w", encoding="utf-8") as file:
                file.write(ingress("{ports: [{port: 70000}]}") + "---\nkind: Pod\nmetadata: [\n")
            done = harness.command_line("run", directory, "--name", harness.unique_name())
            self.assertEqual(0, done.returncode, done.stdout + done.stderr)
            self.assertIn("bad.yaml", done.stderr)
            self.assertIn("0 disagreements", done.stdout)


if __name__ == "__main__":
    unittest.main()
