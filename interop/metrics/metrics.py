"""What /metrics says beside what Kafka 4.4.0 says through a JMX exporter after the same small workload.

    metrics.py                 starts Klamm, works with it, reads it in both formats, compares names, types and labels
    metrics.py --record RULES  does the same to Kafka with the exporter and its rules, and keeps the names as data

The names in data/ are those that prometheus/jmx_exporter 1.0.1 gives with its own examples/kafka-kraft-3_0_0.yml. Those that
Klamm does not have stand in left_out.json with the reason; those of kafka_exporter, and our own, in further.json.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_prometheus

from broker import Broker, free_port

HERE = pathlib.Path(__file__).parent
NAMES = HERE / "data" / "names-4.4.0.json"
OPENMETRICS = "application/openmetrics-text; version=1.0.0"
RECORDS, READ = 300, 150
# Kafka has a topic here only once something of it has failed.
LAZY = "kafka_server_brokertopicmetrics_failed.*"


def get(url, accept=None):
    request = urllib.request.Request(url, headers={"Accept": accept} if accept else {})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read().decode()


class Work:
    """A topic, its records, a group that has read half of them and stays."""

    def __init__(self, bootstrap):
        KafkaAdminClient(bootstrap_servers=bootstrap).create_topics([NewTopic("orders", 3, 1)])
        self.producer = KafkaProducer(bootstrap_servers=bootstrap)
        for number in range(RECORDS):
            self.producer.send("orders", b"x" * 100, partition=number % 3)
        self.producer.flush()
        self.member = KafkaConsumer("orders", bootstrap_servers=bootstrap, group_id="half", auto_offset_reset="earliest",
                                    enable_auto_commit=False, max_poll_records=50)
        seen, deadline = 0, time.monotonic() + 60
        while seen < READ and time.monotonic() < deadline:
            for records in self.member.poll(500).values():
                seen += len(records)
        assert seen == READ, f"{seen} of {READ} records"
        self.member.commit()
        self.reader = KafkaConsumer(bootstrap_servers=bootstrap)
        self.reader.assign([TopicPartition("orders", 0)])
        self.reader.seek_to_beginning()
        self.reader.poll(5000)

    def close(self):
        for client in (self.member, self.reader, self.producer):
            client.close()


class Series:
    """The samples of one text."""

    def __init__(self, families):
        self.types, self.labels, self.values = {}, {}, {}
        for family in families:
            for sample in family.samples:
                self.types[sample.name] = family.type
                self.labels.setdefault(sample.name, set()).add(tuple(sorted(sample.labels)))
                key = (sample.name, tuple(sorted(sample.labels.items())))
                assert key not in self.values, f"{key} is there twice"
                self.values[key] = sample.value

    def get(self, name, **labels):
        return self.values.get((name, tuple(sorted(labels.items()))))

    def sum(self, name, **labels):
        wanted = labels.items()
        return sum(value for (found, of), value in self.values.items() if found == name and wanted <= dict(of).items())


def described(series):
    """Name by name: type and the sets of labels that occur; of Kafka's only."""
    return {name: [series.types[name], sorted(map(list, series.labels[name]))]
            for name in sorted(series.types) if name.startswith("kafka_")}


def compare_names(series):
    his, ours, faults = json.loads(NAMES.read_text()), described(series), []
    left_out = json.loads((HERE / "left_out.json").read_text())
    further = json.loads((HERE / "further.json").read_text())
    used = set()
    for name, (kind, labels) in his.items():
        if name not in ours:
            why = [entry["names"] for entry in left_out if re.fullmatch(entry["names"], name)]
            used.update(why)
            if not why:
                faults.append(f"{name} is not there")
            continue
        if ours[name][0] != kind:
            faults.append(f"{name} is a {ours[name][0]} instead of a {kind}")
        for of in ours[name][1]:
            if of not in labels and not re.fullmatch(LAZY, name):
                faults.append(f"{name} has labels {of}, Kafka's {labels}")
    faults += [f"left_out.json: {entry['names']} is not missing" for entry in left_out if entry["names"] not in used]
    own = {name for name in series.types if name not in his}
    faults += [f"{name} stands neither in Kafka's names nor in further.json" for name in sorted(own - set(further))]
    faults += [f"{name} of further.json is not there" for name in further if name not in own]
    print(f"{len(his)} names of Kafka: {len(set(ours) & set(his))} are there; {len(own)} further ones")
    return faults


def compare_values(series):
    faults = []

    def expect(what, found, expected):
        if found != expected:
            faults.append(f"{what} is {found} instead of {expected}")

    topic = {"topic": "orders"}
    expect("messages in", series.get("kafka_server_brokertopicmetrics_messagesin_total", **topic), RECORDS)
    expect("log ends", series.sum("kafka_log_log_logendoffset", **topic), RECORDS)
    expect("bytes in the log", series.sum("kafka_log_log_size", **topic),
           series.get("kafka_server_brokertopicmetrics_bytesin_total", **topic))
    expect("lag", series.get("kafka_consumergroup_lag_sum", consumergroup="half", **topic), RECORDS - READ)
    expect("offsets", series.get("kafka_consumergroup_current_offset_sum", consumergroup="half", **topic), READ)
    expect("members", series.get("kafka_consumergroup_members", consumergroup="half"), 1)
    expect("stable groups", series.get("kafka_server_group_coordinator_metrics_state_stable_classic_group_count"), 1)
    expect("leaders", series.get("kafka_server_replicamanager_leadercount"),
           series.get("kafka_controller_kafkacontroller_globalpartitioncount"))
    expect("state", series.get("kafka_server_kafkaserver_brokerstate"), 3)
    for name in ("kafka_server_replicamanager_underreplicatedpartitions", "kafka_log_logmanager_offlinelogdirectorycount",
                 "kafka_server_brokertopicmetrics_failedproducerequests_total"):
        expect(name, series.get(name), 0)
    requests = series.sum("kafka_network_requestmetrics_requests_total", request="Produce")
    expect("timed produces", series.get("kafka_network_requestmetrics_totaltimems_count_total", request="Produce"), requests)
    total = series.get("kafka_network_requestmetrics_totaltimems", request="Produce", quantile="0.99")
    local = series.get("kafka_network_requestmetrics_localtimems", request="Produce", quantile="0.50")
    if not 0 < local <= total < 60_000:
        faults.append(f"a produce takes {local} ms of {total} ms")
    if series.sum("kafka_server_socket_server_metrics_connection_count", listener="PLAINTEXT") < 3:
        faults.append("fewer connections than clients")
    return faults


def compare_log(log):
    """Every line is an object, those before the settings were read too."""
    faults = []
    for line in log.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            faults.append(f"no JSON: {line}")
            continue
        if not {"timestamp", "level", "logger", "message"} <= entry.keys() <= {"timestamp", "level", "logger", "message", "fields"}:
            faults.append(f"other fields: {line}")
    if not any("Kafka Server started" in line for line in log.splitlines()):
        faults.append("the log does not say that the server has started")
    return faults


def judge_klamm():
    port = free_port()
    os.environ["KLAMM_LOG_FORMAT"] = "json"
    with Broker([f"klamm.http.listener=127.0.0.1:{port}"]) as broker:
        url = f"http://127.0.0.1:{port}"
        work = Work(broker.bootstrap)
        faults = [f"{path} answers {get(url + path)[:3:2]}" for path in ("/livez", "/healthz", "/readyz")
                  if get(url + path)[0] != 200]
        status, kind, text = get(url + "/metrics", OPENMETRICS)
        assert status == 200 and kind.startswith("application/openmetrics-text"), (status, kind)
        series = Series(parse_openmetrics(text))
        status, kind, text = get(url + "/metrics")
        assert status == 200 and kind.startswith("text/plain"), (status, kind)
        plain = Series(parse_prometheus(text))
        faults += [f"only one format has {name}" for name in sorted(set(series.labels) ^ set(plain.labels))]
        begin = time.monotonic()
        for dialect, other in (("a", "kafka_consumergroup_lag"), ("e", "kafka_log_log_size")):
            if other in get(f"{url}/metrics?dialect={dialect}")[2]:
                faults.append(f"dialect {dialect} has {other}")
        print(f"two looks in {(time.monotonic() - begin) * 1000:.0f} ms")
        faults += compare_names(series) + compare_values(series)
        work.close()
        faults += compare_log(broker.log())
    return faults


def record(rules):
    """Kafka with the exporter, after the same work."""
    home = pathlib.Path(tempfile.mkdtemp(prefix="kafka-metrics-"))
    port, controller, metrics = free_port(), free_port(), free_port()
    properties = {
        "process.roles": "broker,controller", "node.id": "1", "controller.quorum.voters": f"1@localhost:{controller}",
        "listeners": f"PLAINTEXT://localhost:{port},CONTROLLER://localhost:{controller}",
        "controller.listener.names": "CONTROLLER", "log.dirs": home / "data", "group.initial.rebalance.delay.ms": "0",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT", "offsets.topic.replication.factor": "1",
    }
    (home / "server.properties").write_text("".join(f"{name}={value}\n" for name, value in properties.items()))
    java = ["java", "-Xmx512M", "-cp", f"{os.environ['INTEROP_BROKER']}/*"]
    subprocess.run([*java, "kafka.tools.StorageTool", "format", "-c", home / "server.properties", "-t", "MkU3OEVBNTcwNTJENDM2Qg"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    agent = f"-javaagent:{os.environ['EXPORTER']}={metrics}:{rules}"
    with open(home / "log", "w") as log:
        kafka = subprocess.Popen([*java, agent, "kafka.Kafka", home / "server.properties"], stdout=log, stderr=log)
    try:
        time.sleep(20)
        work = Work(f"localhost:{port}")
        series = Series(parse_openmetrics(get(f"http://localhost:{metrics}/metrics", OPENMETRICS)[2]))
        work.close()
    finally:
        kafka.kill()
        kafka.wait()
        shutil.rmtree(home, ignore_errors=True)
    keep(described(series))


def keep(names):
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in names.items())
    NAMES.write_text("{\n" + lines + "\n}\n")
    print(f"{len(names)} names kept")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--record", metavar="RULES")
    arguments = parser.parse_args()
    if arguments.record:
        return record(arguments.record)
    faults = judge_klamm()
    for fault in faults:
        print(fault)
    print("metrics: " + (f"{len(faults)} faults" if faults else "all well"))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
