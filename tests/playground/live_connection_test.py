"""Live connections: one that loses its permission stops at once, both ways, also when only the server
talks, and goes on when it is allowed again; one that another rule still permits never notices. TCP,
UDP and SCTP, both families, pods and outside hosts."""

import time
import unittest

import harness
from conversation import CLIENT, OTHER, PROTOCOLS, SERVER, start

# Within a range, below the ports that the playground's own listeners take of it: 7050, 7100.
FIRST_PORT = 7001
PORTS = "\n".join(f"    - {{protocol: {protocol.upper()}, port: 7000, endPort: 7100}}"
                  for protocol in PROTOCOLS)
HEADER = """apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: {name}, namespace: {namespace}}}
spec:
"""
OUTSIDE = {4: "172.17.0.10", 6: "2001:db8:17::10"}

# Isolates the server; lets nobody in.
CLOSED = HEADER.format(name="server", namespace="default") + """\
  podSelector: {matchLabels: {role: db}}
  policyTypes: [Ingress]
"""
OPEN = CLOSED + f"""\
  ingress:
  - from:
    - podSelector: {{matchExpressions: [{{key: role, operator: In, values: [frontend, batch]}}]}}
    - ipBlock: {{cidr: 172.17.0.0/16}}
    - ipBlock: {{cidr: "2001:db8:17::/48"}}
    ports:
{PORTS}
"""
ALSO_FRONTEND = HEADER.format(name="also", namespace="default") + f"""\
  podSelector: {{}}
  policyTypes: [Ingress]
  ingress:
  - from:
    - podSelector: {{matchLabels: {{role: frontend}}}}
    ports:
{PORTS}
"""
CLIENT_CLOSED = HEADER.format(name="client", namespace="default") + """\
  podSelector: {matchLabels: {role: frontend}}
  policyTypes: [Egress]
"""


class LiveConnectionTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.running = harness.Running("networkpolicy-page")
        cls.running.__enter__()
        cls.running.write("policy.yaml", OPEN)
        cls.running.playground.sync()  # the outside hosts of these blocks

    @classmethod
    def tearDownClass(cls):
        cls.running.__exit__(None, None, None)

    def setUp(self):
        self.conversations = []
        self.running.write("policy.yaml", OPEN)
        for name in ("also.yaml", "client.yaml"):
            if name in harness.os.listdir(self.running.directory):
                self.running.remove(name)
        self.becomes("open", "default/batch", "default/db", 7000)
        self.becomes("open", "default/batch", "default/frontend", 9999)

    def tearDown(self):
        for conversation in self.conversations:
            conversation.close()

    def becomes(self, outcome, source, target, port):
        self.assertTrue(
            self.running.becomes(outcome, source, target, "tcp", port),
            f"{source} -> {target} tcp {port} did not become {outcome}")

    def start_all(self, *pairs):
        """A conversation for each protocol, family and pair of client and server."""
        for pair in pairs:
            for family in (4, 6):
                source, target = (OUTSIDE[family] if who is OUTSIDE else who for who in pair)
                for protocol in PROTOCOLS:
                    port = FIRST_PORT + len(self.conversations)
                    self.conversations.append(
                        start(self.running, protocol, family, source, target, port))

    def heard(self, word, ends, seconds):
        """Says it in every conversation at `ends`; (conversation, end) that were heard in time."""
        pairs = [(conversation, end) for conversation in self.conversations for end in ends]
        for conversation, end in pairs:
            conversation.say(end, word)
        deadline, heard = time.monotonic() + seconds, []
        while pairs and time.monotonic() < deadline:
            time.sleep(0.005)
            heard += [pair for pair in pairs if pair[0].hears(OTHER[pair[1]], word)]
            pairs = [pair for pair in pairs if pair not in heard]
        return [f"{end} of {conversation}" for conversation, end in heard]

    def assert_all_stop(self, ends):
        """Until nobody is heard; and then nobody is."""
        numbers = iter(range(1000))
        started = time.monotonic()
        harness.wait_until(lambda: not self.heard(f"late{next(numbers)}", ends, 0.15), 5)
        print(f"\n  edit to the stop of {len(self.conversations)} connections: under "
              f"{time.monotonic() - started:.2f} s (0.15 s of them to be sure)")
        self.assertEqual([], self.heard("refused", ends, 1.0))

    def assert_all_go_on(self):
        """TCP says again what was lost when its timer is up; the others lose it."""
        numbers = iter(range(1000))
        everybody = 2 * len(self.conversations)
        went_on = harness.wait_until(
            lambda: len(self.heard(f"again{next(numbers)}", (CLIENT, SERVER), 2.0)) == everybody, 20)
        self.assertTrue(went_on, f"of {everybody}: {self.heard('x', (CLIENT, SERVER), 2.0)}")

    def test_a_revoked_permission_stops_both_ways_and_given_back_they_go_on(self):
        self.start_all(("default/frontend", "default/db"), (OUTSIDE, "default/db"))
        self.running.write("policy.yaml", CLOSED)
        self.assert_all_stop((CLIENT, SERVER))
        self.running.write("policy.yaml", OPEN)
        self.assert_all_go_on()

    def test_a_revoked_permission_stops_a_server_that_talks_alone(self):
        self.start_all(("default/frontend", "default/db"), (OUTSIDE, "default/db"))
        self.running.write("policy.yaml", CLOSED)
        self.assert_all_stop((SERVER,))

    def test_a_client_that_may_not_send_any_more_gets_no_answers_either(self):
        self.start_all(("default/frontend", "default/db"), ("default/frontend", OUTSIDE))
        self.running.write("client.yaml", CLIENT_CLOSED)
        self.assert_all_stop((CLIENT, SERVER))
        self.running.remove("client.yaml")
        self.assert_all_go_on()

    def test_a_server_that_talks_alone_stops_when_its_client_may_not_send(self):
        self.start_all(("default/frontend", "default/db"), ("default/frontend", OUTSIDE))
        self.running.write("client.yaml", CLIENT_CLOSED)
        self.assert_all_stop((SERVER,))

    def test_a_connection_that_another_rule_still_permits_never_notices(self):
        self.running.write("also.yaml", ALSO_FRONTEND)
        self.becomes("dropped", "default/batch", "default/frontend", 9999)
        self.start_all(("default/frontend", "default/db"))
        self.running.write("policy.yaml", CLOSED)
        # In the meantime the other's permission goes: batch had that rule only.
        closed_at = None
        for number in range(400):
            self.heard(f"w{number}", (CLIENT, SERVER), 0.05)
            if number % 20 == 19 and self.running.outcome(
                    "default/batch", "default/db", "tcp", 7000, answer=0.5) == "dropped":
                if closed_at:
                    break
                closed_at = number
        self.assertIsNotNone(closed_at, "the edit took no effect")
        self.heard("end", (CLIENT, SERVER), 1.0)
        for conversation in self.conversations:
            for end in (CLIENT, SERVER):
                self.assertEqual(conversation.said[end], conversation.heard[OTHER[end]],
                                 f"{end} of {conversation}")


if __name__ == "__main__":
    unittest.main()
