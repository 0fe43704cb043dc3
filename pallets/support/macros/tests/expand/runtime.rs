#[runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(RuntimeCall, RuntimeEvent)]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = pallet_system;

    #[runtime::pallet_index(4)]
    #[runtime::disable_unsigned]
    pub type Council = pallet_collective<Instance1>;
}
