#!/usr/bin/env python3
"""table.py [--check] README.md...: the rows of results.json as a table, between the two marks in each file:
after "figures" all rows that have a goal, after "main figures" those of MAIN and each one that missed its goal.

--check changes nothing, and fails if a table is not what results.json says. So nobody types a
figure: `build/bin/sluice-bench --json=tests/bench/results.json all`, then this.
"""

import datetime
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
RESULTS = os.path.join(HERE, "results.json")
END = "<!-- end of figures -->\n"
MAIN = re.compile("|".join((
    "install/.* against .*",
    "compile/.*/(time|peak-memory)",
    "node-view/.*",
    "event/(policy|local pod|remote pod) new/p..",
    "wide-policy/.*flow-mods",
    "extremes/.*wrong verdicts",
    "cni-add/.*",
    "restart/.*",
    "datapath/(0|10000) policies/(stream|connections)",
    "datapath/10000 (policies/megaflows.*|sources.*)",
    "growth/(many-namespaces|event/policy new)/.*",
    "idle/.*",
    "bulk/.*worst",
    "churn/.*(p99|CPU of one core)")))
# What a mark asks for.
WANTED = {"<!-- figures -->\n": lambda row: True,
          "<!-- main figures -->\n": lambda row: MAIN.fullmatch(row["name"]) or not row["reached"]}


def number(value):
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def line(row):
    peer = f"{number(row['ratio'])} × {row['against']}" if row["ratio"] is not None else ""
    goal = (row["goal"] or "").replace("<=", "≤").replace(">=", "≥").replace(" x", " ×")
    reached = {True: "yes", False: "**no**", None: ""}[row["reached"]]
    return f"| {row['name']} | {number(row['value'])} {row['unit']} | {peer} | {goal} | {reached} |"


def table(wanted):
    with open(RESULTS, encoding="utf-8") as file:
        report = json.load(file)
    day = datetime.date.fromisoformat(report["date"])
    shown = [row for row in report["rows"] if row["goal"] is not None and wanted(row)]
    return "\n".join([f"Run of {day}; medians.", "",
                      "| what | median | against, in the same run | goal | reached |",
                      "|---|---|---|---|---|", *map(line, shown)]) + "\n"


def with_table(text, path):
    for begin, wanted in WANTED.items():
        start, end = text.find(begin), text.find(END)
        if 0 <= start < end:
            return text[:start] + begin + table(wanted) + text[end:]
    raise SystemExit(f"{path}: no marks")


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
