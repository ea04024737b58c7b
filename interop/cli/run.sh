#!/usr/bin/env bash
# Kafka's command line tools and ours, held against what Kafka's printed; see README.md.
#
#   run.sh                                   our tools on Klamm
#   run.sh --ways ours-klamm,jvm-klamm,...   whose tools on whose broker: ours or jvm, klamm or jvm; or all
#   run.sh --ways ours-klamm,jvm-klamm/3     every third scenario in the second way
#   run.sh --tool NAME --scenario NAME       some of them; both may be given more than once
#   INTEROP_KAFKA=... run.sh --record           replaces the outputs in scenarios/ by those of Kafka's tools on Kafka
source "$(dirname "$0")/../lib/env.sh"
need_python
if [[ " $* " =~ (--record|jvm|all) ]]; then
  need_kafka_tools
  need_kafka_broker
fi
[[ " $* " == *" --record "* ]] || need_klamm
python "$interop/cli/cli.py" "$@"
