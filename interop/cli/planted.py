"""Would the comparison notice? Outputs that differ as little as outputs can, each of which has to be told from the
right one; and outputs that differ only in what differs from run to run, which must not be."""
import pathlib
import time
import types

from masks import Masks
from running import Ran, expected
from scenario import Step

PORT, OTHER_PORT = "23456", "23457"
ID, OTHER_ID = "pt_oFVPISHmlcHQChCjBfg", "OUq967c4TSOUS2ak5qQ62A"
MEMBER, OTHER_MEMBER = (f"reader-{n}b0b9e6c-1c5f-4a57-9a53-0f5b8a1c2d3e" for n in "12")
RIGHT = (f"Topic: a\tTopicId: {ID}\tPartitionCount: 1 \n{ID} 127.0.0.1:{PORT}  (1)\n{MEMBER} /x {MEMBER}\n"
         "CreateTime:{now}\tv\n")
WRONG = {
    "another port": (PORT, OTHER_PORT),
    "a second id where there was one": (f"\n{ID}", f"\n{OTHER_ID}"),
    "a second member where there was one": (f"/x {MEMBER}", f"/x {OTHER_MEMBER}"),
    "a shorter id": (f"TopicId: {ID}", f"TopicId: {ID[1:]}"),
    "a time long ago": ("{now}", "1700000000000"),
    "a blank at the end of a line": (" \n", "\n"),
    "a blank more": ("  (1)", "   (1)"),
    "a tab": ("\tv", " v"),
    "no line end": ("v\n", "v"),
    "a line more": ("v\n", "v\n\n"),
    "two lines in the other order": (f"{MEMBER} /x {MEMBER}\nCreateTime:{{now}}\tv\n",
                                     f"CreateTime:{{now}}\tv\n{MEMBER} /x {MEMBER}\n"),
}


def lines(text, code=0, stderr="", step=None):
    context = types.SimpleNamespace(masks=Masks({PORT: "#port"}))
    now = str(int(time.time() * 1000))
    return Ran(step or Step("$", "x"), context, text.replace("{now}", now), stderr, code, 0).lines()


def check():
    """Raises what it would not notice."""
    right = lines(RIGHT)
    for what, (old, new) in WRONG.items():
        assert old in RIGHT, what
        assert lines(RIGHT.replace(old, new)) != right, f"{what} is not noticed"
    assert lines(RIGHT, code=1) != right, "another exit code is not noticed"
    assert lines("", 1, "one\n") != lines("", 1, "other\n"), "another error is not noticed"
    same = RIGHT.replace(ID, OTHER_ID).replace(MEMBER, OTHER_MEMBER)
    assert lines(same) == right, "what differs from run to run is told apart"
    sort = Step("$", "x", {"sort": ""})
    assert lines("b\na\n", step=sort) == lines("a\nb\n", step=sort) != lines("a\na\n", step=sort)
    step = Step("$", "x", {"klamm-lacks": "Fetch"}, [], "\tFetch(1): 4 to 18 [usable: 18],\n\tProduce(0): 0 to 13\n")
    assert expected(step, "klamm") != expected(step, "jvm") == lines(step.stdout)


def check_files(folder: pathlib.Path):
    """A file is written as it was read, and each tool has its ten scenarios, three of them errors."""
    from scenario import File
    for path in sorted(folder.glob("*.txt")):
        file = File(path)
        assert "\n".join(file.lines()) + "\n" == path.read_text(), f"{path.name} would be written otherwise"
        errors = [s for s in file.scenarios if any(isinstance(p, Step) and p.code for p in s.parts)]
        names = [s.name for s in file.scenarios]
        assert len(names) == len(set(names)), f"{path.name}: two scenarios of one name"
        assert file.tool == "course" or len(names) >= 10 and len(errors) >= 3, f"{path.name}: too few scenarios"
