//! Blocks, states and journals on disk, safe against a kill at any instruction.
