#[benchmarks]
mod benchmarks {
    use super::*;

    const MOST: u32 = 7;

    #[benchmark]
    fn call(n: Linear<1, MOST>) {
        let caller = whitelisted_caller();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), n);

        assert!(Values::<T>::exists());
    }

    #[benchmark(extra)]
    fn block() -> Result<(), BenchmarkError> {
        #[block]
        {
            work()?;
        }

        Ok(())
    }
}
