"""What the verbs tell of a matrix: the whole, what changed, what was refused."""

import time

import console
import matrix
import picture
from console import Step, say, warn


def show_all(playground, arguments):
    with Step("every pair, over real TCP, UDP and SCTP, IPv4 and IPv6"):
        result = matrix.measure(playground)
    say()
    for line in picture.long_lines(result) if "--long" in arguments.flags else picture.grid(result):
        say(line)
    say()
    for line in picture.legend(playground):
        say(console.dim(line))
    for line in picture.verdict_lines(result):
        say(line)
    return result


def show_changes(before, result):
    old, new = before.outcomes(), {cell.question: cell for cell in result.cells}
    for question, cell in new.items():
        was = {"open": "allowed", None: "(new)"}.get(old.get(question), old.get(question))
        if old.get(question) != cell.outcome:
            painted = console.green if cell.packet == "allowed" else console.red
            say(f"{clock()} {question}  {was} -> {painted(cell.packet)}")
    for question in sorted(question for question in old if question not in new):
        say(console.dim(f"{clock()} {question}  (gone)"))
    for cell in result.disagreements:
        say(f"{clock()} {console.alarm('disagreement')} {cell.question}: "
            f"the packet was {cell.packet}, the engine says {cell.verdict}")


def clock():
    return time.strftime("%H:%M:%S")


def show_complaints(playground):
    """Shows what was refused. A pod that the agent refused by name is its manifest's fault and no
    failure; a pod that could not be attached for any other reason is one."""
    complaints = playground.node.engine.complaints()
    for complaint in complaints:
        warn(console.red(f"  refused: {complaint}"))
    if not complaints:
        for trouble in playground.manifests.unreadable:
            warn(console.red(f"  refused: {trouble}"))
    healthy = True
    for key, error in playground.refused.items():
        if not any(key in complaint for complaint in complaints):
            healthy = False
        warn(console.red(f"  not attached: {error}"))
    return healthy
