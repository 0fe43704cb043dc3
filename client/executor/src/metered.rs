//! Modules that import nothing, run on fuel: the same module and inputs give the same bytes and take the same fuel on
//! every machine and at every level of the compiler.
//!
//! What makes it so: no import, hence no clock and no randomness; NaNs canonical; no threads; no relaxed SIMD; fuel
//! counted by instruction, before compilation; a memory that is refused at the same size everywhere. What could still
//! differ, the size of the stack and what memory the machine really has, is an error of its own that is no result.
//!
//! A module exports its memory and three functions:
//! - `input(slot, length) -> pointer`: where the input of this number is to be put;
//! - `run(argument) -> pointer << 32 | length`: the result;
//! - `last_words() -> pointer << 32 | length`: what a panic said, asked for after `run` trapped.

use std::{fmt, thread};
use wasmtime::{
    Config, Engine, Error, Instance, InstancePre, Linker, Memory, Module, OptLevel,
    ResourceLimiter, Store, Trap,
};

/// LIMIT: bytes of the native stack. The guest's own stack, in its memory, is a small part of it and ends first.
const STACK_BYTES: usize = 16 << 20;
/// What a thread needs beyond the guest's stack.
const STACK_MARGIN_BYTES: usize = 1 << 20;
/// LIMIT: entries of a table.
const TABLE_ELEMENTS: usize = 1 << 16;
/// LIMIT: fuel for asking what a panic said, and bytes of it.
const LAST_WORDS: (u64, u32) = (100_000, 512);

/// How a module is compiled. Results do not depend on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Compilation {
    /// For speed, with all that this machine's processor has.
    #[default]
    Optimised,
    /// Without optimisation.
    Plain,
    /// For speed, with what every processor of this architecture has.
    Baseline,
}

/// LIMITs of one run.
#[derive(Clone, Copy, Debug)]
pub struct MeteredLimits {
    /// Fuel: one unit for most instructions.
    pub fuel: u64,
    /// Bytes of the guest's memory.
    pub memory_bytes: u64,
    /// Bytes of the result.
    pub output_bytes: u32,
}

/// What a run gave and took.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MeteredRun {
    /// The result.
    pub output: Vec<u8>,
    /// Fuel that it took.
    pub fuel: u64,
    /// Bytes of the guest's memory at its end; it never shrinks.
    pub memory_bytes: u64,
}

/// Why a run gave no result.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MeteredError {
    /// The bytes are no module, or not one of this kind.
    #[error("not a module that runs on fuel: {0}")]
    Module(String),
    /// The fuel is used up.
    #[error("out of fuel")]
    Fuel,
    /// The guest asked for more memory than allowed.
    #[error("out of memory")]
    Memory,
    /// The result is larger than allowed, or lies outside the memory.
    #[error("a result of {length} bytes")]
    Output {
        /// Its length.
        length: u32,
    },
    /// The guest panicked or did what is forbidden.
    #[error("trapped: {0}")]
    Trap(String),
    /// This machine could not go on: another one may. Never a result.
    #[error("this machine could not run it: {0}")]
    Machine(String),
}

/// A module, compiled.
pub struct MeteredModule {
    engine: Engine,
    linked: InstancePre<Meter>,
}

impl fmt::Debug for MeteredModule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MeteredModule")
    }
}

impl MeteredModule {
    /// Compiles a module.
    ///
    /// # Errors
    /// When it is none, or imports anything.
    pub fn new(code: &[u8], compilation: Compilation) -> Result<Self, MeteredError> {
        let invalid = |error: Error| MeteredError::Module(format!("{error:#}"));
        let engine = Engine::new(&config(compilation)?)
            .map_err(|error| MeteredError::Machine(format!("{error:#}")))?;
        let module = Module::new(&engine, code).map_err(invalid)?;
        if let Some(import) = module.imports().next() {
            let import = format!("it imports {}.{}", import.module(), import.name());
            return Err(MeteredError::Module(import));
        }
        let linked = Linker::new(&engine).instantiate_pre(&module).map_err(invalid)?;
        Ok(Self { engine, linked })
    }

    /// Puts the inputs in their slots and runs the module with `argument`, in an instance of its own.
    ///
    /// # Errors
    /// When a limit is reached or the guest traps. All but [`MeteredError::Machine`] are the same everywhere.
    pub fn run(
        &self,
        inputs: &[&[u8]],
        argument: u32,
        limits: MeteredLimits,
    ) -> Result<MeteredRun, MeteredError> {
        let machine = |what: &str| MeteredError::Machine(what.to_owned());
        // A thread of its own: nobody knows how much of the caller's stack is left.
        thread::scope(|scope| {
            thread::Builder::new()
                .name("metered".into())
                .stack_size(STACK_BYTES + STACK_MARGIN_BYTES)
                .spawn_scoped(scope, || self.run_here(inputs, argument, limits))
                .map_err(|error| machine(&error.to_string()))?
                .join()
                .map_err(|_panic| machine("the run panicked"))?
        })
    }

    fn run_here(
        &self,
        inputs: &[&[u8]],
        argument: u32,
        limits: MeteredLimits,
    ) -> Result<MeteredRun, MeteredError> {
        let meter = Meter { memory_bytes_max: limits.memory_bytes, refused: false, starved: false };
        let mut store = Store::new(&self.engine, meter);
        store.limiter(|meter| meter);
        let result = Call { store: &mut store, limits }.run(&self.linked, inputs, argument);
        // What the guest made of a refusal does not matter.
        match store.data() {
            Meter { starved: true, .. } => Err(MeteredError::Machine("no memory".into())),
            Meter { refused: true, .. } => Err(MeteredError::Memory),
            _ => result,
        }
    }
}

/// What the guest may take.
struct Meter {
    memory_bytes_max: u64,
    /// It asked for more.
    refused: bool,
    /// The machine had less.
    starved: bool,
}

impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, Error> {
        let is_allowed = desired as u64 <= self.memory_bytes_max
            && maximum.is_none_or(|maximum| desired <= maximum);
        self.refused |= !is_allowed;
        Ok(is_allowed)
    }

    fn memory_grow_failed(&mut self, _error: Error) -> Result<(), Error> {
        // Also called for what was refused above.
        self.starved |= !self.refused;
        Ok(())
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> Result<bool, Error> {
        Ok(desired <= TABLE_ELEMENTS)
    }
}

/// One run.
struct Call<'a> {
    store: &'a mut Store<Meter>,
    limits: MeteredLimits,
}

impl Call<'_> {
    fn run(
        &mut self,
        linked: &InstancePre<Meter>,
        inputs: &[&[u8]],
        argument: u32,
    ) -> Result<MeteredRun, MeteredError> {
        // The engine looks at entries of functions and of loops, and stops when nothing is left there, even if nothing
        // more is needed. One more, and a look at the end, make the limit exact.
        let given = self.limits.fuel.saturating_add(1);
        self.store.set_fuel(given).map_err(module)?;
        let instance = linked.instantiate(&mut *self.store).map_err(|error| trap(&error))?;
        let memory = instance.get_memory(&mut *self.store, "memory");
        let memory = memory.ok_or_else(|| MeteredError::Module("it exports no memory".into()))?;
        for (slot, input) in (0u32..).zip(inputs) {
            self.put(&instance, memory, slot, input)?;
        }
        let run = instance.get_typed_func::<u32, u64>(&mut *self.store, "run").map_err(module)?;
        let packed = match run.call(&mut *self.store, argument) {
            Ok(packed) => packed,
            Err(error) => return Err(self.trapped(&instance, memory, &error)),
        };
        let fuel = given.saturating_sub(self.store.get_fuel().map_err(module)?);
        if fuel > self.limits.fuel {
            return Err(MeteredError::Fuel);
        }
        let output = self.bytes(memory, packed, self.limits.output_bytes)?;
        let memory_bytes = memory.data_size(&*self.store) as u64;
        Ok(MeteredRun { output, fuel, memory_bytes })
    }

    fn put(
        &mut self,
        instance: &Instance,
        memory: Memory,
        slot: u32,
        bytes: &[u8],
    ) -> Result<(), MeteredError> {
        // More than the address space is more than any memory.
        let length = u32::try_from(bytes.len()).map_err(|_error| MeteredError::Memory)?;
        let place = instance
            .get_typed_func::<(u32, u32), u32>(&mut *self.store, "input")
            .map_err(module)?;
        let pointer = place.call(&mut *self.store, (slot, length)).map_err(|error| trap(&error))?;
        memory
            .write(&mut *self.store, pointer as usize, bytes)
            .map_err(|_error| MeteredError::Module("it has no place for its input".into()))
    }

    /// What a packed pointer and length stand for.
    fn bytes(&self, memory: Memory, packed: u64, max: u32) -> Result<Vec<u8>, MeteredError> {
        let (pointer, length) = ((packed >> 32) as usize, (packed & 0xffff_ffff) as u32);
        let end = pointer.saturating_add(length as usize);
        let bytes = memory.data(&*self.store).get(pointer..end).filter(|_| length <= max);
        Ok(bytes.ok_or(MeteredError::Output { length })?.to_vec())
    }

    /// The error, with what the guest said before it trapped.
    fn trapped(&mut self, instance: &Instance, memory: Memory, error: &Error) -> MeteredError {
        let trapped = trap(error);
        if !matches!(trapped, MeteredError::Trap(_)) {
            return trapped;
        }
        self.last_words(instance, memory).map_or(trapped, MeteredError::Trap)
    }

    fn last_words(&mut self, instance: &Instance, memory: Memory) -> Option<String> {
        let (fuel, bytes_max) = LAST_WORDS;
        self.store.set_fuel(fuel).ok()?;
        let ask = instance.get_typed_func::<(), u64>(&mut *self.store, "last_words").ok()?;
        let packed = ask.call(&mut *self.store, ()).ok()?;
        let length = (packed & 0xffff_ffff).min(u64::from(bytes_max));
        let packed = (packed >> 32) << 32 | length;
        let words = self.bytes(memory, packed, bytes_max).ok().filter(|words| !words.is_empty())?;
        Some(String::from_utf8_lossy(&words).into_owned())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn module(error: Error) -> MeteredError {
    MeteredError::Module(format!("{error:#}"))
}

fn trap(error: &Error) -> MeteredError {
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => MeteredError::Fuel,
        Some(Trap::StackOverflow) => MeteredError::Machine("the stack is used up".into()),
        Some(other) => MeteredError::Trap(other.to_string()),
        None => MeteredError::Module(format!("{error:#}")),
    }
}

fn config(compilation: Compilation) -> Result<Config, MeteredError> {
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .max_wasm_stack(STACK_BYTES)
        // Not used, but must not be the smaller one.
        .async_stack_size(STACK_BYTES)
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(false)
        .wasm_tail_call(false)
        .wasm_multi_memory(false)
        .wasm_memory64(false)
        .wasm_extended_const(false);
    match compilation {
        Compilation::Optimised => drop(config.cranelift_opt_level(OptLevel::Speed)),
        Compilation::Plain => drop(config.cranelift_opt_level(OptLevel::None)),
        Compilation::Baseline => {
            config.cranelift_opt_level(OptLevel::Speed);
            // To name a target turns the detection of this processor's features off.
            let system =
                if cfg!(target_os = "macos") { "apple-darwin" } else { "unknown-linux-gnu" };
            config
                .target(&format!("{}-{system}", std::env::consts::ARCH))
                .map_err(|error| MeteredError::Machine(format!("{error:#}")))?;
        }
    }
    Ok(config)
}
