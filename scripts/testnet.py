#!/usr/bin/env python3
"""Starts a local network of real nodes, shows how they are, and checks that they agree.

  scripts/testnet.py                  four validators until Ctrl-C, with a line for each now and then
  scripts/testnet.py --seconds 1800   as long as that; then a summary, and exit code 1 if the nodes disagree, finality
                                      is behind, or a transfer is stuck
  scripts/testnet.py --load 40 --seconds 120   with transfers of 40 accounts through all nodes; see load.py for what it needs

Latency of finality is measured by this program's clock, from the moment that a block is seen as the best one of
the first node until it is seen as final there, by asking ten times a second.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
NAMES = ["alice", "bob", "charlie", "dave"]
START_TIMEOUT_S = 180
ASK_EVERY_S = 0.1
# Heights that the final block may be behind the best one at the end: some fifteen seconds.
BEHIND_MAX = 32


class Node:
    """A node process and its RPC."""

    def __init__(self, binary, base, name, index, args, bootnode):
        self.name = name
        self.memory_max = 0
        self.rpc_port = args.rpc_port + index
        self.folder = base / name
        self.folder.mkdir(exist_ok=True)
        command = [
            binary, "--chain", "local", "--validator", f"--{name}",
            "--base-path", str(self.folder), "--rpc-port", str(self.rpc_port),
            "--listen-addr", f"/ip4/127.0.0.1/tcp/{args.port + index}",
            "--pruning", "256", "--no-inference", "--log", args.log,
        ]
        if bootnode:
            command += ["--bootnodes", bootnode]
        self.log = open(self.folder / "node.log", "a")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT)

    def call(self, method, *params):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)})
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.rpc_port}", body.encode(), {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            answer = json.load(response)
        if "error" in answer:
            raise RuntimeError(f"{self.name}: {method}: {answer['error']}")
        return answer["result"]

    def wait(self):
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} stopped; see {self.folder / 'node.log'}")
            try:
                self.call("system_health")
                return
            except (OSError, urllib.error.URLError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def header(self, block=None):
        return self.call("chain_getHeader", *([block] if block else []))

    def final(self):
        head = self.call("chain_getFinalizedHead")
        return head, int(self.header(head)["number"], 16)

    def memory(self):
        """The process's own resident memory, and what it maps of files, which the system takes back when it needs it."""
        lines = pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        status = dict(line.split(":", 1) for line in lines)
        mib = lambda name: int(status.get(name, "0").split()[0]) // 1024
        self.memory_max = max(self.memory_max, mib("RssAnon"))
        return f"{mib('RssAnon')} MiB and {mib('RssFile')} of files"

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.log.close()


def start(binary, base, args):
    """All nodes, connected through the first one."""
    nodes, bootnode = [], None
    for index, name in enumerate(NAMES[: args.nodes]):
        node = Node(binary, base, name, index, args, bootnode)
        nodes.append(node)
        if bootnode is None:
            node.wait()
            peer = node.call("system_localPeerId")
            bootnode = f"/ip4/127.0.0.1/tcp/{args.port}/p2p/{peer}"
    for node in nodes:
        node.wait()
    return nodes


class Watch:
    """What is seen of the first node, and the figures that follow."""

    def __init__(self, node):
        self.node = node
        self.seen = {}
        self.latencies = []
        self.final = self.best = node.final()[1]
        self.begun = time.monotonic()
        self.blue_at_begin = self.blue_score()

    def blue_score(self):
        return self.node.call("dag_getBlueScore")

    def look(self):
        now = time.monotonic()
        best = int(self.node.header()["number"], 16)
        for number in range(max(self.seen, default=best - 1) + 1, best + 1):
            self.seen[number] = now
        final = self.node.final()[1]
        for number in range(self.final + 1, final + 1):
            if number in self.seen:
                self.latencies.append(now - self.seen.pop(number))
        self.final, self.best = max(self.final, final), best

    def summary(self):
        seconds = time.monotonic() - self.begun
        latencies = sorted(self.latencies)
        at = lambda share: latencies[min(len(latencies) - 1, int(len(latencies) * share))]
        blocks = (self.blue_score() - self.blue_at_begin) / seconds
        text = f"{seconds:.0f} s, {blocks:.2f} blue blocks a second, {self.final / seconds:.2f} final heights a second"
        if latencies:
            text += f"; best to final: p50 {at(0.5):.2f} s, p99 {at(0.99):.2f} s of {len(latencies)} heights"
        return text


def disagreements(nodes):
    """Heights that all have as final, where they differ."""
    lowest = min(node.final()[1] for node in nodes)
    found = []
    for number in range(max(1, lowest - 200), lowest + 1):
        if len({node.call("chain_getBlockHash", number) for node in nodes}) > 1:
            found.append(number)
    return lowest, found


def show(nodes):
    for node in nodes:
        best, (_, final) = int(node.header()["number"], 16), node.final()
        peers, tips = node.call("system_health")["peers"], len(node.call("dag_getTips"))
        print(
            f"{node.name:8} best {best:6} final {final:6} peers {peers} tips {tips} "
            f"memory {node.memory()}  ws://127.0.0.1:{node.rpc_port}"
        )
    print(flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=4, choices=range(1, len(NAMES) + 1))
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--rpc-port", type=int, default=9944)
    parser.add_argument("--port", type=int, default=30333)
    parser.add_argument("--show-every", type=float, default=5)
    parser.add_argument("--base-path", type=pathlib.Path, help="kept; a temporary folder otherwise")
    parser.add_argument("--log", default="info")
    parser.add_argument("--load", type=int, metavar="ACCOUNTS", help="send transfers from so many accounts through all nodes")
    parser.add_argument("--memory-max", type=int, metavar="MIB", help="exit code 1 if a node's own memory was ever more, each time that it was shown")
    parser.add_argument("--rate", type=float, default=50, help="transfers a second, of all accounts together")
    args = parser.parse_args()
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    binary = os.environ.get("CITRATE_BIN", str(target / "debug" / "citrate"))
    base = args.base_path or pathlib.Path(tempfile.mkdtemp(prefix="citrate-testnet-"))
    base.mkdir(parents=True, exist_ok=True)
    nodes, code = [], 0
    try:
        nodes = start(binary, base, args)
        load = None
        if args.load:
            from load import Load

            load = Load(nodes, args.load, args.rate)
        watch, shown = Watch(nodes[0]), 0.0
        while args.seconds is None or time.monotonic() - watch.begun < args.seconds:
            watch.look()
            if load:
                load.step()
            if time.monotonic() - shown >= args.show_every:
                show(nodes)
                shown = time.monotonic()
            time.sleep(ASK_EVERY_S)
        show(nodes)
        watch.look()
        lowest, found = disagreements(nodes)
        print(watch.summary())
        print(f"final up to {lowest} everywhere; " + (f"they DISAGREE at {found}" if found else "all agree"))
        memory, behind = max(node.memory_max for node in nodes), watch.best - lowest
        print(f"own memory of a node: {memory} MiB at most")
        if behind > BEHIND_MAX:
            print(f"finality is {behind} heights BEHIND")
        is_large = args.memory_max is not None and memory > args.memory_max
        code = 1 if found or lowest < 2 or behind > BEHIND_MAX or is_large else 0
        if load:
            text, missing = load.summary()
            print(text)
            code = 1 if missing else code
    except KeyboardInterrupt:
        pass
    finally:
        for node in nodes:
            node.stop()
        if args.base_path is None:
            shutil.rmtree(base, ignore_errors=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
