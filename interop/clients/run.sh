#!/usr/bin/env bash
# The clients of the world in groups; see clients.py.
source "$(dirname "$0")/../lib/env.sh"

here=$interop/clients

# kafkajs, and codecs for it that need no compiler.
install_kafkajs() {
  local folder=$INTEROP_WORK/node
  cmp -s "$here/node/package-lock.json" "$folder/package-lock.json" && [[ -e $folder/.done ]] && return
  command -v npm >/dev/null || cannot_run "Node.js with npm is not installed"
  rm -rf "$folder"
  mkdir -p "$folder"
  cp "$here/node/package.json" "$here/node/package-lock.json" "$folder"
  fetch npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel error
  touch "$folder/.done"
}

build_franz_go() {
  command -v go >/dev/null || cannot_run "Go is not installed"
  (cd "$here/go" && fetch go mod download && go build -o "$INTEROP_WORK/clients/franz-go" .)
}

# Of the broker's jars the client and its codecs are used.
build_java_client() {
  javac --release 17 -cp "$INTEROP_BROKER/*" -d "$INTEROP_WORK/clients/java" "$here"/java/*.java
}

need_python
need_kcat
need_kafka_broker
export GOMODCACHE=$INTEROP_WORK/go/mod GOCACHE=$INTEROP_WORK/go/cache GOFLAGS=-modcacherw
alone install_kafkajs
alone build_franz_go
alone build_java_client
[[ " $* " == *" --bootstrap "* ]] || need_klamm
python "$here/clients.py" "$@"
