"""What the person sees: colours, one line for each step, failures as one sentence."""

import contextlib
import os
import sys
import time


class Failure(Exception):
    """Something a person has to know, said in one or a few lines; never a traceback."""


def coloured():
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not plain


def paint(text, code):
    return f"\033[{code}m{text}\033[0m" if coloured() else text


def green(text):
    return paint(text, "32")


def red(text):
    return paint(text, "31")


def yellow(text):
    return paint(text, "33")


def dim(text):
    return paint(text, "2")


def bold(text):
    return paint(text, "1")


def alarm(text):
    return paint(text, "1;37;41")


def width():
    """Columns to draw in. A pipe has no width: 100 reads well in a file and in a log."""
    if not sys.stdout.isatty():
        return 100
    try:
        return max(60, os.get_terminal_size().columns)
    except OSError:
        return 100


def say(text=""):
    print(text, flush=True)


def warn(text):
    print(text, file=sys.stderr, flush=True)


class Step:
    """One line: what is being done, and when it is done, how it went and how long it took."""

    def __init__(self, title):
        self.title = title
        self.detail = ""

    def __enter__(self):
        self.started = time.monotonic()
        with contextlib.suppress(OSError):  # no terminal any more: the step must still be done
            if sys.stdout.isatty():
                print(f"  {self.title} ...", end="", flush=True)
        return self

    def __exit__(self, kind, value, traceback):
        seconds = time.monotonic() - self.started
        start = "\r\033[K" if sys.stdout.isatty() else ""
        title = f"{self.title}: {self.detail}" if self.detail else self.title
        outcome = "  failed" if kind else ""
        print(f"{start}  {title:<58} {seconds:5.1f} s{outcome}", flush=True)
        return False
