//! What calls weigh, measured.
//!
//! This file is written by a command; what is changed by hand is lost when it runs again:
//!
//! ```text
//! citrate benchmark pallet --runtime runtime.compact.compressed.wasm --pallet pallet_balances,pallet_assets --steps 10 --repeat 3 --accounts 10000 --cache 0
//! ```
//!
//! Times are those of a debug build of the node, many times too long: measure with a release build.

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
            Weight::from_parts(661_683_000, 0)
                .saturating_add(T::DbWeight::get().reads(2))
                .saturating_add(T::DbWeight::get().writes(2))
        }

        /// `force_transfer`, with the most of each component:
        /// `System.Account` (2 read, 2 written)
        fn force_transfer() -> Weight {
            Weight::from_parts(645_611_000, 0)
                .saturating_add(T::DbWeight::get().reads(2))
                .saturating_add(T::DbWeight::get().writes(2))
        }

        /// `transfer_keep_alive`, with the most of each component:
        /// `System.Account` (2 read, 2 written)
        fn transfer_keep_alive() -> Weight {
            Weight::from_parts(576_735_000, 0)
                .saturating_add(T::DbWeight::get().reads(2))
                .saturating_add(T::DbWeight::get().writes(2))
        }

        /// `transfer_all`, with the most of each component:
        /// `System.Account` (2 read, 2 written)
        fn transfer_all() -> Weight {
            Weight::from_parts(723_301_000, 0)
                .saturating_add(T::DbWeight::get().reads(2))
                .saturating_add(T::DbWeight::get().writes(2))
        }

        /// `force_unreserve`, with the most of each component:
        /// `Balances.Holds` (1 read, 0 written)
        /// `Balances.Reserves` (1 read, 0 written)
        /// `System.Account` (1 read, 1 written)
        fn force_unreserve() -> Weight {
            Weight::from_parts(405_739_000, 0)
                .saturating_add(T::DbWeight::get().reads(3))
                .saturating_add(T::DbWeight::get().writes(1))
        }

        /// `force_set_balance`, with the most of each component:
        /// `Balances.TotalIssuance` (1 read, 1 written)
        /// `System.Account` (1 read, 1 written)
        fn force_set_balance() -> Weight {
            Weight::from_parts(323_998_000, 0)
                .saturating_add(T::DbWeight::get().reads(2))
                .saturating_add(T::DbWeight::get().writes(2))
        }

        /// `force_adjust_total_issuance`, with the most of each component:
        /// `Balances.InactiveIssuance` (1 read, 0 written)
        /// `Balances.TotalIssuance` (1 read, 1 written)
        fn force_adjust_total_issuance() -> Weight {
            Weight::from_parts(110_527_000, 0)
                .saturating_add(T::DbWeight::get().reads(2))
                .saturating_add(T::DbWeight::get().writes(1))
        }

        /// `burn`, with the most of each component:
        /// `Balances.TotalIssuance` (1 read, 1 written)
        /// `System.Account` (1 read, 1 written)
        fn burn() -> Weight {
            Weight::from_parts(309_083_000, 0)
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
            Weight::from_parts(433_922_000, 0)
                .saturating_add(T::DbWeight::get().reads(3))
                .saturating_add(T::DbWeight::get().writes(3))
        }

        /// `force_create`, with the most of each component:
        /// `Assets.Asset` (1 read, 1 written)
        fn force_create() -> Weight {
            Weight::from_parts(169_571_000, 0)
                .saturating_add(T::DbWeight::get().reads(1))
                .saturating_add(T::DbWeight::get().writes(1))
        }

        /// `start_destroy`, with the most of each component:
        /// `Assets.Asset` (1 read, 1 written)
        fn start_destroy() -> Weight {
            Weight::from_parts(188_215_000, 0)
                .saturating_add(T::DbWeight::get().reads(1))
                .saturating_add(T::DbWeight::get().writes(1))
        }

        /// `destroy_accounts`, with the most of each component:
        /// `Assets.Account` (201 read, 200 written)
        /// `Assets.Asset` (1 read, 1 written)
        /// `System.Account` (200 read, 200 written)
        fn destroy_accounts(n: u32) -> Weight {
            Weight::from_parts(9_804_649_176, 0)
                .saturating_add(Weight::from_parts(170_552_248, 0).saturating_mul(n.into()))
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
            Weight::from_parts(22_251_912_750, 0)
                .saturating_add(Weight::from_parts(577_452_250, 0).saturating_mul(n.into()))
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
            Weight::from_parts(324_478_000, 0)
                .saturating_add(T::DbWeight::get().reads(4))
                .saturating_add(T::DbWeight::get().writes(3))
        }

        /// `mint`, with the most of each component:
        /// `Assets.Account` (1 read, 1 written)
        /// `Assets.Asset` (1 read, 1 written)
        /// `System.Account` (1 read, 1 written)
        fn mint() -> Weight {
            Weight::from_parts(279_831_000, 0)
                .saturating_add(T::DbWeight::get().reads(3))
                .saturating_add(T::DbWeight::get().writes(3))
        }

        /// `burn`, with the most of each component:
        /// `Assets.Account` (1 read, 1 written)
        /// `Assets.Asset` (1 read, 1 written)
        /// `System.Account` (1 read, 1 written)
        fn burn() -> Weight {
            Weight::from_parts(271_342_000, 0)
                .saturating_add(T::DbWeight::get().reads(3))
                .saturating_add(T::DbWeight::get().writes(3))
        }

        /// `transfer`, with the most of each component:
        /// `Assets.Account` (2 read, 2 written)
        /// `Assets.Asset` (1 read, 1 written)
        /// `System.Account` (2 read, 2 written)
        fn transfer() -> Weight {
            Weight::from_parts(331_031_000, 0)
                .saturating_add(T::DbWeight::get().reads(5))
                .saturating_add(T::DbWeight::get().writes(5))
        }

        /// `transfer_keep_alive`, with the most of each component:
        /// `Assets.Account` (2 read, 2 written)
        /// `Assets.Asset` (1 read, 1 written)
        /// `System.Account` (1 read, 1 written)
        fn transfer_keep_alive() -> Weight {
            Weight::from_parts(334_740_000, 0)
                .saturating_add(T::DbWeight::get().reads(4))
                .saturating_add(T::DbWeight::get().writes(4))
        }

        /// `force_transfer`, with the most of each component:
        /// `Assets.Account` (2 read, 2 written)
        /// `Assets.Asset` (1 read, 1 written)
        /// `System.Account` (2 read, 2 written)
        fn force_transfer() -> Weight {
            Weight::from_parts(354_388_000, 0)
                .saturating_add(T::DbWeight::get().reads(5))
                .saturating_add(T::DbWeight::get().writes(5))
        }

        /// `freeze`, with the most of each component:
        /// `Assets.Account` (1 read, 1 written)
        /// `Assets.Asset` (1 read, 0 written)
        fn freeze() -> Weight {
            Weight::from_parts(199_244_000, 0)
                .saturating_add(T::DbWeight::get().reads(2))
                .saturating_add(T::DbWeight::get().writes(1))
        }

        /// `thaw`, with the most of each component:
        /// `Assets.Account` (1 read, 1 written)
        /// `Assets.Asset` (1 read, 0 written)
        fn thaw() -> Weight {
            Weight::from_parts(147_061_000, 0)
                .saturating_add(T::DbWeight::get().reads(2))
                .saturating_add(T::DbWeight::get().writes(1))
        }

        /// `freeze_asset`, with the most of each component:
        /// `Assets.Asset` (1 read, 1 written)
        fn freeze_asset() -> Weight {
            Weight::from_parts(278_199_000, 0)
                .saturating_add(T::DbWeight::get().reads(1))
                .saturating_add(T::DbWeight::get().writes(1))
        }

        /// `thaw_asset`, with the most of each component:
        /// `Assets.Asset` (1 read, 1 written)
        fn thaw_asset() -> Weight {
            Weight::from_parts(137_813_000, 0)
                .saturating_add(T::DbWeight::get().reads(1))
                .saturating_add(T::DbWeight::get().writes(1))
        }

        /// `transfer_ownership`, with the most of each component:
        /// `Assets.Asset` (1 read, 1 written)
        /// `Assets.Metadata` (1 read, 0 written)
        /// `Balances.Holds` (2 read, 2 written)
        /// `System.Account` (2 read, 2 written)
        fn transfer_ownership() -> Weight {
            Weight::from_parts(400_227_000, 0)
                .saturating_add(T::DbWeight::get().reads(6))
                .saturating_add(T::DbWeight::get().writes(5))
        }

        /// `set_team`, with the most of each component:
        /// `Assets.Asset` (1 read, 1 written)
        fn set_team() -> Weight {
            Weight::from_parts(174_947_000, 0)
                .saturating_add(T::DbWeight::get().reads(1))
                .saturating_add(T::DbWeight::get().writes(1))
        }

        /// `set_metadata`, with the most of each component:
        /// `Assets.Asset` (1 read, 0 written)
        /// `Assets.Metadata` (1 read, 1 written)
        /// `Balances.Holds` (1 read, 1 written)
        /// `System.Account` (1 read, 1 written)
        fn set_metadata(n: u32) -> Weight {
            Weight::from_parts(406_499_000, 0)
                .saturating_add(Weight::from_parts(0, 0).saturating_mul(n.into()))
                .saturating_add(T::DbWeight::get().reads(4))
                .saturating_add(T::DbWeight::get().writes(3))
        }

        /// `clear_metadata`, with the most of each component:
        /// `Assets.Asset` (1 read, 0 written)
        /// `Assets.Metadata` (1 read, 1 written)
        /// `Balances.Holds` (1 read, 1 written)
        /// `System.Account` (1 read, 1 written)
        fn clear_metadata() -> Weight {
            Weight::from_parts(291_579_000, 0)
                .saturating_add(T::DbWeight::get().reads(4))
                .saturating_add(T::DbWeight::get().writes(3))
        }

        /// `approve_transfer`, with the most of each component:
        /// `Assets.Approvals` (1 read, 1 written)
        /// `Assets.Asset` (1 read, 1 written)
        /// `Balances.Holds` (1 read, 1 written)
        /// `System.Account` (1 read, 1 written)
        fn approve_transfer() -> Weight {
            Weight::from_parts(422_239_000, 0)
                .saturating_add(T::DbWeight::get().reads(4))
                .saturating_add(T::DbWeight::get().writes(4))
        }

        /// `cancel_approval`, with the most of each component:
        /// `Assets.Approvals` (1 read, 1 written)
        /// `Assets.Asset` (1 read, 1 written)
        /// `Balances.Holds` (1 read, 1 written)
        /// `System.Account` (1 read, 1 written)
        fn cancel_approval() -> Weight {
            Weight::from_parts(379_107_000, 0)
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
            Weight::from_parts(589_114_000, 0)
                .saturating_add(T::DbWeight::get().reads(7))
                .saturating_add(T::DbWeight::get().writes(7))
        }

        /// `touch`, with the most of each component:
        fn touch() -> Weight {
            Weight::from_parts(589_114_000, 0)
                .saturating_add(T::DbWeight::get().reads(7))
                .saturating_add(T::DbWeight::get().writes(7))
        }

        /// `refund`, with the most of each component:
        fn refund() -> Weight {
            Weight::from_parts(589_114_000, 0)
                .saturating_add(T::DbWeight::get().reads(7))
                .saturating_add(T::DbWeight::get().writes(7))
        }
    }
}
