"""The scenario files: read, and written again with what a recording found.

    == name: what it shows            a scenario
    + topic orders 3                  prepared before, see prepare.py
    | text                            a line of the file that `+ file` makes
    $ kafka-topics --list ...         a command; a line that ends in a backslash goes on
    & reader kafka-console-consumer   the same, and it goes on by itself under the name of `reader`
    ~ INT reader other                these get a signal; what they printed and their exit code is compared
    < text                            its standard input
    % sort                            how it is run and compared, see OPTIONS
    > text                            its standard output, masked
    ! text                            a line of its standard error
    = 1                               its exit code, if that is not 0

`\\t`, `\\\\` and, for blanks at a line's end, `\\s` stand for what one would not see. An output whose last line has no
line end is closed by a line `>-`. Everything else is a comment.
"""
import dataclasses

# What may stand behind a `%`.
OPTIONS = {
    "sort": "the order of the lines of standard output means nothing",
    "blocks": "the same of a line and the indented ones below it",
    "stderr": "all, first or none: which lines of standard error are compared; without it the first, if the exit code "
              "is not 0",
    "until": "seconds and a text: the program is ended with SIGTERM once its output has the text",
    "grep": "a regular expression: only what it finds is compared, or what its groups are, a line for each line",
    "klamm-lacks": "APIs that Klamm does not serve yet; once it does the scenario fails",
    "since": "the first version of Kafka's tools that prints this; of older ones it is not compared",
}


@dataclasses.dataclass
class Prepared:
    verb: str
    words: str
    body: list


@dataclasses.dataclass
class Background:
    name: str
    command: str
    options: dict

    def option(self, name):
        return self.options.get(name)


@dataclasses.dataclass
class Step:
    mark: str
    command: str
    options: dict = dataclasses.field(default_factory=dict)
    stdin: list = dataclasses.field(default_factory=list)
    stdout: str = ""
    stderr: list = dataclasses.field(default_factory=list)
    code: int = 0

    def option(self, name):
        return self.options.get(name)


@dataclasses.dataclass
class Scenario:
    tool: str
    name: str
    parts: list

    @property
    def steps(self):
        """Everything that is a call of a tool."""
        return [part for part in self.parts
                if isinstance(part, Background) or isinstance(part, Step) and part.mark == "$"]


def escape(line):
    line = line.replace("\\", "\\\\").replace("\t", "\\t").replace("\r", "\\r")
    return line[:-1] + "\\s" if line.endswith(" ") else line


def unescape(text):
    out, at = [], 0
    while at < len(text):
        if text[at] == "\\" and at + 1 < len(text):
            out.append({"t": "\t", "s": " ", "r": "\r", "\\": "\\"}[text[at + 1]])
            at += 1
        else:
            out.append(text[at])
        at += 1
    return "".join(out)


def content(line):
    """What stands behind the mark and its blank."""
    return line[2:]


class File:
    """One tool's scenarios. `items` keeps comments as they are, so that a recording changes only outputs."""

    def __init__(self, path):
        self.path, self.items, self.broker = path, [], []
        self.read(path.read_text().splitlines())

    @property
    def tool(self):
        return self.path.stem

    @property
    def scenarios(self):
        return [item for item in self.items if isinstance(item, Scenario)]

    def read(self, lines):
        scenario, last, at = None, None, 0
        while at < len(lines):
            line = lines[at]
            at += 1
            mark = line[:2].strip()
            if mark == "==":
                scenario = Scenario(self.tool, line[3:].split(":")[0], [line])
                self.items.append(scenario)
                last = None
                continue
            if scenario is None:
                self.items.append(line)
                continue
            if mark == "+":
                verb, _, words = content(line).partition(" ")
                last = Prepared(verb, words, [])
            elif mark in ("$", "&", "~"):
                command = content(line)
                while command.endswith("\\"):
                    command += "\n" + lines[at]
                    at += 1
                last = Background(*command.split(" ", 1), {}) if mark == "&" else Step(mark, command)
            elif mark in ("|", "<", "%", ">", "!", "=", ">-") and last is not None:
                self.add(last, mark, line)
                continue
            else:
                last = None
                scenario.parts.append(line)
                continue
            scenario.parts.append(last)

    def add(self, part, mark, line):
        if isinstance(part, Prepared):
            assert mark == "|", f"{self.path.name}: {line}"
            part.body.append(unescape(content(line)))
        elif mark == "%":
            name, _, value = content(line).partition(" ")
            assert name in OPTIONS, f"{self.path.name}: {line}"
            part.options[name] = value
        elif mark == "<":
            part.stdin.append(unescape(content(line)))
        elif mark == ">":
            part.stdout += unescape(content(line)) + "\n"
        elif mark == ">-":
            part.stdout = part.stdout[:-1]
        elif mark == "!":
            part.stderr.append(unescape(content(line)))
        elif mark == "=":
            part.code = int(content(line))
        else:
            raise ValueError(f"{self.path.name}: {line}")

    def lines(self):
        lines = []
        for item in self.items:
            for part in item.parts if isinstance(item, Scenario) else [item]:
                lines += [part] if isinstance(part, str) else render(part)
        return lines

    def write(self):
        self.path.write_text("\n".join(self.lines()) + "\n")


def marked(mark, text):
    return f"{mark} {escape(text)}" if text else mark


def render(part):
    if isinstance(part, Prepared):
        return [f"+ {part.verb} {part.words}".rstrip()] + [marked("|", line) for line in part.body]
    options = [f"% {name} {value}".rstrip() for name, value in part.options.items()]
    if isinstance(part, Background):
        return [f"& {part.name} {part.command}", *options]
    lines = [f"{part.mark} {part.command}", *options]
    lines += [marked("<", line) for line in part.stdin]
    if part.stdout:
        lines += [marked(">", line) for line in part.stdout.removesuffix("\n").split("\n")]
        lines += [] if part.stdout.endswith("\n") else [">-"]
    lines += [marked("!", line) for line in part.stderr]
    return lines + ([f"= {part.code}"] if part.code else [])
