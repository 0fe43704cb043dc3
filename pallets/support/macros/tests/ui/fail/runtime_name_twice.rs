// Mistake: two pallets of a runtime with one name.
// Cure: give one of them another name: it is the prefix of its storage.
#[path = "../system.rs"]
mod pallet_system;

#[framework::runtime]
mod runtime {
    #[runtime::runtime]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = pallet_system;

    #[runtime::pallet_index(1)]
    pub type System = pallet_system; //~
}

fn main() {}
