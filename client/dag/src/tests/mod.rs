mod acceptance;
mod ghostdag;
mod golden;
mod header;

use citrate_core::H256;

use crate::{Finality, SingleAuthority, Tip};

#[test]
fn a_single_authority_finalises_what_it_built_on() {
    let (hash, parent) = (H256::repeat_byte(2), H256::repeat_byte(1));
    let tip = Tip { hash, parent, number: 2, authorities: 1 };
    assert_eq!(SingleAuthority.on_best(&tip), Some(parent));
    assert_eq!(SingleAuthority.on_best(&Tip { number: 1, ..tip }), None, "genesis is final");
    assert_eq!(SingleAuthority.on_best(&Tip { authorities: 2, ..tip }), None);
    assert_eq!(SingleAuthority.on_best(&Tip { authorities: 0, ..tip }), None);
}
