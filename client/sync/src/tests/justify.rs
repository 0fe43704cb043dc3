use super::{Rig, penalties, requests};
use crate::{
    Action, BlockRef, Input, Offence, PeerId, Request, RequestId, Response, SyncChain, SyncConfig,
};

/// Who is asked for the proof.
fn asked(actions: &[Action]) -> Option<(u64, RequestId)> {
    let is_proof = |request: &Request| matches!(request, Request::Justification(9));
    requests(actions).find(|(_, _, request)| is_proof(request)).map(|(peer, id, _)| (peer.0, id))
}

/// A peer that says that it has this number finalised.
fn connect(rig: &mut Rig, peer: u64, number: u32) -> Vec<Action> {
    let actions = rig.handle(Input::Connected(PeerId(peer)));
    let mut status = rig.chain.status();
    status.finalised = BlockRef { number, ..status.finalised };
    rig.answer_status(&actions, status)
}

#[test]
fn a_proof_is_asked_of_one_after_the_other_until_it_is_good() {
    let mut rig = Rig::new(SyncConfig::default());
    connect(&mut rig, 1, 8);
    assert_eq!(asked(&rig.handle(Input::NeedJustification(9))), None, "nobody claims to have it");
    let actions = connect(&mut rig, 2, 9);
    let Some((2, id)) = asked(&actions) else { panic!("{actions:?}") };
    let actions = rig.respond(id, &Response::Justification(None));
    assert_eq!((asked(&actions), penalties(&actions)), (None, vec![]), "nobody else has it");
    let actions = connect(&mut rig, 3, 10);
    let Some((3, id)) = asked(&actions) else { panic!("{actions:?}") };
    let actions = rig.respond(id, &Response::Justification(Some(vec![1])));
    let found = Action::Justification { peer: PeerId(3), number: 9, proof: vec![1] };
    assert!(actions.contains(&found), "{actions:?}");
    let bad = Input::Justified { peer: PeerId(3), number: 9, is_valid: false };
    assert_eq!(penalties(&rig.handle(bad)), [(3, Offence::InvalidJustification)]);
    let actions = connect(&mut rig, 4, 9);
    let Some((4, id)) = asked(&actions) else { panic!("{actions:?}") };
    // Lost, and asked for again after a rest.
    assert_eq!(asked(&rig.handle(Input::Failed(id))), None);
    rig.now += SyncConfig::default().rest_ms;
    let actions = rig.handle(Input::Tick);
    let Some((4, id)) = asked(&actions) else { panic!("{actions:?}") };
    rig.respond(id, &Response::Justification(Some(vec![2])));
    let good = Input::Justified { peer: PeerId(4), number: 9, is_valid: true };
    assert_eq!(rig.handle(good), []);
    assert_eq!(asked(&connect(&mut rig, 5, 9)), None, "it is here");
}
