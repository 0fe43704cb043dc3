//! Small traits between pallets.

use alloc::vec::Vec;
use codec::{DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::time::Duration;
use impl_trait_for_tuples::impl_for_tuples;
use sp_arithmetic::traits::AtLeast32Bit;

/// Two types that are the same, where the compiler cannot see it.
pub trait IsType<T>: Into<T> + From<T> {
    /// As the other type.
    fn from_ref(t: &T) -> &Self;
    /// As the other type.
    #[expect(clippy::wrong_self_convention, reason = "FRAME's name")]
    fn into_ref(&self) -> &T;
}

impl<T> IsType<T> for T {
    fn from_ref(t: &T) -> &Self {
        t
    }
    fn into_ref(&self) -> &T {
        self
    }
}

/// A call that may be one of a pallet's.
pub trait IsSubType<T> {
    /// The pallet's call, if it is one.
    fn is_sub_type(&self) -> Option<&T>;
}

/// The number of variants of an enum.
pub trait VariantCount {
    /// The number.
    const VARIANT_COUNT: u32;
}

impl VariantCount for () {
    const VARIANT_COUNT: u32 = 0;
}

/// Gives an enum's number of variants as a bound.
#[derive(Debug)]
pub struct VariantCountOf<T>(core::marker::PhantomData<T>);

impl<T: VariantCount> super::Get<u32> for VariantCountOf<T> {
    fn get() -> u32 {
        T::VARIANT_COUNT
    }
}

/// The chain's clock.
pub trait Time {
    /// A point in time.
    type Moment: AtLeast32Bit + crate::dispatch::Parameter + Default + Copy + MaxEncodedLen;
    /// The time of this block.
    fn now() -> Self::Moment;
}

/// The chain's clock in Unix time.
pub trait UnixTime {
    /// The time of this block.
    fn now() -> Duration;
}

/// Told when the timestamp of a block is set.
#[impl_for_tuples(16)]
pub trait OnTimestampSet<Moment: Copy> {
    /// The time of this block is `moment`.
    fn on_timestamp_set(moment: Moment);
}

/// Randomness that is known some time before it is used.
pub trait Randomness<Output, BlockNumber> {
    /// Randomness of a subject, and the block since which it could be known.
    fn random(subject: &[u8]) -> (Output, BlockNumber);
    /// Randomness without a subject.
    fn random_seed() -> (Output, BlockNumber) {
        Self::random(&[])
    }
}

/// Accounts that belong to an identifier, such as a [`PalletId`](crate::PalletId).
#[expect(clippy::wrong_self_convention, reason = "FRAME's names")]
pub trait AccountIdConversion<AccountId> {
    /// The identifier's account.
    fn into_account_truncating(&self) -> AccountId {
        self.into_sub_account_truncating(())
    }
    /// One of the identifier's accounts; what does not fit into an account id is cut off.
    fn into_sub_account_truncating<S: Encode>(&self, sub: S) -> AccountId;
}

impl<AccountId: codec::Decode> AccountIdConversion<AccountId> for crate::PalletId {
    fn into_sub_account_truncating<S: Encode>(&self, sub: S) -> AccountId {
        Self::into_sub_account_truncating(self, sub)
    }
}

/// Bytes that are followed by zeros without end: what decodes from them always has enough.
#[derive(Debug)]
pub struct TrailingZeroInput<'a>(&'a [u8]);

impl<'a> TrailingZeroInput<'a> {
    /// These bytes, and then zeros.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

impl TrailingZeroInput<'static> {
    /// Zeros only.
    pub const fn zeroes() -> Self {
        Self(&[])
    }
}

impl codec::Input for TrailingZeroInput<'_> {
    fn remaining_len(&mut self) -> Result<Option<usize>, codec::Error> {
        Ok(None)
    }

    fn read(&mut self, into: &mut [u8]) -> Result<(), codec::Error> {
        let available = into.len().min(self.0.len());
        let (now, later) = self.0.split_at(available);
        into[..available].copy_from_slice(now);
        into[available..].fill(0);
        self.0 = later;
        Ok(())
    }
}

/// Tells the height of a block: of this chain's (the system pallet) or of another's.
pub trait BlockNumberProvider {
    /// The type of heights.
    type BlockNumber: codec::Codec
        + DecodeWithMemTracking
        + Clone
        + Copy
        + Ord
        + Eq
        + scale_info::TypeInfo
        + core::fmt::Debug
        + MaxEncodedLen
        + super::AtLeast32BitUnsigned
        + codec::EncodeLike
        + codec::HasCompact<Type: DecodeWithMemTracking>
        + Send
        + Sync
        + Default
        + 'static;
    /// The height.
    fn current_block_number() -> Self::BlockNumber;
}

/// Finds a block's author in its digest.
pub trait FindAuthor<Author> {
    /// The author named by the pre-runtime digests.
    fn find_author<'a, I>(digests: I) -> Option<Author>
    where
        I: 'a + IntoIterator<Item = (citrate_core::EngineId, &'a [u8])>;
}

impl<A> FindAuthor<A> for () {
    fn find_author<'a, I>(_: I) -> Option<A>
    where
        I: 'a + IntoIterator<Item = (citrate_core::EngineId, &'a [u8])>,
    {
        None
    }
}

/// A group of accounts, in order.
pub trait SortedMembers<T: Ord> {
    /// The members.
    fn sorted_members() -> Vec<T>;
    /// Whether `t` is a member.
    fn contains(t: &T) -> bool {
        Self::sorted_members().binary_search(t).is_ok()
    }
    /// The number of members.
    fn count() -> usize {
        Self::sorted_members().len()
    }
}

/// A filter given by a value, such as a proxy's type.
pub trait InstanceFilter<T>: Sized + Send + Sync {
    /// Whether `t` passes.
    fn filter(&self, t: &T) -> bool;
    /// Whether everything that passes `other` passes this.
    fn is_superset(&self, _other: &Self) -> bool {
        false
    }
}

impl<T> InstanceFilter<T> for () {
    fn filter(&self, _: &T) -> bool {
        true
    }
    fn is_superset(&self, (): &Self) -> bool {
        true
    }
}

/// Tells the fee of a call.
pub trait EstimateCallFee<Call, Balance> {
    /// The fee of a call with this post-dispatch information.
    fn estimate_call_fee(call: &Call, post_info: crate::dispatch::PostDispatchInfo) -> Balance;
}

/// Turns values of one type into another.
pub trait Convert<A, B> {
    /// Converts.
    fn convert(a: A) -> B;
}

impl<A, B: Default> Convert<A, B> for () {
    fn convert(_: A) -> B {
        B::default()
    }
}

/// Converts by `Into`.
#[derive(Debug)]
pub struct ConvertInto;

impl<A: Into<B>, B> Convert<A, B> for ConvertInto {
    fn convert(a: A) -> B {
        a.into()
    }
}

/// Turns values of one type into another, perhaps.
pub trait TryMorph<A> {
    /// The result.
    type Outcome;
    /// Converts.
    ///
    /// # Errors
    /// The value has no counterpart.
    #[expect(clippy::result_unit_err, reason = "the signature of FRAME")]
    fn try_morph(value: A) -> Result<Self::Outcome, ()>;
}

impl<A: Encode> TryMorph<A> for () {
    type Outcome = Vec<u8>;
    fn try_morph(value: A) -> Result<Vec<u8>, ()> {
        Ok(value.encode())
    }
}

/// A result whose error means a bug: logged, and fatal in tests.
pub trait DefensiveResult<T> {
    /// The value, or its default and a complaint.
    fn defensive_unwrap_or_default(self) -> T
    where
        T: Default;
    /// The result itself, after a complaint if it is an error.
    #[must_use]
    fn defensive(self) -> Self;
}

/// An option whose absence means a bug: logged, and fatal in tests.
pub trait DefensiveOption<T> {
    /// The value, or an error and a complaint.
    ///
    /// # Errors
    /// There is no value.
    fn defensive_ok_or<E>(self, error: E) -> Result<T, E>;
}

impl<T, E: core::fmt::Debug> DefensiveResult<T> for Result<T, E> {
    fn defensive_unwrap_or_default(self) -> T
    where
        T: Default,
    {
        self.defensive().unwrap_or_default()
    }
    fn defensive(self) -> Self {
        if let Err(error) = &self {
            crate::defensive!("unexpected error", error);
        }
        self
    }
}

impl<T> DefensiveOption<T> for Option<T> {
    fn defensive_ok_or<E>(self, error: E) -> Result<T, E> {
        if self.is_none() {
            crate::defensive!("unexpected absence");
        }
        self.ok_or(error)
    }
}
