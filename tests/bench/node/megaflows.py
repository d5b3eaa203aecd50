"""What `dpctl/dump-flows -m` says. Pure."""

import re

# The values of fields; what follows a slash is a mask, and what has none is matched as a whole.
_VALUES = re.compile(r"(?<=[=(])[^=,()/]+(?=[/,)])")


def megaflows(dump):
    """The lines of IPv4: what a namespace tells its neighbours by itself is of another kind."""
    return [line for line in dump.splitlines() if "eth_type(0x0800)" in line]


def masks(dump):
    """How many sets of fields: each is a hash table of its own to look a packet up in."""
    matches = (re.sub(r"^ufid:[^,]*,", "", line).split(", packets:")[0]
               for line in megaflows(dump))
    return len({_VALUES.sub("", match) for match in matches})
