"""What the agent serves on --http_address while there is no switch."""

import os
import re
import socket
import unittest

import agent_process
import exposition
from agent_process import AgentProcess


ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")


def table():
    """Name and type of each metric in agent/metrics/README.md."""
    with open(os.path.join(ROOT, "agent", "metrics", "README.md"), encoding="utf-8") as file:
        return re.findall(r"^\| `(\w+)` \| (\w+) \|", file.read(), re.MULTILINE)


class AgentHttpTest(unittest.TestCase):
    def test_a_node_without_a_switch_is_alive_and_not_ready(self):
        with AgentProcess() as agent:
            self.assertEqual(agent.get("/healthz")[::2], (200, "ok\n"))
            status, _, body = agent.get("/readyz")
            self.assertEqual(status, 503)
            lines = body.splitlines()
            self.assertEqual(len(lines), 2, body)
            self.assertRegex(lines[0], f"^ovsdb {agent.path}/db.sock: not connected: ")
            self.assertRegex(lines[1], r"^bridge br-int: flows unknown \(disconnected\)")

    def test_there_is_nothing_else(self):
        with AgentProcess() as agent:
            self.assertEqual(agent.get("/")[0], 404)
            self.assertEqual(agent.get("/healthz", "POST")[0], 405)
            self.assertEqual(agent.get("/healthz", "HEAD")[::2], (200, ""))

    def test_metrics_are_those_of_the_table(self):
        with AgentProcess() as agent:
            status, headers, body = agent.get("/metrics")
            self.assertEqual(status, 200)
            self.assertEqual(headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
            families = exposition.parse(body)
            self.assertEqual(sorted((each.name, each.type) for each in families.values()),
                             sorted(table()))
            self.assertGreater(families["process_resident_memory_bytes"][{}], 1 << 20)
            self.assertEqual(families["sluice_switch_sync_state"][{"state": "disconnected"}], 1)

    def test_a_database_that_hangs_up_again_and_again_is_not_logged_every_time(self):
        with AgentProcess() as agent, socket.socket(socket.AF_UNIX) as database:
            database.bind(agent.file("db.sock"))
            database.listen()
            database.settimeout(agent_process.DEADLINE)
            for _ in range(5):
                database.accept()[0].close()
            said = [line.partition("ovsdb: ")[2] for line in agent.log_lines() if "ovsdb: " in line]
            again = [line for line, before in zip(said[1:], said) if line == before]
            self.assertTrue(said)
            self.assertEqual(again, [])

    def test_an_agent_that_nobody_can_reach_wants_a_restart(self):
        with AgentProcess() as agent:
            self.assertEqual(agent.get("/healthz")[0], 200)
            os.unlink(agent.file("cni.sock"))
            status, _, body = agent.get("/healthz")
            self.assertEqual(status, 503)
            self.assertIn(agent.file("cni.sock"), body)

    def test_an_address_that_cannot_be_is_an_error_that_names_the_flag(self):
        code, said = agent_process.run("--manifests=/", "--http_address=nowhere")
        self.assertEqual(code, 2)
        self.assertIn("--http_address: \"nowhere\" is not HOST:PORT", said)
        code, said = agent_process.run("--manifests=/", "--http_address=192.0.2.1:9560")
        self.assertEqual(code, 1)
        self.assertIn("--http_address: listening on 192.0.2.1:9560", said)


if __name__ == "__main__":
    unittest.main()
