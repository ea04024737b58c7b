"""One attack as a process: `attack.py NAME`, a Target as JSON on standard input; prints as JSON what it did and saw."""
import json
import os
import sys

import attacks  # noqa: F401 (fills the list)
from target import ATTACKS, Target


def main():
    # Whoever attacks does so from elsewhere: on one machine it gets what the broker and the honest client leave.
    os.nice(19)
    told = json.load(sys.stdin)
    told["advertised"] = {int(key): versions for key, versions in told["advertised"].items()}
    print(json.dumps(ATTACKS[sys.argv[1]].run(Target(**told))), flush=True)
    # Thousands of open connections end with the process.
    os._exit(0)


if __name__ == "__main__":
    main()
