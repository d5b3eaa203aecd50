"""The matrix on paper: sources down, targets across, in each cell what got through."""

import console
import matrix as matrix_module
import probes


def _listing(open_set, tried):
    """`tcp 80,443 udp` : a protocol alone means all its tried ports."""
    parts = []
    for protocol in sorted({protocol for protocol, _ in tried}):
        mine = sorted(port for one, port in open_set if one == protocol)
        whole = sorted(port for one, port in tried if one == protocol)
        if mine == whole:
            parts.append(protocol)
        elif mine:
            parts.append(f"{protocol} {','.join(map(str, mine))}")
    return " ".join(parts)


def cell_text(cells):
    """What of the tried ports was open, as short as it can be said; by family where they differ."""
    families = {}
    for cell in cells:
        families.setdefault(cell.question.family, []).append(cell)
    texts = {family: _family_text(mine) for family, mine in sorted(families.items())}
    if len(set(texts.values())) == 1:
        return next(iter(texts.values()))
    return ", ".join(f"IPv{family} {text}" for family, text in texts.items())


def _family_text(cells):
    tried = {(cell.question.protocol, cell.question.port) for cell in cells}
    open_set = {(cell.question.protocol, cell.question.port)
                for cell in cells if cell.outcome == probes.OPEN}
    if open_set == tried:
        return "all"
    if not open_set:
        return "-"
    direct = _listing(open_set, tried)
    inverse = f"all but {_listing(tried - open_set, tried)}"
    return min(direct, inverse, key=len)


def _style(cells, text):
    if any(not cell.agrees for cell in cells):
        return console.alarm
    return {"-": console.red, "all": console.green}.get(text, console.yellow)


def _heading(who):
    if "/" in who:
        return who.split("/")
    return ["outside", who]


def _ordered(names):
    """Pods by name, then addresses, then the node."""
    return sorted(names, key=lambda who: (who == "node", "/" not in who, who))


def grid(matrix):
    """Lines of text."""
    table = {}
    for cell in matrix.cells:
        key = (cell.question.source, cell.question.target)
        table.setdefault(key, []).append(cell)
    sources = _ordered({source for source, _ in table})
    targets = _ordered({target for _, target in table})
    texts = {key: cell_text(cells) + ("" if all(cell.agrees for cell in cells) else " !")
             for key, cells in table.items()}
    label = max(map(len, [*sources, "from \\ to"]))
    widths = {target: max(len(text) for text in [
        *_heading(target), *(texts.get((source, target), "") for source in sources)])
              for target in targets}
    lines = []
    for chunk in _chunks(targets, widths, console.width() - label):
        if lines:
            lines.append("")
        for row in (0, 1):
            start = "from \\ to" if row else ""
            words = [start.ljust(label), *(_heading(t)[row].ljust(widths[t]) for t in chunk)]
            lines.append(console.bold("  ".join(words).rstrip()))
        for source in sources:
            if not any((source, target) in table for target in chunk):
                continue
            row = []
            for target in chunk:
                cells = table.get((source, target))
                text = texts.get((source, target), "")
                padding = " " * (widths[target] - len(text))
                row.append((_style(cells, text)(text) if cells else text) + padding)
            lines.append("  ".join([source.ljust(label), *row]).rstrip())
    return lines


def _chunks(targets, widths, room):
    """As many columns side by side as fit."""
    chunk, used = [], 0
    for target in targets:
        needed = widths[target] + 2
        if chunk and used + needed > room:
            yield chunk
            chunk, used = [], 0
        chunk.append(target)
        used += needed
    if chunk:
        yield chunk


def long_lines(matrix):
    """One line for every pair and port, for grep and for scripts."""
    for cell in matrix.cells:
        painted = console.green if cell.outcome == probes.OPEN else console.red
        line = f"{str(cell.question):<64} {painted(cell.packet)}"
        yield line if cell.agrees else f"{line}  {console.alarm(f'engine: {cell.verdict}')}"


def legend(playground):
    """What was tried, and what the outside hosts stand for."""
    known = playground.manifests
    extra = known.unnamed_port()
    common = sorted(known.policy_ports | {extra})
    protocols = ", ".join(matrix_module.PROTOCOLS)
    yield (f"Tried, over both families, {protocols}: {_numbers(common)} ({extra} is named by "
           "nobody)")
    yield "and each pod's containerPorts. A cell lists what got through; all: everything tried; '-':"
    yield "nothing. A protocol alone: all its tried ports. Families are told apart where they differ."
    for address, host in sorted(playground.state["hosts"].items()):
        yield f"outside {address}: {host['why']}"


def _numbers(ports):
    return ", ".join(map(str, ports))


def verdict_lines(matrix):
    """The result, and every cell where packet and engine disagree."""
    wrong = matrix.disagreements
    for cell in wrong:
        yield console.alarm("disagreement") + (
            f" {cell.question}: the packet was {cell.packet}, the engine says {cell.verdict}")
    outcomes = [cell.outcome for cell in matrix.cells]
    opened, dropped = outcomes.count(probes.OPEN), outcomes.count(probes.DROPPED)
    neither = len(outcomes) - opened - dropped
    counts = (f"{len(outcomes)} probes: {opened} allowed, {dropped} dropped"
              + (f", {neither} neither" if neither else "")
              + f"; {len(wrong)} disagreement{'' if len(wrong) == 1 else 's'}"
              f" with the policy engine ({matrix.seconds:.1f} s)")
    yield console.red(counts) if wrong else console.green(counts)
