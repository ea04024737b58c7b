#!/usr/bin/env bash
# What strangers may do to a broker that faces an open port, while an honest client works; see hostile.py and
# ../../docs/hostile.md. Needs nothing but Python and Klamm.
#
#   run.sh [SCENARIO ...]    all of them without any; --list says what there is
#   run.sh --ci              the short form
#   run.sh --kafka           the same against Kafka 4.4.0 with its own defaults, as the baseline
#   run.sh --json FILE       keeps the figures too; --seed N repeats a run
source "$(dirname "$0")/../lib/env.sh"
if [[ " $* " == *" --kafka "* ]]; then need_kafka_broker; elif [[ " $* " != *" --list "* ]]; then need_klamm; fi
export PYTHONPATH=$PYTHONPATH:$interop/answers
exec python3 "$interop/hostile/hostile.py" "$@"
