"""One module a client: `write(bootstrap, topic, codec, records, lines)` and `read(bootstrap, topic, ends)`.

`records` is a list of (key, value) strings, `lines` a file of them as `key<TAB>value`;
`ends` maps each partition to its end offset; `read` returns a dataset.Digest.
"""
from . import confluent, console, kafka_python, kcat

ALL = {"confluent-kafka": confluent, "kcat": kcat, "kafka-python": kafka_python, "console": console}
