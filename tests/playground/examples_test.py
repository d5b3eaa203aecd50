"""Every shipped example: `run` exits 0, what its README promises is what the packets do (said here
once more, apart from the policy engine), and the host is as before."""

import os
import re
import time
import unittest

import harness


def page(source, target, protocol, port):
    tcp = (protocol, port)
    into = target != "default/db" or (tcp == ("tcp", 6379) and source in (
        "default/frontend", "shop/client", "172.17.0.10"))
    out = source != "default/db" or (tcp == ("tcp", 5978) and target == "10.0.0.10")
    return into and out


def default_deny(source, target, protocol, port):
    if source.startswith("vault/") or target == "vault/store":
        return False
    invited = source.startswith("open/") and (protocol, port) == ("tcp", 8443)
    return target != "vault/api" or invited


def three_tiers(source, target, protocol, port):
    tcp = (protocol, port)
    into = {
        "web/front": tcp == ("tcp", 80),
        "api/orders": tcp == ("tcp", 8080) and source == "web/front",
        "api/orders-canary": tcp == ("tcp", 8080) and source == "web/front",
        "db/postgres": tcp == ("tcp", 5432) and source == "api/orders",
    }
    out = {
        "web/front": tcp == ("tcp", 8080) and target.startswith("api/"),
        "db/postgres": False,
    }
    return into.get(target, True) and out.get(source, True)


def egress_dns_cidr(source, target, protocol, port):
    if source != "jobs/worker":
        return True
    return {"kube-system/dns": port == 53,
            "192.0.2.10": (protocol, port) == ("tcp", 443)}.get(target, False)


def port_ranges(source, target, protocol, port):
    if target != "calls/media":
        return True
    return {
        "calls/phone": (protocol, port) == ("tcp", 5061)
                       or (protocol == "udp" and 16384 <= port <= 16511),
        "calls/console": protocol == "tcp" and 8001 <= port <= 8006,
    }.get(source, False)


PROMISES = {"networkpolicy-page": page, "default-deny": default_deny, "three-tiers": three_tiers,
            "egress-dns-cidr": egress_dns_cidr, "port-ranges": port_ranges}
LINE = re.compile(r"(\S+) -> (\S+) : (tcp|udp) (\d+) +(allowed|dropped)")


class ExamplesTest(unittest.TestCase):
    maxDiff = None

    def test_every_example_has_its_promise_and_its_readme(self):
        shipped = sorted(os.listdir(harness.EXAMPLES))
        self.assertEqual(sorted(PROMISES), shipped)
        for name in shipped:
            self.assertTrue(os.path.exists(os.path.join(harness.EXAMPLES, name, "README.md")), name)

    def test_runs_keep_their_promises_and_leave_nothing_behind(self):
        for name, promise in PROMISES.items():
            with self.subTest(name):
                before = harness.host_snapshot()
                started = time.monotonic()
                done = harness.command_line("run", os.path.join(harness.EXAMPLES, name), "--long",
                                            "--name", harness.unique_name())
                seconds = time.monotonic() - started
                self.assertEqual(0, done.returncode, done.stdout + done.stderr)
                self.assertIn("0 disagreements", done.stdout)
                self.assertLess(seconds, 10)
                self._check(promise, done.stdout)
                harness.wait_until(lambda: harness.host_snapshot() == before, 5)
                self.assertEqual(before, harness.host_snapshot())

    def _check(self, promise, text):
        cells = LINE.findall(text)
        self.assertGreater(len(cells), 50, text)
        broken = []
        for source, target, protocol, port, packet in cells:
            allowed = source == "node" or promise(source, target, protocol, int(port))
            if allowed != (packet == "allowed"):
                broken.append(f"{source} -> {target} : {protocol} {port} was {packet}")
        self.assertEqual([], broken)


if __name__ == "__main__":
    unittest.main()
