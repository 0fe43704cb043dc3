//! What is known of a call before and after it ran.

use super::{DispatchClass, Pays};
use citrate_core::{DispatchError, Weight};
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

/// What is known of a call before it runs.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo,
)]
pub struct DispatchInfo {
    /// The most that the call itself may weigh.
    pub call_weight: Weight,
    /// What the transaction extensions weigh.
    pub extension_weight: Weight,
    /// The class of the call.
    pub class: DispatchClass,
    /// Whether the caller pays.
    pub pays_fee: Pays,
}

impl DispatchInfo {
    /// The weight of call and extensions together.
    pub fn total_weight(&self) -> Weight {
        self.call_weight.saturating_add(self.extension_weight)
    }
}

/// Tells what is known of a call before it runs.
pub trait GetDispatchInfo {
    /// The call's weight, class and whether it pays.
    fn get_dispatch_info(&self) -> DispatchInfo;
}

/// What is known of a call after it ran.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo,
)]
pub struct PostDispatchInfo {
    /// What it weighed; `None` means as much as announced.
    pub actual_weight: Option<Weight>,
    /// Whether the caller pays after all.
    pub pays_fee: Pays,
}

impl PostDispatchInfo {
    /// What was announced and not used.
    pub fn calc_unspent(&self, info: &DispatchInfo) -> Weight {
        info.total_weight().saturating_sub(self.calc_actual_weight(info))
    }

    /// What was used; never more than announced.
    pub fn calc_actual_weight(&self, info: &DispatchInfo) -> Weight {
        match self.actual_weight {
            Some(actual) => actual.min(info.total_weight()),
            None => info.total_weight(),
        }
    }

    /// Adds the extensions' weight to a weight that the call alone reported.
    pub fn set_extension_weight(&mut self, info: &DispatchInfo) {
        let with_extensions = self.calc_actual_weight(info).saturating_add(info.extension_weight);
        self.actual_weight = Some(with_extensions.min(info.total_weight()));
    }

    /// Whether the caller pays: not if the call is free before or after.
    pub fn pays_fee(&self, info: &DispatchInfo) -> Pays {
        if info.pays_fee == Pays::No || self.pays_fee == Pays::No { Pays::No } else { Pays::Yes }
    }
}

impl From<(Option<Weight>, Pays)> for PostDispatchInfo {
    fn from((actual_weight, pays_fee): (Option<Weight>, Pays)) -> Self {
        Self { actual_weight, pays_fee }
    }
}

impl From<Pays> for PostDispatchInfo {
    fn from(pays_fee: Pays) -> Self {
        Self { actual_weight: None, pays_fee }
    }
}

impl From<Option<Weight>> for PostDispatchInfo {
    fn from(actual_weight: Option<Weight>) -> Self {
        Self { actual_weight, pays_fee: Pays::Yes }
    }
}

impl From<()> for PostDispatchInfo {
    fn from((): ()) -> Self {
        Self::default()
    }
}

/// An error, and what is known of the call that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct DispatchErrorWithPostInfo<Info = PostDispatchInfo> {
    /// What is known of the call.
    pub post_info: Info,
    /// Why it failed.
    pub error: DispatchError,
}

impl<Info: Default, E: Into<DispatchError>> From<E> for DispatchErrorWithPostInfo<Info> {
    fn from(error: E) -> Self {
        Self { post_info: Info::default(), error: error.into() }
    }
}

/// The result of a call, with what is known of it after it ran.
pub type DispatchResultWithInfo<Info> = Result<Info, DispatchErrorWithPostInfo<Info>>;

/// The result of a call, with what is known of it after it ran.
pub type DispatchResultWithPostInfo = DispatchResultWithInfo<PostDispatchInfo>;

/// Adds what is known of the call to an error.
pub trait WithPostDispatchInfo {
    /// Says what the failed call weighed.
    fn with_weight(self, actual_weight: Weight) -> DispatchErrorWithPostInfo;
}

impl<T: Into<DispatchErrorWithPostInfo>> WithPostDispatchInfo for T {
    fn with_weight(self, actual_weight: Weight) -> DispatchErrorWithPostInfo {
        DispatchErrorWithPostInfo {
            post_info: PostDispatchInfo {
                actual_weight: Some(actual_weight),
                pays_fee: Pays::default(),
            },
            error: self.into().error,
        }
    }
}

/// What a call weighed, by its result.
pub fn extract_actual_weight(result: &DispatchResultWithPostInfo, info: &DispatchInfo) -> Weight {
    post_info(result).calc_actual_weight(info)
}

/// Whether the caller of a call pays, by its result.
pub fn extract_actual_pays_fee(result: &DispatchResultWithPostInfo, info: &DispatchInfo) -> Pays {
    post_info(result).pays_fee(info)
}

fn post_info(result: &DispatchResultWithPostInfo) -> &PostDispatchInfo {
    match result {
        Ok(post_info) => post_info,
        Err(error) => &error.post_info,
    }
}
