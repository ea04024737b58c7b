"""One folder, opened in turn by Kafka 4.4.0 and by Klamm, each stopped or killed: nothing of it is lost or altered.

A combination has three legs. The first broker formats and fills the folder, the second serves it, is compared
with the first, writes more, creates and deletes a topic and changes settings; then the first one comes back,
is compared with the second, and goes on where everything was. combinations.py lists them.
"""
import argparse
import concurrent.futures
import copy
import dataclasses
import pathlib
import shutil
import sys
import tempfile
import time
import traceback

import legs
import planted
from combinations import COMBINATIONS, QUICK
from folder import Folder


@dataclasses.dataclass
class Base:
    """A folder as the first broker left it, and what is known of it; combinations take copies."""
    folder: Folder
    life: object
    served: object
    told: dict


def make_bases(path, first, dirs, stops):
    """The first leg, once for all combinations that begin alike: filled and stopped, then opened again and killed."""
    folder = Folder(path / "first", dirs)
    folder.format(first)
    bases = {}
    life, served, told = legs.fill(folder, first, many=dirs > 1)
    bases["stopped"] = Base(folder.copy(path / "stopped"), copy.deepcopy(life), served, told)
    if "killed" in stops:
        served, told = legs.fill_and_die(folder, first, life, served, told)
        bases["killed"] = Base(folder.copy(path / "killed"), copy.deepcopy(life), served, told)
    return bases


def run_alike(path, first, dirs, combinations):
    """All combinations that begin alike, one after the other; a list of (name, seconds, failure)."""
    started = time.monotonic()
    try:
        bases = make_bases(path, first, dirs, {c.stops[0] for c in combinations})
    except Exception:
        return [(f"{first} fills {dirs}", time.monotonic() - started, traceback.format_exc())]
    results = [(f"{first} fills {dirs}", time.monotonic() - started, None)]
    for combination in combinations:
        started = time.monotonic()
        try:
            run(path / combination.name, combination, bases[combination.stops[0]])
            failure = None
        except Exception:
            failure = traceback.format_exc()
        took = time.monotonic() - started
        print(f"{combination.name:32}{took:6.1f} s  {'FAILED' if failure else 'passed'}", flush=True)
        results.append((combination.name, took, failure))
    return results


def run(path, combination, base):
    folder, life = base.folder.copy(path), copy.deepcopy(base.life)
    left = combination.stops[0]
    if combination.first == "jvm":
        served = legs.klamm(folder, life, base.served, left, combination.stops[1])
        legs.jvm(folder, life, served, base.told, combination.stops[1], "stopped")
    else:
        served, _ = legs.jvm(folder, life, base.served, base.told, left, combination.stops[1])
        legs.klamm(folder, life, served, combination.stops[1], "stopped")
    legs.audit(folder)
    shutil.rmtree(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"only {', '.join(QUICK)}")
    parser.add_argument("--list", action="store_true", help="name the combinations")
    parser.add_argument("--keep", metavar="FOLDER", help="work there, and keep the folders of what failed")
    parser.add_argument("--planted", action="store_true", help="damage a folder, and see whether the suite notices")
    parser.add_argument("names", nargs="*", help="only these combinations")
    args = parser.parse_args()
    if args.planted:
        plant()
        return
    wanted = args.names or (QUICK if args.quick else [c.name for c in COMBINATIONS])
    chosen = [c for c in COMBINATIONS if c.name in wanted]
    assert len(chosen) == len(set(wanted)), f"unknown: {set(wanted) - {c.name for c in chosen}}"
    if args.list:
        print("\n".join(c.name for c in chosen))
        return
    sys.exit(run_all(chosen, args.keep))


def plant():
    with tempfile.TemporaryDirectory(prefix="klamm-bothways-") as path:
        path = pathlib.Path(path)
        planted.check(path, make_bases(path, "klamm", 1, {"stopped"})["stopped"])
    print(f"bothways: {len(planted.DAMAGE)} planted kinds of damage, each found")


def run_all(chosen, keep):
    path = pathlib.Path(keep or tempfile.mkdtemp(prefix="klamm-bothways-"))
    alike = {}
    for combination in chosen:
        alike.setdefault((combination.first, combination.dirs), []).append(combination)
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        jobs = [pool.submit(run_alike, path / f"{first}-{dirs}", first, dirs, combinations)
                for (first, dirs), combinations in alike.items()]
        results = [result for job in jobs for result in job.result()]
    failed = [(name, failure) for name, _, failure in results if failure]
    for name, failure in failed:
        print(f"== {name}\n{failure[-6000:]}")
    if not keep:
        shutil.rmtree(path, ignore_errors=True)
    passed = sum(1 for name, _, failure in results if not failure and " fills " not in name)
    print(f"bothways: {passed} passed, {len(chosen) - passed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    main()
