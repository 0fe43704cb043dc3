//! What a header must satisfy before anything is executed.

use citrate_core::{Digest, H256, Header, OpaqueExtrinsic, StateVersion, sr25519};
use citrate_dag_types::{
    Authority, AuthorityIndex, DagConfiguration, DagDigest, DigestError, EVIDENCE_HEADER_BYTES_MAX,
    Slot, lottery, split_seal, vrf_message,
};
use codec::Encode;

/// LIMIT: items in a header's digest, the seal included.
pub const LOGS_MAX: usize = 32;
/// LIMIT: encoded bytes of a header's digest: every header can serve as evidence against its author.
pub const LOG_BYTES_MAX: usize = EVIDENCE_HEADER_BYTES_MAX - 128;
/// LIMIT: a payload holds at most its byte limit divided by this many extrinsics, so that an
/// author cannot make everybody call the runtime for every two bytes.
pub const PAYLOAD_EXTRINSIC_BYTES_MIN: usize = 32;
/// LIMIT: bytes of one payload, whatever the runtime would allow: with a header it is still a message that nodes send.
pub const PAYLOAD_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Rules that are not in the epoch's configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How many slots a header may be ahead of our clock.
    pub future_slots_max: u64,
}

impl Default for Rules {
    fn default() -> Self {
        Self { future_slots_max: 4 }
    }
}

/// What a header's selected parent contributes to the judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParentInfo {
    /// Its number.
    pub number: u32,
    /// Its slot; genesis has none.
    pub slot: Option<Slot>,
}

impl ParentInfo {
    /// What a stored header says.
    ///
    /// # Errors
    /// The header is not genesis and has no DAG digest.
    pub fn of(header: &Header) -> Result<Self, DigestError> {
        if header.number == 0 {
            return Ok(Self { number: 0, slot: None });
        }
        let slot = Some(DagDigest::from_header(header)?.slot);
        Ok(Self { number: header.number, slot })
    }
}

/// Why a header is invalid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// The digest has too many or too long items.
    #[error("the header's digest is too long")]
    DigestTooLong,
    /// The DAG digest or the seal is not where it must be.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// The number is not the selected parent's plus one.
    #[error("the header's number is {got}; its parent's is {parent}")]
    Number {
        /// The parent's.
        parent: u32,
        /// The header's.
        got: u32,
    },
    /// The slot is not after the parent's.
    #[error("slot {got} is not after the parent's slot {parent}")]
    SlotNotAfterParent {
        /// The parent's.
        parent: Slot,
        /// The header's.
        got: Slot,
    },
    /// The slot is too far in the future; the header may be valid later.
    #[error("slot {got} is more than the allowed distance after the current slot {now}")]
    SlotInFuture {
        /// Our clock's.
        now: Slot,
        /// The header's.
        got: Slot,
    },
    /// There is no such authority.
    #[error("there is no authority {0}")]
    UnknownAuthority(AuthorityIndex),
    /// The VRF proof is not the author's for this slot.
    #[error("the election proof does not verify")]
    BadVrf,
    /// The VRF output does not win the slot.
    #[error("the author did not win the slot")]
    NotElected,
    /// The seal is not the author's.
    #[error("the seal does not verify")]
    BadSeal,
    /// The list of merged blocks is not what the mergeset gives.
    #[error("the list of merged blocks differs from the mergeset")]
    Merged,
    /// The payload is not the one that the header commits to.
    #[error("the payload root is {expected:?}; the payload's is {got:?}")]
    PayloadRoot {
        /// What the header says.
        expected: H256,
        /// What the payload gives.
        got: H256,
    },
    /// The payload has too many bytes.
    #[error("the payload has {got} bytes; the limit is {max}")]
    PayloadBytes {
        /// Its size.
        got: usize,
        /// The limit.
        max: usize,
    },
    /// The payload has too many extrinsics.
    #[error("the payload has {got} extrinsics; the limit is {max}")]
    PayloadCount {
        /// Its length.
        got: usize,
        /// The limit.
        max: usize,
    },
}

impl HeaderError {
    /// Whether another epoch's authors or randomness might make the header right.
    pub fn is_of_epoch(&self) -> bool {
        matches!(self, Self::UnknownAuthority(_) | Self::BadVrf)
    }
}

/// A header that passed all checks that need no execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedHeader {
    /// The header without its seal.
    pub unsealed: Header,
    /// Its DAG digest.
    pub digest: DagDigest,
    /// The author's key.
    pub author: sr25519::Public,
    /// The VRF's output; breaks ties.
    pub vrf_output: [u8; 32],
}

/// Judges a header: cheap checks first, then the VRF, then the seal.
///
/// # Errors
/// The first check that fails, see [`HeaderError`].
pub fn check_header(
    header: &Header,
    parent: &ParentInfo,
    configuration: &DagConfiguration,
    rules: &Rules,
    now: Slot,
) -> Result<CheckedHeader, HeaderError> {
    check_size(&header.digest)?;
    let digest = DagDigest::from_header(header)?;
    let (unsealed, seal) = split_seal(header)?;
    if Some(header.number) != parent.number.checked_add(1) {
        return Err(HeaderError::Number { parent: parent.number, got: header.number });
    }
    check_slot(digest.slot, parent, rules, now)?;
    let author = author(configuration, digest.author)?;
    let message = vrf_message(&configuration.randomness, digest.slot);
    let (pre_output, proof) = (&digest.vrf.pre_output, &digest.vrf.proof);
    let vrf_output =
        sr25519::vrf_verify(&message, pre_output, proof, &author.key).ok_or(HeaderError::BadVrf)?;
    if !lottery::wins(&vrf_output, win_threshold(configuration, author)) {
        return Err(HeaderError::NotElected);
    }
    if !sr25519::verify(&seal, unsealed.hash().as_bytes(), &author.key) {
        return Err(HeaderError::BadSeal);
    }
    Ok(CheckedHeader { unsealed, digest, author: author.key, vrf_output })
}

/// Judges a payload against the header's commitment and the limits.
///
/// # Errors
/// The first check that fails.
pub fn check_payload(
    digest: &DagDigest,
    payload: &[OpaqueExtrinsic],
    configuration: &DagConfiguration,
) -> Result<(), HeaderError> {
    let max = payload_bytes_max(configuration);
    let count_max = max / PAYLOAD_EXTRINSIC_BYTES_MIN;
    if payload.len() > count_max {
        return Err(HeaderError::PayloadCount { got: payload.len(), max: count_max });
    }
    let got = payload_bytes(payload);
    if got > max {
        return Err(HeaderError::PayloadBytes { got, max });
    }
    let (expected, got) = (digest.payload_root, payload_root(payload));
    if expected != got {
        return Err(HeaderError::PayloadRoot { expected, got });
    }
    Ok(())
}

/// What a payload of an epoch may have, in bytes: the runtime's limit, or [`PAYLOAD_BYTES_MAX`] if that is less.
pub fn payload_bytes_max(configuration: &DagConfiguration) -> usize {
    usize::try_from(configuration.payload_bytes_max).unwrap_or(usize::MAX).min(PAYLOAD_BYTES_MAX)
}

/// Bytes that a payload counts for: its extrinsics with their length prefixes.
pub fn payload_bytes(payload: &[OpaqueExtrinsic]) -> usize {
    payload.iter().map(OpaqueExtrinsic::encoded_len).fold(0, usize::saturating_add)
}

/// What the header commits to: the ordered trie root over the payload's encoded extrinsics.
pub fn payload_root(payload: &[OpaqueExtrinsic]) -> H256 {
    let items: Vec<Vec<u8>> = payload.iter().map(Encode::encode).collect();
    citrate_trie::ordered_root(&items, StateVersion::V1)
}

/// The authority of this index.
fn author(
    configuration: &DagConfiguration,
    index: AuthorityIndex,
) -> Result<&Authority, HeaderError> {
    let position = usize::try_from(index).unwrap_or(usize::MAX);
    configuration.authorities.get(position).ok_or(HeaderError::UnknownAuthority(index))
}

/// The author's threshold in this epoch's lottery.
pub(crate) fn win_threshold(configuration: &DagConfiguration, author: &Authority) -> Option<u64> {
    let weights = configuration.authorities.iter().map(|authority| authority.weight);
    let total = weights.fold(0, u64::saturating_add);
    lottery::threshold(configuration.election, author.weight, total)
}

fn check_size(digest: &Digest) -> Result<(), HeaderError> {
    if digest.logs.len() > LOGS_MAX || digest.encoded_size() > LOG_BYTES_MAX {
        return Err(HeaderError::DigestTooLong);
    }
    Ok(())
}

fn check_slot(
    slot: Slot,
    parent: &ParentInfo,
    rules: &Rules,
    now: Slot,
) -> Result<(), HeaderError> {
    if let Some(before) = parent.slot.filter(|before| slot <= *before) {
        return Err(HeaderError::SlotNotAfterParent { parent: before, got: slot });
    }
    if slot.0 > now.0.saturating_add(rules.future_slots_max) {
        return Err(HeaderError::SlotInFuture { now, got: slot });
    }
    Ok(())
}
