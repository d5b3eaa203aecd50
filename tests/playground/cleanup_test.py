"""Whatever happens to a playground, `down` leaves the host as it was; two do not collide."""

import os
import signal
import subprocess
import unittest

import harness
import processes
import teardown


class CleanupTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.name = harness.unique_name()
        self.state_dir = os.path.join("/run", self.name)
        self.before = harness.host_snapshot()

    def tearDown(self):
        harness.command_line("down", "--name", self.name)

    def assert_as_before(self):
        harness.wait_until(lambda: harness.host_snapshot() == self.before, 5)
        self.assertEqual(self.before, harness.host_snapshot())
        self.assertEqual(([], False), teardown.leftovers(self.name, self.state_dir))

    def start_run(self, *arguments):
        return subprocess.Popen([harness.PROGRAM, "run", "--no-build", "--name", self.name,
                                 *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True, stdin=subprocess.DEVNULL)

    def wait_for_pods(self):
        ipam = os.path.join(self.state_dir, "ipam")
        self.assertTrue(harness.wait_until(lambda: os.path.exists(ipam)))

    def test_down_after_everything_was_killed(self):
        up = harness.command_line("up", "--name", self.name)
        self.assertEqual(0, up.returncode, up.stdout + up.stderr)
        for pid in processes.find(self.name):
            os.kill(pid, signal.SIGKILL)
        down = harness.command_line("down", "--name", self.name)
        self.assertEqual(0, down.returncode, down.stderr)
        self.assert_as_before()

    def test_down_after_run_was_killed_on_its_way(self):
        run = self.start_run()
        self.wait_for_pods()
        run.kill()
        run.communicate()
        down = harness.command_line("down", "--name", self.name)
        self.assertEqual(0, down.returncode, down.stderr)
        self.assert_as_before()

    def test_an_interrupted_run_takes_itself_down(self):
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(sign.name):
                run = self.start_run()
                self.wait_for_pods()
                run.send_signal(sign)
                output, _ = run.communicate(timeout=30)
                self.assertEqual(130, run.returncode, output)
                self.assertNotIn("Traceback", output)
                self.assert_as_before()

    def test_a_run_after_a_crash_clears_up_and_works(self):
        run = self.start_run()
        self.wait_for_pods()
        run.kill()
        run.communicate()
        for pid in processes.find(self.name):
            os.kill(pid, signal.SIGKILL)
        again = harness.command_line("run", "--name", self.name)
        self.assertEqual(0, again.returncode, again.stdout + again.stderr)
        self.assert_as_before()

    def test_down_twice_is_no_error(self):
        for _ in range(2):
            down = harness.command_line("down", "--name", self.name)
            self.assertEqual(0, down.returncode, down.stderr)

    def test_a_directory_that_is_something_elses_is_left_alone(self):
        os.mkdir(self.state_dir)
        precious = os.path.join(self.state_dir, "precious")
        try:
            with open(precious, "w", encoding="utf-8"):
                pass
            for verb in ("run", "down"):
                self.assertEqual(2, harness.command_line(verb, "--name", self.name).returncode)
            self.assertTrue(os.path.exists(precious))
        finally:
            os.unlink(precious)
            os.rmdir(self.state_dir)

    def test_a_second_one_of_the_same_name_is_refused_and_harms_nothing(self):
        self.assertEqual(0, harness.command_line("up", "--name", self.name).returncode)
        for verb in ("up", "run"):
            second = harness.command_line(verb, "--name", self.name)
            self.assertEqual(2, second.returncode)
            self.assertIn("is up already", second.stderr)
        matrix = harness.command_line("matrix", "--name", self.name)
        self.assertEqual(0, matrix.returncode, matrix.stdout)
        inside = harness.command_line("exec", "db", "--name", self.name, "--", "ip", "-4", "addr")
        self.assertIn("10.244.0.", inside.stdout)
        flows = harness.command_line("flows", "IngressRule", "--name", self.name)
        self.assertIn("conj_id=", flows.stdout)
        harness.command_line("down", "--name", self.name)
        self.assert_as_before()

    def test_two_at_once_do_not_collide(self):
        runs = [subprocess.Popen(
            [harness.PROGRAM, "run", os.path.join(harness.EXAMPLES, example), "--no-build",
             "--name", self.name + suffix],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL)
            for example, suffix in (("networkpolicy-page", "-a"), ("three-tiers", "-b"))]
        for run in runs:
            output, _ = run.communicate(timeout=60)
            self.assertEqual(0, run.returncode, output)
        self.assert_as_before()


if __name__ == "__main__":
    unittest.main()
