use std::sync::Arc;

use citrate_core::hashing::sha2_256;
use codec::Encode;
use proptest::prelude::*;

use super::*;
use crate::tree::Layout;
use crate::{Serve, StoreConfig};

const LAYOUT: Layout = Layout { leaf_bytes: 64, links_max: 3 };
/// The block that a peer may have lost.
const LOST: Position = Position { level: 0, index: 1 };
/// Far more steps than anything takes.
const STEPS_MAX: usize = 20_000;

/// A store in a folder of its own.
struct Disk {
    store: Arc<Store>,
    _folder: tempfile::TempDir,
}

fn disk(bytes_max: u64) -> Disk {
    let folder = tempfile::tempdir().unwrap();
    let config = StoreConfig { bytes_max, ..StoreConfig::new(folder.path()) };
    Disk { store: Arc::new(Store::open_with(config, LAYOUT).unwrap()), _folder: folder }
}

/// A file without repetitions.
fn file(length: usize) -> Vec<u8> {
    (0..length).map(|at| sha2_256(&(at as u64 / 32).to_le_bytes())[at % 32]).collect()
}

/// How a peer answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Honest,
    /// Says that it has it, and sends something else.
    WrongBlocks,
    /// Has another file under the hash.
    AnotherFile,
    /// Sends what is no answer.
    Garbage,
    /// Says that it has it, and nothing more.
    Stalls,
    /// Has too much to do, every other time.
    Refuses,
    /// Has lost one block, and says that it has the file.
    LostOne,
    /// Does not have it.
    Lacks,
}

struct Peer {
    manner: Manner,
    serve: Serve,
    answered: usize,
    _disk: Disk,
}

/// A node that fetches, and its peers.
struct World {
    disk: Disk,
    core: FetchCore,
    now_ms: u64,
    peers: BTreeMap<PeerId, Peer>,
    open: Vec<(PeerId, RequestId, Request)>,
    /// Everything that was asked for.
    asked: Vec<(PeerId, Request)>,
    offences: Vec<(PeerId, Offence)>,
    done: Vec<(H256, Result<crate::Artifact, FetchError>)>,
    content: Vec<u8>,
    hash: H256,
}

impl World {
    fn new(content: Vec<u8>, manners: &[Manner]) -> Self {
        let hash = H256(sha2_256(&content));
        let config = FetchConfig::default();
        let mut world = Self {
            disk: disk(1 << 20),
            core: FetchCore::new(config),
            now_ms: 1_000,
            peers: BTreeMap::new(),
            open: Vec::new(),
            asked: Vec::new(),
            offences: Vec::new(),
            done: Vec::new(),
            content,
            hash,
        };
        for manner in manners {
            world.connect(*manner);
        }
        world
    }

    fn connect(&mut self, manner: Manner) -> PeerId {
        let disk = disk(1 << 20);
        let artifact = disk.store.add_bytes(&self.content, "").unwrap();
        match manner {
            Manner::AnotherFile => disk.store.replace(&artifact, &other(&self.content)),
            Manner::Lacks => disk.store.remove(&artifact.hash).unwrap(),
            _ => {}
        }
        let serve = Serve::new(Arc::clone(&disk.store));
        let id = PeerId(self.peers.len() as u64 + 1);
        self.peers.insert(id, Peer { manner, serve, answered: 0, _disk: disk });
        self.tell(Input::Connected(id));
        id
    }

    fn want(&mut self, size: Size) {
        let want = Want { hash: self.hash, size, name: "it".into(), pin: Pin::No };
        self.tell(Input::Want(want));
    }

    fn tell(&mut self, input: Input) {
        if let Input::Disconnected(gone) = &input {
            self.open.retain(|(peer, ..)| peer != gone);
        }
        for action in self.core.handle(&self.disk.store, self.now_ms, input) {
            match action {
                Action::Request { peer, id, request } => {
                    self.asked.push((peer, request));
                    self.open.push((peer, id, request));
                }
                Action::Penalise { peer, offence } => self.offences.push((peer, offence)),
                Action::Done { hash, outcome } => self.done.push((hash, outcome)),
            }
        }
        let config = FetchConfig::default();
        assert!(self.core.asked.len() <= config.requests_max);
        for peer in self.core.peers.values() {
            assert!(peer.open <= config.per_peer_max, "{peer:?}");
        }
        let open: usize = self.core.peers.values().map(|peer| peer.open).sum();
        assert_eq!(open, self.core.asked.len());
    }

    fn pass(&mut self, ms: u64) {
        self.now_ms += ms;
        self.tell(Input::Tick);
    }

    /// Has one open request answered, as its peer does; those of peers that stall stay open.
    fn answer(&mut self, place: usize) {
        let (peer, id, request) = self.open.remove(place % self.open.len());
        let known = self.peers.get_mut(&peer).unwrap();
        known.answered += 1;
        let bytes = known.serve.answer(&request.encode()).unwrap();
        let is_block = matches!(request, Request::Block { .. });
        let input = match known.manner {
            Manner::WrongBlocks if is_block => {
                Input::Response { id, bytes: Response::Block(vec![7; 64]).encode() }
            }
            Manner::LostOne if matches!(request, Request::Block { at, .. } if at == LOST) => {
                Input::Response { id, bytes: Response::Absent.encode() }
            }
            Manner::Garbage => Input::Response { id, bytes: vec![0xff; 9] },
            Manner::Stalls if is_block => return,
            Manner::Refuses if known.answered.is_multiple_of(2) => {
                Input::Failed { id, failure: Failure::Refused }
            }
            _ => Input::Response { id, bytes },
        };
        self.tell(input);
    }

    /// Goes on until it is done.
    fn run(&mut self) {
        for step in 0..STEPS_MAX {
            if !self.done.is_empty() {
                return;
            }
            if self.open.is_empty() || step % 50 == 49 {
                self.pass(200);
            } else {
                self.answer(step);
            }
        }
        panic!("no end: {:?}", self.core);
    }

    fn is_fetched(&self) -> bool {
        matches!(&self.done[..], [(hash, Ok(artifact))] if *hash == self.hash && artifact.hash == *hash)
            && self.disk.store.read(&self.hash, u64::MAX).unwrap() == self.content
    }

    fn blocks_asked(&self) -> usize {
        self.asked.iter().filter(|(_, request)| matches!(request, Request::Block { .. })).count()
    }
}

/// Another file of the same length.
fn other(content: &[u8]) -> Vec<u8> {
    content.iter().map(|byte| byte ^ 1).collect()
}

#[test]
fn every_length_is_fetched_block_by_block_and_each_block_once() {
    for length in [0, 1, 63, 64, 65, 192, 193, 577, 3_000] {
        let mut world = World::new(file(length), &[Manner::Honest, Manner::Honest, Manner::Lacks]);
        world.want(Size::Exactly(length as u64));
        world.run();
        assert!(world.is_fetched(), "{length}");
        let shape = crate::tree::Shape::new(LAYOUT, length as u64).unwrap();
        // The only block of nothing is known.
        let expected = if length == 0 { 0 } else { shape.counts().sum() };
        assert_eq!(world.blocks_asked(), expected, "{length}");
        assert_eq!(world.offences, [], "{length}");
        let artifact = world.disk.store.about(&world.hash).unwrap().unwrap();
        assert_eq!((artifact.name.as_str(), artifact.pinned), ("it", false));
        assert_eq!(world.disk.store.partial_claim(&world.hash).unwrap(), None);
        if length == 3_000 {
            let both = [PeerId(1), PeerId(2)];
            let shares = both.map(|peer| world.asked.iter().filter(|(p, _)| *p == peer).count());
            assert!(shares.iter().all(|share| *share > 10), "{shares:?}");
        }
    }
}

#[test]
fn a_peer_that_sends_wrong_blocks_is_known_by_the_first_and_costs_no_more() {
    for (manner, offence) in
        [(Manner::WrongBlocks, Offence::WrongBlock), (Manner::Garbage, Offence::Malformed)]
    {
        let mut world = World::new(file(2_000), &[manner, Manner::Honest]);
        world.want(Size::Exactly(2_000));
        world.run();
        assert!(world.is_fetched(), "{manner:?}");
        let per_peer = FetchConfig::default().per_peer_max;
        assert!((1..=per_peer).contains(&world.offences.len()), "{:?}", world.offences);
        assert!(world.offences.iter().all(|seen| *seen == (PeerId(1), offence)));
    }
}

#[test]
fn who_claims_another_file_is_found_out_and_the_right_one_is_fetched() {
    let liars = [Manner::AnotherFile, Manner::AnotherFile, Manner::Honest];
    let mut world = World::new(file(1_000), &liars);
    world.want(Size::Exactly(1_000));
    world.run();
    assert!(world.is_fetched());
    world.offences.sort_unstable_by_key(|(peer, _)| *peer);
    let expected = [PeerId(1), PeerId(2)].map(|peer| (peer, Offence::FalseClaim));
    assert_eq!(world.offences, expected);
}

#[test]
fn blocks_of_a_peer_that_stalls_are_asked_for_elsewhere() {
    let mut world = World::new(file(1_000), &[Manner::Stalls, Manner::Honest]);
    world.want(Size::Exactly(1_000));
    for step in 0..100 {
        if !world.open.is_empty() {
            world.answer(step);
        }
    }
    assert!(world.done.is_empty(), "what the first one was asked for is missing");
    let begun = world.now_ms;
    world.run();
    assert!(world.is_fetched());
    let config = FetchConfig::default();
    assert!(world.now_ms - begun < config.request_ms + config.backoff_ms_min + 1_000);
    assert_eq!(world.offences, [], "to be slow is no offence");
}

#[test]
fn a_peer_that_fails_is_left_alone_for_longer_each_time() {
    let mut world = World::new(file(1_000), &[Manner::Stalls]);
    world.want(Size::Exactly(1_000));
    world.answer(0);
    let mut pauses = Vec::new();
    for _ in 0..4 {
        // All that it was asked for ends at once.
        let ids: Vec<RequestId> = world.open.drain(..).map(|(_, id, _)| id).collect();
        assert!(!ids.is_empty());
        for id in ids {
            world.tell(Input::Failed { id, failure: Failure::Timeout });
        }
        let since = world.now_ms;
        while world.open.is_empty() {
            world.pass(100);
        }
        pauses.push(world.now_ms - since);
    }
    assert!(pauses.is_sorted() && pauses[3] > 4 * pauses[0], "{pauses:?}");
    assert!(pauses[3] <= FetchConfig::default().backoff_ms_max);
    assert_eq!(world.done.len(), 0);
}

#[test]
fn what_is_on_disk_is_not_fetched_again_after_a_restart_or_a_lost_peer() {
    for restart in [true, false] {
        let mut world = World::new(file(2_000), &[Manner::Honest]);
        world.want(Size::Exactly(2_000));
        for _ in 0..30 {
            world.answer(0);
        }
        let before = world.core.progress(&world.hash).unwrap();
        assert!(before.bytes > 300 && before.bytes_total == Some(2_000), "{before:?}");
        let (asked, open) = (world.blocks_asked(), world.open.len());
        if restart {
            world.core = FetchCore::new(FetchConfig::default());
            world.open.clear();
            world.connect(Manner::Honest);
            world.want(Size::AtMost(2_000));
        } else {
            world.tell(Input::Disconnected(PeerId(1)));
            assert_eq!(world.core.progress(&world.hash).unwrap().bytes_total, None);
            world.connect(Manner::Honest);
        }
        world.run();
        assert!(world.is_fetched());
        let shape = crate::tree::Shape::new(LAYOUT, 2_000).unwrap();
        assert_eq!(world.blocks_asked() - asked, shape.counts().sum::<usize>() - asked + open);
    }
}

#[test]
fn what_nobody_has_or_nobody_gives_is_given_up_in_time() {
    let mut world = World::new(file(500), &[Manner::Lacks, Manner::Honest]);
    // The one that has it says another size.
    world.want(Size::Exactly(501));
    world.run();
    assert!(matches!(&world.done[..], [(_, Err(FetchError::Nowhere | FetchError::Stalled))]));
    let waited = world.now_ms - 1_000;
    let patience = FetchConfig::default().patience_ms;
    assert!((patience..patience + 1_000).contains(&waited), "{waited}");
    assert_eq!((world.blocks_asked(), world.offences.len()), (0, 0));
    let finds = world.asked.iter().filter(|(peer, _)| *peer == PeerId(1)).count();
    assert!((20..30).contains(&finds), "asked again every five seconds: {finds}");

    for manner in [Manner::Stalls, Manner::LostOne] {
        let mut world = World::new(file(500), &[manner]);
        world.want(Size::AtMost(500));
        world.run();
        assert!(
            matches!(&world.done[..], [(_, Err(FetchError::Stalled | FetchError::Nowhere))]),
            "{:?}",
            world.done
        );
        let waited = world.now_ms - 1_000;
        assert!((patience..patience + 20_000).contains(&waited), "{waited}");
        // And whoever has all of it ends that.
        world.done.clear();
        world.connect(Manner::Honest);
        world.want(Size::AtMost(500));
        world.run();
        assert!(world.is_fetched());
        assert_eq!(world.offences, []);
    }
}

#[test]
fn those_that_wait_for_others_are_not_given_up() {
    let mut world = World::new(file(2_000), &[Manner::Honest]);
    let active = FetchConfig::default().active_max;
    let others: Vec<Vec<u8>> = (0..=active).map(|n| file(700 + n * 64)).collect();
    let store = Arc::clone(&world.peers[&PeerId(1)]._disk.store);
    for other in &others {
        let hash = store.add_bytes(other, "").unwrap().hash;
        let (size, pin) = (Size::AtMost(2_000), Pin::No);
        world.tell(Input::Want(Want { hash, size, name: "".into(), pin }));
    }
    // All say that they are there; then nothing comes for as long as the patience lasts, but a block now and then.
    let is_find =
        |(_, _, request): &(PeerId, RequestId, Request)| matches!(request, Request::Find(_));
    while let Some(place) = world.open.iter().position(is_find) {
        world.answer(place);
    }
    let loading =
        |world: &World| world.core.wanted().filter(|(_, p)| p.bytes_total.is_some()).count();
    world.pass(1_000);
    assert_eq!(loading(&world), active);
    world.pass(FetchConfig::default().patience_ms - 2_000);
    world.pass(3_000);
    assert_eq!(world.done.len(), active, "{:?}", world.done);
    assert_eq!(world.core.wanted().count(), 1, "the one that waited goes on");
}

#[test]
fn what_does_not_fit_is_not_fetched() {
    let mut world = World::new(file(500), &[Manner::Honest]);
    world.want(Size::AtMost(499));
    world.run();
    assert!(matches!(world.done[..], [(_, Err(_))]));
    assert_eq!(world.blocks_asked(), 0, "one past the limit that was given");

    let mut world = World::new(file(500), &[Manner::Honest]);
    world.disk = disk(600);
    let pinned = world.disk.store.add_bytes(&[1; 101], "").unwrap().hash;
    world.disk.store.set_pinned(&pinned, true).unwrap();
    world.want(Size::Exactly(500));
    world.run();
    let full = |error: &FetchError| {
        matches!(error, FetchError::Store(StoreError::Full { bytes: 500, bytes_max: 600 }))
    };
    assert!(matches!(&world.done[..], [(_, Err(error))] if full(error)), "{:?}", world.done);
    assert_eq!(world.blocks_asked(), 0);
    // And with one byte less beside it, it does.
    world.done.clear();
    world.disk.store.set_pinned(&pinned, false).unwrap();
    world.want(Size::Exactly(500));
    world.run();
    assert!(world.is_fetched());
    assert!(world.disk.store.about(&pinned).unwrap().is_none(), "it left for what is new");
}

#[test]
fn no_more_is_looked_for_than_the_limit() {
    let mut world = World::new(file(10), &[]);
    let max = FetchConfig::default().wants_max;
    for number in 0..=max {
        world.hash = H256([u8::try_from(number).unwrap(); 32]);
        world.want(Size::AtMost(1));
        world.want(Size::AtMost(1));
    }
    let hash = world.hash;
    let refused = |(of, outcome): &(H256, Result<crate::Artifact, FetchError>)| {
        *of == hash && matches!(outcome, Err(FetchError::TooMany(_)))
    };
    assert_eq!(world.done.len(), 2, "{:?}", world.done);
    assert!(world.done.iter().all(refused));
    assert_eq!(world.core.wanted().count(), max);
}

#[test]
fn what_is_here_is_done_at_once_and_pinned_if_asked() {
    let mut world = World::new(file(100), &[Manner::Honest]);
    world.disk.store.add_bytes(&file(100), "mine").unwrap();
    let want = Want { hash: world.hash, size: Size::AtMost(1), name: "".into(), pin: Pin::Yes };
    world.tell(Input::Want(want));
    assert!(matches!(&world.done[..], [(_, Ok(artifact))] if artifact.pinned));
    assert_eq!(world.asked, []);
}

fn manner() -> impl Strategy<Value = Manner> {
    prop::sample::select(vec![
        Manner::Honest,
        Manner::WrongBlocks,
        Manner::AnotherFile,
        Manner::Garbage,
        Manner::Stalls,
        Manner::Refuses,
        Manner::LostOne,
        Manner::Lacks,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// Whatever the others do, in whatever order answers come, with restarts and lost connections in between: with one
    /// honest peer it is fetched, nobody honest is penalised, and no block that was written is asked for again under the
    /// same claim.
    #[test]
    fn one_honest_peer_is_enough(
        length in 1usize..2_500,
        manners in prop::collection::vec(manner(), 0..6),
        order in prop::collection::vec((0usize..64, 0u8..40), 50..400),
    ) {
        let mut world = World::new(file(length), &manners);
        world.connect(Manner::Honest);
        world.want(Size::Exactly(length as u64));
        for (place, event) in order {
            if !world.done.is_empty() {
                break;
            }
            match event {
                0 => {
                    world.core = FetchCore::new(FetchConfig::default());
                    world.open.clear();
                    let ids: Vec<PeerId> = world.peers.keys().copied().collect();
                    for id in ids {
                        world.tell(Input::Connected(id));
                    }
                    world.want(Size::Exactly(length as u64));
                }
                1 => {
                    let ids: Vec<PeerId> = world.peers.keys().copied().collect();
                    let id = ids[place % ids.len()];
                    world.tell(Input::Disconnected(id));
                    world.tell(Input::Connected(id));
                }
                2..6 => world.pass(place as u64 * 100),
                _ if !world.open.is_empty() => world.answer(place),
                _ => world.pass(200),
            }
        }
        world.run();
        prop_assert!(world.is_fetched(), "{:?}", world.done);
        for (peer, offence) in &world.offences {
            let expected = match world.peers[peer].manner {
                Manner::WrongBlocks => Offence::WrongBlock,
                Manner::AnotherFile => Offence::FalseClaim,
                Manner::Garbage => Offence::Malformed,
                honest => panic!("{honest:?} is penalised for {offence:?}"),
            };
            prop_assert_eq!(*offence, expected);
        }
    }
}
