"""Kafka's kafka-dump-log on whole folders: everything that it complains about is a failure."""
import re
import subprocess

from jvm import tool

# The tool calls every segment that does not begin at offset 0 non-consecutive ("-1 is followed by ..."), also
# of Kafka's own making; offsets missing between two records do count, where nothing was compacted.
COMPLAINTS = re.compile(
    r"isvalid: false|Found timestamp mismatch|Mismatches in|Found indexed offset|Found out of order|"
    r"^ +\d+ is followed by|Could not|Exception|corrupt|invalid|Skipping|Index offset",
    re.IGNORECASE | re.MULTILINE)
GAP = re.compile(r"^ +\d+ is followed by", re.MULTILINE)


class Complaint(AssertionError):
    pass


def dump(files, *options, gaps=False):
    """What the tool prints of these files; `gaps`: they were compacted."""
    return "".join(dump_some(some, options, gaps) for some in portions(list(map(str, files))))


def portions(files):
    """Short enough for one argument of a command line."""
    some = []
    for file in files:
        if sum(map(len, some)) + len(some) + len(file) > 100_000:
            yield some
            some = []
        some.append(file)
    if some:
        yield some


def dump_some(files, options, gaps):
    done = subprocess.run(
        tool("org.apache.kafka.tools.DumpLogSegments", *options, "--files", ",".join(files)),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
    complaint = next((c for c in COMPLAINTS.finditer(done.stdout) if not (gaps and GAP.match(c.group()))), None)
    if gaps and complaint and complaint.group().startswith("Mismatches"):
        complaint = None
    if done.returncode or complaint:
        around = done.stdout[max(0, complaint.start() - 500):][:2000] if complaint else done.stdout[-2000:]
        raise Complaint(f"{' '.join(files)[:2000]}: exit {done.returncode}\n{around}")
    return done.stdout


def parts(text):
    """What was printed of each file, by its path."""
    pieces = re.split(r"^Dumping (.+)$", text, flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2]))
