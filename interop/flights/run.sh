#!/usr/bin/env bash
# Real records in by one client and out by another; see flights.py.
source "$(dirname "$0")/../lib/env.sh"
need_kcat
need_python
need_kafka_tools
[[ " $* " == *" --bootstrap "* ]] || need_klamm
python "$interop/flights/flights.py" "$@"
