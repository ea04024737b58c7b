#!/usr/bin/env bash
# Klamm's answers beside those of Kafka 4.4.0; see answers.py. Needs nothing but Python and Klamm.
#
#   run.sh                         compare with data/
#   run.sh --record HOST:PORT --stop COMMAND --kill COMMAND --start COMMAND
#                                  replace data/ by the answers of a fresh Kafka broker with node.id=1 and one-replica
#                                  internal topics, whose controller listens on PORT + 1
source "$(dirname "$0")/../lib/env.sh"
[[ ${1:-} == --record ]] || need_klamm
exec python3 "$interop/answers/answers.py" "$@"
