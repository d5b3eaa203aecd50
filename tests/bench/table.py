#!/usr/bin/env python3
"""table.py [--check] README.md...: the rows of results.json as a table, between the two marks in each file.

--check changes nothing, and fails if a table is not what results.json says. So nobody types a
figure: `build/bin/sluice-bench --json=tests/bench/results.json all`, then this.
"""

import datetime
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
RESULTS = os.path.join(HERE, "results.json")
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"


def number(value):
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def line(row):
    peer = f"{number(row['ratio'])} × {row['against']}" if row["ratio"] is not None else ""
    goal = (row["goal"] or "").replace("<=", "≤").replace(">=", "≥").replace(" x", " ×")
    reached = {True: "yes", False: "**no**", None: ""}[row["reached"]]
    return f"| {row['name']} | {number(row['value'])} {row['unit']} | {peer} | {goal} | {reached} |"


def table():
    with open(RESULTS, encoding="utf-8") as file:
        report = json.load(file)
    day = datetime.date.fromisoformat(report["date"])
    shown = [row for row in report["rows"] if row["goal"] is not None]
    return "\n".join([f"Run of {day}; medians.", "",
                      "| what | median | against, in the same run | goal | reached |",
                      "|---|---|---|---|---|", *map(line, shown)]) + "\n"


def with_table(text, path):
    start, end = text.find(BEGIN), text.find(END)
    if start < 0 or end < start:
        raise SystemExit(f"{path}: no marks")
    return text[:start] + BEGIN + table() + text[end:]


def main(arguments):
    check = "--check" in arguments
    for path in [each for each in arguments if each != "--check"]:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        wanted = with_table(text, path)
        if check and wanted != text:
            raise SystemExit(f"{path}: its figures are not those of {RESULTS}")
        if not check:
            with open(path, "w", encoding="utf-8") as file:
                file.write(wanted)


if __name__ == "__main__":
    main(sys.argv[1:])
