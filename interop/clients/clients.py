"""The clients of the world on one broker: every client and codec in and out in groups, and what groups can do.

`--only java,kcat` and `--codecs none,lz4` for fewer.
"""
import argparse
import contextlib
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "python"))

import groups  # noqa: E402
import programs  # noqa: E402
from broker import Broker  # noqa: E402
from matrix import CODECS, Matrix  # noqa: E402

# Both members of a group are in its first generation.
SETTINGS = ["group.initial.rebalance.delay.ms=1000"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bootstrap", help="a broker that is already there")
    parser.add_argument("--only", default=",".join(programs.LINES), help="clients")
    parser.add_argument("--codecs", default=",".join(CODECS))
    parser.add_argument("--part", choices=["matrix", "groups"], help="only one of the two")
    parser.add_argument("--scenario", default="", help="only those of groups whose name has this in it")
    args = parser.parse_args()
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="klamm-clients-")))
        bootstrap = args.bootstrap or stack.enter_context(Broker(SETTINGS)).bootstrap
        clients = args.only.split(",")
        if args.part != "groups":
            count = Matrix(bootstrap, clients, args.codecs.split(","), folder).everything()
            print(f"matrix: {count:,} records by {len(clients)} clients, each read by {len(clients)} clients: "
                  f"{time.monotonic() - started:.0f} s", flush=True)
        if args.part != "matrix":
            started = time.monotonic()
            count = groups.run(bootstrap, clients, args.scenario)
            print(f"groups: {count} passed, 0 failed: {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
