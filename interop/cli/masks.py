"""What may differ from run to run, made equal, without hiding anything else.

A token is as wide as what it stands for, and equal things have the same token, numbered as they appear within a
scenario. Ports and folders are masked by their value: another port stays visible. A time is masked only when it lies
within the scenario.
"""
import re
import time

UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
# Ids of topics and directories, where they are named as such; a whole line of one is kafka-storage's random-uuid.
ID = re.compile(r"(TopicId: |directory\.id=|directoryId=|\"directoryId\": \"|-id=|^)([A-Za-z0-9_-]{21}[AQgw])"
                r"(?=[\s,}\"]|$)", re.MULTILINE)
STAMP = re.compile(r"((?:CreateTime|LogAppendTime):)(\d{13})\b")
LOG_DATE = re.compile(r"^\[20\d\d-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\]", re.MULTILINE)
# The group that a console consumer makes up.
MADE_UP_GROUP = re.compile(r"\bconsole-consumer-\d{1,5}\b")


def token(kind, number, width):
    return f"<{kind}-{number}".ljust(width - 1, "-")[:width - 1] + ">"


class Masks:
    """Of one scenario; `known` are texts to be replaced and what stands for them."""

    def __init__(self, known):
        self.known = sorted(known.items(), key=lambda item: -len(item[0]))
        self.seen = {}
        self.start = time.time()

    def of(self, kind, value):
        seen = self.seen.setdefault(kind, {})
        number = seen.setdefault(value, len(seen) + 1)
        return token(kind, number, len(value))

    def apply(self, text):
        for value, name in self.known:
            text = re.sub(rf"(?<![\d.]){value}(?!\d)", name, text) if value.isdigit() else text.replace(value, name)
        text = UUID.sub(lambda m: self.of("uuid", m.group()), text)
        text = ID.sub(lambda m: m.group(1) + self.of("id", m.group(2)), text)
        for value in self.seen.get("id", {}):
            text = text.replace(value, self.of("id", value))
        text = STAMP.sub(self.stamp, text)
        text = MADE_UP_GROUP.sub("console-consumer-<n>", text)
        return LOG_DATE.sub("[<date>]", text)

    @staticmethod
    def sorted(text, starts_block):
        """Blocks in an order that does not depend on ids and times; with `starts_block` lines that begin otherwise go along."""
        blocks = []
        for line in text.splitlines(keepends=True):
            if blocks and not starts_block(line):
                blocks[-1] += line
            else:
                blocks.append(line)
        return "".join(sorted(blocks, key=lambda block: STAMP.sub(r"\1", ID.sub(r"\1", UUID.sub("", block)))))

    def stamp(self, found):
        at = int(found.group(2)) / 1000
        if not self.start - 1 <= at <= time.time() + 1:
            return found.group()
        return found.group(1) + "<now-------->"
