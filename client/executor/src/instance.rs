//! One instance of a runtime, for one call.

use crate::{
    ExecutorError, Limits,
    allocator::{self, Allocator},
    engine::ticks,
    module::Compiled,
};
use citrate_host::{HostCaller, HostError};
use std::time::{Duration, Instant};
use wasmtime::{
    AsContextMut, Caller, Engine, Extern, Instance, Memory, MemoryType, PoolConcurrencyLimitError,
    Store, StoreLimits, StoreLimitsBuilder, Trap,
};

/// Name under which a runtime exports or imports its memory.
const MEMORY: &str = "memory";
/// Global that tells where the heap may start.
const HEAP_BASE: &str = "__heap_base";
/// Pages of a memory that the runtime imports, when it asks for fewer.
const PAGES_MAX: u64 = 1 << 16;

/// What an instance's host functions work with.
pub(crate) struct State {
    limits: StoreLimits,
    memory: Option<Memory>,
    allocator: Option<Allocator>,
    /// When the call is stopped.
    until: Instant,
}

/// Puts a call's end off by the time that it spent in a host function with a limit of its own.
pub(crate) fn put_off(caller: &mut Caller<'_, State>, spent: Duration) {
    let until = caller.data().until + spent;
    caller.data_mut().until = until;
    let left = until.saturating_duration_since(Instant::now());
    caller.as_context_mut().set_epoch_deadline(ticks(left));
}

/// Runs export `method` on `input` in a fresh instance of `compiled`.
pub(crate) fn call(
    engine: &Engine,
    compiled: &Compiled,
    memory_bytes_max: usize,
    method: &str,
    input: &[u8],
    limits: Limits,
) -> Result<Vec<u8>, ExecutorError> {
    let store_limits = StoreLimitsBuilder::new().memory_size(memory_bytes_max).build();
    let until = Instant::now() + limits.time;
    let state = State { limits: store_limits, memory: None, allocator: None, until };
    let mut store = Store::new(engine, state);
    store.limiter(|state| &mut state.limits);
    store.set_epoch_deadline(ticks(limits.time));
    let instance = instantiate(&mut store, compiled, limits)?;
    let Some(export) = instance.get_func(&mut store, method) else {
        return Err(ExecutorError::ExportMissing(method.to_owned()));
    };
    let Ok(entry) = export.typed::<(u32, u32), u64>(&store) else {
        return Err(ExecutorError::ExportSignature(method.to_owned()));
    };
    let length = u32::try_from(input.len())
        .map_err(|_error| ExecutorError::Memory("input is larger than the address space".into()))?;
    let pointer = Guest(&mut store).allocate_and_write(input)?;
    let packed = entry.call(&mut store, (pointer, length)).map_err(|e| classify(&e, limits))?;
    let (pointer, length) = ((packed & 0xffff_ffff) as u32, (packed >> 32) as u32);
    let memory = store.data().memory;
    let output = memory.and_then(|memory| slice(memory.data(&store), pointer, length));
    match output {
        Some(bytes) if bytes.len() <= limits.output_bytes => Ok(bytes.to_vec()),
        _ => Err(ExecutorError::Output { pointer, length }),
    }
}

fn instantiate(
    store: &mut Store<State>,
    compiled: &Compiled,
    limits: Limits,
) -> Result<Instance, ExecutorError> {
    let instance = match &compiled.linked {
        Some(linked) => linked.instantiate(&mut *store),
        None => with_own_memory(store, compiled),
    };
    let instance = instance.map_err(|error| {
        if error.is::<PoolConcurrencyLimitError>() {
            ExecutorError::Exhausted
        } else if error.is::<Trap>() || error.is::<HostError>() {
            // In the module's start function.
            classify(&error, limits)
        } else {
            ExecutorError::Module(format!("{error:#}"))
        }
    })?;
    let memory = match instance.get_export(&mut *store, MEMORY) {
        Some(Extern::Memory(memory)) => memory,
        _ => store
            .data()
            .memory
            .ok_or_else(|| ExecutorError::Module("runtime has no memory".into()))?,
    };
    let heap_base = instance
        .get_global(&mut *store, HEAP_BASE)
        .and_then(|global| global.get(&mut *store).i32())
        .ok_or_else(|| ExecutorError::Module(format!("runtime exports no {HEAP_BASE}")))?;
    let state = store.data_mut();
    state.memory = Some(memory);
    state.allocator = Some(Allocator::new(heap_base.cast_unsigned()));
    Ok(instance)
}

/// An imported memory cannot be shared between instances: it is made and linked for each.
fn with_own_memory(store: &mut Store<State>, compiled: &Compiled) -> wasmtime::Result<Instance> {
    let mut linker = compiled.linker.clone();
    for import in compiled.module.imports() {
        if let wasmtime::ExternType::Memory(wanted) = import.ty() {
            let maximum = u32::try_from(wanted.maximum().unwrap_or(PAGES_MAX).min(PAGES_MAX)).ok();
            let minimum = u32::try_from(wanted.minimum()).unwrap_or(u32::MAX);
            let memory = Memory::new(&mut *store, MemoryType::new(minimum, maximum))?;
            store.data_mut().memory = Some(memory);
            linker.define(&mut *store, import.module(), import.name(), memory)?;
        }
    }
    linker.instantiate(&mut *store, &compiled.module)
}

fn classify(error: &wasmtime::Error, limits: Limits) -> ExecutorError {
    if let Some(host) = error.downcast_ref::<HostError>() {
        return match host {
            HostError::State(message) => ExecutorError::State(message.clone()),
            HostError::Allocator(message) => ExecutorError::Memory(message.clone()),
            other => ExecutorError::Trap { message: other.to_string() },
        };
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => ExecutorError::Timeout { limit_ms: limits.time.as_millis() },
        Some(trap) => ExecutorError::Trap { message: trap.to_string() },
        None => ExecutorError::Trap { message: error.root_cause().to_string() },
    }
}

fn slice(memory: &[u8], pointer: u32, length: u32) -> Option<&[u8]> {
    let start = pointer as usize;
    memory.get(start..start.checked_add(length as usize)?)
}

/// The guest's memory and heap, inside a host function or outside.
pub(crate) struct Guest<C>(pub(crate) C);

impl<C: AsContextMut<Data = State>> Guest<C> {
    fn allocate(&mut self, size: u32) -> Result<u32, HostError> {
        self.with_allocator(|allocator, memory| allocator.allocate(memory, size))
    }

    fn free(&mut self, address: u32) -> Result<(), HostError> {
        self.with_allocator(|allocator, memory| allocator.free(memory, address))
    }

    fn with_allocator<R>(
        &mut self,
        f: impl FnOnce(
            &mut Allocator,
            &mut dyn allocator::Memory,
        ) -> Result<R, allocator::AllocatorError>,
    ) -> Result<R, HostError> {
        let mut context = self.0.as_context_mut();
        let state = context.data_mut();
        let (Some(mut allocator), Some(memory)) = (state.allocator.take(), state.memory) else {
            return Err(HostError::Allocator("the instance has no heap yet".into()));
        };
        let result = f(&mut allocator, &mut View { memory, context: &mut context });
        context.data_mut().allocator = Some(allocator);
        result.map_err(|error| HostError::Allocator(error.to_string()))
    }

    fn write(&mut self, address: u32, bytes: &[u8]) -> Result<(), HostError> {
        let mut context = self.0.as_context_mut();
        let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let memory = context.data().memory.ok_or(HostError::Memory { address, len })?;
        memory
            .write(&mut context, address as usize, bytes)
            .map_err(|_error| HostError::Memory { address, len })
    }

    fn allocate_and_write(&mut self, bytes: &[u8]) -> Result<u32, ExecutorError> {
        let length = u32::try_from(bytes.len()).map_err(|_error| {
            ExecutorError::Memory("input is larger than the address space".into())
        })?;
        let refuse = |error: HostError| ExecutorError::Memory(error.to_string());
        let address = self.allocate(length).map_err(refuse)?;
        self.write(address, bytes).map_err(refuse)?;
        Ok(address)
    }
}

impl HostCaller for Guest<&mut Caller<'_, State>> {
    fn read_memory(&self, address: u32, len: u32) -> Result<Vec<u8>, HostError> {
        let memory = self.0.data().memory.ok_or(HostError::Memory { address, len })?;
        let bytes = slice(memory.data(&self.0), address, len);
        bytes.map(<[u8]>::to_vec).ok_or(HostError::Memory { address, len })
    }

    fn write_memory(&mut self, address: u32, bytes: &[u8]) -> Result<(), HostError> {
        self.write(address, bytes)
    }

    fn allocate(&mut self, size: u32) -> Result<u32, HostError> {
        Guest::allocate(self, size)
    }

    fn deallocate(&mut self, address: u32) -> Result<(), HostError> {
        self.free(address)
    }
}

struct View<'a, C> {
    memory: Memory,
    context: &'a mut C,
}

impl<C: AsContextMut<Data = State>> allocator::Memory for View<'_, C> {
    fn size(&self) -> u64 {
        self.memory.data_size(&self.context) as u64
    }

    fn grow(&mut self, pages: u64) -> bool {
        self.memory.grow(&mut self.context, pages).is_ok()
    }

    fn read(&self, address: u32) -> Option<u64> {
        let bytes = slice(self.memory.data(&self.context), address, 8)?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?))
    }

    fn write(&mut self, address: u32, value: u64) -> Option<()> {
        self.memory.write(&mut self.context, address as usize, &value.to_le_bytes()).ok()
    }
}
