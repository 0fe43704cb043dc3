#!/usr/bin/env python3
"""What the jobs of a running chain took: time by stage, bytes and weight of each call.

    "$CITRATE_CACHE/venv-substrate-interface/bin/python" scripts/market.py --node ws://127.0.0.1:9944 [--blocks 1000]

Reads the events and extrinsics of the latest blocks. A stage is the time between two events of a job, by the
blocks' timestamps.
"""

import argparse
import collections
import statistics

from substrateinterface import SubstrateInterface

# Of a job's events those that end a stage.
STAGES = {
    "JobSubmitted": "submitted",
    "JobAssigned": "assigned",
    "JobRevealing": "all committed",
    "JobClaimed": "claimed",
    "JobSettled": "settled",
    "JobRefunded": "refunded",
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--node", default="ws://127.0.0.1:9944")
    parser.add_argument("--blocks", type=int, default=1_000, help="how many of the latest blocks")
    return parser.parse_args()


def percentile(values, share):
    return sorted(values)[(len(values) - 1) * share // 100]


def fields(event):
    attributes = event["event"]["attributes"]
    return attributes if isinstance(attributes, dict) else {}


def weight_of(event):
    info = fields(event).get("dispatch_info", {})
    weight = info.get("weight", {})
    return weight.get("ref_time", 0), weight.get("proof_size", 0)


def main():
    args = arguments()
    chain = SubstrateInterface(url=args.node)
    best = chain.get_block_number(chain.get_chain_head())
    begun, stages = {}, collections.defaultdict(list)
    calls = collections.defaultdict(list)
    for number in range(max(1, best - args.blocks), best + 1):
        block_hash = chain.get_block_hash(number)
        now = chain.query("Timestamp", "Now", block_hash=block_hash).value / 1_000
        events = [event.value for event in chain.get_events(block_hash)]
        extrinsics = chain.get_block(block_hash)["extrinsics"]
        for event in events:
            name, about = event["event_id"], fields(event)
            if event["module_id"] == "InferenceJobs" and name in STAGES:
                job = about["job"]
                if job in begun and begun[job][0] != STAGES[name]:
                    before, since = begun[job]
                    stages[f"{before} to {STAGES[name]}"].append(now - since)
                begun[job] = (STAGES[name], now)
            if event["module_id"] == "System" and name == "ExtrinsicSuccess":
                extrinsic = extrinsics[event["extrinsic_idx"]]
                call = extrinsic.value["call"]
                what = f"{call['call_module']}.{call['call_function']}"
                size = len(extrinsic.data.data) if extrinsic.data else 0
                calls[what].append((size, *weight_of(event)))
    for stage, times in sorted(stages.items()):
        print(f"{stage:32} {len(times):6}  p50 {statistics.median(times):6.1f} s  p99 {percentile(times, 99):6.1f} s")
    for call, seen in sorted(calls.items()):
        size, time, proof = (statistics.median(column) for column in zip(*seen))
        print(f"{call:32} {len(seen):6}  {size:6.0f} bytes  {time / 1e9:8.3f} ms of weight  {proof:8.0f} bytes of proof")


if __name__ == "__main__":
    main()
