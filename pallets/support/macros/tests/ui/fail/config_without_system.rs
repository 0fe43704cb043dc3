mod other {
    pub trait Config {}
}

#[framework::pallet]
pub mod pallet {
    #[pallet::config]
    pub trait Config: crate::other::Config {}
}

fn main() {}
