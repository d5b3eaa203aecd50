"""What the agent serves on --http_address while there is no switch."""

import os
import unittest

import agent_process
from agent_process import AgentProcess


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
