"""The command line."""

from dataclasses import dataclass, field

from console import Failure


@dataclass
class Arguments:
    verb: str = ""
    operand: str = ""  # DIR, POD, TABLE, NAME, A
    command: list = field(default_factory=list)  # of exec; of why: B:PORT and sluicectl's options
    name: str = "sluice-playground"
    rounds: int = 0  # of matrix --loop; 0: until Ctrl-C
    flags: set = field(default_factory=set)


def parse(argv):
    """Options stand anywhere; what follows -- (or, without it, the operand of exec and why) is the
    command."""
    arguments, words = Arguments(), list(argv)
    while words:
        word = words.pop(0)
        if word == "--":
            arguments.command = words
            break
        option, _, value = word.partition("=")
        if option in ("--name", "--rounds"):
            if not value and not words:
                raise Failure(f"{option}: its value is missing")
            value = value or words.pop(0)
            if option == "--rounds" and not value.isdigit():
                raise Failure(f"--rounds {value}: not a number")
            setattr(arguments, option[2:], int(value) if option == "--rounds" else value)
        elif word in ("--no-build", "--keep", "--loop", "--long", "-f"):
            arguments.flags.add(word)
        elif word.startswith("-"):
            raise Failure(f"{word}: no such option; see 'deploy/playground help'")
        elif not arguments.verb:
            arguments.verb = word
        elif not arguments.operand:
            arguments.operand = word
        elif arguments.verb in ("exec", "why"):
            arguments.command = [word, *words]
            break
        else:
            raise Failure(f"{word}: what is that? See 'deploy/playground help'")
    return arguments
