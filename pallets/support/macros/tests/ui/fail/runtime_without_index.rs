// Mistake: a pallet of a runtime without an index.
// Cure: give it a `#[runtime::pallet_index(n)]` that no other pallet has or had.
#[path = "../system.rs"]
mod pallet_system;

#[framework::runtime]
mod runtime {
    #[runtime::runtime]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = pallet_system;

    #[runtime::disable_unsigned]
    pub type Demo = pallet_demo; //~
}

fn main() {}
