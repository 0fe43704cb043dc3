//! Whom to dial, and reserved peers.

use super::*;
use crate::peers::Direction::{Inbound, Outbound};

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
