#!/usr/bin/env bash
# Settings as Klamm tells and changes them, beside Kafka 4.4.0; see configs.py and README.md. Needs nothing but Python
# and Klamm.
#
#   run.sh [FAMILY ...]                 compare with data/
#   run.sh --properties FAMILY DIR PORT the server.properties of the broker to record from; its controller on PORT + 1
#   run.sh --record FAMILY DIR PORT     replace data/FAMILY-4.4.0.json.gz by the answers of such a broker, freshly formatted
source "$(dirname "$0")/../lib/env.sh"
[[ ${1:-} == --record || ${1:-} == --properties ]] || need_klamm
exec python3 "$interop/configs/configs.py" "$@"
