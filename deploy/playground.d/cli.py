"""The verbs."""

import os
import signal
import subprocess
import sys
import time

import arguments as command_line
import matrix
import netns
import report
from console import Failure, Step, say, warn
from node import BRIDGE
from playground import ROOT, Playground

DEFAULT_DIRECTORY = os.path.join(ROOT, "deploy", "examples", "networkpolicy-page")
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ended(BaseException):
    """A signal asked us to stop."""


def _handle_signals(handler):
    for sign in ENDINGS:
        signal.signal(sign, handler)


def _ended(*_):
    raise Ended()


# --- verbs ----------------------------------------------------------------------------------


def run(arguments):
    playground = Playground(arguments.name)
    claimed = False
    started = time.monotonic()
    try:
        playground.up(arguments.operand or DEFAULT_DIRECTORY)
        claimed = True
        healthy = report.show_complaints(playground)
        healthy &= not report.show_all(playground, arguments).disagreements
    except BaseException:
        claimed = claimed or bool(playground.state["directory"])
        raise
    finally:
        if claimed and "--keep" not in arguments.flags:
            _handle_signals(signal.SIG_IGN)
            with Step("taking everything down"):
                playground.down()
    say(f"  {time.monotonic() - started:.1f} s in all")
    return 0 if healthy else 1


def up(arguments):
    playground = Playground(arguments.name)
    try:
        playground.up(arguments.operand or DEFAULT_DIRECTORY)
    except BaseException:
        if playground.state["directory"]:
            _handle_signals(signal.SIG_IGN)
            playground.down()
        raise
    healthy = report.show_complaints(playground)
    pods = playground.state["pods"]
    first = next(iter(pods), "POD")
    me = "deploy/playground"
    name = "" if arguments.name == "sluice-playground" else f" --name {arguments.name}"
    say(f"""
{arguments.name} is up, on the manifests in {playground.state['directory']}. Try:
  {me} matrix --loop{name}      and meanwhile edit a policy there: a saved file takes effect at once
  {me} exec {first}{name} -- ip addr
  {me} flows IngressRule{name}
  {me} down{name}""")
    return 0 if healthy else 1


def show_matrix(arguments):
    playground = Playground(arguments.name).load()
    if "--loop" in arguments.flags:
        return _loop(playground, arguments)
    playground.sync()
    healthy = report.show_complaints(playground)
    return 0 if healthy and not report.show_all(playground, arguments).disagreements else 1


def _loop(playground, arguments):
    before, complaints, rounds = None, None, 0
    while not arguments.rounds or rounds < arguments.rounds:
        rounds += 1
        playground.sync()
        now = playground.node.engine.complaints()
        if now != complaints:
            for complaint in now:
                warn(f"{report.clock()} {complaint}")
            complaints = now
        if before is None:
            result = report.show_all(playground, arguments)
            say("\nNow edit a manifest; every cell that changes is shown here. Ctrl-C ends this.")
        else:
            result = matrix.measure(playground)
            report.show_changes(before, result)
        before = result
    return 1 if before.disagreements else 0


def run_inside(arguments):
    playground = Playground(arguments.name).load()
    if not arguments.operand or not arguments.command:
        raise Failure("exec POD -- CMD...")
    command = netns.command(playground.namespace_of(arguments.operand), *arguments.command)
    sys.stdout.flush()
    _handle_signals(signal.SIG_DFL)
    os.execvp(command[0], command)


def edit(arguments):
    playground = Playground(arguments.name).load()
    directory = playground.state["directory"]
    say(f"The manifests are in {directory}:")
    for name in sorted(os.listdir(directory)):
        say(f"  {os.path.join(directory, name)}")
    say("Edit them with what you like: a saved, new or deleted file takes effect at once.\n"
        "'deploy/playground matrix --loop' in another terminal shows what changes.")
    return 0


def flows(arguments):
    playground = Playground(arguments.name).load()
    text = playground.node.ofctl("dump-flows", options=("--names", "--no-stats"))
    lines = [line.strip() for line in text.splitlines() if "actions=" in line]
    tables = [word[6:] for line in lines for word in line.replace(",", " ").split()[:4]
              if word.startswith("table=")]
    if arguments.operand:
        wanted = arguments.operand.lower()
        lines = [line for line in lines
                 if f"table={wanted}," in line.lower().replace(" ", ",") + ","]
        if not lines:
            raise Failure(f"no flows in a table {arguments.operand}; tables with flows: "
                          f"{' '.join(dict.fromkeys(tables))}")
    say("\n".join(lines))
    return 0


def why(arguments):
    playground = Playground(arguments.name).load()
    if not arguments.operand or not arguments.command:
        raise Failure("why A B:PORT[/tcp|udp|sctp]")
    command = [*playground.node.engine.command, "why", arguments.operand, *arguments.command]
    return subprocess.run(command, check=False).returncode


def status(arguments):
    playground = Playground(arguments.name).load()
    say(playground.node.engine.status_text())
    say(f"\nmanifests  {playground.state['directory']}")
    say(f"switch     ovs-vsctl --db=unix:{playground.node.database} show   (bridge {BRIDGE})")
    for key, pod in sorted(playground.state["pods"].items()):
        say(f"pod        {key:<24} {' '.join(pod['addresses'])}")
    for address, host in sorted(playground.state["hosts"].items()):
        say(f"outside    {address:<24} {host['why']}")
    return 0


def logs(arguments):
    playground = Playground(arguments.name).load()
    names = {name.removesuffix(".log"): name for name in sorted(os.listdir(playground.node.logs))}
    chosen = [file for name, file in names.items() if arguments.operand in name]
    if not chosen:
        raise Failure(f"no log {arguments.operand}; there are: {' '.join(names)}")
    follow = ["-F"] if "-f" in arguments.flags else []
    return subprocess.run(["tail", "-n", "200", *follow, "--", *chosen], cwd=playground.node.logs,
                          check=False).returncode


def down(arguments):
    _handle_signals(signal.SIG_IGN)
    playground = Playground(arguments.name)
    if not os.path.exists(playground.state_dir):
        playground.down()
        say(f"{arguments.name}: nothing is up")
        return 0
    with Step(f"taking {arguments.name} down"):
        playground.down()
    return 0


VERBS = {"run": run, "up": up, "matrix": show_matrix, "exec": run_inside, "edit": edit,
         "flows": flows, "why": why, "status": status, "logs": logs, "down": down}


def main(argv):
    """The exit status: 0; 1 for a disagreement or a pod that could not be attached; 2 for a
    failure."""
    _handle_signals(_ended)
    try:
        arguments = command_line.parse(argv)
        if arguments.verb not in VERBS:
            raise Failure(f"unknown verb {arguments.verb}; see 'deploy/playground help'")
        return VERBS[arguments.verb](arguments)
    except Failure as failure:
        warn(f"playground: {failure}")
        return 2
    except Ended:
        warn("\nplayground: interrupted")
        return 130
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # whoever read us has gone
        return 141
    except (OSError, subprocess.SubprocessError) as error:
        warn(f"playground: {error}")
        return 2
    except Exception as error:  # a fault of the playground itself: one line, and where
        place = error.__traceback__
        while place.tb_next:
            place = place.tb_next
        where = f"{os.path.basename(place.tb_frame.f_code.co_filename)}:{place.tb_lineno}"
        warn(f"playground: internal fault at {where}: {type(error).__name__}: {error}")
        return 3
