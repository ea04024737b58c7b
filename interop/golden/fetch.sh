#!/usr/bin/env bash
# Fetches the jars of pom.xml once, unpacks the message definitions inside them, and prints the folder.
# `cargo xtask schemas` uses it too.
source "$(dirname "${BASH_SOURCE[0]}")/../lib/env.sh"

jars=$INTEROP_WORK/kafka-messages
stamp=$jars/.$(sha256sum <"$interop/golden/pom.xml" | cut -c1-16)

if [[ ! -e $stamp ]]; then
  rm -rf "$jars"
  fetch mvn -q -B -f "$interop/golden/pom.xml" dependency:copy-dependencies dependency:unpack-dependencies \
    -DoutputDirectory="$jars" -DmarkersDirectory="$jars/.markers" \
    -Dmdep.unpack.includes='common/message/*.json,common/metadata/*.json,message/*.json'
  touch "$stamp"
fi
echo "$jars"
