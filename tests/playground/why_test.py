"""`sluicectl why` on a live agent: its verdict is what packets do, it compares itself with the
switch, says so when the two disagree, and says the same from the manifests alone."""

import json
import os
import signal
import socket
import subprocess
import threading
import unittest

import harness
import node

ALLOWED, DENIED, CANNOT_SAY = 0, 1, 2
BATCH_TO_DB = ("default/batch", "default/db:6379")
ISOLATION_OF_DB = "IngressDefault"


class Recorded:
    """A status socket that goes on saying what the agent said last, while the agent is stopped."""

    def __init__(self, path, agents_socket, request):
        self.path = path
        with socket.socket(socket.AF_UNIX) as agent:
            agent.connect(agents_socket)
            agent.sendall(json.dumps(request).encode() + b"\n")
            self.line = agent.makefile("rb").readline()
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(path)
        self.listening.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                client, _ = self.listening.accept()
            except OSError:
                return
            with client:
                client.makefile("rb").readline()
                client.sendall(self.line)

    def close(self):
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        os.unlink(self.path)


class WhyTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.running = harness.Running("networkpolicy-page", "-why")
        cls.running.__enter__()
        cls.node = cls.running.node

    @classmethod
    def tearDownClass(cls):
        cls.running.__exit__(None, None, None)

    def why(self, source, target, *options, status_socket=None):
        status_socket = status_socket or os.path.join(self.node.state_dir, "status.sock")
        done = subprocess.run(
            [os.path.join(self.node.binaries, "sluicectl"), f"--socket={status_socket}", *options,
             "why", source, target], capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def offline(self, source, target):
        cidrs = ",".join(cidr for cidr, _ in node.NETWORKS.values())
        return self.why(source, target, f"--manifests={self.running.directory}",
                        f"--pod_cidr={cidrs}", status_socket="/nowhere")

    def outcomes(self):
        """(source, B:PORT/PROTOCOL) -> the outcome; of all families, which here fare alike."""
        found = {}
        for question, outcome in self.running.measure().outcomes().items():
            target = f"[{question.target}]" if ":" in question.target else question.target
            asked = (question.source, f"{target}:{question.port}/{question.protocol}")
            self.assertEqual(outcome, found.setdefault(asked, outcome), str(question))
        return found

    def test_every_verdict_is_what_packets_do_and_the_switch_agrees(self):
        wrong, compared = [], 0
        for question, outcome in self.outcomes().items():
            code, text = self.why(*question, "-o", "json")
            expected = ALLOWED if outcome == "open" else DENIED
            agrees = [path["switch"]["agrees"] for path in json.loads(text)["paths"]]
            compared += len(agrees)
            if code != expected or not all(agrees):
                wrong.append(f"{question} was {outcome}, why: {code} {text}")
        self.assertEqual([], wrong)
        self.assertGreater(compared, 300)

    def test_the_manifests_alone_say_the_same_of_pods(self):
        wrong = []
        for question, outcome in self.outcomes().items():
            code, text = self.offline(*question)
            if code != (ALLOWED if outcome == "open" else DENIED):
                wrong.append(f"{question} was {outcome}, why: {code} {text}")
        self.assertEqual([], wrong)

    def test_a_deny_names_the_policy_and_its_nearest_misses(self):
        code, text = self.why(*BATCH_TO_DB)
        self.assertEqual(DENIED, code, text)
        self.assertRegex(text, r"(?m)^denied: 10\.\S+ \(default/batch\) -> \S+ \(default/db\)")
        self.assertIn("isolated by default/test-network-policy; no rule allows it", text)
        self.assertIn("default/test-network-policy ingress[0]: podSelector role=frontend: "
                      "default/batch has role=batch", text)
        self.assertRegex(text, r"switch: agrees: a packet is dropped at 85\. ")

    def test_nothing_is_changed_by_asking(self):
        before = self.running.flows()
        self.why(*BATCH_TO_DB)
        self.why("default/frontend", "default/db:6379")
        self.assertEqual(before, self.running.flows())

    def test_who_is_not_there_and_what_makes_no_sense_is_said(self):
        code, text = self.why("default/nobody", "default/db:6379")
        self.assertEqual((CANNOT_SAY, True), (code, "there is no pod default/nobody" in text), text)
        code, text = self.why("default/batch", "default/db")
        self.assertEqual((CANNOT_SAY, True), (code, "has no port" in text), text)

    def test_a_switch_that_disagrees_is_told(self):
        recorded = Recorded(
            os.path.join(self.node.state_dir, "recorded.sock"),
            os.path.join(self.node.state_dir, "status.sock"),
            {"method": "why", "source": BATCH_TO_DB[0], "target": BATCH_TO_DB[1]})
        code, text = self.why(*BATCH_TO_DB, status_socket=recorded.path)
        self.assertEqual(DENIED, code, text)

        agent = self.node.pid("sluice-agent")
        os.kill(agent, signal.SIGSTOP)  # it would put the flow back at once
        try:
            self.node.ofctl("del-flows", f"table={ISOLATION_OF_DB}", options=("--names",))
            self.node.ofctl("add-flow", f"table={ISOLATION_OF_DB},priority=0,actions="
                            "goto_table:Commit", options=("--names",))
            code, text = self.why(*BATCH_TO_DB, status_socket=recorded.path)
        finally:
            os.kill(agent, signal.SIGCONT)
            recorded.close()
        self.assertEqual(CANNOT_SAY, code, text)
        self.assertRegex(text, r"DISAGREEMENT: the switch says allowed: a packet leaves by slu")

        self.assertTrue(harness.wait_until(lambda: self.why(*BATCH_TO_DB)[0] == DENIED),
                        "the agent puts its flows back, and the switch agrees again")

    def test_without_a_switch_nothing_is_certain(self):
        self.node.kill("ovs-vswitchd", signal.SIGKILL)
        try:
            self.assertTrue(harness.wait_until(
                lambda: "NOT IN SYNC" in self.why(*BATCH_TO_DB)[1]))
            code, text = self.why(*BATCH_TO_DB)
            self.assertEqual(CANNOT_SAY, code, text)
            self.assertIn("switch: not compared: not asked: ", text)
        finally:
            self.node.start_switch()
            self.assertTrue(harness.wait_until(self.node.engine.in_sync))


if __name__ == "__main__":
    unittest.main()
