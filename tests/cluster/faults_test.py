#!/usr/bin/env python3
"""Parts of a node and of the control plane end without warning. Meanwhile floods try to get in and
out of isolated pods: not one datagram may come through. A permitted connection lives through all
but the loss of its pods. README.md has each fault's criterion."""

import json
import os
import sys
import time
import unittest
from contextlib import contextmanager

from by_hand import ByHand
from cluster import Cluster, objects
from etcd import Etcd, key_of
from fence import Fence
from flood import Flood, arrived
from live import DatagramPings, FormerConnection, LiveConnection
import packets
import power
from wait import wait_for

# A cluster of its own: it is not as it was afterwards.
NAME = os.environ.get("SLUICE_FAULTS_CLUSTER", "faults")
NAMESPACE, OTHER = "faults", "faults-other"
NODE = 2  # 1 has the control plane
ROLES = ("client", "server", "former", "flooder", "open", "caged", "sink")
KILLS = 10
BACK_OFF = 60.0  # seconds: the agent waits longer from try to try while the apiserver is away
APISERVER_AWAY = float(os.environ.get("SLUICE_APISERVER_AWAY", "0"))  # seconds, beside its start
# Of a permitted connection, where the switch itself dies. TCP's timers may double what it takes.
SWITCH_OUTAGE = 10.0


def role(name):
    return objects.selector(role=name)


def admits(subject, *peers):
    return objects.policy(NAMESPACE, subject, role(subject), policyTypes=["Ingress"], ingress=[
        {"from": [{"podSelector": role(peer)} for peer in peers]}] if peers else [])


class FaultsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(power.remove_bare_cluster, NAME)
        power.make_bare_cluster(NAME, nodes=2)
        cls.cluster = Cluster(NAME)
        cls.api, cls.node = cls.cluster.api, cls.cluster.nodes[NODE]
        cls.sluice = ByHand(cls.cluster, cls.node)
        cls.sluice.install()
        cls.sluice.start()
        cls.etcd = Etcd(cls.cluster.nodes[1])
        cls.fence = Fence(cls.cluster)
        cls.cluster.create_namespace(NAMESPACE)
        cls.api.apply(admits("server", "client"))
        cls.api.apply(admits("former", "client"))
        cls.api.apply(objects.policy(NAMESPACE, "caged", role("caged"), policyTypes=["Egress"]))
        pods = cls.cluster.create_pods(
            [objects.pod(NAMESPACE, name, {"role": name}, node=cls.node.name) for name in ROLES])
        cls.settle()
        cls.path = dict(zip(ROLES, cls.cluster.netns_of_all(pods)))
        cls.address = {name: pod["status"]["podIP"] for name, pod in zip(ROLES, pods)}
        ends = cls.path["client"], cls.path["server"], cls.address["server"]
        cls.live = [LiveConnection(*ends, 80), DatagramPings(*ends, 81)]
        cls.former = FormerConnection(cls.path["client"], cls.path["former"],
                                      cls.address["former"], 82)
        for thread in (*cls.live, cls.former):
            thread.start()
            cls.addClassCleanup(thread.close)
        cls.api.apply(admits("former"))
        cls.settle()

    @classmethod
    def settle(cls):
        cls.fence.pass_through(BACK_OFF, nodes=[cls.node])
        packets.forget_the_past([cls.node])

    @classmethod
    def await_sync(cls):
        wait_for("the agent to be in sync", cls.sluice.is_in_sync)

    def leaks(self):
        return {name: arrived(self.path[name]) for name in ("server", "former", "sink")}

    @contextmanager
    def fault(self, outage=None):
        """Floods from before the block to after it: none of it comes through, and the permitted
        connection loses no packet; or, where the switch itself dies, is back no later than `outage`
        seconds after its last word."""
        stream, pings = self.live
        before, control = self.leaks(), arrived(self.path["open"])
        floods = [Flood(self.path["flooder"], [self.address["server"], self.address["open"]]),
                  Flood(self.path["caged"], [self.address["sink"]]),
                  Flood(self.cluster.outside.netns, [self.address["server"]])]
        with floods[0], floods[1], floods[2]:
            wait_for("the flood to get where it may", lambda: arrived(self.path["open"]) > control)
            for thread in self.live:
                thread.forget_outage()
            sent, received, said = pings.sent, pings.received, self.former.sent
            started = time.monotonic()
            yield
            lasted = time.monotonic() - started
            echoes, answers, control = stream.echoes, pings.received, arrived(self.path["open"])
            wait_for(lambda: f"the live connection to go on: {stream.failure}",
                     lambda: stream.echoes > echoes + 10 and pings.received > answers + 10,
                     SWITCH_OUTAGE)
            wait_for("the flood to get where it may",
                     lambda: arrived(self.path["open"]) > control)
        lost = max(0, pings.sent - sent - (pings.received - received))
        leaked = {name: count - before[name] for name, count in self.leaks().items()}
        refused = sum(flood.sent for flood in floods) - floods[0].sent // 2
        print(f"\n  {self.id().rpartition('.')[2]}: {lasted:.1f} s; datagrams refused {refused}, "
              f"of a former connection {self.former.sent - said}, leaked {sum(leaked.values())}; "
              f"permitted: {stream.lost} packets of TCP lost, longest wait {stream.outage:.3f} s, UDP {pings.outage:.3f} s, "
              f"{lost} of {pings.sent - sent} lost", file=sys.stderr, flush=True)
        self.assertEqual(leaked, dict.fromkeys(leaked, 0))
        self.assertIsNone(stream.failure)
        if outage:
            self.assertLess(stream.outage, outage)
        else:
            self.assertEqual(0, stream.lost)

    def test_1_agent_killed_and_replaced(self):
        """By the kernel, and as a rolling update does it. Nothing changed: nothing is written."""
        for sign in ("KILL", "TERM"):
            with self.subTest(sign), self.fault():
                self.sluice.kill("sluice-agent", sign)
                wait_for("the old one to go", lambda: not self.sluice.is_in_sync(), every=0.001)
                self.await_sync()
            self.assertEqual(0, self.node.ask_agent("status")["counters"]["flowMods"])

    def test_1_agent_killed_while_policies_change(self):
        """Each version of the policy admits the client and nobody else: so must what is between."""
        self.addCleanup(self.api.apply, admits("server", "client"))
        with self.fault():
            for kill in range(KILLS):
                for change in range(20):
                    peers = [f"nobody{change}{i}" for i in range(kill + change)]
                    self.api.apply(admits("server", *peers, "client"))
                    if change == kill:
                        self.sluice.kill("sluice-agent")
            self.settle()

    def test_2_apiserver_away_while_its_history_is_rewritten(self):
        """Policies change behind it, history is compacted: the agent gets 410 and lists again."""
        self.api.apply(admits("open", "flooder", "client"))
        self.settle()
        stale = self.api.get("NetworkPolicy", NAMESPACE, "open")
        with self.fault():
            power.stop_apiserver(self.cluster)
            key = key_of("networkpolicies", NAMESPACE, "open")
            self.etcd.delete(key)
            self.etcd.put(key_of("networkpolicies", NAMESPACE, "sink"),
                          {**stale, "metadata": {**stale["metadata"], "name": "sink"},
                           "spec": {"podSelector": role("sink"), "policyTypes": ["Ingress"]}})
            compacted = self.etcd.compact()
            time.sleep(APISERVER_AWAY)
            power.start_apiserver(self.cluster)
            self.settle()
        self.assertIn("isolated by faults/sink", self.node.why(
            f"{NAMESPACE}/client", f"{NAMESPACE}/sink", 80))
        self.assertIn("no policy selects faults/open", self.node.why(
            f"{NAMESPACE}/client", f"{NAMESPACE}/open", 80))
        self.assertTrue(self.listed_again_after_410("networkpolicies", compacted),
                        power.audit_log(self.cluster))
        self.api.delete("NetworkPolicy", NAMESPACE, "sink")

    def listed_again_after_410(self, resource, compacted):
        """A watch from before the compaction, which can only have been refused; then a list."""
        refused = False
        for line in power.audit_log(self.cluster):
            asked = json.loads(line)
            uri = asked["requestURI"]
            if asked["stage"] != "ResponseComplete" and "sendInitialEvents" not in uri:
                continue
            if f"/{resource}?" not in uri:
                continue
            version = [part.partition("=")[2] for part in uri.partition("?")[2].split("&")
                       if part.startswith("resourceVersion=")]
            if "watch=" in uri and version and 0 < int(version[0] or 0) < compacted:
                refused = True
            elif refused:
                return True
        return False

    def test_3_token_rotated(self):
        """The old one is refused before the new one is there: what is known stays in force."""
        with self.fault():
            self.api.delete("Secret", "kube-system", self.sluice.bound_to)
            power.stop_apiserver(self.cluster)  # so that every watch has to be opened again
            power.start_apiserver(self.cluster)
            wait_for("the agent to complain that it is refused", lambda: any(
                "401" in line for line in self.node.ask_agent("status")["complaints"]))
            self.sluice.bound_to = self.sluice.new_token("second")
            self.settle()
        self.assertEqual([], self.node.ask_agent("status")["complaints"])

    def test_4_containerd_and_kubelet_killed(self):
        with self.fault():
            power.restart_containerd(self.cluster, self.node)
            power.restart_kubelet(self.cluster, self.node)
            self.cluster.create_pods([objects.pod(NAMESPACE, "new", node=self.node.name)])
        self.cluster.delete_pods([(NAMESPACE, "new")])

    def test_5_switch_killed(self):
        """It forgets flows and connections. Closed until the agent has written them again."""
        with self.fault(SWITCH_OUTAGE):
            self.sluice.kill("ovs-vswitchd")
            wait_for("the agent to notice", lambda: not self.sluice.is_in_sync(), every=0.001)
            self.await_sync()

    def test_5_switch_database_killed(self):
        """Without its lock there ovs-vswitchd does not run its userspace datapath: back within
        a second or two. No flow of ours changes."""
        with self.fault(SWITCH_OUTAGE):
            written = self.node.ask_agent("status")["counters"]["flowMods"]
            self.sluice.kill("ovsdb-server")
            wait_for("ovsdb-server", lambda: self.node.run(
                "ovs-vsctl", "--no-wait", "show", check=False).returncode == 0)
            self.await_sync()
            self.assertEqual(written, self.node.ask_agent("status")["counters"]["flowMods"])
            self.cluster.create_pods([objects.pod(NAMESPACE, "new", node=self.node.name)])
        self.cluster.delete_pods([(NAMESPACE, "new")])

    def test_6_switch_killed_while_the_agent_is_down(self):
        self.addCleanup(self.sluice.release, "sluice-agent")
        with self.fault(3 * SWITCH_OUTAGE):
            self.sluice.hold("sluice-agent")
            self.sluice.kill("ovs-vswitchd")
            wait_for("the switch without flows", self.switch_answers)
            time.sleep(1)  # of flood on a switch that nobody has told anything
            self.sluice.release("sluice-agent")
            self.await_sync()

    def switch_answers(self):
        try:
            return "sluice-gw0" in self.node.switch.call(("dpif/show",))[0]
        except OSError:
            return False

    def test_7_pod_deleted_while_the_agent_is_down(self):
        """It goes at once; what is left of it goes when the agent is back. A new pod waits."""
        pod, = self.cluster.create_pods([objects.pod(NAMESPACE, "leaving", node=self.node.name)])
        address = pod["status"]["podIP"]
        self.addCleanup(self.sluice.release, "sluice-agent")
        with self.fault():
            self.sluice.hold("sluice-agent")
            self.cluster.delete_pods([(NAMESPACE, "leaving")])
            self.api.create(objects.pod(NAMESPACE, "coming", node=self.node.name))
            wait_for("kubelet to try", lambda: any(
                event["reason"] == "FailedCreatePodSandBox"
                and event["involvedObject"]["name"] == "coming"
                for event in self.api.list("Event", NAMESPACE)))
            self.sluice.release("sluice-agent")
            self.await_sync()
            self.cluster.await_ready([(NAMESPACE, "coming")])
        self.assertNotIn(f"{address},", self.node.switch.flows())
        self.assertEqual(len(ROLES) + 1, self.node.ask_agent("status")["endpoints"])
        self.assertEqual([], os.listdir(f"{self.node.root}/run/sluice/deleted"))
        self.cluster.delete_pods([(NAMESPACE, "coming")])

    def test_8_policies_that_make_no_sense(self):
        """Written past validation. A rule that makes no sense admits nobody; a policy whose
        subjects cannot be told closes its namespace; all others fare as before."""
        self.cluster.create_namespace(OTHER)
        self.addCleanup(self.cluster.delete_namespace, OTHER)
        pod, = self.cluster.create_pods([objects.pod(OTHER, "other", node=self.node.name)])
        other = self.cluster.netns(pod)
        bad = {"rule": (NAMESPACE, {
                   "podSelector": role("open"), "policyTypes": ["Ingress"], "ingress": [
                       {"from": [{"ipBlock": {"cidr": "10.244.0.0/16", "except": ["banana"]}}]}]}),
               "subjects": (OTHER, {
                   "podSelector": {"matchExpressions": [{"key": "role", "operator": "Sideways"}]},
                   "policyTypes": ["Ingress"]})}
        good = self.api.get("NetworkPolicy", NAMESPACE, "former")
        with self.fault(), Flood(self.path["flooder"], [pod["status"]["podIP"]]):
            wait_for("the flood to get to the other namespace", lambda: arrived(other))
            for name, (namespace, spec) in bad.items():
                key = key_of("networkpolicies", namespace, name)
                self.addCleanup(self.etcd.delete, key)
                self.etcd.put(key, {
                    "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "spec": spec,
                    "metadata": {**good["metadata"], "name": name, "namespace": namespace}})
            self.settle()
            closed = arrived(self.path["open"]), arrived(other)
            self.settle()
            self.assertEqual(closed, (arrived(self.path["open"]), arrived(other)))
            complaints = self.node.ask_agent("status")["complaints"]
            for name, word in (("faults/rule", "banana"), (f"{OTHER}/subjects", "Sideways")):
                self.assertTrue(any(name in line and word in line for line in complaints),
                                complaints)
                self.assertIn(name, self.sluice.log_of("sluice-agent"))
            self.doCleanups()
            self.settle()
        self.assertEqual([], self.node.ask_agent("status")["complaints"])

    def test_9_node_loses_power(self):
        """The pods are made anew, with other addresses, under a flood at all of them."""
        for thread in (*self.live, self.former):
            thread.close()
        addresses = [f"10.244.{NODE}.{host}" for host in range(2, 40)]
        with Flood(self.cluster.outside.netns, addresses, 2000) as flood:
            power.cut_power(self.cluster, self.node)
            power.boot(self.cluster, self.node)
            started = time.monotonic()
            self.sluice.start()
            wait_for("pods with new sandboxes", self.pods_are_back, 60)
            back = time.monotonic() - started
            control = wait_for("the flood to get where it may",
                               lambda: arrived(self.path["open"]))
            leaked = arrived(self.path["server"]) + arrived(self.path["former"])
        print(f"\n  node loses power: pods back {back:.1f} s after the boot; {flood.sent} "
              f"datagrams, {control} arrived where they may, {leaked} leaked", file=sys.stderr)
        self.assertEqual(0, leaked)
        wait_for("what is left of the old pods to go",
                 lambda: self.node.ask_agent("status")["endpoints"] == len(ROLES))
        live = LiveConnection(self.path["client"], self.path["server"], self.address["server"], 80)
        live.start()
        wait_for("the permitted connection", lambda: live.echoes > 10)
        live.close()

    def pods_are_back(self):
        there = self.node.pod_namespaces()
        pods = {pod["metadata"]["name"]: pod for pod in self.api.list("Pod", NAMESPACE)}
        for name in ROLES:
            address = pods[name]["status"].get("podIP")
            if address not in there or not objects.is_ready(pods[name]):
                return False
            self.address[name], self.path[name] = address, there[address]
        return True


if __name__ == "__main__":
    unittest.main()
