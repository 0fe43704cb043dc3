//! Starting at a finalised block.

mod net;

use crate::{Consequence, Offence, SyncChain, SyncConfig};
use citrate_dag::testing::{Random, for_seeds};
use net::{Lie, Net, change, state_of};

fn bans(net: &Net) -> Vec<(usize, Offence)> {
    let bans = net.offences.iter().filter(|(_, o)| o.consequence() == Consequence::Ban);
    bans.copied().collect()
}

#[test]
fn a_node_starts_at_a_final_block_and_knows_what_comes_after_it() {
    for_seeds(6, |&mut Random(seed)| {
        let mut net = Net::new(seed, 3, SyncConfig::default());
        net.run_until_started();
        net.assert_started();
        assert_eq!(bans(&net), []);
        net.assert_goes_on();
    });
}

#[test]
fn an_interrupted_download_goes_on_where_it_was() {
    for_seeds(4, |&mut Random(seed)| {
        let mut net = Net::new(seed, 3, SyncConfig::default());
        net.chunk_bytes = 400;
        let mut restarts = 0;
        while !net.is_started() {
            net.run(150 + seed % 7 * 20);
            net.restart();
            restarts += 1;
            assert!(restarts < 3_000, "no end");
        }
        assert!(restarts > 10, "{restarts}");
        net.assert_started();
        let nodes = net.client.node_count();
        // What was on its way is asked for again, and nothing else.
        assert!(net.downloaded < nodes + restarts * 8, "{} of {nodes}", net.downloaded);
    });
}

#[test]
fn a_peer_that_stalls_is_replaced() {
    for_seeds(4, |&mut Random(seed)| {
        let mut net = Net::new(seed, 3, SyncConfig::default());
        net.lies[0] = Lie::Silence;
        net.lies[1] = Lie::Busy;
        net.run_until_started();
        net.assert_started();
        assert_eq!(bans(&net), []);
    });
}

#[test]
fn who_lies_is_banned_and_what_he_said_is_not_kept() {
    for (lie, offence) in [
        (Lie::Proof, Offence::InvalidJustification),
        (Lie::Genesis, Offence::OtherGenesis),
        (Lie::Node, Offence::InvalidState),
        (Lie::OtherNode, Offence::InvalidState),
        (Lie::TooManyNodes, Offence::InvalidState),
        (Lie::Score, Offence::InvalidState),
        (Lie::Parents, Offence::InvalidState),
        (Lie::Author, Offence::InvalidState),
        (Lie::MissingBlock, Offence::InvalidState),
        (Lie::Stranger, Offence::InvalidState),
        (Lie::Endless, Offence::InvalidState),
        (Lie::Garbage, Offence::Undecodable),
        (Lie::Payload, Offence::InvalidPayload),
        (Lie::OtherKind, Offence::Unrequested),
    ] {
        for_seeds(1, |&mut Random(seed)| {
            let mut net = Net::new(seed, 2, SyncConfig::default());
            net.chunk_bytes = 2_000;
            net.lies[0] = lie;
            net.run_until_started();
            assert_eq!(net.offences, [(0, offence)], "{lie:?}");
            net.assert_started();
            net.assert_goes_on();
        });
    }
}

#[test]
fn when_nobody_has_the_state_any_more_a_newer_one_is_taken_and_what_is_here_is_used() {
    for_seeds(4, |&mut Random(seed)| {
        let mut net = Net::new(seed, 3, SyncConfig::default());
        net.chunk_bytes = 500;
        let whole = state_of(&net.state).1.inserted.len() as u64;
        let mut moves = 0;
        while !net.is_started() {
            net.run(1_500);
            if moves < 3 && net.core().state().nodes > whole / 2 {
                moves += 1;
                let changed = change(&mut net.state, moves);
                net.move_on(&changed);
            }
            assert!(net.now < crate::tests::NOW + 10_000_000, "no end");
        }
        assert_eq!(moves, 3);
        // The last one may have come too late to matter.
        assert!(net.core().state().given_up >= 2, "{:?}", net.core().state());
        net.assert_started();
        // Four states, and hardly more than one of them was downloaded.
        assert!(net.downloaded < whole * 3 / 2, "{} of {whole}", net.downloaded);
        assert_eq!(bans(&net), []);
    });
}

#[test]
fn nobody_offers_a_block_that_is_not_deep_enough() {
    let net = Net::new(1, 1, SyncConfig::default());
    let chain = &net.servers[0].chain;
    let sink = chain.dag().sink();
    assert_eq!(chain.window(&sink, 0, usize::MAX), None, "not final");
    let finalised = chain.dag().finalised();
    let window = chain.window(&finalised, 0, usize::MAX).unwrap();
    assert_eq!(usize::try_from(window.total).unwrap(), window.entries.len());
    let point = chain.dag().block(&chain.dag().pruning_point()).unwrap();
    let low = chain.dag().chain_block(point.number + 10).unwrap();
    assert_eq!(chain.window(&low, 0, usize::MAX), None, "too little below it is here");
}
