// Mistake: a runtime without the system pallet.
// Cure: add it under the name `System`.
#[path = "../system.rs"]
mod pallet_system;

#[framework::runtime]
mod runtime { //~
    #[runtime::runtime]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type Sytem = pallet_system;
}

fn main() {}
