// Mistake: a pallet without a config.
// Cure: add `#[pallet::config] pub trait Config: pallet_system::Config {}`.
#[path = "../system.rs"]
mod pallet_system;

#[framework::pallet]
pub mod pallet { //~

    #[pallet::pallet]
    pub struct Pallet<T>(_);
}

fn main() {}
