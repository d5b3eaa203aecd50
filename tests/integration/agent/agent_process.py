"""sluice-agent as a child of a test, in a directory of its own; nothing else of a node is there."""

import http.client
import os
import socket
import subprocess
import tempfile
import time

DEADLINE = 10.0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(*arguments):
    """The agent, told something it refuses: exit status and what it said."""
    done = subprocess.run([os.path.join(os.environ["SLUICE_BIN_DIR"], "sluice-agent"), *arguments],
                          capture_output=True, text=True, timeout=DEADLINE, check=False)
    return done.returncode, done.stderr


class AgentProcess:
    def __init__(self, *flags):
        self.directory = tempfile.TemporaryDirectory(prefix="sluice-agent-test-")
        self.path, self.port = self.directory.name, free_port()
        os.mkdir(self.file("manifests"))
        source = [] if any("kube" in flag for flag in flags) else [
            f"--manifests={self.file('manifests')}"]
        self.log = open(self.file("log"), "wb")  # closed in __exit__
        self.child = subprocess.Popen(
            [os.path.join(os.environ["SLUICE_BIN_DIR"], "sluice-agent"), *source,
             f"--run_dir={self.path}", f"--ovs_db={self.file('db.sock')}",
             f"--ovs_rundir={self.path}", f"--http_address=127.0.0.1:{self.port}",
             "--logtostderr", *flags], stderr=self.log)

    def file(self, name):
        return os.path.join(self.path, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.kill()
        self.child.wait()
        self.log.close()
        self.directory.cleanup()

    def get(self, path, method="GET"):
        """Status, headers and body; waits until the agent listens and has a connection for us."""
        deadline = time.monotonic() + DEADLINE
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
            try:
                connection.request(method, path)
                answer = connection.getresponse()
                return answer.status, answer.headers, answer.read().decode()
            except (ConnectionRefusedError, ConnectionResetError):
                if time.monotonic() > deadline or self.child.poll() is not None:
                    raise
                time.sleep(0.02)
            finally:
                connection.close()

    def log_lines(self):
        with open(self.file("log"), encoding="utf-8") as log:
            return log.read().splitlines()
