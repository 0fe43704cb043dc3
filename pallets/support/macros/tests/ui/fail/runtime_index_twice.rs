// Mistake: two pallets of a runtime with one index.
// Cure: give one of them a number of its own: it is in every transaction.
#[path = "../system.rs"]
mod pallet_system;

#[framework::runtime]
mod runtime {
    #[runtime::runtime]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = pallet_system;

    #[runtime::pallet_index(0)]
    pub type Again = pallet_system; //~
}

fn main() {}
