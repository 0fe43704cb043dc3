//! The Polkadot Host's freeing-bump allocator for guest memory (host specification, section 2.3).
//!
//! A block of memory is a header of 8 bytes and a power of two of 8 to 32 MiB. The header of a
//! block in use holds its order; that of a free block, the address of the next free block of its
//! order. Allocation takes the first free block of the order, else bumps the heap's end. The guest
//! can overwrite headers, so that everything read from memory is checked.

const HEADER_BYTES: u32 = 8;
const ALIGNMENT: u32 = 8;
const ORDERS: usize = 23;
const SIZE_MIN: u32 = 8;
/// LIMIT: bytes of one allocation.
const SIZE_MAX: u32 = SIZE_MIN << (ORDERS - 1);
const PAGE_BYTES: u64 = 64 * 1024;
const NIL: u32 = u32::MAX;
const OCCUPIED: u64 = 1 << 32;

/// Guest memory, as the allocator needs it.
pub(crate) trait Memory {
    /// Bytes of memory now.
    fn size(&self) -> u64;
    /// Makes the memory larger by so many pages; false when it may not grow so far.
    fn grow(&mut self, pages: u64) -> bool;
    /// The 8 bytes at `address`, little endian.
    fn read(&self, address: u32) -> Option<u64>;
    /// Overwrites the 8 bytes at `address`.
    fn write(&mut self, address: u32, value: u64) -> Option<()>;
}

/// Why the allocator refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum AllocatorError {
    #[error("allocation of {0} bytes is larger than {SIZE_MAX}")]
    TooLarge(u32),
    #[error("out of memory")]
    OutOfMemory,
    #[error("header of a block is corrupt")]
    Corrupt,
    #[error("address to free was not allocated")]
    NotAllocated,
}

/// The heap of one instance.
#[derive(Debug)]
pub(crate) struct Allocator {
    end: u32,
    free: [u32; ORDERS],
}

impl Allocator {
    /// A heap that starts at `heap_base`.
    pub(crate) fn new(heap_base: u32) -> Self {
        let start = heap_base.checked_next_multiple_of(ALIGNMENT).unwrap_or(NIL);
        Self { end: start, free: [NIL; ORDERS] }
    }

    /// The address of `size` fresh bytes.
    pub(crate) fn allocate(
        &mut self,
        memory: &mut dyn Memory,
        size: u32,
    ) -> Result<u32, AllocatorError> {
        if size > SIZE_MAX {
            return Err(AllocatorError::TooLarge(size));
        }
        let block = size.max(SIZE_MIN).next_power_of_two();
        let order = (block.trailing_zeros() - SIZE_MIN.trailing_zeros()) as usize;
        let header = match self.free[order] {
            NIL => self.bump(memory, block)?,
            header => {
                let next = memory.read(header).ok_or(AllocatorError::Corrupt)?;
                self.free[order] = u32::try_from(next).map_err(|_error| AllocatorError::Corrupt)?;
                header
            }
        };
        memory.write(header, OCCUPIED | order as u64).ok_or(AllocatorError::Corrupt)?;
        header.checked_add(HEADER_BYTES).ok_or(AllocatorError::Corrupt)
    }

    /// Gives back what [`Self::allocate`] returned.
    pub(crate) fn free(
        &mut self,
        memory: &mut dyn Memory,
        address: u32,
    ) -> Result<(), AllocatorError> {
        let header = address.checked_sub(HEADER_BYTES).ok_or(AllocatorError::NotAllocated)?;
        let value = memory.read(header).ok_or(AllocatorError::NotAllocated)?;
        if value & OCCUPIED == 0 {
            return Err(AllocatorError::NotAllocated);
        }
        let order =
            usize::try_from(value & 0xffff_ffff).map_err(|_error| AllocatorError::Corrupt)?;
        let list = self.free.get_mut(order).ok_or(AllocatorError::Corrupt)?;
        memory.write(header, u64::from(*list)).ok_or(AllocatorError::Corrupt)?;
        *list = header;
        Ok(())
    }

    fn bump(&mut self, memory: &mut dyn Memory, block: u32) -> Result<u32, AllocatorError> {
        let header = self.end;
        let end = u64::from(header) + u64::from(HEADER_BYTES) + u64::from(block);
        let end_address = u32::try_from(end).map_err(|_error| AllocatorError::OutOfMemory)?;
        if end > memory.size() {
            let needed = (end - memory.size()).div_ceil(PAGE_BYTES);
            // Doubling keeps the number of growths small; when that is too much, what is needed.
            let doubled = needed.max(memory.size() / PAGE_BYTES);
            if !memory.grow(doubled) && !memory.grow(needed) {
                return Err(AllocatorError::OutOfMemory);
            }
        }
        self.end = end_address;
        Ok(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    struct Pages(Vec<u8>, u64);

    impl Memory for Pages {
        fn size(&self) -> u64 {
            self.0.len() as u64
        }
        fn grow(&mut self, pages: u64) -> bool {
            let size = self.size() + pages * PAGE_BYTES;
            let fits = size <= self.1;
            if fits {
                self.0.resize(usize::try_from(size).unwrap(), 0);
            }
            fits
        }
        fn read(&self, address: u32) -> Option<u64> {
            let bytes = self.0.get(address as usize..address as usize + 8)?;
            Some(u64::from_le_bytes(bytes.try_into().ok()?))
        }
        fn write(&mut self, address: u32, value: u64) -> Option<()> {
            let bytes = self.0.get_mut(address as usize..address as usize + 8)?;
            bytes.copy_from_slice(&value.to_le_bytes());
            Some(())
        }
    }

    #[test]
    fn layout_is_the_specifications() {
        let mut memory = Pages(vec![0; 65536], 1 << 20);
        let mut allocator = Allocator::new(13);
        assert_eq!(allocator.allocate(&mut memory, 1), Ok(24), "base 16, header 8");
        assert_eq!(allocator.allocate(&mut memory, 9), Ok(40), "after 8 bytes and a header");
        assert_eq!(allocator.allocate(&mut memory, 8), Ok(64), "after 16 bytes and a header");
        allocator.free(&mut memory, 24).unwrap();
        assert_eq!(allocator.allocate(&mut memory, 5), Ok(24), "the freed block is used again");
    }

    #[test]
    fn limits_and_lies() {
        let mut memory = Pages(vec![0; 65536], 2 * 65536);
        let mut allocator = Allocator::new(0);
        let too_large = allocator.allocate(&mut memory, SIZE_MAX + 1);
        assert_eq!(too_large, Err(AllocatorError::TooLarge(SIZE_MAX + 1)));
        let no_room = allocator.allocate(&mut memory, 2 * 65536);
        assert_eq!(no_room, Err(AllocatorError::OutOfMemory));
        let block = allocator.allocate(&mut memory, 8).unwrap();
        allocator.free(&mut memory, block).unwrap();
        for (desc, address) in [("twice", block), ("null", 0), ("outside", u32::MAX)] {
            assert_eq!(
                allocator.free(&mut memory, address),
                Err(AllocatorError::NotAllocated),
                "{desc}"
            );
        }
        memory.write(block - 8, 1 << 40).unwrap();
        assert_eq!(allocator.allocate(&mut memory, 8), Err(AllocatorError::Corrupt));
    }

    proptest! {
        #[test]
        fn blocks_never_overlap(ops in prop::collection::vec((0u32..5000, any::<bool>()), 1..200)) {
            let mut memory = Pages(vec![0; 65536], 64 << 20);
            let mut allocator = Allocator::new(1000);
            let mut live = BTreeMap::new();
            for (size, frees) in ops {
                if frees && !live.is_empty() {
                    let (&address, _) = live.iter().nth(size as usize % live.len()).unwrap();
                    live.remove(&address);
                    allocator.free(&mut memory, address).unwrap();
                    continue;
                }
                let address = allocator.allocate(&mut memory, size).unwrap();
                let before = live.range(..=address).next_back();
                prop_assert!(before.is_none_or(|(a, s)| a + s + 8 <= address));
                let after = live.range(address..).next();
                prop_assert!(after.is_none_or(|(a, _)| address + size + 8 <= *a));
                live.insert(address, size);
            }
        }
    }
}
