mod benchmarks {
    use super::*;
    const MOST: u32 = 7;
    #[allow(clippy::too_many_lines, clippy::unnecessary_wraps)]
    fn __benchmark_call<T: Config>(
        n: u32,
        __recording: &mut ::framework::benchmarking::Recording<'_>,
    ) -> ::core::result::Result<(), ::framework::benchmarking::BenchmarkError> {
        let caller = whitelisted_caller();
        let __call = <Call<T>>::new_call_variant_call(n);
        __recording
            .measure_call(
                &__call,
                ::core::convert::Into::<
                    <Call<
                        T,
                    > as ::framework::dispatch::UnfilteredDispatchable>::RuntimeOrigin,
                >::into(RawOrigin::Signed(caller)),
            )?;
        assert!(Values::< T >::exists());
        ::core::result::Result::Ok(())
    }
    #[allow(clippy::too_many_lines, clippy::unnecessary_wraps)]
    fn __benchmark_block<T: Config>(
        __recording: &mut ::framework::benchmarking::Recording<'_>,
    ) -> Result<(), BenchmarkError> {
        __recording.begin();
        {
            work()?;
        }
        __recording.end();
        Ok(())
    }
    impl<T: Config> ::framework::benchmarking::Benchmarking for Pallet<T> {
        fn benchmarks() -> ::framework::__private::Vec<
            ::framework::benchmarking::BenchmarkInfo,
        > {
            let mut __all = ::framework::__private::Vec::new();
            __all
                .push(::framework::benchmarking::BenchmarkInfo {
                    name: ::core::convert::Into::into("call"),
                    is_extra: false,
                    components: ::framework::__private::vec![
                        ::framework::benchmarking::BenchmarkComponent { name :
                        ::core::convert::Into::into("n"), min : 1, max : MOST, }
                    ],
                });
            __all
                .push(::framework::benchmarking::BenchmarkInfo {
                    name: ::core::convert::Into::into("block"),
                    is_extra: true,
                    components: ::framework::__private::vec![],
                });
            __all
        }
        fn run(
            __name: &str,
            __components: &[u32],
            __recording: &mut ::framework::benchmarking::Recording<'_>,
        ) -> ::core::result::Result<(), ::framework::benchmarking::BenchmarkError> {
            match (__name, __components) {
                ("call", &[n]) => __benchmark_call::<T>(n, __recording),
                ("block", &[]) => __benchmark_block::<T>(__recording),
                _ => {
                    ::core::result::Result::Err(
                        ::framework::benchmarking::BenchmarkError::Unknown,
                    )
                }
            }
        }
    }
}
