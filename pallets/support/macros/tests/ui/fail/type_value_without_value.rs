// Mistake: a type value that gives no value.
// Cure: return it: `fn Name() -> u32 { .. }`.
#[path = "../system.rs"]
mod pallet_system;

#[framework::pallet]
pub mod pallet {
    use crate::pallet_system;

    #[pallet::config]
    pub trait Config: pallet_system::Config {}

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::type_value]
    pub fn Limit() {} //~
}

fn main() {}
