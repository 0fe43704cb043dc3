//! The macros add nothing magic: a pallet written without them has the metadata, encodings and
//! storage keys of its twin that is written with them.

use crate::mini_system;
use codec::{Decode, Encode};
use framework::{
    dispatch::{DispatchResultWithPostInfo, UnfilteredDispatchable},
    parts::PalletParts,
    traits::{ConstU32, Everything, PalletInfoAccess},
};

/// The twin with macros.
mod twin {
    pub use pallet::*;

    use crate::mini_system as pallet_system;

    /// A small pallet.
    #[framework::pallet]
    pub mod pallet {
        use super::pallet_system::{self, OriginFor, ensure_signed};
        use framework::pallet_prelude::*;

        #[pallet::config]
        pub trait Config: pallet_system::Config {
            /// The most.
            #[pallet::constant]
            type Limit: Get<u32>;
        }

        #[pallet::pallet]
        pub struct Pallet<T>(_);

        /// A number per account.
        #[pallet::storage]
        pub type Numbers<T: Config> =
            StorageMap<_, Blake2_128Concat, T::AccountId, u32, ValueQuery>;

        #[pallet::event]
        #[pallet::generate_deposit(fn deposit_event)]
        pub enum Event<T: Config> {
            /// It was set.
            Set { who: T::AccountId },
        }

        #[pallet::error]
        pub enum Error<T> {
            /// More than the limit.
            TooMuch,
        }

        /// The calls.
        #[pallet::call]
        impl<T: Config> Pallet<T> {
            /// Sets the number.
            #[pallet::call_index(2)]
            #[pallet::weight(Weight::from_parts(8, 0))]
            pub fn set(origin: OriginFor<T>, #[pallet::compact] number: u32) -> DispatchResult {
                let who = ensure_signed(origin)?;
                Numbers::<T>::insert(&who, number);
                Self::deposit_event(Event::Set { who });
                ensure!(number <= T::Limit::get(), Error::<T>::TooMuch);
                Ok(())
            }
        }
    }
}

/// The twin without macros.
mod hand {
    pub use pallet::*;
    pub mod pallet;
}

macro_rules! runtime_of {
    ($name:ident, $pallet:ident) => {
        mod $name {
            use super::*;

            #[framework::runtime]
            mod runtime {
                #[runtime::runtime]
                pub struct Runtime;
                #[runtime::pallet_index(0)]
                pub type System = mini_system;
                #[runtime::pallet_index(3)]
                pub type Twin = super::super::$pallet;
            }

            impl mini_system::Config for Runtime {
                type AccountId = u64;
                type RuntimeEvent = RuntimeEvent;
                type RuntimeCall = RuntimeCall;
                type RuntimeOrigin = RuntimeOrigin;
                type PalletInfo = PalletInfo;
                type BaseCallFilter = Everything;
                type BlockHashCount = ConstU32<1>;
            }

            impl $pallet::Config for Runtime {
                type Limit = ConstU32<5>;
            }
        }
    };
}

runtime_of!(with_macros, twin);
runtime_of!(without_macros, hand);

/// A pallet's metadata with all the types it needs, in the encoding of version 16.
fn metadata<R, P: PalletParts<R>, Call>() -> Vec<u8>
where
    Call: scale_info::TypeInfo + framework::traits::Dispatchable + 'static,
{
    let unit = scale_info::meta_type::<()>;
    let ir = sp_metadata_ir::MetadataIR {
        pallets: vec![P::metadata()],
        extrinsic: framework::metadata::extrinsic::<u64, Call, u64, ()>(),
        ty: unit(),
        apis: Vec::new(),
        outer_enums: sp_metadata_ir::OuterEnumsIR {
            call_enum_ty: unit(),
            event_enum_ty: unit(),
            error_enum_ty: unit(),
        },
    };
    // The runtimes' own call type differs in its path, and is none of the pallet's.
    let mut ir = ir;
    ir.extrinsic.call_ty = unit();
    ir.extrinsic.ty = unit();
    sp_metadata_ir::into_v16(ir).encode()
}

#[test]
fn the_metadata_is_the_same() {
    let with = metadata::<with_macros::Runtime, with_macros::Twin, with_macros::RuntimeCall>();
    let without =
        metadata::<without_macros::Runtime, without_macros::Twin, without_macros::RuntimeCall>();
    assert!(with.len() > 200, "there is something to compare");
    assert!(with == without, "{}\n{}", hex(&with), hex(&without));
}

fn hex(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn calls_events_and_errors_have_the_same_encoding() {
    let with = with_macros::RuntimeCall::Twin(twin::Call::set { number: 70_000 }).encode();
    let without = without_macros::RuntimeCall::Twin(hand::Call::set { number: 70_000 }).encode();
    assert_eq!(with, without);
    assert!(without_macros::RuntimeCall::decode(&mut &without[..]).is_ok());
    for wrong in [&[3_u8, 0][..], &[3, 2], &[3]] {
        assert!(with_macros::RuntimeCall::decode(&mut &*wrong).is_err());
        assert!(without_macros::RuntimeCall::decode(&mut &*wrong).is_err());
    }
    let with = with_macros::RuntimeEvent::Twin(twin::Event::Set { who: 1 }).encode();
    assert_eq!(with, without_macros::RuntimeEvent::Twin(hand::Event::Set { who: 1 }).encode());
    let with: framework::DispatchError = twin::Error::<with_macros::Runtime>::TooMuch.into();
    assert_eq!(with, hand::Error::<without_macros::Runtime>::TooMuch.into());
}

#[test]
fn both_do_the_same() {
    fn run<Call, Origin>(call: Call, origin: Origin) -> (DispatchResultWithPostInfo, Vec<u8>)
    where
        Call: UnfilteredDispatchable<RuntimeOrigin = Origin>,
    {
        let mut ext = citrate_testing::TestExternalities::new();
        let result = ext.execute_with(|| call.dispatch_bypass_filter(origin));
        (result, ext.commit().as_bytes().to_vec())
    }
    for number in [4, 6] {
        let with = with_macros::RuntimeCall::from(twin::Call::set { number });
        let without = without_macros::RuntimeCall::from(hand::Call::set { number });
        assert_eq!(
            run(with, with_macros::RuntimeOrigin::signed(1)),
            run(without, without_macros::RuntimeOrigin::signed(1)),
            "the result and the state root after {number}"
        );
    }
    assert_eq!(with_macros::Twin::name(), without_macros::Twin::name());
}
