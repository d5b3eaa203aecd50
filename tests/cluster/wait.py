"""Waiting for a condition, with a deadline."""

import time


class Late(AssertionError):
    """The condition did not come in time."""


def wait_for(what, condition, seconds=30.0, every=0.05):
    """The first true value of `condition`. `what` is for the person who reads the failure; a
    callable, it is asked then."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Late(f"not within {seconds:.0f} s: {what() if callable(what) else what}")
        time.sleep(every)
