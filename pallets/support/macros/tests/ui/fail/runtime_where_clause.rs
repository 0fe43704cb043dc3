// Mistake: `construct_runtime!` with a `where` clause.
// Cure: leave it out: blocks are not the runtime's to choose.
#[path = "../system.rs"]
mod pallet_system;

framework::construct_runtime!(
    pub enum Runtime where Block = Block { //~
        System: pallet_system,
    }
);

fn main() {}
