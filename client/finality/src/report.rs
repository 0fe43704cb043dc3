//! The state of the rounds, for people.

use citrate_grandpa_types::{AuthorityId, RoundNumber, SetId};
use finality_grandpa::{voter::report, voter_set::VoterSet};
use std::collections::HashSet;

/// The rounds of the present set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoundReport {
    /// The authority set.
    pub set_id: SetId,
    /// The round that is voted in.
    pub best: RoundVotes,
    /// Earlier rounds that are not concluded, by number.
    pub background: Vec<RoundVotes>,
}

/// The votes of a round.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoundVotes {
    /// The round.
    pub round: RoundNumber,
    /// The weight of all voters.
    pub total_weight: u64,
    /// The weight that decides.
    pub threshold_weight: u64,
    /// The prevotes so far.
    pub prevotes: PhaseVotes,
    /// The precommits so far.
    pub precommits: PhaseVotes,
}

/// The votes of one phase.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PhaseVotes {
    /// The weight of those who voted.
    pub current_weight: u64,
    /// Who did not vote yet, in the order of keys.
    pub missing: Vec<AuthorityId>,
}

pub(crate) fn report(
    set_id: SetId,
    voters: &VoterSet<AuthorityId>,
    state: &report::VoterState<AuthorityId>,
) -> RoundReport {
    let missing = |voted: &HashSet<AuthorityId>| {
        voters.iter().map(|(id, _)| *id).filter(|id| !voted.contains(id)).collect()
    };
    let votes = |round: RoundNumber, state: &report::RoundState<AuthorityId>| RoundVotes {
        round,
        total_weight: state.total_weight.get(),
        threshold_weight: state.threshold_weight.get(),
        prevotes: PhaseVotes {
            current_weight: state.prevote_current_weight.0,
            missing: missing(&state.prevote_ids),
        },
        precommits: PhaseVotes {
            current_weight: state.precommit_current_weight.0,
            missing: missing(&state.precommit_ids),
        },
    };
    let mut background: Vec<RoundVotes> =
        state.background_rounds.iter().map(|(round, state)| votes(*round, state)).collect();
    background.sort_by_key(|round| round.round);
    let (round, best) = &state.best_round;
    RoundReport { set_id, best: votes(*round, best), background }
}
