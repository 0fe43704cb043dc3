//! What a block's digest brings: randomness, and rewards for the blocks that it merges.
//!
//! The node accepts a header only if its list is what the DAG says (`client/dag`); the runtime takes it as it is, within
//! limits.
//!
//! A block is rewarded when a chain block merges it, once per author and slot, if it is blue. The selected parent is the
//! chain block before; the digest lists the others. A list that is too long for a digest stands there as its hash, of
//! which the runtime can make nothing: then the selected parent alone is paid, and the block's own output alone counts.

use crate::epoch::{Set, accumulated};
use crate::pallet::{
    Author, Authorities, BlockEntropy, BlockIssuance, BlockRewards, BlocksAuthored, Config,
    CurrentAuthor, CurrentSlot, Event, Offences, Pallet, RandomnessAccumulator, SeenAuthors,
    UnpaidParent,
};
use crate::validators::Member;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use citrate_core::hashing::blake2_256;
use citrate_core::{AccountId32, Balance, H256, Header, Weight};
use citrate_dag_types::{AuthorityIndex, Colour, DagDigest, Merged, Slot};
use citrate_support::traits::Get;
use citrate_support::traits::fungible::Mutate;
use codec::Encode;

/// Domain of the hashes by which every block changes what pallets draw.
const ENTROPY_DOMAIN: &[u8] = b"CITRATE/dag/entropy";

impl<T: Config> Pallet<T> {
    /// Takes in what the digest of a block that begins says. Gives what that weighs.
    pub(crate) fn begin_block() -> Weight {
        let base = T::DbWeight::get().reads_writes(4, 3);
        let Some(digest) = Self::block_digest() else {
            CurrentAuthor::<T>::kill();
            Author::<T>::kill();
            return base;
        };
        let (slot, previous) = (digest.slot.0, CurrentSlot::<T>::get());
        // A copied digest repeats its parent's slot; only a newer one is news.
        let is_news = slot > previous;
        let mut weight = base;
        if is_news {
            CurrentSlot::<T>::put(slot);
            weight = weight
                .saturating_add(Self::forget_seen(previous, slot))
                .saturating_add(Self::enter_epoch(digest.slot.epoch(T::EpochLength::get())));
        }
        let author = at(&Authorities::<T>::get(), digest.author).cloned();
        CurrentAuthor::<T>::put(digest.author);
        Author::<T>::set(author.as_ref().map(|member| member.account.clone()));
        if is_news {
            weight = weight.saturating_add(Self::note_block(&digest, author));
        }
        weight
    }

    /// The DAG digest of this block, if its first item is a sound one.
    fn block_digest() -> Option<DagDigest> {
        let header = Header {
            parent_hash: H256::zero(),
            number: 0,
            state_root: H256::zero(),
            extrinsics_root: H256::zero(),
            digest: pallet_system::Pallet::<T>::digest(),
        };
        DagDigest::from_header(&header).ok()
    }

    fn note_block(digest: &DagDigest, author: Option<Member>) -> Weight {
        let mut outputs = Vec::new();
        let mut earners: Vec<_> = UnpaidParent::<T>::take().into_iter().collect();
        let mut slots = Slots::<T>::default();
        if let Merged::List(list) = &digest.merged {
            for block in list {
                let mergeable = block.slot < digest.slot
                    && block.slot.0 >= digest.slot.0.saturating_sub(T::EpochLength::get());
                if !mergeable || !slots.note(block.slot, block.author) {
                    continue;
                }
                outputs.push(block.pre_output);
                if block.colour == Colour::Blue {
                    earners.extend(slots.member(block.slot, block.author));
                }
            }
        }
        if slots.note(digest.slot, digest.author) {
            outputs.push(digest.vrf.pre_output);
        }
        let slots_touched = slots.store();
        Self::mix(digest, &outputs);
        let accounts = Self::reward(&earners, author.as_ref());
        if let Some(author) = &author {
            BlocksAuthored::<T>::mutate(&author.account, |count| *count = count.saturating_add(1));
        }
        UnpaidParent::<T>::set(author);
        // Per earner an offence is read; per account its balance, the issuance and what it earned are changed.
        let earners = u64::try_from(earners.len()).unwrap_or(u64::MAX);
        let reads = slots_touched.saturating_mul(3).saturating_add(earners).saturating_add(5);
        T::DbWeight::get().reads_writes(
            reads.saturating_add(accounts.saturating_mul(2)),
            slots_touched.saturating_add(accounts.saturating_mul(2)).saturating_add(5),
        )
    }

    /// Mixes the outputs into this epoch's accumulator, in the first two thirds of the epoch, and the block's own
    /// into what pallets draw from.
    fn mix(digest: &DagDigest, outputs: &[[u8; 32]]) {
        let length = T::EpochLength::get().max(1);
        let position = digest.slot.0 % length;
        if position.saturating_mul(3) < length.saturating_mul(2) {
            RandomnessAccumulator::<T>::mutate(|acc| *acc = accumulated(acc, outputs));
        }
        BlockEntropy::<T>::mutate(|entropy| {
            *entropy = (ENTROPY_DOMAIN, *entropy, digest.vrf.pre_output).using_encoded(blake2_256);
        });
    }

    /// Issues what the blocks that were merged bring: to their authors, to the merging block's, to the treasury.
    /// Who is known to have equivocated gets nothing, and his part is not issued. Gives how many accounts were paid.
    fn reward(earners: &[Member], merger: Option<&Member>) -> u64 {
        let issuance = BlockIssuance::<T>::get();
        if issuance == 0 {
            return 0;
        }
        let is_sound = |member: &&Member| !Offences::<T>::contains_key(member.authority.key);
        let (merging, treasury) = (
            T::MergerShare::get().mul_floor(issuance),
            T::TreasuryShare::get().mul_floor(issuance),
        );
        let authoring = issuance.saturating_sub(merging).saturating_sub(treasury);
        let mut due = BTreeMap::<AccountId32, Balance>::new();
        let mut add = |account: &AccountId32, amount: Balance| {
            let sum = due.entry(account.clone()).or_default();
            *sum = sum.saturating_add(amount);
        };
        let merger = merger.filter(is_sound);
        let mut blocks = 0u32;
        for earner in earners.iter().filter(is_sound) {
            blocks = blocks.saturating_add(1);
            add(&earner.account, authoring);
            add(&T::Treasury::get(), treasury);
            if let Some(merger) = merger {
                add(&merger.account, merging);
            }
        }
        let mut issued: Balance = 0;
        for (account, amount) in due.iter().filter(|(_, amount)| **amount > 0) {
            // An account below the existential deposit gets nothing until a reward lifts it above.
            if T::Currency::mint_into(account, *amount).is_ok() {
                issued = issued.saturating_add(*amount);
                BlockRewards::<T>::mutate(account, |sum| *sum = sum.saturating_add(*amount));
            }
        }
        if issued > 0 {
            Self::deposit_event(Event::BlocksRewarded { blocks, issued });
        }
        u64::try_from(due.len()).unwrap_or(u64::MAX)
    }

    /// Forgets which authors were seen in slots that no block can merge any more. No more than an epoch's slots were
    /// kept, whatever the distance between the blocks.
    fn forget_seen(previous: u64, slot: u64) -> Weight {
        let length = T::EpochLength::get();
        let first = previous.saturating_sub(length);
        let end = slot.saturating_sub(length).min(previous.saturating_add(1));
        for old in first..end {
            SeenAuthors::<T>::remove(old);
        }
        T::DbWeight::get().writes(end.saturating_sub(first))
    }
}

fn at(set: &[Member], index: AuthorityIndex) -> Option<&Member> {
    set.get(usize::try_from(index).ok()?)
}

/// The slots that one block deals with, each read and written once.
struct Slots<T: Config> {
    seen: BTreeMap<u64, crate::pallet::Seen<T>>,
    /// Sets of authorities by epoch; none for an epoch that is not known.
    sets: BTreeMap<u64, Option<Set<T>>>,
}

impl<T: Config> Default for Slots<T> {
    fn default() -> Self {
        Self { seen: BTreeMap::new(), sets: BTreeMap::new() }
    }
}

impl<T: Config> Slots<T> {
    /// Notes a slot's author; false if it was noted before, or cannot be one.
    fn note(&mut self, slot: Slot, author: AuthorityIndex) -> bool {
        let seen = self.seen.entry(slot.0).or_insert_with(|| SeenAuthors::<T>::get(slot.0));
        author < T::MaxAuthorities::get()
            && !seen.contains(&author)
            && seen.try_push(author).is_ok()
    }

    /// Who that is.
    fn member(&mut self, slot: Slot, author: AuthorityIndex) -> Option<Member> {
        let epoch = slot.epoch(T::EpochLength::get());
        let set = self.sets.entry(epoch).or_insert_with(|| Pallet::<T>::authorities_of(slot).ok());
        at(set.as_ref()?, author).cloned()
    }

    /// Writes what was noted; gives how many slots there were.
    fn store(self) -> u64 {
        let slots = u64::try_from(self.seen.len()).unwrap_or(u64::MAX);
        for (slot, authors) in self.seen {
            SeenAuthors::<T>::insert(slot, authors);
        }
        slots
    }
}
