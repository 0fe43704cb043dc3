#!/usr/bin/env python3
"""Measures how long a chain takes to build: ours, and beside it another workspace with the same three packages.

  citrate new my-chain
  scripts/compile-times.py --ours my-chain --peer solochain-template    all steps of both, then the table
  scripts/compile-times.py --ours my-chain --only blob,check            some steps; the others keep their last results
  scripts/compile-times.py                                              the table of the results that there are

A workspace has a runtime (a package named *-runtime), the node that contains it, and the package pallet-template. Each step
gets two jobs and else Cargo's defaults, and is measured with its wall time and with the processor time of all processes that
it started (user and system, from wait4). On a machine that others use too, only the second one compares. Downloads are not
measured. The steps:

  runtime  the target folder is deleted; the runtime is built for the host, and its blob
  blob     a line of the pallet changes; the blob is built again (five times, the median counts)
  final    the same for the blob that goes on chain, where that is another one (three times)
  check    a line of the pallet changes; `cargo check` of the runtime without its blob (five times)
  node     the node is built for the first time
  renode   a line of the pallet changes; the node is built again (three times)

Results go to a file (JSON), so that a step may be repeated alone.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import time

JOBS = 2
ROUNDS = {"blob": 5, "final": 3, "renode": 3, "check": 5}
STEPS = {
    "runtime": "cold: runtime and blob",
    "blob": "pallet changed: blob",
    "final": "pallet changed: blob that goes on chain",
    "check": "pallet changed: check",
    "node": "cold: node after it",
    "renode": "pallet changed: node",
}
SIZES = [
    ("runtime", "target_mib", "target folder after the runtime, MiB"),
    ("node", "target_mib", "target folder after the node, MiB"),
    ("runtime", "blob_bytes", "blob, bytes"),
    ("runtime", "compressed_bytes", "blob compressed, bytes"),
    ("facts", "packages", "packages in the tree of runtime and node"),
    ("facts", "duplicates", "of them further versions of another one"),
]
# What a developer's shell does not have, or what would change what is built.
DROPPED = ["CARGO_TARGET_DIR", "CARGO_INCREMENTAL", "RUSTFLAGS", "RUSTC_WRAPPER", "SKIP_WASM_BUILD"]
# The line of both pallets that changes.
CHANGED = re.compile(r"Something::<T>::put\(something.*\);")
MIB = 1 << 20


class Workspace:
    """A chain's workspace: its packages by role, and the commands that build them."""

    def __init__(self, folder, citrate=None, timings=False):
        self.folder = pathlib.Path(folder).resolve()
        self.citrate = citrate
        self.options = ["--locked", f"-j{JOBS}"] + ["--timings"] * timings
        self.target = self.folder / "target"
        self.env = {name: value for name, value in os.environ.items() if name not in DROPPED}
        packages = json.loads(self.output("cargo", "metadata", "--no-deps", "--format-version", "1"))["packages"]
        self.runtime = next(p for p in packages if p["name"].endswith("-runtime"))
        self.node = next(p for p in packages if any("bin" in target["kind"] for target in p["targets"]))
        pallet = next(p for p in packages if p["name"] == "pallet-template")
        self.pallet = pathlib.Path(pallet["manifest_path"]).parent / "src/lib.rs"

    def output(self, *command):
        return subprocess.run(command, cwd=self.folder, env=self.env, check=True, capture_output=True, text=True).stdout

    def cargo(self, verb, *packages, **env):
        options = [option for package in packages for option in ("-p", package)]
        return ["cargo", verb, *self.options, *options], env

    def commands(self, step):
        """What the step runs.

        The peer's runtime makes the blob in its build script, and has one for everything. Ours has a command for it, which
        the node's build script shares.
        """
        runtime = self.cargo("build", self.runtime["name"])
        if step in ("runtime", "blob", "final"):
            if self.citrate is None:
                return [] if step == "final" else [runtime]
            command = [self.citrate, "runtime", "build", self.runtime["manifest_path"]] + ["--dev"] * (step != "final")
            blob = command, {"CARGO_BUILD_JOBS": str(JOBS)}
            return [runtime, blob] if step == "runtime" else [blob]
        if step == "check":
            return [self.cargo("check", self.runtime["name"], SKIP_WASM_BUILD="1")]
        return [self.cargo("build", self.node["name"])]

    def run(self, commands):
        """Runs the commands; what they took together."""
        took = {"wall_s": 0.0, "cpu_s": 0.0, "crates": 0, "load": os.getloadavg()[0]}
        log = self.folder / "compile-times.log"
        for command, env in commands:
            start = time.monotonic()
            with open(log, "w") as out:
                process = subprocess.Popen(command, cwd=self.folder, env=self.env | env, stdout=out, stderr=out)
                _, status, usage = os.wait4(process.pid, 0)
            took["wall_s"] += time.monotonic() - start
            took["cpu_s"] += usage.ru_utime + usage.ru_stime
            text = log.read_text(errors="replace")
            took["crates"] += len(re.findall(r"^ *(?:Compiling|Checking) ", text, re.MULTILINE))
            if status != 0:
                sys.exit(f"{' '.join(command)} failed:\n{text[-3000:]}")
        return took

    def measure(self, step):
        """One step's result: that of its only run, or the median of several."""
        if step == "runtime":
            shutil.rmtree(self.target, ignore_errors=True)
        if step not in ROUNDS:
            return self.run(self.commands(step)) | self.sizes()
        original = self.pallet.read_text()
        try:
            self.run(self.commands(step))  # Warm: what the change does not touch is built.
            runs = []
            for number in range(ROUNDS[step]):
                line = f"Something::<T>::put(something.saturating_add({number}));"
                self.pallet.write_text(CHANGED.sub(line, original, count=1))
                runs.append(self.run(self.commands(step)))
                print(f"{self.folder.name}: {step}, run {number + 1}: {runs[-1]}", file=sys.stderr, flush=True)
        finally:
            self.pallet.write_text(original)
        median = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        return median | {"load": max(run["load"] for run in runs)}

    def sizes(self):
        """Size of the target folder, and of the blob as it is built and as it goes on chain."""
        files = [file for file in self.target.rglob("*") if file.is_file() and not file.is_symlink()]
        blobs = [file for file in files if re.search(r"(wbuild|wasm-runtimes)/[^/]+/[^/]+\.wasm$", str(file))]
        # The peer keeps a file with symbols beside the one that goes on chain, which is "compact" then.
        plain = [file for file in blobs if not file.name.endswith(".compressed.wasm")]
        plain = [file for file in plain if ".compact." in file.name] or plain
        compressed = [file for file in blobs if file.name.endswith(".compressed.wasm")]
        return {
            "target_mib": round(sum(file.stat().st_size for file in files) / MIB),
            "blob_bytes": max((file.stat().st_size for file in plain), default=0),
            "compressed_bytes": max((file.stat().st_size for file in compressed), default=0),
        }

    def facts(self):
        """Packages in the trees of the node and of the runtime, and how many have another version beside them."""
        def tree(package):
            lines = self.output("cargo", "tree", "--locked", "--prefix", "none", "-e", "normal,build", "-p", package["name"])
            return {tuple(line.split()[:2]) for line in lines.splitlines() if line}
        node, runtime = tree(self.node), tree(self.runtime)
        return {"packages": len(node | runtime), "duplicates": len(node) - len({name for name, _ in node})}


def cell(took):
    """What a step took, as the table shows it."""
    return f"**{took['cpu_s']:.1f}** ({took['wall_s']:.0f}, {took['load']:.0f}, {took['crates']:.0f})" if took else "-"


def ratio(ours, peer):
    return f"{peer / ours:.1f}" if ours and peer else "-"


def table(results):
    """Two tables in Markdown: what the steps took, and how large all is."""
    ours, peer = results.get("ours", {}), results.get("peer", {})
    for side in (ours, peer):
        if {"runtime", "node"} <= side.keys():
            side["both"] = {key: side["runtime"][key] + side["node"][key] for key in ("cpu_s", "wall_s", "crates")}
            side["both"]["load"] = max(side["runtime"]["load"], side["node"]["load"])
    print(f"{results['rustc']}, {results['cores']} cores, {JOBS} jobs. Processor seconds (wall seconds, load before, crates compiled):\n")
    print("| step | ours | peer | peer : ours |\n|---|---:|---:|---:|")
    for step, name in (STEPS | {"both": "cold: runtime, blob and node"}).items():
        took = ours.get(step, {}), peer.get(step, {})
        print(f"| {name} | {cell(took[0])} | {cell(took[1])} | {ratio(*(side.get('cpu_s') for side in took))} |")
    print("\n| size | ours | peer | peer : ours |\n|---|---:|---:|---:|")
    for step, key, name in SIZES:
        sizes = [side.get(step, {}).get(key) for side in (ours, peer)]
        texts = ["-" if size is None else str(size) for size in sizes]
        print(f"| {name} | {texts[0]} | {texts[1]} | {ratio(*sizes)} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", help="folder of a chain that `citrate new` wrote")
    parser.add_argument("--citrate", default="citrate", help="the command that builds our blob [default: that in PATH]")
    parser.add_argument("--peer", help="folder of the workspace to compare with")
    parser.add_argument("--only", default=",".join(STEPS), help="steps to measure, with commas between them")
    parser.add_argument("--timings", action="store_true", help="with Cargo's own reports, in target/cargo-timings")
    parser.add_argument("--results", type=pathlib.Path, default="compile-times.json", help="where results are kept")
    args = parser.parse_args()
    steps = args.only.split(",")
    if unknown := set(steps) - STEPS.keys():
        parser.error(f"no such step: {', '.join(sorted(unknown))}")
    for side, folder, citrate in (("ours", args.ours, args.citrate), ("peer", args.peer, None)):
        if folder is None:
            continue
        workspace = Workspace(folder, citrate, args.timings)
        workspace.output("cargo", "fetch")  # Also makes the lock file of a new chain its own.
        measured = {"facts": workspace.facts()}
        for step in filter(workspace.commands, steps):
            measured[step] = workspace.measure(step)
            print(f"{side}: {step}: {measured[step]}", file=sys.stderr, flush=True)
            results = json.loads(args.results.read_text()) if args.results.exists() else {}
            results |= {"rustc": workspace.output("rustc", "--version").strip(), "cores": os.cpu_count()}
            results[side] = results.get(side, {}) | measured
            args.results.write_text(json.dumps(results, indent=2))
    if not args.results.exists():
        parser.error("nothing is measured yet: --ours, --peer, or both")
    table(json.loads(args.results.read_text()))


if __name__ == "__main__":
    main()
