use super::*;

#[test]
fn the_smaller_limit_counts_and_zero_is_none() {
    assert_eq!([bound(0, 5), bound(3, 5), bound(9, 5)], [5, 3, 5]);
}

#[test]
fn a_device_that_is_not_built_in_is_refused() {
    assert!(matches!(providers(DeviceChoice::Cpu), Ok((Device::Cpu, list)) if list.is_empty()));
    #[cfg(not(feature = "cuda"))]
    assert!(providers(DeviceChoice::Cuda).err().unwrap().contains("feature `cuda`"));
    #[cfg(not(feature = "coreml"))]
    assert!(providers(DeviceChoice::CoreMl).err().unwrap().contains("feature `coreml`"));
}
