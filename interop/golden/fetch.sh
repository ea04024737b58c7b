#!/usr/bin/env bash
# Fetches the jars of pom.xml once, unpacks the message definitions inside them, and prints the folder.
# `cargo xtask schemas` uses it too.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
jars=${INTEROP_WORK:-$here/../.work}/kafka-messages
stamp=$jars/.$(sha256sum <"$here/pom.xml" | cut -c1-16)

need() {
  command -v "$1" >/dev/null && return
  [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null || { echo "golden: $1 is not installed" >&2; exit 2; }
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$2" >&2
}

need javac default-jdk-headless
need mvn maven
if [[ ! -e $stamp ]]; then
  rm -rf "$jars"
  mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies dependency:unpack-dependencies \
    -DoutputDirectory="$jars" -DmarkersDirectory="$jars/.markers" -Dmdep.unpack.includes='common/message/*.json,common/metadata/*.json,message/*.json' >&2
  touch "$stamp"
fi
(cd "$jars" && pwd)
