#!/usr/bin/env bash
# Klamm and Kafka open each other's folders; see bothways.py. `run.sh --list` names the combinations.
source "$(dirname "$0")/../lib/env.sh"
need_python
need_kafka_tools
need_kafka_broker
need_klamm
python "$interop/bothways/bothways.py" "$@"
