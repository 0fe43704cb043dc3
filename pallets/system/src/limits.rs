//! How heavy and how long blocks may be.

use citrate_core::{Perbill, Weight};
use citrate_support::{
    dispatch::{DispatchClass, OneOrMany, PerDispatchClass},
    weights::constants::{BlockExecutionWeight, ExtrinsicBaseWeight},
};
use codec::{Decode, Encode};
use scale_info::TypeInfo;

/// How long blocks may be, in bytes of extrinsics.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[scale_info(replace_segment("pallet_system", "frame_system"))]
pub struct BlockLength {
    /// For each class, how long a block may be with it.
    pub max: PerDispatchClass<u32>,
}

impl Default for BlockLength {
    fn default() -> Self {
        Self::max_with_normal_ratio(5 * 1024 * 1024, Perbill::from_percent(75))
    }
}

impl BlockLength {
    /// The same limit for all classes.
    pub fn max(max: u32) -> Self {
        Self { max: PerDispatchClass::new(|_| max) }
    }

    /// A lower limit for ordinary calls.
    pub fn max_with_normal_ratio(max: u32, normal: Perbill) -> Self {
        Self {
            max: PerDispatchClass::new(|class| {
                if class == DispatchClass::Normal { normal * max } else { max }
            }),
        }
    }
}

/// How heavy the calls of one class may be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[scale_info(replace_segment("pallet_system", "frame_system"))]
pub struct WeightsPerClass {
    /// What every extrinsic weighs besides its call.
    pub base_extrinsic: Weight,
    /// The most that one extrinsic may weigh.
    pub max_extrinsic: Option<Weight>,
    /// The most that all extrinsics of the class may weigh.
    pub max_total: Option<Weight>,
    /// What the class may weigh although the block is full.
    pub reserved: Option<Weight>,
}

/// How heavy blocks may be.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[scale_info(replace_segment("pallet_system", "frame_system"))]
pub struct BlockWeights {
    /// What an empty block weighs.
    pub base_block: Weight,
    /// The most that a block may weigh.
    pub max_block: Weight,
    /// The limits of each class.
    pub per_class: PerDispatchClass<WeightsPerClass>,
}

impl Default for BlockWeights {
    fn default() -> Self {
        Self::with_sensible_defaults(
            Weight::from_parts(
                citrate_support::weights::constants::WEIGHT_REF_TIME_PER_SECOND,
                u64::MAX,
            ),
            Perbill::from_percent(75),
        )
    }
}

impl BlockWeights {
    /// The limits of a class.
    pub fn get(&self, class: DispatchClass) -> &WeightsPerClass {
        self.per_class.get(class)
    }

    /// No limit but `block`, and nothing weighs but calls: for tests.
    pub fn simple_max(block: Weight) -> Self {
        Self::builder()
            .base_block(Weight::zero())
            .for_class(DispatchClass::all(), |w| {
                w.base_extrinsic = Weight::zero();
                w.max_total = Some(block);
            })
            .build_or_panic()
    }

    /// Ordinary calls get a share of the block, operational ones the rest to themselves; a tenth is
    /// for the hooks.
    pub fn with_sensible_defaults(expected: Weight, normal: Perbill) -> Self {
        let normal_weight = normal * expected;
        Self::builder()
            .for_class(DispatchClass::Normal, |w| w.max_total = Some(normal_weight))
            .for_class(DispatchClass::Operational, |w| {
                w.max_total = Some(expected);
                w.reserved = Some(expected.saturating_sub(normal_weight));
            })
            .avg_block_initialization(Perbill::from_percent(10))
            .build_or_panic()
    }

    /// Starts to build limits.
    pub fn builder() -> BlockWeightsBuilder {
        BlockWeightsBuilder {
            weights: Self {
                base_block: BlockExecutionWeight::get(),
                max_block: Weight::zero(),
                per_class: PerDispatchClass::new(|class| WeightsPerClass {
                    base_extrinsic: ExtrinsicBaseWeight::get(),
                    max_extrinsic: None,
                    max_total: None,
                    reserved: match class {
                        DispatchClass::Mandatory => None,
                        DispatchClass::Normal | DispatchClass::Operational => Some(Weight::zero()),
                    },
                }),
            },
            init_cost: None,
        }
    }

    /// Whether the limits make sense together.
    ///
    /// # Errors
    /// What does not.
    pub fn validate(&self) -> Result<(), &'static str> {
        if self.max_block.any_lt(self.base_block) {
            return Err("an empty block is heavier than a block may be");
        }
        for class in DispatchClass::non_mandatory() {
            let weights = self.get(*class);
            let max = weights.max_total.unwrap_or(self.max_block);
            if max.any_lt(weights.base_extrinsic) {
                return Err("an empty extrinsic is heavier than its class may be");
            }
            if weights.max_extrinsic.is_some_and(|extrinsic| extrinsic.any_gt(max)) {
                return Err("one extrinsic may be heavier than its class");
            }
        }
        Ok(())
    }
}

/// Builds [`BlockWeights`].
#[derive(Debug, Clone)]
pub struct BlockWeightsBuilder {
    weights: BlockWeights,
    init_cost: Option<Perbill>,
}

impl BlockWeightsBuilder {
    /// Sets what an empty block weighs.
    #[must_use]
    pub fn base_block(mut self, base_block: Weight) -> Self {
        self.weights.base_block = base_block;
        self
    }

    /// Sets the share of a block that its hooks take.
    #[must_use]
    pub fn avg_block_initialization(mut self, init_cost: Perbill) -> Self {
        self.init_cost = Some(init_cost);
        self
    }

    /// Changes the limits of one class or of several.
    #[must_use]
    pub fn for_class(
        mut self,
        class: impl OneOrMany<DispatchClass>,
        action: impl Fn(&mut WeightsPerClass),
    ) -> Self {
        for class in class.into_iter() {
            action(self.weights.per_class.get_mut(class));
        }
        self
    }

    /// The limits.
    ///
    /// # Errors
    /// What does not make sense.
    pub fn build(mut self) -> Result<BlockWeights, &'static str> {
        for class in DispatchClass::all() {
            let weights = self.weights.per_class.get(*class);
            self.weights.max_block = weights
                .max_total
                .into_iter()
                .chain(weights.reserved)
                .fold(self.weights.max_block, |max, limit| max.max(limit));
        }
        let init = self
            .init_cost
            .map(|share| share * self.weights.max_block)
            .unwrap_or(self.weights.base_block)
            .max(self.weights.base_block);
        for class in DispatchClass::non_mandatory() {
            let weights = self.weights.per_class.get_mut(*class);
            if weights.max_extrinsic.is_none() && self.init_cost.is_some() {
                weights.max_extrinsic = weights
                    .max_total
                    .map(|max| max.saturating_sub(init).saturating_sub(weights.base_extrinsic));
            }
        }
        self.weights.validate()?;
        Ok(self.weights)
    }

    /// The limits.
    ///
    /// # Panics
    /// If they make no sense together: a mistake in the runtime's constants.
    pub fn build_or_panic(self) -> BlockWeights {
        self.build().expect("the runtime's limits make sense together")
    }
}
