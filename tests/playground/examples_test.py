"""Every shipped example: `run` exits 0, what its README promises is what the packets do (said here
once more, apart from the policy engine), and the host is as before."""

import os
import re
import time
import unittest

import harness


def page(source, target, protocol, port, _):
    tcp = (protocol, port)
    into = target != "default/db" or (tcp == ("tcp", 6379) and source in (
        "default/frontend", "shop/client", "172.17.0.10"))
    out = source != "default/db" or (tcp == ("tcp", 5978) and target == "10.0.0.10")
    return into and out


def default_deny(source, target, protocol, port, _):
    if source.startswith("vault/") or target == "vault/store":
        return False
    invited = source.startswith("open/") and (protocol, port) == ("tcp", 8443)
    return target != "vault/api" or invited


def three_tiers(source, target, protocol, port, _):
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


def egress_dns_cidr(source, target, protocol, port, _):
    if source != "jobs/worker":
        return True
    return {"kube-system/dns": protocol != "sctp" and port == 53,
            "192.0.2.10": (protocol, port) == ("tcp", 443)}.get(target, False)


def port_ranges(source, target, protocol, port, _):
    if target != "calls/media":
        return True
    return {
        "calls/phone": (protocol, port) == ("tcp", 5061)
                       or (protocol == "udp" and 16384 <= port <= 16511),
        "calls/console": protocol == "tcp" and 8001 <= port <= 8006,
    }.get(source, False)


def dual_stack(source, target, protocol, port, family):
    into = {
        "web/app": (protocol, port) == ("tcp", 8080)
                   and source in ("web/front", "2001:db8:a::10"),
        "web/legacy": family == 4,
    }
    return into.get(target, True) and (source != "web/crawler" or family == 6)


def sctp(source, target, protocol, port, _):
    if source == "core/enb":
        return target == "core/mme" and (protocol, port) == ("sctp", 36412)
    if target == "core/mme":
        return source == "core/gateway" and protocol == "sctp" and 29118 <= port <= 29120
    return True


def named_ports(source, target, protocol, port, _):
    http = {"shop/api-v1": 8080, "shop/api-v2": 9090, "shop/mirror": 8000}
    by_name = protocol == "tcp" and port == http.get(target)
    metrics = target == "shop/api-v2" and (protocol, port) == ("tcp", 9100)
    into = (not target.startswith("shop/api-") or (by_name and source == "shop/client")
            or (metrics and source == "shop/prometheus"))
    return into and (source != "shop/worker" or by_name)


PROMISES = {"networkpolicy-page": page, "default-deny": default_deny, "three-tiers": three_tiers,
            "egress-dns-cidr": egress_dns_cidr, "port-ranges": port_ranges,
            "dual-stack": dual_stack, "sctp": sctp, "named-ports": named_ports}
LINE = re.compile(r"(\S+) -> (\S+) : (tcp|udp|sctp)(6?) (\d+) +(allowed|dropped)")


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
        self.assertEqual({(protocol, six) for protocol in ("tcp", "udp", "sctp")
                          for six in ("", "6")}, {cell[2:4] for cell in cells})
        broken = []
        for source, target, protocol, six, port, packet in cells:
            allowed = source == "node" or promise(source, target, protocol, int(port),
                                                  6 if six else 4)
            if allowed != (packet == "allowed"):
                broken.append(f"{source} -> {target} : {protocol}{six} {port} was {packet}")
        self.assertEqual([], broken)


if __name__ == "__main__":
    unittest.main()
