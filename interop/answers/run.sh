#!/usr/bin/env bash
# Klamm's answers beside those of Kafka 4.4.0; see answers.py and README.md. Needs nothing but Python and Klamm.
#
#   run.sh [FAMILY ...]            compare with data/
#   run.sh --record FAMILY HOST:PORT --stop COMMAND --kill COMMAND --start COMMAND
#                                  replace data/FAMILY-4.4.0.json.gz by the answers of a fresh Kafka broker with node.id=1
#                                  and one-replica internal topics, whose controller listens on PORT + 1
#   run.sh --overrides FAMILY      the properties that this broker needs besides
source "$(dirname "$0")/../lib/env.sh"
[[ ${1:-} == --record || ${1:-} == --overrides ]] || need_klamm
exec python3 "$interop/answers/answers.py" "$@"
