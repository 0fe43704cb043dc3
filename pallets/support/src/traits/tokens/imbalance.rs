//! What becomes of tokens that an operation leaves without an owner.

use super::fungible::{Inspect, Mutate};
use crate::traits::TypedGet;
use core::marker::PhantomData;

/// Takes amounts that were withdrawn and have no owner, such as fees.
///
/// The amount has left the issuance when this is called; doing nothing burns it.
pub trait OnUnbalanced<Amount> {
    /// Takes several amounts as one.
    fn on_unbalanceds(amounts: impl Iterator<Item = Amount>)
    where
        Amount: core::iter::Sum,
    {
        Self::on_unbalanced(amounts.sum());
    }
    /// Takes an amount.
    fn on_unbalanced(amount: Amount);
}

impl<Amount> OnUnbalanced<Amount> for () {
    fn on_unbalanced(_: Amount) {}
}

/// Gives ownerless amounts to the account that `Account` names.
#[derive(Debug)]
pub struct ResolveTo<Account, Token>(PhantomData<(Account, Token)>);

impl<Account, Token> OnUnbalanced<Token::Balance> for ResolveTo<Account, Token>
where
    Account: TypedGet,
    Account::Type: Eq,
    Token: Mutate<Account::Type> + Inspect<Account::Type>,
{
    fn on_unbalanced(amount: Token::Balance) {
        // An account that cannot receive burns the amount.
        let _ = Token::mint_into(&Account::get(), amount);
    }
}
