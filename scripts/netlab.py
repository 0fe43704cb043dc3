#!/usr/bin/env python3
"""A network of namespaces with delay, loss and partitions, for tests with real processes. Linux, root, no modules.

  unshare --net scripts/netlab.py 4       a namespace for each of four nodes, until standard input ends

Each node's namespace has one interface, `tun0` with 10.77.0.1, 10.77.0.2, ...; what a node sends comes out of a TUN device
here, and goes into its receiver's after a while, or never. The namespace that this program was started in has 10.77.0.254:
from there every node is reached at once and without loss, whatever else is set, so that a test can ask it things.

The first line of output says how to enter: {"nodes": [{"namespace": "/proc/1/fd/5", "address": "10.77.0.1"}, ...]}, for
`nsenter --net=NAMESPACE COMMAND`. Each line of input sets something and is answered by a line, "ok" or {"error": ...}:

  {"delay_ms": 100, "jitter_ms": 30, "loss": 0.01}    of each packet, in each direction; jitter is more or less than the delay
  {"groups": [[1, 2], [3, 4]]}                        packets between groups are lost, also those under way; [] joins them
"""

import argparse
import ctypes
import fcntl
import heapq
import json
import os
import random
import selectors
import socket
import struct
import sys
import time

NETWORK = "10.77.0."
CONTROL = 254
CLONE_NEWNET = 0x40000000
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
SIOCGIFFLAGS, SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFNETMASK, SIOCSIFTXQLEN = 0x8913, 0x8914, 0x8916, 0x891C, 0x8943
IFF_UP = 0x1
PACKET_BYTES_MAX = 65536
# LIMIT: packets that wait in the kernel for this program, per device: it may be slow on a busy machine.
QUEUE_MAX = 10000
# LIMIT: packets under way; more are lost.
UNDER_WAY_MAX = 100000
# LIMIT: packets that are taken from one device before the others have their turn.
BATCH = 64

libc = ctypes.CDLL(None, use_errno=True)


def check(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def set_interface(name, address=None):
    """Brings an interface of the present namespace up, with an address in 10.77.0.0/24."""
    request = lambda data: struct.pack("16s24s", name.encode(), data)
    internet = lambda text: struct.pack("HH4s", socket.AF_INET, 0, socket.inet_aton(text))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        if address:
            fcntl.ioctl(control, SIOCSIFADDR, request(internet(address)))
            fcntl.ioctl(control, SIOCSIFNETMASK, request(internet("255.255.255.0")))
            fcntl.ioctl(control, SIOCSIFTXQLEN, request(struct.pack("i", QUEUE_MAX)))
        answer = fcntl.ioctl(control, SIOCGIFFLAGS, request(b""))
        (flags,) = struct.unpack_from("h", answer, 16)
        fcntl.ioctl(control, SIOCSIFFLAGS, request(struct.pack("h", flags | IFF_UP)))


def device(number):
    """A TUN device in the present namespace, with this address."""
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", b"tun0", IFF_TUN | IFF_NO_PI))
    set_interface("lo")
    set_interface("tun0", NETWORK + str(number))
    return tun


class Network:
    """The devices, and the packets between them."""

    def __init__(self, nodes, seed):
        self.random = random.Random(seed)
        self.delay_s, self.jitter_s, self.loss = 0.0, 0.0, 0.0
        self.group = {}
        self.under_way, self.sent = [], 0
        # When the last packet from one to another arrives: later ones do not overtake it.
        self.last = {}
        own = os.open("/proc/self/ns/net", os.O_RDONLY)
        self.devices, self.namespaces = {CONTROL: device(CONTROL)}, []
        for number in range(1, nodes + 1):
            check(libc.unshare(CLONE_NEWNET), "unshare")
            self.namespaces.append(os.open("/proc/self/ns/net", os.O_RDONLY))
            self.devices[number] = device(number)
            check(libc.setns(own, CLONE_NEWNET), "setns")

    def describe(self):
        where = lambda number, handle: {"namespace": f"/proc/{os.getpid()}/fd/{handle}", "address": NETWORK + str(number)}
        return {"nodes": [where(number, handle) for number, handle in enumerate(self.namespaces, 1)]}

    def set(self, change):
        unknown = set(change) - {"delay_ms", "jitter_ms", "loss", "groups"}
        if unknown:
            raise ValueError(f"unknown: {sorted(unknown)}")
        self.delay_s = change.get("delay_ms", self.delay_s * 1000) / 1000
        self.jitter_s = change.get("jitter_ms", self.jitter_s * 1000) / 1000
        self.loss = change.get("loss", self.loss)
        if "groups" in change:
            self.group = {node: index for index, group in enumerate(change["groups"], 1) for node in group}

    def are_joined(self, sender, receiver):
        return CONTROL in (sender, receiver) or self.group.get(sender, 0) == self.group.get(receiver, 0)

    def take(self, sender):
        """Takes packets out of a device."""
        for _ in range(BATCH):
            try:
                packet = os.read(self.devices[sender], PACKET_BYTES_MAX)
            except BlockingIOError:
                return
            # IPv4 to one of us; whatever else the kernel tries is not carried.
            if len(packet) < 20 or packet[0] >> 4 != 4 or not packet.startswith(socket.inet_aton(NETWORK + "0")[:3], 16):
                continue
            receiver = packet[19]
            if receiver not in self.devices:
                continue
            if CONTROL in (sender, receiver):
                self.give(receiver, packet)
            elif self.random.random() >= self.loss and len(self.under_way) < UNDER_WAY_MAX:
                delay = max(0.0, self.delay_s + self.random.uniform(-self.jitter_s, self.jitter_s))
                arrival = max(time.monotonic() + delay, self.last.get((sender, receiver), 0.0))
                self.last[sender, receiver] = arrival
                self.sent += 1
                heapq.heappush(self.under_way, (arrival, self.sent, sender, receiver, packet))

    def give(self, receiver, packet):
        try:
            os.write(self.devices[receiver], packet)
        except OSError:
            # A queue is full: the packet is lost.
            pass

    def deliver(self):
        """Delivers what is due; how long the next packet takes, or None."""
        while self.under_way:
            wait = self.under_way[0][0] - time.monotonic()
            if wait > 0:
                return wait
            _, _, sender, receiver, packet = heapq.heappop(self.under_way)
            if self.are_joined(sender, receiver):
                self.give(receiver, packet)
        return None


def answer(network, line):
    try:
        network.set(json.loads(line))
        return "ok"
    except (ValueError, TypeError, AttributeError) as error:
        return {"error": str(error)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nodes", type=int, choices=range(1, 254), metavar="NODES")
    parser.add_argument("--seed", type=int, default=1, help="of loss and jitter")
    args = parser.parse_args()
    network = Network(args.nodes, args.seed)
    say = lambda what: print(json.dumps(what), flush=True)
    say(network.describe())
    events = selectors.DefaultSelector()
    for number, tun in network.devices.items():
        events.register(tun, selectors.EVENT_READ, number)
    os.set_blocking(0, False)
    events.register(0, selectors.EVENT_READ, None)
    typed = b""
    while True:
        for event, _ in events.select(network.deliver()):
            if event.data is not None:
                network.take(event.data)
                continue
            read = os.read(0, PACKET_BYTES_MAX)
            if not read:
                return 0
            *lines, typed = (typed + read).split(b"\n")
            for line in lines:
                say(answer(network, line))


if __name__ == "__main__":
    sys.exit(main())
