"""The few requests this suite asks, on the wire: fields as lines of text, one codec for all versions.

A line is `name type versions [null VERSIONS] [= default]`; `[]` behind the type is an array, `{}` behind a name
a struct of the indented lines below it, `[]` behind a name an array of such structs. `tag N` is a tagged field.
Written by hand from the protocol's documentation, so that it is a second opinion on Klamm's own codec.
"""
import dataclasses
import io
import socket
import struct
import uuid

NUMBERS = {"int8": ">b", "int16": ">h", "uint16": ">H", "int32": ">i", "int64": ">q", "bool": ">?"}


@dataclasses.dataclass
class Field:
    name: str
    type: str
    array: bool
    since: int
    until: int
    nullable_since: int
    tag: int
    default: object
    fields: list

    def is_in(self, version):
        return self.since <= version <= self.until

    def missing(self):
        if self.default is not None:
            return self.default
        if self.array:
            return []
        if self.nullable_since < 1000:
            return None
        return {"string": "", "uuid": uuid.UUID(int=0), "bytes": b"", "struct": None}.get(self.type, 0)


def versions(text):
    first, dash, last = text.rstrip("+").partition("-")
    return int(first), int(last) if dash else 99 if text.endswith("+") else int(first)


def parse(text):
    """A block of lines as fields; indentation nests."""
    root, stack = [], []
    for line in text.strip("\n").splitlines():
        indent = len(line) - len(line.lstrip())
        words = line.split()
        name, struct_array, is_struct = words[0], words[0].endswith("[]"), words[0].endswith(("[]", "{}"))
        kind = "struct" if is_struct else words.pop(1)
        since, until = versions(words[1])
        options = dict(zip(words[2::2], words[3::2]))
        default = options.get("=")
        field = Field(
            name.rstrip("[]{}"), kind.rstrip("[]"), struct_array or kind.endswith("[]"), since, until,
            versions(options["null"])[0] if "null" in options else 1000,
            int(options.get("tag", -1)),
            default if default is None or kind == "string" else default == "true" if kind == "bool" else int(default), [])
        while stack and stack[-1][0] >= indent:
            stack.pop()
        (stack[-1][1] if stack else root).append(field)
        stack.append((indent, field.fields))
    return root


class Writer:
    def __init__(self, version, flexible):
        self.out, self.version, self.flexible = io.BytesIO(), version, flexible

    def number(self, kind, value):
        self.out.write(struct.pack(NUMBERS[kind], value))

    def varint(self, value):
        while value > 127:
            self.out.write(bytes([value & 127 | 128]))
            value >>= 7
        self.out.write(bytes([value]))

    def length(self, length, short):
        """-1 is null."""
        if self.flexible:
            self.varint(length + 1)
        else:
            self.number("int16" if short else "int32", length)

    def value(self, field, value):
        if field.array:
            self.length(-1 if value is None else len(value), False)
            for item in value or []:
                self.one(field, item)
        elif field.type == "struct" and field.nullable_since < 1000:
            self.number("int8", -1 if value is None else 1)
            if value is not None:
                self.one(field, value)
        else:
            self.one(field, value)

    def one(self, field, value):
        if field.type == "struct":
            self.struct(field.fields, value)
        elif field.type in NUMBERS:
            self.number(field.type, value)
        elif field.type == "uuid":
            self.out.write(value.bytes)
        else:
            data = value.encode() if isinstance(value, str) else value
            self.length(-1 if data is None else len(data), field.type == "string")
            self.out.write(data or b"")

    def struct(self, fields, values):
        unknown = set(values) - {field.name for field in fields}
        assert not unknown, f"no such fields: {unknown}"
        for field in fields:
            if field.is_in(self.version):
                self.value(field, values.get(field.name, field.missing()))
        if self.flexible:
            self.varint(0)


class Reader:
    def __init__(self, data, version, flexible):
        self.data, self.at, self.version, self.flexible = data, 0, version, flexible

    def take(self, count):
        assert 0 <= count <= len(self.data) - self.at, f"{count} bytes wanted, {len(self.data) - self.at} left"
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self, kind):
        size = struct.calcsize(NUMBERS[kind])
        return struct.unpack(NUMBERS[kind], self.take(size))[0]

    def varint(self):
        value, shift = 0, 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def length(self, short):
        return self.varint() - 1 if self.flexible else self.number("int16" if short else "int32")

    def value(self, field):
        if field.array:
            length = self.length(False)
            return None if length < 0 else [self.one(field) for _ in range(length)]
        if field.type == "struct" and field.nullable_since < 1000 and self.number("int8") < 0:
            return None
        return self.one(field)

    def one(self, field):
        if field.type == "struct":
            return self.struct(field.fields)
        if field.type in NUMBERS:
            return self.number(field.type)
        if field.type == "uuid":
            return uuid.UUID(bytes=bytes(self.take(16)))
        length = self.length(field.type == "string")
        if length < 0:
            assert self.version >= field.nullable_since, f"{field.name} is null in version {self.version}"
            return None
        data = self.take(length)
        return data.decode() if field.type == "string" else data

    def struct(self, fields):
        values = {}
        tagged = {}
        for field in fields:
            if field.tag >= 0:
                tagged[field.tag] = field
            elif field.is_in(self.version):
                values[field.name] = self.value(field)
        if self.flexible:
            for _ in range(self.varint()):
                tag, size = self.varint(), self.varint()
                end = self.at + size
                values[tagged[tag].name] = self.value(tagged[tag])
                assert self.at == end, f"tag {tag} is {size} bytes long"
        return values


@dataclasses.dataclass
class Api:
    key: int
    first: int
    last: int
    flexible: int
    request: list
    response: list

    def encode(self, version, correlation_id, body):
        flexible = version >= self.flexible
        out = Writer(version, False)
        out.number("int16", self.key)
        out.number("int16", version)
        out.number("int32", correlation_id)
        out.number("int16", len("answers"))
        out.out.write(b"answers")
        out.flexible = flexible
        if flexible:
            out.varint(0)
        out.struct(self.request, body)
        data = out.out.getvalue()
        return struct.pack(">i", len(data)) + data

    def decode(self, version, correlation_id, data):
        reader = Reader(data, version, version >= self.flexible)
        assert reader.number("int32") == correlation_id, "the answer to another question"
        if reader.flexible and self.key != 18:
            assert reader.varint() == 0, "tags in the response's header"
        answer = reader.struct(self.response)
        assert reader.at == len(data), f"{len(data) - reader.at} bytes behind the answer"
        return answer


class Closed(Exception):
    """The broker closed the connection instead of answering."""


class Connection:
    def __init__(self, host, port):
        self.address, self.socket, self.correlation_id, self.asked = (host, port), None, 0, None

    def ask(self, api, version, body):
        self.send(api, version, body)
        return self.receive()

    def send(self, api, version, body):
        """The answer is taken by `receive`."""
        if self.socket is None:
            self.socket = socket.create_connection(self.address, timeout=30)
        self.correlation_id += 1
        self.asked = api, version
        try:
            self.socket.sendall(api.encode(version, self.correlation_id, body))
        except ConnectionError:
            pass  # `receive` finds the connection closed.

    def receive(self):
        api, version = self.asked
        try:
            size = struct.unpack(">i", self.read(4))[0]
            return api.decode(version, self.correlation_id, self.read(size))
        except (Closed, ConnectionError):
            self.socket.close()
            self.socket = None
            raise Closed() from None

    def read(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise Closed()
            data += piece
        return data
