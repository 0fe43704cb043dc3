//! The chain's parameters, each with its reason.

use citrate_core::{Balance, BlockNumber, Weight};

/// One token (CIT): 12 decimals.
pub const CIT: Balance = 1_000_000_000_000;
/// A thousandth of a token.
pub const MILLI_CIT: Balance = CIT / 1_000;
/// A millionth of a token.
pub const MICRO_CIT: Balance = MILLI_CIT / 1_000;
/// Decimals of the token, for wallets.
pub const DECIMALS: u8 = 12;
/// The token's symbol, for wallets.
pub const SYMBOL: &str = "CIT";

/// The least that an account may have: enough to make millions of accounts dear, far below any fee's notice.
pub const EXISTENTIAL_DEPOSIT: Balance =
    if cfg!(feature = "upgraded") { UPGRADED_EXISTENTIAL_DEPOSIT } else { MILLI_CIT };
/// The existential deposit after the upgrade that tests do.
pub(crate) const UPGRADED_EXISTENTIAL_DEPOSIT: Balance = 2 * MILLI_CIT;

/// Length of a slot in milliseconds.
pub const SLOT_DURATION_MS: u64 = 500;
/// Chain blocks in a minute at one block per slot.
pub const MINUTES: BlockNumber = 60_000 / 500;
/// Chain blocks in a day at one block per slot.
pub const DAYS: BlockNumber = 24 * 60 * MINUTES;
/// Slots in an epoch: two minutes. Whoever bonds stake authors four to six minutes later, and a merged block earns
/// for as long as an epoch is.
pub const EPOCH_LENGTH: u64 = 2 * 60_000 / SLOT_DURATION_MS;
/// LIMIT: for how many epochs an equivocation can be reported: two hours, in which each node that saw both blocks
/// has every chance to tell, and less than a megabyte of past authorities.
pub const EVIDENCE_EPOCHS: u32 = 60;

/// How many block hashes the state remembers: 34 minutes at two blocks a second, and a power of two, which is
/// the longest era that a wallet may choose.
pub const BLOCK_HASH_COUNT: BlockNumber = 4096;

/// What a block may execute: a quarter of a second, half of a slot. The other half is for sending the block and
/// for nodes slower than the one on which weights are measured. The two seconds that are usual elsewhere are
/// for blocks every six seconds; here such a block would hold up four slots.
pub const BLOCK_WEIGHT_MAX: Weight = Weight::from_parts(250_000_000_000, 5 * 1024 * 1024);
/// What one payload may weigh: the share of normal calls in a block, so that a payload that is merged alone fits.
pub const PAYLOAD_WEIGHT_MAX: Weight = Weight::from_parts(187_500_000_000, 15 * 256 * 1024);
/// LIMIT: bytes of the extrinsics in a block.
pub const BLOCK_LENGTH_MAX: u32 = 5 * 1024 * 1024;
/// LIMIT: bytes of one payload. A compressed runtime, the largest call there is, fits several times.
pub const PAYLOAD_BYTES_MAX: u32 = 4 * 1024 * 1024;
/// LIMIT: blocks in one mergeset, the selected parent included: twice GHOSTDAG's `k`, but no fewer than 180, so that
/// a partition of half a minute heals, and no more than 512. At five blocks a second and [`DELAY_BOUND_MS`] `k` is
/// far below 90.
pub const MERGESET_MAX: u32 = 180;
/// The assumed bound on a block's way from its author to every node, in milliseconds: several times what
/// half a megabyte needs over three hops of a wide-area network.
pub const DELAY_BOUND_MS: u32 = 1_000;
/// LIMIT: authorities, those with the largest stakes: as many as vote on finality within seconds.
pub const AUTHORITIES_MAX: u32 = 200;
/// LIMIT: validators with a stake that counts, from whom the authorities are taken.
pub const VALIDATORS_MAX: u32 = 1_000;

/// Winners of a slot on average, in millionths, where there is a lottery. An author makes one block a slot however often
/// it would win: four authors of equal stake make 5.2 blocks a second, very many 8.4.
pub const LOTTERY_RATE_MILLIONTHS: u32 = 4_200_000;
/// What is issued for each blue block where stakes author: at five blocks a second some 16 million tokens a year.
pub const BLOCK_ISSUANCE: Balance = CIT / 10;
/// What a validator registers its keys for: the price of some hundred bytes of the state, given back with them.
pub const KEY_DEPOSIT: Balance = CIT;

/// What somebody has on hold for so many entries of the state and so many bytes in them, as long as they are there.
pub const fn deposit(items: u32, bytes: u32) -> Balance {
    items as Balance * (CIT / 10) + bytes as Balance * (100 * MICRO_CIT)
}

/// LIMIT: voters on finality. Each sends two votes a round to all others.
pub const VOTERS_MAX: u32 = 200;
/// LIMIT: past sets of voters that are still punished for voting twice: a day of epochs.
pub const VOTER_SETS_KEPT: u64 = 144;

/// The weight of reading one value: the state is a trie over a memory-mapped database with a cache. `citrate benchmark storage`
/// with a million accounts and no cache: 7.2 us on average (docs/performance.md).
pub const READ_WEIGHT: u64 = 8_000_000;
/// The weight of writing one value: its part of the block's new root and of the commit. Measured as above: 47 to 59 us with
/// a million accounts, 31 with a tenth of them.
pub const WRITE_WEIGHT: u64 = 50_000_000;

/// What one byte of a transaction costs.
pub const BYTE_FEE: Balance = MICRO_CIT;
/// What a microsecond of execution costs; a transfer is about 0.3 ms.
pub const MICROSECOND_FEE: Balance = MICRO_CIT;
