#!/usr/bin/env bash
# What /metrics says beside what Kafka 4.4.0 says through a JMX exporter; see metrics.py.
source "$(dirname "$0")/../lib/env.sh"

# Its parsers read both formats, the stricter one more strictly than scrapers do.
parser=$INTEROP_WORK/metrics/prometheus_client-0.26.0
install_parser() {
  [[ -e $parser/.done ]] && return
  rm -rf "$parser"
  fetch "$INTEROP_WORK/venv/bin/pip" -q install --no-deps --target "$parser" prometheus_client==0.26.0
  touch "$parser/.done"
}

need_python
alone install_parser
export PYTHONPATH=$PYTHONPATH:$parser
if [[ " $* " == *" --record "* ]]; then
  need_kafka_broker
  export EXPORTER=$INTEROP_WORK/metrics/jmx_prometheus_javaagent-1.0.1.jar
  [[ -e $EXPORTER ]] || fetch mvn -q -B dependency:copy -DoutputDirectory="$INTEROP_WORK/metrics" \
    -Dartifact=io.prometheus.jmx:jmx_prometheus_javaagent:1.0.1
else
  need_klamm
fi
python "$interop/metrics/metrics.py" "$@"
