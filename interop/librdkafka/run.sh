#!/usr/bin/env bash
# librdkafka's own regression tests, those that need one broker; see suite.py.
source "$(dirname "$0")/../lib/env.sh"

# The sources lie in the npm package of Confluent's JavaScript client, tests included.
package=@confluentinc/kafka-javascript@1.10.1
export LIBRDKAFKA=$INTEROP_WORK/librdkafka/package/deps/librdkafka

build_librdkafka() {
  [[ -e $INTEROP_WORK/librdkafka/.done ]] && return
  rm -rf "$INTEROP_WORK/librdkafka"
  mkdir -p "$INTEROP_WORK/librdkafka"
  (cd "$INTEROP_WORK/librdkafka" && fetch npm pack --silent "$package" && tar -xzf ./*.tgz && rm ./*.tgz)
  # Without these headers some tests are skipped.
  if command -v apt-get >/dev/null; then
    debian "$INTEROP_WORK/librdkafka/rapidjson" rapidjson-dev
    export CPLUS_INCLUDE_PATH=$INTEROP_WORK/librdkafka/rapidjson/root/usr/include
  fi
  # What is measured is the broker: the client need not be fast, but quickly there.
  (
    cd "$LIBRDKAFKA"
    bash ./configure --disable-gssapi --disable-curl --disable-zstd --disable-lz4-ext --disable-optimization
    make -j"$(nproc)" libs
    make -j"$(nproc)" -C tests build
  ) >"$INTEROP_WORK/librdkafka/build.log" 2>&1 || cannot_run "librdkafka does not build: $(tail -n 3 "$INTEROP_WORK/librdkafka/build.log")"
  touch "$INTEROP_WORK/librdkafka/.done"
}

need_python
alone build_librdkafka
if [[ " $* " == *" --kafka "* ]]; then
  need_kafka_tools
  need_kafka_broker
else
  need_klamm
fi
python "$interop/librdkafka/suite.py" "$@"
