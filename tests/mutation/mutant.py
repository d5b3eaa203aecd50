"""A mutant: one rule broken on purpose, as an edit of the source tree.

    What it breaks, in one line.
    --- path/of/a/file.cc
     a line that stays
    -a line that goes
    +a line that comes in its place

Several edits of a file are divided by a line @@, several files by their --- lines. There are no line
numbers: what is to be replaced must stand in the file exactly once.
"""

import os
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
DIRECTORY = os.path.join(HERE, "mutants")


class MutantError(Exception):
    pass


@dataclass
class Edit:
    path: str
    old: str
    new: str


@dataclass
class Mutant:
    name: str
    breaks: str
    edits: list

    def mutated(self, root):
        """{path: its text with the edits}; raises MutantError if an edit does not fit."""
        texts = {}
        for edit in self.edits:
            if edit.path not in texts:
                try:
                    with open(os.path.join(root, edit.path), encoding="utf-8") as file:
                        texts[edit.path] = file.read()
                except OSError as error:
                    raise MutantError(f"{self.name}: {error}") from error
            found = texts[edit.path].count(edit.old)
            if found != 1:
                raise MutantError(f"{self.name}: {edit.path} has {found} of\n{edit.old}")
            texts[edit.path] = texts[edit.path].replace(edit.old, edit.new)
        return texts


def parse(name, text):
    breaks, *lines = text.splitlines()
    edits, path, old, new = [], "", "", ""

    def close():
        nonlocal old, new
        if old == new:
            raise MutantError(f"{name}: an edit that changes nothing")
        edits.append(Edit(path, old, new))
        old = new = ""

    for line in lines:
        if line.startswith("--- "):
            if path:
                close()
            path = line[4:]
        elif line == "@@":
            close()
        elif line[:1] in (" ", "-", "+") and path:
            old += "" if line[0] == "+" else line[1:] + "\n"
            new += "" if line[0] == "-" else line[1:] + "\n"
        else:
            raise MutantError(f"{name}: what is this: {line!r}")
    close()
    return Mutant(name, breaks, edits)


def read_all():
    mutants = []
    for name in sorted(os.listdir(DIRECTORY)):
        with open(os.path.join(DIRECTORY, name), encoding="utf-8") as file:
            mutants.append(parse(name, file.read()))
    return mutants
