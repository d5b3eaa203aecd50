"""A copy of the source tree to break and to build, away from the one that is being worked on."""

import os
import shutil
import subprocess


class BuildError(Exception):
    pass


class Tree:
    def __init__(self, source, copy):
        self.source, self.copy = source, copy
        self.build_dir = os.path.join(copy, "build")
        # What ccache holds of one clone serves every other one.
        self.environment = {**os.environ, "CCACHE_BASEDIR": copy, "CCACHE_NOHASHDIR": "1",
                            "CCACHE_SLOPPINESS": "pch_defines,time_macros"}

    def sync(self):
        """The files that git knows, as they are in the working copy; only what differs is written,
        so that a build tree that is there already stays good."""
        listed = subprocess.run(
            ["git", "-C", self.source, "ls-files", "-z", "--cached", "--others",
             "--exclude-standard"], capture_output=True, text=True, check=True).stdout
        paths = {path for path in listed.split("\0")
                 if path and os.path.isfile(os.path.join(self.source, path))}
        for directory, _, files in os.walk(self.copy):
            if directory.startswith(self.build_dir):
                continue
            for name in files:
                path = os.path.relpath(os.path.join(directory, name), self.copy)
                if path not in paths:
                    os.unlink(os.path.join(self.copy, path))
        for path in paths:
            source, copy = os.path.join(self.source, path), os.path.join(self.copy, path)
            if not os.path.exists(copy) or _read(source) != _read(copy):
                os.makedirs(os.path.dirname(copy), exist_ok=True)
                shutil.copy(source, copy)

    def configure(self):
        self._run(["cmake", "-S", self.copy, "-B", self.build_dir, "-G", "Ninja",
                   "-DCMAKE_BUILD_TYPE=RelWithDebInfo"])

    def build(self, targets):
        self._run(["cmake", "--build", self.build_dir, "--parallel", str(os.cpu_count()),
                   "--target", *targets])

    def targets(self):
        done = subprocess.run(["ninja", "-C", self.build_dir, "-t", "targets", "all"],
                              capture_output=True, text=True, check=True)
        return {line.split(":")[0] for line in done.stdout.splitlines()}

    def _run(self, command):
        done = subprocess.run(command, env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            lines = [line for line in done.stdout.splitlines() if "error" in line.lower()]
            raise BuildError("\n".join(lines[:5]) or done.stderr.strip()[-2000:])

    def program(self, name):
        return os.path.join(self.build_dir, "bin", name)

    def read(self, paths):
        return {path: _read(os.path.join(self.copy, path)) for path in paths}

    def write(self, contents):
        for path, content in contents.items():
            with open(os.path.join(self.copy, path), "wb") as file:
                file.write(content)


def _read(path):
    with open(path, "rb") as file:
        return file.read()
