"""An edited file takes effect on packets: cells flip, live connections that lost their permission
stop, those that kept it do not notice."""

import time
import unittest

import harness

DB = ("default/db", "tcp", 6379)


class LiveEditTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.running = harness.Running("networkpolicy-page")
        cls.running.__enter__()
        cls.page = cls.running.read("policy.yaml")
        cls.without_frontend = cls.page.replace("""
    - podSelector:
        matchLabels:
          role: frontend
""", "\n")
        assert cls.without_frontend != cls.page

    @classmethod
    def tearDownClass(cls):
        cls.running.__exit__(None, None, None)

    def setUp(self):
        self.running.write("policy.yaml", self.page)
        self.becomes("open", "default/frontend", *DB)

    def becomes(self, outcome, source, target, protocol, port):
        self.assertTrue(
            self.running.becomes(outcome, source, target, protocol, port),
            f"{source} -> {target} {protocol} {port} did not become {outcome}")

    def assert_engine_agrees(self):
        result = self.running.measure()
        self.assertEqual([], [f"{cell.question} {cell.outcome} {cell.verdict}"
                              for cell in result.disagreements])
        return result.outcomes()

    def test_the_cells_of_the_edited_rule_flip_and_no_others(self):
        before = self.assert_engine_agrees()
        self.running.write("policy.yaml", self.without_frontend)
        self.becomes("dropped", "default/frontend", *DB)
        after = self.assert_engine_agrees()
        flipped = {str(question) for question in before if before[question] != after[question]}
        self.assertEqual({"default/frontend -> default/db : tcp 6379",
                          "default/frontend -> default/db : tcp6 6379"}, flipped)

    def test_a_connection_that_lost_its_permission_stops_and_its_neighbour_does_not_notice(self):
        frontend = harness.Connection(self.running, "default/frontend", "default/db", 6379)
        client = harness.Connection(self.running, "shop/client", "default/db", 6379)
        self.assertTrue(frontend.echoes("one") and client.echoes("one"))

        self.running.write("policy.yaml", self.without_frontend)
        started = time.monotonic()
        stopped = harness.wait_until(lambda: not frontend.echoes("two", 0.15), 5)
        print(f"\n  edit to the stop of a live connection: under "
              f"{time.monotonic() - started:.2f} s (0.15 s of them to be sure)")
        self.assertTrue(stopped)
        for number in range(20):
            self.assertTrue(client.echoes(f"still {number}"))
        self.assertFalse(frontend.echoes("three", 1.0))

        self.running.write("policy.yaml", self.page)
        self.assertTrue(harness.wait_until(lambda: frontend.echoes("four", 5.0), 10),
                        "a connection that is allowed again resumes")
        frontend.close()
        client.close()

    def test_a_deleted_file_and_a_new_one_take_effect(self):
        self.becomes("dropped", "default/batch", *DB)
        self.running.remove("policy.yaml")
        self.becomes("open", "default/batch", *DB)
        self.assert_engine_agrees()
        self.running.write("another.yaml", self.page)
        self.becomes("dropped", "default/batch", *DB)
        self.assert_engine_agrees()
        self.running.write("policy.yaml", self.page)
        self.running.remove("another.yaml")
        self.becomes("dropped", "default/batch", *DB)

    def test_an_edit_in_place_takes_effect(self):
        path = f"{self.running.directory}/policy.yaml"
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.without_frontend)
        self.becomes("dropped", "default/frontend", *DB)

    def test_a_pod_that_appears_is_attached_and_one_that_goes_is_detached(self):
        self.running.write("late.yaml", """
apiVersion: v1
kind: Pod
metadata: {name: late, namespace: default, labels: {role: frontend}}
spec: {containers: [{name: late, image: late}]}
""")
        outcomes = self.assert_engine_agrees()
        self.assertEqual("open", outcomes[harness.matrix.Question("default/late", *DB)])
        self.running.remove("late.yaml")
        outcomes = self.assert_engine_agrees()
        self.assertNotIn("default/late", {question.source for question in outcomes})

    def test_a_pods_new_labels_count_at_once(self):
        pods = self.running.read("pods.yaml")
        self.becomes("dropped", "default/batch", *DB)
        self.running.write("pods.yaml", pods.replace("{role: batch}", "{role: frontend}"))
        self.becomes("open", "default/batch", *DB)
        self.running.write("pods.yaml", pods)
        self.becomes("dropped", "default/batch", *DB)


if __name__ == "__main__":
    unittest.main()
