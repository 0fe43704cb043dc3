// Mistake: a config that does not build on the system pallet's.
// Cure: write `pub trait Config: pallet_system::Config`.
mod other {
    pub trait Config {}
}

#[framework::pallet]
pub mod pallet {
    #[pallet::config]
    pub trait Config: crate::other::Config {} //~
}

fn main() {}
