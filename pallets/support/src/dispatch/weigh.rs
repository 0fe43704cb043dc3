//! What may stand in `#[pallet::weight(..)]`.

use super::{DispatchClass, Pays};
use citrate_core::Weight;

/// Gives the weight of a call with arguments `T`.
pub trait WeighData<T> {
    /// The weight.
    fn weigh_data(&self, target: T) -> Weight;
}

/// Gives the class of a call with arguments `T`.
pub trait ClassifyDispatch<T> {
    /// The class.
    fn classify_dispatch(&self, target: T) -> DispatchClass;
}

/// Tells whether a call with arguments `T` pays.
pub trait PaysFee<T> {
    /// Whether it pays.
    fn pays_fee(&self, target: T) -> Pays;
}

macro_rules! weigh {
    ($t:ty, |$this:ident| $weight:expr, $class:expr, $pays:expr) => {
        impl<T> WeighData<T> for $t {
            fn weigh_data(&self, _: T) -> Weight {
                let $this = self;
                $weight
            }
        }
        impl<T> ClassifyDispatch<T> for $t {
            fn classify_dispatch(&self, _: T) -> DispatchClass {
                let $this = self;
                let _ = $this;
                $class
            }
        }
        impl<T> PaysFee<T> for $t {
            fn pays_fee(&self, _: T) -> Pays {
                let $this = self;
                let _ = $this;
                $pays
            }
        }
    };
}

weigh!(Weight, |this| *this, DispatchClass::Normal, Pays::Yes);
weigh!((Weight, DispatchClass), |this| this.0, this.1, Pays::Yes);
weigh!((Weight, DispatchClass, Pays), |this| this.0, this.1, this.2);
weigh!((Weight, Pays), |this| this.0, DispatchClass::Normal, this.1);
weigh!(u64, |this| Weight::from_parts(*this, 0), DispatchClass::Normal, Pays::Yes);
