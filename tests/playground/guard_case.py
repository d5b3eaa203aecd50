"""A guard against spoofing is tried twice: as it is, and with the agent halted and the guard's flow
taken away or widened, when the same frame must get through. So nothing else stops it, and these
tests fail where the flow is missing."""

import contextlib
import os
import signal

import harness
from attack_case import BATCH, DB, FRONTEND, AttackCase, marker
from frames import mac_of, udp

CLASSIFIER, SPOOF_GUARD, ARP_ND, CONNTRACK_STATE, L3_FORWARD = 0, 10, 15, 30, 70
FAMILIES = (4, 6)


def text_of(mac):
    return mac.hex(":")


class GuardCase(AttackCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.db6, cls.frontend6, cls.batch6 = (
            cls.running.playground.address_of(pod, 6) for pod in (DB, FRONTEND, BATCH))
        cls.batch_mac, cls.db_mac = mac_of(cls.batch), mac_of(cls.db)
        cls.batch_is = f"dl_src={text_of(cls.batch_mac)}"

    def lines(self, table, *words):
        text = self.node.ofctl("dump-flows", f"table={table}", options=("--no-names",))
        return [line for line in text.splitlines()
                if "actions=" in line and all(word in line for word in words)]

    def port_of(self, pod):
        return self.lines(SPOOF_GUARD, f"dl_src={text_of(mac_of(self.address(pod)))}",
                          "nw_src=")[0].split("in_port=")[1].split(",")[0]

    @contextlib.contextmanager
    def halted(self):
        """The agent sees nothing for a while; afterwards everything is as before."""
        before = self.running.flows()
        agent = self.node.pid("sluice-agent")
        os.kill(agent, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(agent, signal.SIGCONT)
            self.assertTrue(harness.wait_until(lambda: self.running.flows() == before, 5))
            self.node.appctl("revalidator/purge")

    @contextlib.contextmanager
    def without(self, table, *words, fields=()):
        """The flows with these words are not there, or match no `fields`."""
        found = self.lines(table, *words)
        self.assertTrue(found, words)
        with self.halted():
            for line in found:
                match, actions = line.split(" actions=")
                priority = match.split("priority=")[1].split(",")[0]
                parts = match.split(f"priority={priority}")[1].strip(",").split(",")
                left = [part for part in parts if part.split("=")[0] not in fields]
                key = ",".join([f"table={table}", f"priority={priority}", *left])
                if fields:
                    self.assertLess(len(left), len(parts), line)
                    self.node.ofctl("add-flow", f"{key},actions={actions}")
                else:
                    self.node.ofctl("del-flows", key, options=("--strict",))
            self.node.appctl("revalidator/purge")
            yield

    def reaches(self, sender, receiver, build):
        """`build` makes one frame, or several, of a mark."""
        mark = marker()
        return bool(self.delivered(sender, receiver, {"it": (build(mark), mark)}))

    def guarded(self, route, build, table, *words, fields=()):
        sender, receiver = route
        self.assertFalse(self.reaches(sender, receiver, build))
        with self.without(table, *words, fields=fields):
            self.assertTrue(self.reaches(sender, receiver, build), "something else stopped it")

    def ends(self, source, target, family):
        return tuple(who if ":" in who or who[0].isdigit() else self.address(who, family)
                     for who in (source, target))

    def udp_frame(self, sender, ends, ports=(5, 9999)):
        return lambda mark: self.frame(sender, udp(ends, ports, mark))
