#!/usr/bin/env bash
# An hour of mixed load; see soak.py. `run.sh --smoke` tries it for half a minute.
source "$(dirname "$0")/../lib/env.sh"
need_python
need_klamm
need_kcat
# Our own client beside those of others: its example comes from the same build, if the sources are there.
export GROUP_LOAD=${GROUP_LOAD:-$(dirname "$KLAMM_BIN")/examples/group_load}
[[ -x $GROUP_LOAD ]] || (cd "$repo" && cargo build --release -p klamm-client --example group_load)
python "$interop/soak/soak.py" "$@"
