//! What calls weigh, measured.
//!
//! This file is written by a command; what is changed by hand is lost when it runs again:
//!
//! ```text
//! citrate benchmark pallet --runtime runtime.compact.compressed.wasm --pallet pallet_balances,pallet_assets --steps 50 --repeat 20 --accounts 100000 --cache 0
//! ```

/// Calls of `pallet_balances`.
pub mod pallet_balances {
    use citrate_support::traits::Get;
    use citrate_support::weights::Weight;
    use core::marker::PhantomData;

    /// What they weigh.
    #[derive(Debug)]
    pub struct WeightInfo<T>(PhantomData<T>);

    impl<T: pallet_system::Config> ::pallet_balances::WeightInfo for WeightInfo<T> {
        /// `transfer_allow_death`, with the most of each component:
        /// `System.Account` (2 read, 2 written)
        fn transfer_allow_death() -> Weight {
            Weight::from_parts(43_676_000, 0)
                .saturating_add(T::DbWeight::get().reads(2))
                .saturating_add(T::DbWeight::get().writes(2))
        }

        /// `force_transfer`, with the most of each component:
        /// `System.Account` (2 read, 2 written)
        fn force_transfer() -> Weight {
            Weight::from_parts(44_399_000, 0)
                .saturating_add(T::DbWeight::get().reads(2))
                .saturating_add(T::DbWeight::get().writes(2))
        }

        /// `transfer_keep_alive`, with the most of each component:
        /// `System.Account` (2 read, 2 written)
        fn transfer_keep_alive() -> Weight {
            Weight::from_parts(38_745_000, 0)
                .saturating_add(T::DbWeight::get().reads(2))
                .saturating_add(T::DbWeight::get().writes(2))
        }

        /// `transfer_all`, with the most of each component:
        /// `System.Account` (2 read, 2 written)
        fn transfer_all() -> Weight {
            Weight::from_parts(47_500_000, 0)
                .saturating_add(T::DbWeight::get().reads(2))
                .saturating_add(T::DbWeight::get().writes(2))
        }

        /// `force_unreserve`, with the most of each component:
        /// `Balances.Holds` (1 read, 0 written)
        /// `Balances.Reserves` (1 read, 0 written)
        /// `System.Account` (1 read, 1 written)
        fn force_unreserve() -> Weight {
            Weight::from_parts(25_609_000, 0)
                .saturating_add(T::DbWeight::get().reads(3))
                .saturating_add(T::DbWeight::get().writes(1))
        }

        /// `force_set_balance`, with the most of each component:
        /// `Balances.TotalIssuance` (1 read, 1 written)
        /// `System.Account` (1 read, 1 written)
        fn force_set_balance() -> Weight {
            Weight::from_parts(30_946_000, 0)
                .saturating_add(T::DbWeight::get().reads(2))
                .saturating_add(T::DbWeight::get().writes(2))
        }

        /// `force_adjust_total_issuance`, with the most of each component:
        /// `Balances.InactiveIssuance` (1 read, 0 written)
        /// `Balances.TotalIssuance` (1 read, 1 written)
        fn force_adjust_total_issuance() -> Weight {
            Weight::from_parts(6_338_000, 0)
                .saturating_add(T::DbWeight::get().reads(2))
                .saturating_add(T::DbWeight::get().writes(1))
        }

        /// `burn`, with the most of each component:
        /// `Balances.TotalIssuance` (1 read, 1 written)
        /// `System.Account` (1 read, 1 written)
        fn burn() -> Weight {
            Weight::from_parts(24_925_000, 0)
                .saturating_add(T::DbWeight::get().reads(2))
                .saturating_add(T::DbWeight::get().writes(2))
        }
    }
}

/// Calls of `pallet_assets`.
pub mod pallet_assets {
    use citrate_support::traits::Get;
    use citrate_support::weights::Weight;
    use core::marker::PhantomData;

    /// What they weigh.
    #[derive(Debug)]
    pub struct WeightInfo<T>(PhantomData<T>);

    impl<T: pallet_system::Config> ::pallet_assets::WeightInfo for WeightInfo<T> {
        /// `create`, with the most of each component:
        /// `Assets.Asset` (1 read, 1 written)
        /// `Balances.Holds` (1 read, 1 written)
        /// `System.Account` (1 read, 1 written)
        fn create() -> Weight {
            Weight::from_parts(34_169_000, 0)
                .saturating_add(T::DbWeight::get().reads(3))
                .saturating_add(T::DbWeight::get().writes(3))
        }

        /// `force_create`, with the most of each component:
        /// `Assets.Asset` (1 read, 1 written)
        fn force_create() -> Weight {
            Weight::from_parts(16_085_000, 0)
                .saturating_add(T::DbWeight::get().reads(1))
                .saturating_add(T::DbWeight::get().writes(1))
        }

        /// `start_destroy`, with the most of each component:
        /// `Assets.Asset` (1 read, 1 written)
        fn start_destroy() -> Weight {
            Weight::from_parts(15_855_000, 0)
                .saturating_add(T::DbWeight::get().reads(1))
                .saturating_add(T::DbWeight::get().writes(1))
        }

        /// `destroy_accounts`, with the most of each component:
        /// `Assets.Account` (201 read, 200 written)
        /// `Assets.Asset` (1 read, 1 written)
        /// `System.Account` (200 read, 200 written)
        fn destroy_accounts(n: u32) -> Weight {
            Weight::from_parts(710_748_925, 0)
                .saturating_add(Weight::from_parts(7_286_985, 0).saturating_mul(n.into()))
                .saturating_add(T::DbWeight::get().reads(2))
                .saturating_add(T::DbWeight::get().reads(2).saturating_mul(n.into()))
                .saturating_add(T::DbWeight::get().writes(1))
                .saturating_add(T::DbWeight::get().writes(2).saturating_mul(n.into()))
        }

        /// `destroy_approvals`, with the most of each component:
        /// `Assets.Approvals` (201 read, 200 written)
        /// `Assets.Asset` (1 read, 1 written)
        /// `Balances.Holds` (200 read, 200 written)
        /// `System.Account` (200 read, 200 written)
        fn destroy_approvals(n: u32) -> Weight {
            Weight::from_parts(563_229_125, 0)
                .saturating_add(Weight::from_parts(24_809_045, 0).saturating_mul(n.into()))
                .saturating_add(T::DbWeight::get().reads(2))
                .saturating_add(T::DbWeight::get().reads(3).saturating_mul(n.into()))
                .saturating_add(T::DbWeight::get().writes(1))
                .saturating_add(T::DbWeight::get().writes(3).saturating_mul(n.into()))
        }

        /// `finish_destroy`, with the most of each component:
        /// `Assets.Asset` (1 read, 1 written)
        /// `Assets.Metadata` (1 read, 0 written)
        /// `Balances.Holds` (1 read, 1 written)
        /// `System.Account` (1 read, 1 written)
        fn finish_destroy() -> Weight {
            Weight::from_parts(33_573_000, 0)
                .saturating_add(T::DbWeight::get().reads(4))
                .saturating_add(T::DbWeight::get().writes(3))
        }

        /// `mint`, with the most of each component:
        /// `Assets.Account` (1 read, 1 written)
        /// `Assets.Asset` (1 read, 1 written)
        /// `System.Account` (1 read, 1 written)
        fn mint() -> Weight {
            Weight::from_parts(32_118_000, 0)
                .saturating_add(T::DbWeight::get().reads(3))
                .saturating_add(T::DbWeight::get().writes(3))
        }

        /// `burn`, with the most of each component:
        /// `Assets.Account` (1 read, 1 written)
        /// `Assets.Asset` (1 read, 1 written)
        /// `System.Account` (1 read, 1 written)
        fn burn() -> Weight {
            Weight::from_parts(24_758_000, 0)
                .saturating_add(T::DbWeight::get().reads(3))
                .saturating_add(T::DbWeight::get().writes(3))
        }

        /// `transfer`, with the most of each component:
        /// `Assets.Account` (2 read, 2 written)
        /// `Assets.Asset` (1 read, 1 written)
        /// `System.Account` (2 read, 2 written)
        fn transfer() -> Weight {
            Weight::from_parts(32_218_000, 0)
                .saturating_add(T::DbWeight::get().reads(5))
                .saturating_add(T::DbWeight::get().writes(5))
        }

        /// `transfer_keep_alive`, with the most of each component:
        /// `Assets.Account` (2 read, 2 written)
        /// `Assets.Asset` (1 read, 1 written)
        /// `System.Account` (1 read, 1 written)
        fn transfer_keep_alive() -> Weight {
            Weight::from_parts(29_153_000, 0)
                .saturating_add(T::DbWeight::get().reads(4))
                .saturating_add(T::DbWeight::get().writes(4))
        }

        /// `force_transfer`, with the most of each component:
        /// `Assets.Account` (2 read, 2 written)
        /// `Assets.Asset` (1 read, 1 written)
        /// `System.Account` (2 read, 2 written)
        fn force_transfer() -> Weight {
            Weight::from_parts(34_021_000, 0)
                .saturating_add(T::DbWeight::get().reads(5))
                .saturating_add(T::DbWeight::get().writes(5))
        }

        /// `freeze`, with the most of each component:
        /// `Assets.Account` (1 read, 1 written)
        /// `Assets.Asset` (1 read, 0 written)
        fn freeze() -> Weight {
            Weight::from_parts(19_679_000, 0)
                .saturating_add(T::DbWeight::get().reads(2))
                .saturating_add(T::DbWeight::get().writes(1))
        }

        /// `thaw`, with the most of each component:
        /// `Assets.Account` (1 read, 1 written)
        /// `Assets.Asset` (1 read, 0 written)
        fn thaw() -> Weight {
            Weight::from_parts(20_081_000, 0)
                .saturating_add(T::DbWeight::get().reads(2))
                .saturating_add(T::DbWeight::get().writes(1))
        }

        /// `freeze_asset`, with the most of each component:
        /// `Assets.Asset` (1 read, 1 written)
        fn freeze_asset() -> Weight {
            Weight::from_parts(18_367_000, 0)
                .saturating_add(T::DbWeight::get().reads(1))
                .saturating_add(T::DbWeight::get().writes(1))
        }

        /// `thaw_asset`, with the most of each component:
        /// `Assets.Asset` (1 read, 1 written)
        fn thaw_asset() -> Weight {
            Weight::from_parts(18_478_000, 0)
                .saturating_add(T::DbWeight::get().reads(1))
                .saturating_add(T::DbWeight::get().writes(1))
        }

        /// `transfer_ownership`, with the most of each component:
        /// `Assets.Asset` (1 read, 1 written)
        /// `Assets.Metadata` (1 read, 0 written)
        /// `Balances.Holds` (2 read, 2 written)
        /// `System.Account` (2 read, 2 written)
        fn transfer_ownership() -> Weight {
            Weight::from_parts(52_238_000, 0)
                .saturating_add(T::DbWeight::get().reads(6))
                .saturating_add(T::DbWeight::get().writes(5))
        }

        /// `set_team`, with the most of each component:
        /// `Assets.Asset` (1 read, 1 written)
        fn set_team() -> Weight {
            Weight::from_parts(14_872_000, 0)
                .saturating_add(T::DbWeight::get().reads(1))
                .saturating_add(T::DbWeight::get().writes(1))
        }

        /// `set_metadata`, with the most of each component:
        /// `Assets.Asset` (1 read, 0 written)
        /// `Assets.Metadata` (1 read, 1 written)
        /// `Balances.Holds` (1 read, 1 written)
        /// `System.Account` (1 read, 1 written)
        fn set_metadata(n: u32) -> Weight {
            Weight::from_parts(51_536_984, 0)
                .saturating_add(Weight::from_parts(51_167, 0).saturating_mul(n.into()))
                .saturating_add(T::DbWeight::get().reads(4))
                .saturating_add(T::DbWeight::get().writes(3))
        }

        /// `clear_metadata`, with the most of each component:
        /// `Assets.Asset` (1 read, 0 written)
        /// `Assets.Metadata` (1 read, 1 written)
        /// `Balances.Holds` (1 read, 1 written)
        /// `System.Account` (1 read, 1 written)
        fn clear_metadata() -> Weight {
            Weight::from_parts(44_415_000, 0)
                .saturating_add(T::DbWeight::get().reads(4))
                .saturating_add(T::DbWeight::get().writes(3))
        }

        /// `approve_transfer`, with the most of each component:
        /// `Assets.Approvals` (1 read, 1 written)
        /// `Assets.Asset` (1 read, 1 written)
        /// `Balances.Holds` (1 read, 1 written)
        /// `System.Account` (1 read, 1 written)
        fn approve_transfer() -> Weight {
            Weight::from_parts(42_472_000, 0)
                .saturating_add(T::DbWeight::get().reads(4))
                .saturating_add(T::DbWeight::get().writes(4))
        }

        /// `cancel_approval`, with the most of each component:
        /// `Assets.Approvals` (1 read, 1 written)
        /// `Assets.Asset` (1 read, 1 written)
        /// `Balances.Holds` (1 read, 1 written)
        /// `System.Account` (1 read, 1 written)
        fn cancel_approval() -> Weight {
            Weight::from_parts(37_596_000, 0)
                .saturating_add(T::DbWeight::get().reads(4))
                .saturating_add(T::DbWeight::get().writes(4))
        }

        /// `transfer_approved`, with the most of each component:
        /// `Assets.Account` (2 read, 2 written)
        /// `Assets.Approvals` (1 read, 1 written)
        /// `Assets.Asset` (1 read, 1 written)
        /// `Balances.Holds` (1 read, 1 written)
        /// `System.Account` (2 read, 2 written)
        fn transfer_approved() -> Weight {
            Weight::from_parts(89_720_000, 0)
                .saturating_add(T::DbWeight::get().reads(7))
                .saturating_add(T::DbWeight::get().writes(7))
        }

        /// `touch`, with the most of each component:
        /// `Assets.Account` (1 read, 1 written)
        /// `Assets.Asset` (1 read, 1 written)
        /// `Balances.Holds` (1 read, 1 written)
        /// `System.Account` (1 read, 1 written)
        fn touch() -> Weight {
            Weight::from_parts(58_114_000, 0)
                .saturating_add(T::DbWeight::get().reads(4))
                .saturating_add(T::DbWeight::get().writes(4))
        }

        /// `refund`, with the most of each component:
        /// `Assets.Account` (1 read, 1 written)
        /// `Assets.Asset` (1 read, 1 written)
        /// `Balances.Holds` (1 read, 1 written)
        /// `System.Account` (1 read, 1 written)
        fn refund() -> Weight {
            Weight::from_parts(52_678_000, 0)
                .saturating_add(T::DbWeight::get().reads(4))
                .saturating_add(T::DbWeight::get().writes(4))
        }
    }
}
