"""The suites that mutants are shown to, and what each says."""

import os
import re
import subprocess
from dataclasses import dataclass, field

TIMEOUT = 300  # seconds; a mutant that loops is a dead one


@dataclass
class Suite:
    name: str
    program: str
    arguments: list = field(default_factory=list)

    def run(self, tree):
        """Who failed, in a few words; "" if all passed."""
        try:
            done = subprocess.run([tree.program(self.program), *self.arguments],
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  errors="replace", check=False, timeout=TIMEOUT, cwd=tree.copy)
        except subprocess.TimeoutExpired:
            return f"no end after {TIMEOUT} s"
        if done.returncode == 0:
            return ""
        failed = list(dict.fromkeys(re.findall(r"^\[  FAILED  \] ([\w/]+\.[\w/]+)", done.stdout,
                                               re.MULTILINE)))
        if failed:
            more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
            return failed[0] + more
        running = re.findall(r"^\[ RUN      \] ([\w./]+)", done.stdout, re.MULTILINE)
        if done.returncode < 0:
            return f"signal {-done.returncode}" + (f" in {running[-1]}" if running else "")
        return (done.stdout.strip().splitlines() or ["exit status " + str(done.returncode)])[-1]


def all_suites(source):
    """From the quick and exact ones to the broad ones; last the pipeline's, which compares texts of
    flows: it notices any change of them, so that being noticed by it alone says little."""
    names = ["store_test", "decode_test", "policy_test", "reconcile_test", "hard_cases_test",
             "manifests_test", "desired_state_guard_test", "policy_property_test",
             "desired_state_property_test"]
    suites = [Suite(name, name) for name in names]
    suites.append(Suite("fuzzer", "sluice-fuzz", ["--level=matcher", "--seed=1", "--cases=200"]))
    cases = os.path.join(os.path.dirname(source), "shared", "conformance")
    files = [os.path.join(cases, name)
             for name in ("k8s-e2e.json", "recipes.json", "cyclonus-spread.json")]
    if all(map(os.path.exists, files)):
        suites.append(Suite("conformance at engine level", "sluice-conformance",
                            ["--level=engine", *files]))
    return [*suites, Suite("pipeline_test", "pipeline_test")]
