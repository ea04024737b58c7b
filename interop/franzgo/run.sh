#!/usr/bin/env bash
# franz-go's own tests; see suite.py.
source "$(dirname "$0")/../lib/env.sh"

export GOMODCACHE=$INTEROP_WORK/go/mod GOCACHE=$INTEROP_WORK/go/cache GOFLAGS=-modcacherw
export KGO_TESTS=$INTEROP_WORK/franz-go/kgo.test

# The version is that of the client in `clients`; its module has its tests.
build() {
  command -v go >/dev/null || cannot_run "Go is not installed"
  (cd "$interop/clients/go" && fetch go mod download && go test -c -o "$KGO_TESTS" github.com/twmb/franz-go/pkg/kgo)
}

need_python
alone build
if [[ " $* " == *" --kafka "* ]]; then
  need_kafka_broker
else
  need_klamm
fi
python "$interop/franzgo/suite.py" "$@"
