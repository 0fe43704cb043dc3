//! Inputs and outputs bound before a run on CUDA.

use ort::{
    memory::{AllocationDevice, AllocatorType, MemoryInfo, MemoryType},
    session::{IoBinding, Session, SessionInputValue},
};

/// Binds all inputs, which are on the device when the run begins, and all outputs: those to keep stay on the device, for
/// the next run; the others are written to memory from which the device copies without a detour.
pub(super) fn bind(
    session: &Session,
    inputs: &[(String, SessionInputValue<'_>)],
    is_kept: impl Fn(&str) -> bool,
) -> ort::Result<IoBinding> {
    let memory = |device, kind| MemoryInfo::new(device, 0, AllocatorType::Device, kind);
    let kept = memory(AllocationDevice::CUDA, MemoryType::Default)?;
    let pinned = memory(AllocationDevice::CUDA_PINNED, MemoryType::CPUOutput)?;
    let mut binding = session.create_binding()?;
    for (name, value) in inputs {
        binding.bind_input(name, value)?;
    }
    for outlet in session.outputs() {
        let name = outlet.name();
        binding.bind_output_to_device(name, if is_kept(name) { &kept } else { &pinned })?;
    }
    Ok(binding)
}
