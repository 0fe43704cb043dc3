//! Who may connect, and for how long.

use super::*;
use crate::peers::Direction::{Inbound, Outbound};
use crate::protocol::Kinship;

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
    let said = world.peers.identified(world.now, &guest, Kinship::Ours, "citrate");
    assert_eq!((said, world.peers.admit(&guest)), (Admission::Guest, Admission::Guest));
    assert_eq!(world.peers.infos(world.now).len(), 1);
    assert_eq!(
        world.peers.begin_outbound(crate::protocol::Channel::Sync, &guest),
        Err(Refused::NotConnected)
    );
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
fn a_peer_is_admitted_once_and_has_to_say_in_time_on_which_chain_it_is() {
    let mut world = World::new(|_| {});
    let (silent, honest, other) = (PeerId::random(), PeerId::random(), PeerId::random());
    assert_eq!(world.peers.admit(&honest), Admission::Refused, "it is not connected");
    for peer in [silent, honest] {
        world.connect(peer, Inbound);
    }
    world.connect(other, Outbound);
    let agent = format!("citrate\n{}", "x".repeat(200));
    assert_eq!(world.peers.identified(world.now, &honest, Kinship::Ours, &agent), Admission::New);
    assert_eq!(
        world.peers.identified(world.now, &honest, Kinship::Ours, "citrate"),
        Admission::Known
    );
    assert_eq!(world.peers.identified(world.now, &honest, Kinship::Ours, &agent), Admission::Known);
    let info = &world.peers.infos(world.now)[0];
    assert_eq!(info.agent.as_ref().unwrap().len(), 128);
    assert!(info.agent.as_ref().unwrap().starts_with("citratexx"));
    assert_eq!(
        world.peers.identified(world.now, &other, Kinship::OtherChain, "x"),
        Admission::Refused
    );
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
fn a_peer_of_another_version_has_to_go_and_may_come_back() {
    let mut world = World::new(|_| {});
    let older = PeerId::random();
    world.connect(older, Inbound);
    let refused = world.peers.identified(world.now, &older, Kinship::OtherVersion, "x");
    assert_eq!(refused, Admission::Refused);
    assert_eq!(world.peers.take_doomed(), BTreeSet::from([older]));
    assert!(!world.disconnect(older), "nobody heard of it");
    assert_eq!(world.may(older, Inbound), Ok(()));
}

#[test]
fn a_reserved_peer_on_another_chain_is_disconnected_and_may_come_back() {
    let friend = node(1);
    let mut world = World::new(|config| config.reserved = vec![friend.clone()]);
    world.connect(friend.peer, Inbound);
    let refused = world.peers.identified(world.now, &friend.peer, Kinship::OtherChain, "x");
    assert_eq!(refused, Admission::Refused);
    assert_eq!(world.peers.take_doomed(), BTreeSet::from([friend.peer]));
    world.disconnect(friend.peer);
    assert_eq!(world.may(friend.peer, Inbound), Ok(()));
}
