// Mistake: a reason for a hold that has a field.
// Cure: make it a plain variant: a reason says why, not how much.
#[path = "../system.rs"]
mod pallet_system;

#[framework::pallet]
pub mod pallet {
    use crate::pallet_system;

    #[pallet::config]
    pub trait Config: pallet_system::Config {}

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::composite_enum]
    pub enum HoldReason {
        Bond(u8), //~
    }
}

fn main() {}
