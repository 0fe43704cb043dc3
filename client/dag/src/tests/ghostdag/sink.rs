use super::{block, chain, dag, hash, hashes, insert, unlimited, won};
use crate::ghostdag::{
    ChainChange, Dag, DagRules, FinaliseError, NewBlock, Producer, ReportError, Status, Step,
    Verdict,
};
use crate::reachability::tests::queries;

/// Inserts blocks with payloads.
fn grow(dag: &mut Dag, blocks: &[(usize, &[usize])]) {
    for (number, parents) in blocks {
        insert(dag, *number, parents).unwrap();
        assert!(dag.add_payload(&hash(*number)));
    }
}

/// Runs the search; all executions match but those of `wrong`. The changes.
fn settle(dag: &mut Dag, wrong: &[usize]) -> Vec<ChainChange> {
    let mut changes = Vec::new();
    loop {
        match dag.next_step() {
            Step::Execute(block) => {
                let differs = hashes(wrong).contains(&block);
                let verdict = if differs { Verdict::Differs } else { Verdict::Matches };
                dag.report(&block, verdict).unwrap();
            }
            Step::Moved(change) => changes.push(change),
            Step::Idle => return changes,
            Step::FinalisedFails(block) => panic!("{block:?}"),
        }
    }
}

fn status(dag: &Dag, number: usize) -> Status {
    dag.block(&hash(number)).unwrap().status
}

#[test]
fn the_sink_moves_to_the_heavier_branch_and_back() {
    let mut dag = dag(unlimited(3));
    grow(&mut dag, &[(1, &[0]), (2, &[1])]);
    let change = ChainChange { removed: vec![], added: hashes(&[1, 2]) };
    assert_eq!(settle(&mut dag, &[]), [change]);
    assert_eq!(settle(&mut dag, &[]), [], "nothing new");
    grow(&mut dag, &[(11, &[0]), (12, &[11]), (13, &[12])]);
    let change = ChainChange { removed: hashes(&[2, 1]), added: hashes(&[11, 12, 13]) };
    assert_eq!(settle(&mut dag, &[]), [change]);
    grow(&mut dag, &[(3, &[2]), (4, &[3])]);
    let change = ChainChange { removed: hashes(&[13, 12, 11]), added: hashes(&[1, 2, 3, 4]) };
    assert_eq!(settle(&mut dag, &[]), [change]);
    assert_eq!(dag.chain_block(2), Some(hash(2)));
    assert_eq!(dag.chain_block(5), None);
    assert_eq!(dag.chain_block_at_depth(1), Some(hash(3)));
    assert_eq!(dag.chain_block_at_depth(4), Some(hash(0)));
    assert_eq!(dag.chain_block_at_depth(5), None);
}

#[test]
fn a_disqualified_block_stays_in_the_dag_and_is_merged() {
    let mut dag = dag(unlimited(3));
    grow(&mut dag, &[(1, &[0]), (2, &[1]), (3, &[2]), (11, &[0])]);
    let changes = settle(&mut dag, &[2]);
    // Blocks 2 and 3 are out; block 1 and the lighter branch are left, of equal work.
    assert_eq!(status(&dag, 2), Status::Disqualified);
    assert_eq!(status(&dag, 3), Status::Disqualified);
    let best = if hash(1) > hash(11) { 1 } else { 11 };
    assert_eq!(dag.sink(), hash(best));
    assert_eq!(changes, [ChainChange { removed: vec![], added: hashes(&[best]) }]);
    assert_eq!(dag.best_header(), hash(3), "headers alone do not know");
    // A child of it inherits that without being executed.
    grow(&mut dag, &[(4, &[3])]);
    assert_eq!(settle(&mut dag, &[]), []);
    assert_eq!(status(&dag, 4), Status::Disqualified);
    // An author builds on the sink, and merges of the rest what does not outweigh it.
    let parents = dag.parents_for(None).unwrap();
    let mut own = block(20, &[]);
    own.parents = parents.clone();
    assert_eq!(parents[0], hash(best));
    assert!(!parents.contains(&hash(4)));
    dag.insert(&own).unwrap();
    assert!(dag.add_payload(&hash(20)));
    assert_eq!(settle(&mut dag, &[]).len(), 1);
    assert_eq!(dag.sink(), hash(20));
}

#[test]
fn later_a_heavier_chain_merges_what_was_disqualified() {
    let mut dag = dag(unlimited(3));
    grow(&mut dag, &[(1, &[0]), (2, &[1]), (11, &[0]), (12, &[11]), (13, &[12])]);
    settle(&mut dag, &[1]);
    assert_eq!(dag.sink(), hash(13));
    // Nobody asks for the lighter branch; once it is the heavier one, it fails.
    assert_eq!(status(&dag, 1), Status::Unverified);
    grow(&mut dag, &[(3, &[2]), (4, &[3])]);
    assert_eq!(settle(&mut dag, &[1]), []);
    assert_eq!(dag.sink(), hash(13));
    assert_eq!(status(&dag, 1), Status::Disqualified);
    grow(&mut dag, &[(14, &[13]), (15, &[14])]);
    settle(&mut dag, &[]);
    let parents = dag.parents_for(None).unwrap();
    assert_eq!(parents, hashes(&[15, 4]), "a legal block of the DAG, and its payload counts");
    let info = dag.preview(&NewBlock { parents, ..block(30, &[]) }).unwrap();
    assert_eq!(info.selected_parent, Some(hash(15)));
    assert!(info.blues.contains(&hash(2)) || info.reds.contains(&hash(2)));
}

#[test]
fn payloads_come_in_order_and_reports_when_they_can() {
    let mut dag = dag(unlimited(3));
    insert(&mut dag, 1, &[0]).unwrap();
    insert(&mut dag, 2, &[1]).unwrap();
    assert!(!dag.add_payload(&hash(2)), "the parent's is not here");
    assert!(!dag.add_payload(&hash(9)));
    assert_eq!(dag.next_step(), Step::Idle, "headers alone move nothing");
    let matches = Verdict::Matches;
    assert_eq!(dag.report(&hash(9), matches), Err(ReportError::Unknown(hash(9))));
    assert_eq!(dag.report(&hash(1), matches), Err(ReportError::TooEarly(hash(1))));
    assert!(dag.add_payload(&hash(1)) && dag.add_payload(&hash(1)));
    assert!(dag.add_payload(&hash(2)));
    assert_eq!(dag.report(&hash(2), matches), Err(ReportError::TooEarly(hash(2))));
    // An author reports his own without being asked.
    assert_eq!(dag.report(&hash(1), matches), Ok(()));
    assert_eq!(dag.report(&hash(1), Verdict::Differs), Err(ReportError::Judged(hash(1))));
    assert_eq!(dag.next_step(), Step::Execute(hash(2)));
    assert_eq!(dag.report(&hash(2), matches), Ok(()));
    assert!(matches!(dag.next_step(), Step::Moved(_)));
    assert_eq!(dag.sink(), hash(2));
}

#[test]
fn the_sink_never_leaves_the_finalised_chain() {
    let mut dag = dag(unlimited(3));
    grow(&mut dag, &[(1, &[0]), (2, &[1]), (11, &[0]), (12, &[11]), (13, &[12])]);
    settle(&mut dag, &[]);
    assert_eq!(dag.sink(), hash(13));
    assert_eq!(dag.finalise(&hash(9)), Err(FinaliseError::Unknown(hash(9))));
    // The network finalised a block of the other branch, which was never executed here.
    assert_eq!(dag.finalise(&hash(1)), Ok(()));
    let change = ChainChange { removed: hashes(&[13, 12, 11]), added: hashes(&[1, 2]) };
    assert_eq!(settle(&mut dag, &[]), [change]);
    assert_eq!(dag.finalise(&hash(11)), Err(FinaliseError::Conflict(hash(11))));
    assert_eq!(dag.finalise(&hash(0)), Err(FinaliseError::Conflict(hash(0))));
    // However heavy the other branch grows.
    let mut parent = 13;
    for number in 14..40 {
        grow(&mut dag, &[(number, &[parent])]);
        parent = number;
    }
    assert_eq!(settle(&mut dag, &[]), []);
    assert_eq!(dag.sink(), hash(2));
    // Merged as a side branch it would be the selected parent; its parents would be, too.
    assert_eq!(dag.parents_for(None).unwrap()[0], hash(2));
    assert!(!dag.parents_for(None).unwrap().contains(&hash(39)));
}

#[test]
fn a_finalised_block_that_fails_stops_the_node() {
    let mut dag = dag(unlimited(3));
    grow(&mut dag, &[(1, &[0]), (2, &[1]), (3, &[2])]);
    dag.finalise(&hash(2)).unwrap();
    assert_eq!(dag.next_step(), Step::Execute(hash(1)));
    dag.report(&hash(1), Verdict::Differs).unwrap();
    assert_eq!(dag.next_step(), Step::FinalisedFails(hash(2)));
    assert_eq!(dag.next_step(), Step::FinalisedFails(hash(2)), "and says so again");
}

#[test]
fn parents_keep_to_the_limits_and_to_earlier_slots() {
    let rules = DagRules { parents_max: 4, mergeset_max: 8, ..unlimited(20) };
    let mut dag = dag(rules);
    chain(&mut dag, 0, 1..11);
    for number in 1..11 {
        dag.add_payload(&hash(number));
    }
    // Six tips beside the chain, and a branch too long to be merged at once.
    for number in 20..26 {
        grow(&mut dag, &[(number, &[5])]);
    }
    let mut parent = 1;
    for number in 30..38 {
        grow(&mut dag, &[(number, &[parent])]);
        parent = number;
    }
    settle(&mut dag, &[]);
    assert_eq!(dag.sink(), hash(10));
    let parents = dag.parents_for(None).unwrap();
    assert_eq!(parents[..2], hashes(&[10, 36]), "the highest of the branch that fits");
    let info = dag.preview(&NewBlock { parents, ..block(50, &[]) }).unwrap();
    assert_eq!(info.blues.len() + info.reds.len(), 8);

    let mut dag = super::dag(unlimited(3));
    for new in [won(1, &[0], 1, 3), won(2, &[1], 2, 4), won(3, &[1], 3, 9)] {
        dag.insert(&new).unwrap();
        dag.add_payload(&new.hash);
        dag.report(&new.hash, Verdict::Matches).unwrap();
    }
    settle(&mut dag, &[]);
    let at = |slot| Some(Producer { slot, author: [7; 32] });
    assert_eq!(dag.parents_for(at(10)).map(|parents| parents.len()), Some(2));
    match dag.sink() == hash(2) {
        true => assert_eq!(dag.parents_for(at(9)), Some(hashes(&[2]))),
        false => assert_eq!(dag.parents_for(at(9)), None),
    }
    assert_eq!(dag.parents_for(at(4)), None);
}

/// Twelve layers of four blocks that all see each other, all of it disqualified: each block is replaced
/// by its parents once, although there are 4^12 ways down.
#[test]
fn a_wide_disqualified_branch_costs_its_blocks_once() {
    let mut dag = dag(unlimited(18));
    grow(&mut dag, &[(1, &[0]), (2, &[1]), (3, &[1])]);
    settle(&mut dag, &[]);
    let mut below = vec![0];
    for layer in 0..12 {
        let blocks: Vec<usize> = (0..4).map(|number| 100 + 4 * layer + number).collect();
        for number in &blocks {
            grow(&mut dag, &[(*number, below.as_slice())]);
        }
        below = blocks;
    }
    settle(&mut dag, &[100, 101, 102, 103]);
    let sink = if hash(2) > hash(3) { 2 } else { 3 };
    assert_eq!(dag.sink(), hash(sink));
    let before = queries();
    let parents = dag.parents_for(None).unwrap();
    assert!(queries() - before < 3_000, "{} queries", queries() - before);
    // The other tip beside the sink, and of the branch what does not outweigh it.
    assert_eq!(parents[..2], hashes(&[sink, 5 - sink]));
    assert!(parents[2..].iter().all(|parent| dag.order(parent) < dag.order(&hash(sink))));
    assert!(parents.len() > 2);
}
