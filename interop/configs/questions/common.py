"""Requests in few words."""
import time

TOPIC, BROKER, LOGGER, METRICS, GROUP = 2, 4, 8, 16, 32
SET, DELETE, APPEND, SUBTRACT = 0, 1, 2, 3


def described(*resources, synonyms=True, documentation=False, keys=None):
    body = {"resources": [{"resource_type": kind, "resource_name": name, "configuration_keys": keys}
                          for kind, name in resources], "include_synonyms": synonyms}
    return {**body, "include_documentation": True} if documentation else body


def altered(kind, name, *configs, validate_only=False):
    """Configs are (name, operation, value)."""
    return several((kind, name, configs), validate_only=validate_only)


def several(*resources, validate_only=False):
    return {"resources": [{"resource_type": kind, "resource_name": name, "configs": [
        {"name": key, "config_operation": operation, "value": value} for key, operation, value in configs]}
        for kind, name, configs in resources], "validate_only": validate_only}


def replaced(*resources, validate_only=False):
    """Resources are (kind, name, {name: value}) or (kind, name, [(name, value)])."""
    pairs = lambda configs: configs.items() if isinstance(configs, dict) else configs
    return {"resources": [{"resource_type": kind, "resource_name": name, "configs": [
        {"name": key, "value": value} for key, value in pairs(configs)]} for kind, name, configs in resources],
        "validate_only": validate_only}


def created(name, configs=()):
    return {"topics": [{"name": name, "num_partitions": 1, "replication_factor": 1, "assignments": [],
                        "configs": [{"name": key, "value": value} for key, value in dict(configs).items()]}],
            "timeout_ms": 30000}


def make_topic(name, configs=()):
    """Created, and there for the broker too."""
    yield None, "CreateTopics", 4, created(name, configs)
    yield from settle(TOPIC, name)


def settle(kind, name):
    """Until the broker knows the resource; Kafka's broker learns of a change after the answer to it."""
    for _ in range(100):
        answer = yield None, "DescribeConfigs", 4, described((kind, name), keys=["no.such"])
        if answer["results"][0]["error_code"] == 0:
            break
        time.sleep(0.05)


def pause():
    """What is decided takes a moment to reach Kafka's broker."""
    time.sleep(0.4)
