"""What the agent serves when all is well, and after somebody changed a flow: a real switch, pods
attached by the real plugin."""

import http.client
import os
import sys
import unittest

import harness
import netns
from node import HTTP_PORT

sys.path.insert(0, os.path.join(harness.ROOT, "tests", "integration", "agent"))
import exposition  # noqa: E402


class MetricsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.running = harness.Running("networkpolicy-page", "-metrics")
        cls.running.__enter__()
        cls.addClassCleanup(cls.running.__exit__, None, None, None)

    def setUp(self):
        # One for all that a test asks, as a scraper has it: the agent gives a client a few only.
        self.connection = http.client.HTTPConnection("127.0.0.1", HTTP_PORT, timeout=10)
        self.addCleanup(self.connection.close)
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        try:
            netns.enter(self.running.node.netns)
            self.connection.connect()
        finally:
            netns.enter(f"/proc/self/fd/{home}")
            os.close(home)

    def get(self, path):
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        return answer.status, answer.read().decode()

    def metrics(self):
        return exposition.parse(self.get("/metrics")[1])

    def test_a_node_that_can_attach_pods_is_ready(self):
        self.assertEqual(self.get("/readyz"), (200, "ok\n"))
        self.assertEqual(self.get("/healthz"), (200, "ok\n"))

    def test_numbers_are_those_of_the_example(self):
        families = self.metrics()
        self.assertEqual(families["sluice_endpoints"][{"gate": "open"}], 5)
        self.assertEqual(families["sluice_endpoints"][{"gate": "closed"}], 0)
        self.assertEqual(families["sluice_policies"][{}], 1)
        self.assertEqual(families["sluice_flows_installed"][{}],
                         families["sluice_flows_desired"][{}])
        cni = families["sluice_cni_request_duration_seconds"].samples
        labels = frozenset({"verb": "ADD", "result": "ok"}.items())
        self.assertEqual(cni[("sluice_cni_request_duration_seconds_count", labels)], 5)

    def test_drift_that_was_repaired_is_counted(self):
        before = self.metrics()["sluice_drift_repaired_total"][{}]
        self.running.node.ofctl("del-flows", "table=IngressRule", options=("--names",))
        self.assertTrue(harness.wait_until(
            lambda: self.metrics()["sluice_drift_repaired_total"][{}] > before))
        self.assertTrue(harness.wait_until(self.has_all_flows))

    def has_all_flows(self):
        families = self.metrics()
        return families["sluice_flows_installed"][{}] == families["sluice_flows_desired"][{}]

    def test_megaflows_are_purged_until_no_purge_is_owed(self):
        self.assertTrue(harness.wait_until(
            lambda: self.metrics()["sluice_megaflow_purge_owed"][{}] == 0))
        purges = self.metrics()["sluice_megaflow_purges_total"]
        self.assertGreater(purges[{"result": "ok"}], 0)
        self.assertEqual(purges[{"result": "failed"}], 0)


if __name__ == "__main__":
    unittest.main()
