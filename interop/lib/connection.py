"""One connection to a broker: any request in any version, with the message classes of kafka-python."""
import itertools
import socket
import struct

import kafka.protocol.admin as admin
import kafka.protocol.consumer as consumer
import kafka.protocol.metadata as metadata
import kafka.protocol.producer as producer
from kafka.protocol.api_header import ResponseClassRegistry

MESSAGES = (admin, consumer, metadata, producer)


def message(name):
    """The class of a request by its name without the ending, for instance Fetch."""
    for module in MESSAGES:
        if hasattr(module, name + "Request"):
            return getattr(module, name + "Request")
    raise LookupError(name)


class Refused(Exception):
    """The broker does not serve this API."""


class Connection:
    """`ask("Fetch", max_bytes=1, ...)` in the newest version both sides know; answers with the response."""

    def __init__(self, bootstrap, timeout=60):
        host, port = bootstrap.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=timeout)
        self.stream = self.socket.makefile("rb")
        self.ids = itertools.count(1)
        answer = self.send(message("ApiVersions")(version=3, client_software_name="interop",
                                                  client_software_version="1"))
        self.served = {api.api_key: (api.min_version, api.max_version) for api in answer.api_keys}

    def serves(self, name):
        return message(name).API_KEY in self.served

    def newest(self, name):
        kind = message(name)
        if kind.API_KEY not in self.served:
            raise Refused(name)
        return min(kind.valid_versions[1], self.served[kind.API_KEY][1])

    def ask(self, name, version=None, **fields):
        return self.send(build(name, self.newest(name) if version is None else version, fields))

    def send(self, request):
        request.with_header(correlation_id=next(self.ids), client_id="interop")
        self.socket.sendall(request.encode(header=True, framed=True))
        size = struct.unpack(">i", self.read(4))[0]
        kind = ResponseClassRegistry.get_response_class(request.header)
        answer = kind.decode(self.read(size), header=True)
        assert answer.header.correlation_id == request.header.correlation_id
        return answer

    def read(self, count):
        data = self.stream.read(count)
        if len(data) < count:
            raise ConnectionError("the broker closed the connection")
        return data

    def close(self):
        self.stream.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def build(name, version, fields):
    """A request out of plain values: dicts become the structs of their field."""
    kind = message(name)
    return kind(version=version, **{key: shaped(kind._struct.fields[key], value, version)
                                    for key, value in fields.items()})


def shaped(field, value, version):
    if isinstance(value, list) and field.is_struct_array():
        return [shaped_struct(field, item, version) for item in value]
    if isinstance(value, dict):
        return shaped_struct(field, value, version)
    return value


def shaped_struct(field, value, version):
    inner = {key: shaped(field.fields[key], item, version) for key, item in value.items()
             if field.fields[key].for_version_q(version)}
    return field.data_class(version=version, **inner)
