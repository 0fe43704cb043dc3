// Mistake: an alias of a storage item that does not say whose.
// Cure: the first argument is the pallet, or a name; it is not `_`.
use framework::storage_alias;

#[storage_alias]
type Old = StorageValue<_, u32>; //~

fn main() {
    let _: Option<Old> = None;
}
