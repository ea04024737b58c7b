#!/usr/bin/env bash
# kill -9 under load, restart on the same folder; see kill9.py.
source "$(dirname "$0")/../lib/env.sh"
need_python
need_klamm
python "$interop/kill9/kill9.py" "$@"
