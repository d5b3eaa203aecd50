"""Network namespaces, kept alive by a bind mount on a file of the playground's own directory.

Not `ip netns add`: that would make /run/netns of the host a shared mount and leave it behind.
Python 3.11 has neither setns nor unshare, so libc is called.
"""

import ctypes
import fcntl
import os
import socket
import struct
import subprocess

from console import Failure

CLONE_NEWNET = 0x40000000
MS_BIND = 0x1000
MNT_DETACH = 2
SIOCSIFFLAGS = 0x8914
IFF_UP = 1

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result, what):
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


def enter(path):
    """Moves the calling thread into the namespace; sockets stay where they were made."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _check(_libc.setns(descriptor, CLONE_NEWNET), f"setns {path}")
    finally:
        os.close(descriptor)


def in_child(action):
    """Runs `action` in a forked child; raises what it raised, as an OSError."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            action()
        except BaseException as error:  # the child must not unwind into the parent's code
            os.write(write_end, str(error).encode()[:4000])
        finally:
            os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as pipe:
        message = pipe.read().decode()
    os.waitpid(pid, 0)
    if message:
        raise OSError(message)


def has_ipv6():
    """Of the kernel; booted with ipv6.disable=1 it has none in any namespace."""
    return os.path.exists("/proc/net/if_inet6")


def create(path):
    """A new namespace with lo up, visible at `path`."""

    def action():
        _check(_libc.unshare(CLONE_NEWNET), "unshare")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))
        result = _libc.mount(b"/proc/self/ns/net", os.fsencode(path), None, MS_BIND, None)
        _check(result, f"mount {path}")

    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    with open(path, "x", encoding="utf-8"):
        pass
    try:
        in_child(action)
    except OSError as error:
        os.unlink(path)
        raise Failure(f"cannot make a network namespace at {path}: {error} "
                      "(root with CAP_SYS_ADMIN is needed)") from error


def remove(path):
    """Lets go of the namespace; it ends with its last process. A missing one is fine."""
    _libc.umount2(os.fsencode(path), MNT_DETACH)
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def is_namespace(path):
    try:
        return os.stat(path).st_dev == os.stat("/proc/self/ns/net").st_dev
    except OSError:
        return False


def command(path, *arguments):
    """The argument list that runs a command inside."""
    return ["nsenter", f"--net={path}", *arguments]


def ip_batch(path, lines):
    """Runs `ip` commands (without the word ip), one a line, inside the namespace."""
    done = subprocess.run(command(path, "ip", "-batch", "-"), input="\n".join(lines) + "\n",
                          text=True, capture_output=True, check=False)
    if done.returncode != 0:
        raise Failure(f"ip in {path}: {done.stderr.strip()}")


def set_sysctls(path, values):
    """/proc/sys/net shows the namespace of the thread that opens it."""

    def action():
        enter(path)
        for name, value in values.items():
            with open("/proc/sys/" + name.replace(".", "/"), "w", encoding="utf-8") as file:
                file.write(value)

    try:
        in_child(action)
    except OSError as error:
        raise Failure(f"sysctl in {path}: {error}") from error
