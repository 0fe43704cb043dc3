// Mistake: a name in `#[runtime::derive(..)]` that there is not.
// Cure: take it out, or write it as the list does.
#[path = "../system.rs"]
mod pallet_system;

#[framework::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(RuntimeCall, RuntimeEvnet)] //~
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = pallet_system;
}

fn main() {}
