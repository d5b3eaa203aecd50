"""Agent and switch come and go: nothing is lost that need not be, nothing opens that must not."""

import os
import signal
import subprocess
import threading
import time
import unittest

import harness


class Pinger(threading.Thread):
    """Words over one TCP connection, every few milliseconds; remembers what did not come back."""

    def __init__(self, connection):
        super().__init__()
        self.connection, self.sent, self.lost, self.worst = connection, 0, 0, 0.0
        self.ending = threading.Event()

    def run(self):
        while not self.ending.wait(0.005):
            started = time.monotonic()
            self.sent += 1
            if not self.connection.echoes(f"ping {self.sent}"):
                self.lost += 1
            self.worst = max(self.worst, time.monotonic() - started)

    def finish(self):
        self.ending.set()
        self.join()
        self.connection.close()


class RestartTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.running = harness.Running("networkpolicy-page")
        cls.running.__enter__()
        cls.node = cls.running.node

    @classmethod
    def tearDownClass(cls):
        cls.running.__exit__(None, None, None)

    def assert_engine_agrees(self):
        self.assertEqual([], [f"{cell.question} {cell.outcome} {cell.verdict}"
                              for cell in self.running.measure().disagreements])

    def test_an_agent_restarted_with_nothing_changed_sends_no_flow_mod(self):
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with self.subTest(sign.name):
                self.node.kill("sluice-agent", sign)
                time.sleep(0.2)  # the switch notices that the connection has closed
                before, flows = self.running.flow_mods(), self.running.flows()
                self.assertGreaterEqual(before, len(flows))  # it does count
                pinger = Pinger(harness.Connection(
                    self.running, "default/frontend", "default/db", 6379))
                pinger.start()
                self.node.start_agent(self.running.directory)
                time.sleep(0.5)
                self.node.kill("sluice-agent")
                time.sleep(0.2)
                self.node.start_agent(self.running.directory)
                pinger.finish()
                self.assertGreater(pinger.sent, 50)
                self.assertEqual(0, pinger.lost)
                self.assertLess(pinger.worst, 0.2, "a lost packet shows as a retransmission")
                self.assertEqual(flows, self.running.flows())
                self.assertEqual(before, self.running.flow_mods())
        self.assert_engine_agrees()

    def test_a_restarted_switch_gets_all_flows_back_and_pods_are_closed_in_between(self):
        flows = self.running.flows()
        self.node.kill("ovs-vswitchd", signal.SIGKILL)
        self.assertEqual("dropped", self.running.outcome(
            "default/frontend", "default/batch", "tcp", 9999))
        # Without the agent the new switch has no flows: still closed.
        self.node.kill("sluice-agent", signal.SIGKILL)
        self.node.start_switch()
        self.assertEqual("dropped", self.running.outcome(
            "default/frontend", "default/batch", "tcp", 9999))
        self.node.start_agent(self.running.directory)
        self.assertTrue(harness.wait_until(lambda: self.running.flows() == flows))
        self.assert_engine_agrees()

    def test_a_switch_that_restarts_under_a_running_agent_gets_its_flows_back(self):
        flows = self.running.flows()
        self.node.kill("ovs-vswitchd", signal.SIGKILL)
        time.sleep(0.3)
        self.node.start_switch()
        harness.wait_until(lambda: self._flows_or_none() == flows, 15)
        self.assertEqual(flows, self.running.flows())
        self.assertTrue(harness.wait_until(self.node.engine.in_sync))
        self.assert_engine_agrees()

    def _flows_or_none(self):
        try:
            return self.running.flows()
        except harness.playground_module.Failure:
            return None

    def _put_back(self):
        return self.node.engine.status()["counters"]["foreignChanges"]

    def test_a_flow_deleted_by_hand_comes_back_and_is_counted(self):
        flows, counted = self.running.flows(), self._put_back()
        self.node.ofctl("del-flows", "table=EgressDefault", options=("--names",))
        self.assertTrue(harness.wait_until(lambda: self.running.flows() == flows, 1))
        self.assertGreater(self._put_back(), counted)

    def test_a_flow_edited_or_added_by_hand_is_put_right_and_counted(self):
        flows, counted = self.running.flows(), self._put_back()
        self.node.ofctl("add-flow", "table=0,priority=65000,ip,actions=NORMAL")
        self.node.ofctl("mod-flows", "table=IngressDefault,actions=drop", options=("--names",))
        self.assertTrue(harness.wait_until(lambda: self.running.flows() == flows, 1))
        self.assertGreater(self._put_back(), counted)
        self.assert_engine_agrees()

    def test_a_del_while_the_agent_is_down_is_honoured_when_it_returns(self):
        self.running.write("leaving.yaml", """
apiVersion: v1
kind: Pod
metadata: {name: leaving, namespace: default}
spec: {containers: [{name: leaving, image: leaving}]}
""")
        self.running.playground.sync()
        address = self.running.playground.state["pods"]["default/leaving"]["addresses"][0]
        self.node.kill("sluice-agent")
        path = self.running.playground.namespace_of("default/leaving")
        self.running.playground.cni.delete("default/leaving", path)  # no error
        self.running.playground.cni.delete("default/leaving", path)  # nor the second time
        self.node.start_agent(self.running.directory)
        self.assertTrue(harness.wait_until(
            lambda: not any(address in flow for flow in self.running.flows())))
        ports = self.node.vsctl("list-ports", "br-int").split()
        self.assertEqual(len(self.running.playground.state["pods"]) - 1,
                         sum(port.startswith("slu") and port != "sluice-gw0" for port in ports))
        self.assertFalse(os.path.exists(os.path.join(self.node.state_dir, "deleted"))
                         and os.listdir(os.path.join(self.node.state_dir, "deleted")))
        self.running.remove("leaving.yaml")
        self.running.playground.sync()
        self.assert_engine_agrees()



class RebootTest(unittest.TestCase):
    def test_a_node_booted_anew_forgets_what_its_database_remembers(self):
        with harness.Running("networkpolicy-page", "-reboot") as running:
            node, state = running.node, running.playground.state
            attached = dict(state["pods"])
            for daemon in ("sluice-agent", "ovs-vswitchd", "ovsdb-server"):
                node.kill(daemon, signal.SIGKILL)
            harness.netns.ip_batch(node.netns, [f"link del {link}" for link in pod_links(node)])
            for pod in attached:
                harness.netns.remove(running.playground.namespace_of(pod))
            # What is in /run; and the listeners are to look for their namespaces anew.
            for name in ("cni.sock", "status.sock", "ipam", "state.json", "listeners.json"):
                path = os.path.join(running.playground.state_dir, name)
                (harness.shutil.rmtree if os.path.isdir(path) else os.unlink)(path)
            state["pods"].clear()

            node.start_switch()
            self.assertEqual(len(attached), ports(node))
            node.start_agent(running.directory)
            self.assertTrue(harness.wait_until(lambda: ports(node) == 0, 10), ports(node))
            # IPAM gives out the same addresses, in another order.
            running.playground.sync()
            self.assertEqual(sorted(attached), sorted(state["pods"]))
            self.assertEqual({}, running.playground.refused)
            self.assertEqual([], running.measure().disagreements)


def ports(node):
    """How many pods' ports the database has."""
    names = node.vsctl("--no-wait", "list-ports", "br-int").split()
    return sum(name != "sluice-gw0" for name in names)


def pod_links(node):
    done = subprocess.run(harness.netns.command(node.netns, "ip", "-br", "link"),
                          capture_output=True, text=True, check=True)
    names = [line.split()[0].split("@")[0] for line in done.stdout.splitlines()]
    return [name for name in names if name.startswith("slu") and name != "sluice-gw0"]


if __name__ == "__main__":
    unittest.main()
