// Mistake: a benchmark that measures nothing.
// Cure: mark one statement with `#[extrinsic_call]`, or a block with `#[block]`.
#[path = "../system.rs"]
mod pallet_system;

#[framework::pallet]
pub mod pallet {
    use crate::pallet_system::{self, OriginFor};
    use framework::pallet_prelude::*;

    #[pallet::config]
    pub trait Config: pallet_system::Config {}

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        #[pallet::call_index(0)]
        #[pallet::weight(Weight::zero())]
        pub fn call(_origin: OriginFor<T>, _number: u32) -> DispatchResult {
            Ok(())
        }
    }
}

#[framework::benchmarking::benchmarks]
mod benchmarks {
    use crate::pallet::*;
    use framework::{benchmarking::*, dispatch::RawOrigin};

    #[benchmark]
    fn call(n: Linear<0, 10>) { //~
        assert!(n <= 10);
    }
}

fn main() {}
