//! Sets given by types: which calls pass, which accounts are members.

use super::Get;
use alloc::vec::Vec;
use core::marker::PhantomData;

/// A set of values.
pub trait Contains<T> {
    /// Whether `t` is in the set.
    fn contains(t: &T) -> bool;
}

#[impl_trait_for_tuples::impl_for_tuples(1, 16)]
impl<T> Contains<T> for Tuple {
    fn contains(t: &T) -> bool {
        for_tuples!( #( if Tuple::contains(t) { return true } )* );
        false
    }
}

/// A set of pairs.
pub trait ContainsPair<A, B> {
    /// Whether the pair is in the set.
    fn contains(a: &A, b: &B) -> bool;
}

/// The set of all values.
#[derive(Debug, Clone, Copy)]
pub struct Everything;

impl<T> Contains<T> for Everything {
    fn contains(_: &T) -> bool {
        true
    }
}

impl<A, B> ContainsPair<A, B> for Everything {
    fn contains(_: &A, _: &B) -> bool {
        true
    }
}

/// The empty set.
#[derive(Debug, Clone, Copy)]
pub struct Nothing;

impl<T> Contains<T> for Nothing {
    fn contains(_: &T) -> bool {
        false
    }
}

/// What is in the first set but not in the second.
#[derive(Debug)]
pub struct TheseExcept<These, Except>(PhantomData<(These, Except)>);

impl<T, These: Contains<T>, Except: Contains<T>> Contains<T> for TheseExcept<These, Except> {
    fn contains(t: &T) -> bool {
        These::contains(t) && !Except::contains(t)
    }
}

/// What is in both sets.
#[derive(Debug)]
pub struct InsideBoth<A, B>(PhantomData<(A, B)>);

impl<T, A: Contains<T>, B: Contains<T>> Contains<T> for InsideBoth<A, B> {
    fn contains(t: &T) -> bool {
        A::contains(t) && B::contains(t)
    }
}

/// The set of the one value that `V` gives.
#[derive(Debug)]
pub struct Equals<V>(PhantomData<V>);

impl<T: PartialEq, V: Get<T>> Contains<T> for Equals<V> {
    fn contains(t: &T) -> bool {
        *t == V::get()
    }
}

/// The set of the values in the vector that `V` gives.
#[derive(Debug)]
pub struct IsInVec<V>(PhantomData<V>);

impl<T: Ord, V: Get<Vec<T>>> Contains<T> for IsInVec<V> {
    fn contains(t: &T) -> bool {
        V::get().contains(t)
    }
}
