#!/usr/bin/env bash
# Disks that fill up or cannot be written; see faults.py. `run.sh --kafka` shows what Kafka does.
source "$(dirname "$0")/../lib/env.sh"
need_python
need_klamm
[[ " $* " == *" --kafka "* ]] && need_kafka_broker
# Mounts of its own: they end with the suite, and nobody has to be root.
own=(unshare --mount)
[[ $(id -u) == 0 ]] || own=(unshare --user --map-root-user --mount)
probe=$(mktemp -d)
"${own[@]}" mount -t tmpfs tmpfs "$probe" 2>/dev/null || forbidden "this machine lets nobody mount a tmpfs"
rmdir "$probe"
"${own[@]}" "$INTEROP_WORK/venv/bin/python" "$interop/faults/faults.py" "$@"
