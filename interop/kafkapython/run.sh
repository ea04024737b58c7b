#!/usr/bin/env bash
# kafka-python's own integration tests; see suite.py.
source "$(dirname "$0")/../lib/env.sh"

version=3.0.12
export KAFKA_PYTHON=$INTEROP_WORK/kafka-python/kafka_python-$version

fetch_tests() {
  [[ -e $KAFKA_PYTHON/.done ]] && return
  rm -rf "$INTEROP_WORK/kafka-python"
  mkdir -p "$INTEROP_WORK/kafka-python"
  fetch "$INTEROP_WORK/venv/bin/pip" -q download --no-deps --no-binary kafka-python \
    -d "$INTEROP_WORK/kafka-python" "kafka-python==$version"
  tar -xzf "$INTEROP_WORK/kafka-python/kafka_python-$version.tar.gz" -C "$INTEROP_WORK/kafka-python"
  touch "$KAFKA_PYTHON/.done"
}

need_python
alone fetch_tests
if [[ " $* " == *" --kafka "* ]]; then
  need_kafka_broker
else
  need_klamm
fi
python "$interop/kafkapython/suite.py" "$@"
