#!/usr/bin/env bash
# Kafka's dump-log on everything that Klamm writes; see dumplog.py.
source "$(dirname "$0")/../lib/env.sh"
need_python
need_kafka_tools
need_klamm
python "$interop/dumplog/dumplog.py" "$@"
