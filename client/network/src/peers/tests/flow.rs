//! How much peers may send.

use super::*;
use crate::peers::Direction::{Inbound, Outbound};
use crate::protocol::Channel;

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
    let mut begin = |peer: &PeerId| world.peers.begin_inbound(Channel::Sync, world.now, peer, 1);
    assert_eq!([one, one, two].map(|peer| begin(&peer)), [Ok(()); 3]);
    assert_eq!(begin(&one), Err(Refused::Flood), "its own limit, which costs it");
    assert_eq!(begin(&two), Err(Refused::Busy), "that of all, which does not");
    assert_eq!(begin(&PeerId::random()), Err(Refused::NotConnected));
    let scores = world.peers.infos(world.now).into_iter().map(|info| (info.peer, info.score));
    assert_eq!(scores.collect::<BTreeMap<_, _>>(), BTreeMap::from([(one, -10), (two, 0)]));
    // Leaving and coming back does not make room.
    world.disconnect(one);
    world.connect(one, Inbound);
    assert_eq!(world.peers.begin_inbound(Channel::Sync, world.now, &one, 1), Err(Refused::Flood));
    world.peers.end_inbound(Channel::Sync, &one);
    assert_eq!(world.peers.begin_inbound(Channel::Sync, world.now, &one, 1), Ok(()));
    world.peers.end_inbound(Channel::Sync, &PeerId::random());
    for _ in 0..5 {
        world.peers.end_inbound(Channel::Sync, &one);
    }
    assert_eq!(world.peers.inbound.of(Channel::Sync).total, 1);
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
    assert_eq!(world.peers.begin_outbound(Channel::Sync, &stranger), Err(Refused::NotConnected));
    assert_eq!(
        [one, one, two].map(|peer| world.peers.begin_outbound(Channel::Sync, &peer)),
        [Ok(()); 3]
    );
    assert_eq!(world.peers.begin_outbound(Channel::Sync, &one), Err(Refused::Busy));
    assert_eq!(world.peers.begin_outbound(Channel::Sync, &two), Err(Refused::Busy));
    world.peers.end_outbound(Channel::Sync, &one);
    assert_eq!(world.peers.begin_outbound(Channel::Sync, &two), Ok(()));
}

#[test]
fn requests_have_a_rate_in_number_and_bytes() {
    let mut world = World::new(|config| {
        config.request.requests = Rate { per_second: 1, burst: 2 };
        config.request.bytes = Rate { per_second: 1, burst: 100 };
    });
    let (one, two) = (world.member(Inbound), world.member(Inbound));
    let mut ask = |peer: &PeerId, bytes| {
        let begun = world.peers.begin_inbound(Channel::Sync, world.now, peer, bytes);
        if begun.is_ok() {
            world.peers.end_inbound(Channel::Sync, peer);
        }
        begun
    };
    assert_eq!([1, 1, 1].map(|bytes| ask(&one, bytes)), [Ok(()), Ok(()), Err(Refused::Flood)]);
    assert_eq!([100, 1].map(|bytes| ask(&two, bytes)), [Ok(()), Err(Refused::Flood)]);
}

#[test]
fn what_is_open_on_one_channel_takes_nothing_from_the_other() {
    let mut world = World::new(|config| {
        for limits in [&mut config.request, &mut config.artifact] {
            limits.per_peer_max = 1;
            limits.requests = Rate { per_second: 1, burst: 2 };
        }
    });
    let one = world.member(Inbound);
    for channel in Channel::ALL {
        assert_eq!(world.peers.begin_outbound(channel, &one), Ok(()), "{channel:?}");
        assert_eq!(world.peers.begin_outbound(channel, &one), Err(Refused::Busy));
        assert_eq!(world.peers.begin_inbound(channel, world.now, &one, 1), Ok(()), "{channel:?}");
    }
    world.peers.end_inbound(Channel::Artifacts, &one);
    world.peers.end_outbound(Channel::Artifacts, &one);
    assert_eq!(world.peers.begin_inbound(Channel::Artifacts, world.now, &one, 1), Ok(()));
    assert_eq!(world.peers.begin_outbound(Channel::Artifacts, &one), Ok(()));
    assert_eq!(world.peers.begin_inbound(Channel::Sync, world.now, &one, 1), Err(Refused::Flood));
    assert_eq!(world.peers.begin_outbound(Channel::Sync, &one), Err(Refused::Busy));
}
