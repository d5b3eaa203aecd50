"""The policy engine's word, asked through sluicectl."""

import json
import subprocess

from console import Failure


class Engine:
    def __init__(self, sluicectl, socket_path):
        self.command = [sluicectl, f"--socket={socket_path}"]

    def _run(self, *arguments, text=None, timeout=10):
        try:
            return subprocess.run([*self.command, *arguments], input=text, capture_output=True,
                                  text=True, check=False, timeout=timeout,
                                  stdin=subprocess.DEVNULL if text is None else None)
        except subprocess.TimeoutExpired as error:
            raise Failure(f"sluicectl {arguments[0]} has no answer after {timeout} s") from error

    def in_sync(self):
        return self._run("status").returncode == 0

    def status_text(self):
        done = self._run("status")
        return (done.stdout + done.stderr).rstrip()

    def status(self):
        done = self._run("status", "-o", "json")
        try:
            return json.loads(done.stdout)
        except ValueError as error:
            said = done.stderr.strip() or done.stdout.strip()
            raise Failure(f"sluicectl status: {said or 'no answer'}") from error

    def complaints(self):
        found = []
        for complaint in self.status().get("complaints", []):
            found.append(complaint if isinstance(complaint, str)
                         else complaint.get("text") or json.dumps(complaint))
        return found

    def verdicts(self, questions):
        """For each (source, destination, protocol, port): allowed, denied, or unknown REASON."""
        if not questions:
            return []
        done = self._run("verdicts", timeout=60, text="".join(
            f"{source} {destination} {protocol} {port}\n"
            for source, destination, protocol, port in questions))
        lines = done.stdout.splitlines()
        if done.returncode != 0 or len(lines) != len(questions):
            raise Failure(f"sluicectl verdicts: {len(lines)} answers to {len(questions)} questions"
                          f" (exit status {done.returncode}) {done.stderr.strip()}")
        return lines
