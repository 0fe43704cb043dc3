//! Slots, flows, reserved peers and dials.

use std::time::Duration;

use citrate_core::H256;

use super::*;
use crate::config::Rate;

/// A peer set with small limits, and its clock.
struct World {
    peers: Peers,
    now: Instant,
}

impl World {
    fn new(change: impl FnOnce(&mut NetworkConfig)) -> Self {
        let mut config = NetworkConfig::new(H256::default(), "test", [1; 32]);
        config.peers_in_max = 2;
        config.peers_out_max = 1;
        config.guests_max = 0;
        config.ban.recovery_per_minute = 0;
        change(&mut config);
        let now = Instant::now();
        Self { peers: Peers::new(&config, now), now }
    }

    fn may(&self, peer: PeerId, direction: Direction) -> Result<(), Denied> {
        self.peers.may_connect(self.now, &peer, direction, &Multiaddr::empty())
    }

    fn connect(&mut self, peer: PeerId, direction: Direction) {
        self.peers.connected(self.now, peer, direction, Multiaddr::empty());
    }

    /// A peer that is connected and on our chain.
    fn member(&mut self, direction: Direction) -> PeerId {
        let peer = PeerId::random();
        self.connect(peer, direction);
        assert_eq!(self.peers.admit(&peer), Admission::New);
        peer
    }

    fn disconnect(&mut self, peer: PeerId) -> bool {
        self.peers.disconnected(self.now, &peer, 0)
    }
}

fn node(port: u16) -> MultiaddrWithPeerId {
    let address = format!("/ip4/127.0.0.1/tcp/{port}").parse().unwrap();
    MultiaddrWithPeerId { address, peer: PeerId::random() }
}

use Direction::{Inbound, Outbound};

#[test]
fn slots_are_counted_by_direction_and_by_peer() {
    let mut world = World::new(|_| {});
    let first = world.member(Inbound);
    world.connect(first, Inbound);
    assert_eq!(world.may(first, Inbound), Err(Denied::TooManyConnections), "one past the limit");
    assert_eq!(world.may(PeerId::random(), Inbound), Ok(()), "two connections take one slot");
    let second = world.member(Inbound);
    assert_eq!(world.may(second, Inbound), Ok(()), "a second connection takes none");
    assert_eq!(world.may(PeerId::random(), Inbound), Err(Denied::SlotsFull));
    assert_eq!(world.may(PeerId::random(), Outbound), Ok(()));
    assert_eq!(world.peers.free_out(), 1);
    world.member(Outbound);
    assert_eq!(world.may(PeerId::random(), Outbound), Err(Denied::SlotsFull));
    assert_eq!(world.peers.free_out(), 0);
    assert!(!world.disconnect(first), "one of its connections remains");
    assert_eq!(world.may(PeerId::random(), Inbound), Err(Denied::SlotsFull));
    assert!(world.disconnect(first));
    assert_eq!(world.may(PeerId::random(), Inbound), Ok(()));
    assert!(!world.disconnect(first), "it is gone already");
}

#[test]
fn guests_may_come_for_a_while_and_are_no_members() {
    let mut world = World::new(|config| {
        config.peers_in_max = 1;
        config.guests_max = 1;
    });
    world.member(Inbound);
    let guest = PeerId::random();
    assert_eq!(world.may(guest, Inbound), Ok(()));
    world.connect(guest, Inbound);
    assert_eq!(world.may(PeerId::random(), Inbound), Err(Denied::SlotsFull), "one past the limit");
    let said = world.peers.identified(world.now, &guest, true, "citrate");
    assert_eq!((said, world.peers.admit(&guest)), (Admission::Guest, Admission::Guest));
    assert_eq!(world.peers.infos(world.now).len(), 1);
    assert_eq!(world.peers.begin_outbound(&guest), Err(Refused::NotConnected));
    let limit = Duration::from_secs(10);
    world.peers.tick(world.now + limit - Duration::from_millis(1));
    assert_eq!(world.peers.take_doomed(), BTreeSet::new());
    world.peers.tick(world.now + limit);
    assert_eq!(world.peers.take_doomed(), BTreeSet::from([guest]));
    assert!(!world.disconnect(guest), "nobody heard of it");
    // A guest that is reserved comes back as a peer.
    let friend = node(1);
    world.connect(friend.peer, Inbound);
    assert!(world.peers.add_reserved(world.now, &friend));
    assert_eq!(world.peers.take_doomed(), BTreeSet::from([friend.peer]));
    world.disconnect(friend.peer);
    world.connect(friend.peer, Inbound);
    assert_eq!(world.peers.admit(&friend.peer), Admission::New);
}

#[test]
fn few_peers_may_come_from_one_address_of_the_internet() {
    let mut world = World::new(|config| {
        config.peers_in_max = 10;
        config.peers_per_ip_max = 2;
    });
    let may = |world: &World, text: &str| {
        let address = text.parse().unwrap();
        world.peers.may_connect(world.now, &PeerId::random(), Inbound, &address)
    };
    for (text, near) in [
        ("/ip4/8.8.8.8/tcp/1", "/ip4/8.8.8.8/udp/2/quic-v1"),
        ("/ip6/2a00:1:2:3::4/tcp/1", "/ip6/2a00:1:2:3:9::5/tcp/1"),
        ("/ip4/10.0.0.1/tcp/1", "/ip4/10.0.0.1/tcp/2"),
    ] {
        for _ in 0..2 {
            assert_eq!(may(&world, near), Ok(()));
            world.peers.connected(world.now, PeerId::random(), Inbound, text.parse().unwrap());
        }
        let is_global = !text.contains("10.0.0.1");
        let expected = if is_global { Err(Denied::SameAddress) } else { Ok(()) };
        assert_eq!(may(&world, near), expected, "{near}");
    }
    assert_eq!(may(&world, "/ip4/8.8.8.9/tcp/1"), Ok(()));
    assert_eq!(may(&world, "/ip6/2a00:1:2:4::4/tcp/1"), Ok(()));
    let friend = node(1);
    assert!(world.peers.add_reserved(world.now, &friend));
    let crowded = "/ip4/8.8.8.8/tcp/1".parse().unwrap();
    let verdict = world.peers.may_connect(world.now, &friend.peer, Inbound, &crowded);
    assert_eq!(verdict, Ok(()), "a reserved peer always has a slot");
}

#[test]
fn a_peer_that_hangs_up_soon_is_dialled_with_growing_pauses() {
    let boot = node(1);
    let mut world = World::new(|config| config.bootnodes = vec![boot.clone()]);
    let mut dialled = |after: u64, lasts: u64| {
        world.now += Duration::from_secs(after);
        let is_dialled = !world.peers.due_dials(world.now).is_empty();
        if is_dialled {
            world.connect(boot.peer, Outbound);
            world.peers.admit(&boot.peer);
            world.now += Duration::from_secs(lasts);
            world.disconnect(boot.peer);
        }
        is_dialled
    };
    assert!(dialled(0, 59));
    assert!(dialled(1, 59));
    assert!(!dialled(1, 0));
    assert!(dialled(1, 60));
    assert!(dialled(1, 0), "it stayed for a while");
}

#[test]
fn reserved_peers_take_no_slot_and_need_none() {
    let friend = node(1);
    let mut world = World::new(|config| config.reserved = vec![friend.clone()]);
    world.connect(friend.peer, Inbound);
    world.member(Inbound);
    world.member(Inbound);
    assert_eq!(world.may(PeerId::random(), Inbound), Err(Denied::SlotsFull));
    let other = node(2);
    assert!(world.peers.add_reserved(world.now, &other));
    assert_eq!(world.may(other.peer, Inbound), Ok(()));
    assert!(world.peers.remove_reserved(&other.peer));
    assert_eq!(world.may(other.peer, Inbound), Err(Denied::SlotsFull));
    assert!(!world.peers.remove_reserved(&other.peer));
}

#[test]
fn the_number_of_reserved_peers_is_limited() {
    let mut world = World::new(|_| {});
    let first = node(0);
    assert!(world.peers.add_reserved(world.now, &first));
    for _ in 1..RESERVED_MAX {
        assert!(world.peers.add_reserved(world.now, &node(1)));
    }
    assert!(!world.peers.add_reserved(world.now, &node(1)), "one past the limit");
    assert!(world.peers.add_reserved(world.now, &first), "another address of a known one");
    assert_eq!(world.peers.reserved().len(), RESERVED_MAX);
}

#[test]
fn where_only_reserved_peers_are_allowed_others_are_not_dialled_either() {
    let (friend, boot) = (node(1), node(2));
    let mut world = World::new(|config| {
        config.reserved_only = ReservedOnly::Yes;
        config.reserved = vec![friend.clone()];
        config.bootnodes = vec![boot.clone()];
    });
    assert_eq!(world.may(boot.peer, Inbound), Err(Denied::NotReserved));
    assert_eq!(world.peers.free_out(), 0);
    let due = world.peers.due_dials(world.now);
    assert_eq!(due, [(friend.peer, vec![friend.address.clone()])]);
    world.connect(friend.peer, Outbound);
    assert!(world.peers.remove_reserved(&friend.peer));
    assert_eq!(world.peers.take_doomed(), BTreeSet::from([friend.peer]));
    assert_eq!(world.peers.take_doomed(), BTreeSet::new(), "each once");
}

#[test]
fn boot_nodes_are_dialled_as_long_as_slots_are_free() {
    let boots = [node(1), node(2)];
    let mut world = World::new(|config| config.bootnodes = boots.to_vec());
    let due = world.peers.due_dials(world.now);
    assert_eq!(due.len(), 1, "there is one slot");
    let first = due[0].0;
    world.peers.dial_failed(world.now, &first, 0);
    let due = world.peers.due_dials(world.now);
    assert_eq!(due.len(), 1, "the other one has its turn");
    assert_ne!(due[0].0, first);
    world.connect(due[0].0, Outbound);
    world.now += Duration::from_secs(3_600);
    assert_eq!(world.peers.due_dials(world.now), []);
    assert_eq!(world.peers.may_dial(world.now, &first, 0), Err(Denied::SlotsFull));
    world.disconnect(due[0].0);
    assert_eq!(world.peers.may_dial(world.now, &first, 0), Ok(()));
    assert_eq!(world.peers.may_dial(world.now, &first, 1), Err(Denied::SlotsFull));
    assert_eq!(world.peers.due_dials(world.now).len(), 1);
}

#[test]
fn a_peer_is_admitted_once_and_has_to_say_in_time_on_which_chain_it_is() {
    let mut world = World::new(|_| {});
    let (silent, honest, other) = (PeerId::random(), PeerId::random(), PeerId::random());
    assert_eq!(world.peers.admit(&honest), Admission::Refused, "it is not connected");
    for peer in [silent, honest] {
        world.connect(peer, Inbound);
    }
    world.connect(other, Outbound);
    let agent = format!("citrate\n{}", "x".repeat(200));
    assert_eq!(world.peers.identified(world.now, &honest, true, &agent), Admission::New);
    assert_eq!(world.peers.identified(world.now, &honest, true, "citrate"), Admission::Known);
    assert_eq!(world.peers.identified(world.now, &honest, true, &agent), Admission::Known);
    let info = &world.peers.infos(world.now)[0];
    assert_eq!(info.agent.as_ref().unwrap().len(), 128);
    assert!(info.agent.as_ref().unwrap().starts_with("citratexx"));
    assert_eq!(world.peers.identified(world.now, &other, false, "x"), Admission::Refused);
    assert_eq!(world.peers.admit(&other), Admission::Refused, "it has to go");
    assert_eq!(world.peers.take_doomed(), BTreeSet::from([other]));
    assert!(!world.disconnect(other), "nobody heard of it");
    assert_eq!(world.may(other, Outbound), Err(Denied::Banned));
    let limit = Duration::from_secs(15);
    world.peers.tick(world.now + limit - Duration::from_millis(1));
    assert_eq!(world.peers.take_doomed(), BTreeSet::new());
    world.peers.tick(world.now + limit);
    assert_eq!(world.peers.take_doomed(), BTreeSet::from([silent]));
}

#[test]
fn a_reserved_peer_on_another_chain_is_disconnected_and_may_come_back() {
    let friend = node(1);
    let mut world = World::new(|config| config.reserved = vec![friend.clone()]);
    world.connect(friend.peer, Inbound);
    let refused = world.peers.identified(world.now, &friend.peer, false, "x");
    assert_eq!(refused, Admission::Refused);
    assert_eq!(world.peers.take_doomed(), BTreeSet::from([friend.peer]));
    world.disconnect(friend.peer);
    assert_eq!(world.may(friend.peer, Inbound), Ok(()));
}

#[test]
fn too_much_gossip_is_not_taken_and_bans_in_the_end() {
    let mut world = World::new(|config| {
        config.gossip.messages = Rate { per_second: 1, burst: 2 };
        config.gossip.bytes = Rate { per_second: 10, burst: 100 };
    });
    let (one, two) = (world.member(Inbound), world.member(Inbound));
    for _ in 0..2 {
        assert!(world.peers.take_gossip(world.now, &one, 10));
    }
    for _ in 0..20 {
        assert!(!world.peers.take_gossip(world.now, &one, 10));
    }
    assert_eq!(world.peers.take_doomed(), BTreeSet::from([one]));
    assert_eq!(world.may(one, Inbound), Err(Denied::Banned));
    assert!(world.peers.take_gossip(world.now, &two, 100), "others are not affected");
    assert!(!world.peers.take_gossip(world.now, &two, 1), "one byte past the limit");
    assert!(world.peers.take_gossip(world.now + Duration::from_secs(1), &two, 10));
    assert!(!world.peers.take_gossip(world.now, &PeerId::random(), 1), "not connected");
}

#[test]
fn open_requests_are_limited_for_each_peer_and_for_all() {
    let mut world = World::new(|config| {
        config.request.per_peer_max = 2;
        config.request.total_max = 3;
    });
    let (one, two) = (world.member(Inbound), world.member(Inbound));
    let mut begin = |peer: &PeerId| world.peers.begin_inbound(world.now, peer, 1);
    assert_eq!([one, one, two].map(|peer| begin(&peer)), [Ok(()); 3]);
    assert_eq!(begin(&one), Err(Refused::Flood), "its own limit, which costs it");
    assert_eq!(begin(&two), Err(Refused::Busy), "that of all, which does not");
    assert_eq!(begin(&PeerId::random()), Err(Refused::NotConnected));
    let scores = world.peers.infos(world.now).into_iter().map(|info| (info.peer, info.score));
    assert_eq!(scores.collect::<BTreeMap<_, _>>(), BTreeMap::from([(one, -10), (two, 0)]));
    // Leaving and coming back does not make room.
    world.disconnect(one);
    world.connect(one, Inbound);
    assert_eq!(world.peers.begin_inbound(world.now, &one, 1), Err(Refused::Flood));
    world.peers.end_inbound(&one);
    assert_eq!(world.peers.begin_inbound(world.now, &one, 1), Ok(()));
    world.peers.end_inbound(&PeerId::random());
    for _ in 0..5 {
        world.peers.end_inbound(&one);
    }
    assert_eq!(world.peers.inbound.total, 1);
}

#[test]
fn own_requests_are_limited_too_and_go_to_members_only() {
    let mut world = World::new(|config| {
        config.request.per_peer_max = 2;
        config.request.total_max = 3;
    });
    let (one, two) = (world.member(Inbound), world.member(Inbound));
    let stranger = PeerId::random();
    world.connect(stranger, Outbound);
    assert_eq!(world.peers.begin_outbound(&stranger), Err(Refused::NotConnected));
    assert_eq!([one, one, two].map(|peer| world.peers.begin_outbound(&peer)), [Ok(()); 3]);
    assert_eq!(world.peers.begin_outbound(&one), Err(Refused::Busy));
    assert_eq!(world.peers.begin_outbound(&two), Err(Refused::Busy));
    world.peers.end_outbound(&one);
    assert_eq!(world.peers.begin_outbound(&two), Ok(()));
}

#[test]
fn requests_have_a_rate_in_number_and_bytes() {
    let mut world = World::new(|config| {
        config.request.requests = Rate { per_second: 1, burst: 2 };
        config.request.bytes = Rate { per_second: 1, burst: 100 };
    });
    let (one, two) = (world.member(Inbound), world.member(Inbound));
    let mut ask = |peer: &PeerId, bytes| {
        let begun = world.peers.begin_inbound(world.now, peer, bytes);
        if begun.is_ok() {
            world.peers.end_inbound(peer);
        }
        begun
    };
    assert_eq!([1, 1, 1].map(|bytes| ask(&one, bytes)), [Ok(()), Ok(()), Err(Refused::Flood)]);
    assert_eq!([100, 1].map(|bytes| ask(&two, bytes)), [Ok(()), Err(Refused::Flood)]);
}

#[test]
fn proven_misbehaviour_bans_a_reserved_peer_until_it_is_reserved_again() {
    let friend = node(1);
    let mut world = World::new(|config| config.reserved = vec![friend.clone()]);
    world.connect(friend.peer, Outbound);
    for _ in 0..10 {
        let kept = world.peers.penalise(world.now, &friend.peer, Penalty::InvalidResponse);
        assert_eq!(kept, Consequence::Kept);
    }
    let banned = world.peers.penalise(world.now, &friend.peer, Penalty::Proven);
    assert_eq!((banned, world.peers.banned(world.now)), (Consequence::Banned, 1));
    assert_eq!(world.peers.take_doomed(), BTreeSet::from([friend.peer]));
    world.disconnect(friend.peer);
    world.now += Duration::from_secs(60);
    assert_eq!(world.peers.due_dials(world.now), [], "a banned peer is not dialled");
    assert!(world.peers.add_reserved(world.now, &friend));
    assert_eq!(world.peers.due_dials(world.now).len(), 1);
}
