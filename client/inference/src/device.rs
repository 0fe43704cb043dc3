//! Which device models run on.

use citrate_inference_types::Device;
use ort::ep::ExecutionProviderDispatch;

use crate::DeviceChoice;

/// The devices that this build can use, the fastest first.
const BUILT_IN: &[Device] = &[
    #[cfg(feature = "cuda")]
    Device::Cuda,
    #[cfg(feature = "coreml")]
    Device::CoreMl,
    Device::Cpu,
];

/// The devices to try for a choice, in order; several only if the choice is left to the node.
pub(crate) fn candidates(choice: DeviceChoice) -> Result<Vec<Device>, String> {
    among(choice, BUILT_IN)
}

fn among(choice: DeviceChoice, built_in: &[Device]) -> Result<Vec<Device>, String> {
    let (device, cure) = match choice {
        DeviceChoice::Auto => return Ok(built_in.to_vec()),
        DeviceChoice::Cpu => (Device::Cpu, "no processor"),
        DeviceChoice::Cuda => (Device::Cuda, "no CUDA: build with the feature `cuda`"),
        DeviceChoice::CoreMl => (Device::CoreMl, "no CoreML: build with the feature `coreml`"),
    };
    if built_in.contains(&device) {
        Ok(vec![device])
    } else {
        Err(format!("this build has {cure}"))
    }
}

/// What ONNX Runtime is told to run a model on this device; what fails is an error, not a slower device. A model may
/// take so many bytes of a GPU's memory.
pub(crate) fn execution_providers(
    device: Device,
    memory_bytes_max: u64,
) -> Vec<ExecutionProviderDispatch> {
    // The processor's memory is bounded for all models together (`memory::bound`).
    let _ = memory_bytes_max;
    match device {
        #[cfg(feature = "cuda")]
        Device::Cuda => vec![cuda(memory_bytes_max).build().error_on_failure()],
        #[cfg(feature = "coreml")]
        Device::CoreMl => vec![ort::ep::CoreML::default().build().error_on_failure()],
        // Without the feature, `candidates` gives no such device.
        _ => Vec::new(),
    }
}

/// CUDA as results of several providers can be compared: TF32 would round every factor to 10 bits of mantissa, and a
/// search by stopwatch would choose other algorithms in each session.
#[cfg(feature = "cuda")]
fn cuda(memory_bytes_max: u64) -> ort::ep::CUDA {
    ort::ep::CUDA::default()
        .with_tf32(false)
        .with_conv_algorithm_search(ort::ep::cuda::ConvAlgorithmSearch::Heuristic)
        .with_memory_limit(usize::try_from(memory_bytes_max).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_decides_what_is_tried() {
        use Device::{CoreMl, Cpu, Cuda};
        let everything = [Cuda, CoreMl, Cpu];
        for (desc, choice, built_in, expected) in [
            (
                "auto tries the fastest first",
                DeviceChoice::Auto,
                &everything[..],
                Ok(&everything[..]),
            ),
            ("auto without a GPU", DeviceChoice::Auto, &[Cpu], Ok(&[Cpu])),
            ("the processor alone", DeviceChoice::Cpu, &everything, Ok(&[Cpu])),
            ("CUDA or nothing", DeviceChoice::Cuda, &everything, Ok(&[Cuda])),
            ("CoreML or nothing", DeviceChoice::CoreMl, &everything, Ok(&[CoreMl])),
            ("CUDA is not built in", DeviceChoice::Cuda, &[CoreMl, Cpu], Err("feature `cuda`")),
            ("CoreML is not built in", DeviceChoice::CoreMl, &[Cuda, Cpu], Err("feature `coreml`")),
        ] {
            match (among(choice, built_in), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{desc}"),
                (Err(found), Err(expected)) => assert!(found.contains(expected), "{desc}: {found}"),
                (found, expected) => panic!("{desc}: {found:?} instead of {expected:?}"),
            }
        }
    }

    #[test]
    fn this_build_has_what_its_features_say() {
        assert_eq!(candidates(DeviceChoice::Cuda).is_ok(), cfg!(feature = "cuda"));
        assert_eq!(candidates(DeviceChoice::CoreMl).is_ok(), cfg!(feature = "coreml"));
        assert_eq!(candidates(DeviceChoice::Cpu), Ok(vec![Device::Cpu]));
        assert_eq!(candidates(DeviceChoice::Auto).unwrap().last(), Some(&Device::Cpu));
        assert!(execution_providers(Device::Cpu, 1 << 30).is_empty());
        #[cfg(feature = "cuda")]
        assert_eq!(execution_providers(Device::Cuda, 1 << 30).len(), 1);
        #[cfg(feature = "coreml")]
        assert_eq!(execution_providers(Device::CoreMl, 1 << 30).len(), 1);
    }
}
