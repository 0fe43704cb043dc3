//! Compiled runtimes: what they import, and the linkers that serve it.

use crate::{
    ExecutorError, Profile, RuntimeCode,
    instance::{Guest, State, put_off},
    version::embedded_version,
};
use citrate_core::RuntimeVersion;
use citrate_host::{Group, HostFunction, Value, ValueType};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, OnceLock},
    time::Instant,
};
use wasmtime::{Engine, ExternType, FuncType, InstancePre, Linker, Module, Val, ValType};

/// The module that host functions are imported from.
const HOST_MODULE: &str = "env";

/// A runtime, compiled.
pub(crate) struct Compiled {
    pub(crate) module: Module,
    /// Everything linked, unless the memory is imported and so belongs to each instance.
    pub(crate) linked: Option<InstancePre<State>>,
    pub(crate) linker: Linker<State>,
    /// The version in the custom sections.
    pub(crate) declared: Option<RuntimeVersion>,
    /// The version that the runtime told when it was first asked.
    pub(crate) told: OnceLock<RuntimeVersion>,
}

impl Compiled {
    pub(crate) fn new(
        engine: &Engine,
        functions: &[HostFunction],
        profile: Profile,
        code: RuntimeCode<'_>,
    ) -> Result<Self, ExecutorError> {
        let blob = code.bytes().ok_or(ExecutorError::CodeMissing)?;
        let bytes = citrate_core::code::decompress(&blob)
            .map_err(|error| ExecutorError::Code(Arc::new(error)))?;
        let module = Module::new(engine, &bytes)
            .map_err(|error| ExecutorError::Module(format!("{error:#}")))?;
        check_imports(&module, functions, profile)?;
        let linker = linker(engine, functions, profile)?;
        let imports_memory = module.imports().any(|i| matches!(i.ty(), ExternType::Memory(_)));
        let linked = if imports_memory {
            None
        } else {
            let linked = linker.instantiate_pre(&module);
            Some(linked.map_err(|error| ExecutorError::Module(format!("{error:#}")))?)
        };
        let declared = embedded_version(&bytes)?;
        Ok(Self { module, linked, linker, declared, told: OnceLock::new() })
    }

    /// Whether the runtime has an export of this name that takes and returns bytes.
    pub(crate) fn exports_method(&self, name: &str) -> bool {
        let Some(ExternType::Func(ty)) = self.module.get_export(name) else { return false };
        let (params, results): (Vec<_>, Vec<_>) = (ty.params().collect(), ty.results().collect());
        matches!((&params[..], &results[..]), ([ValType::I32, ValType::I32], [ValType::I64]))
    }
}

fn check_imports(
    module: &Module,
    functions: &[HostFunction],
    profile: Profile,
) -> Result<(), ExecutorError> {
    for import in module.imports() {
        let refuse = |reason| {
            Err(ExecutorError::Import {
                module: import.module().to_owned(),
                name: import.name().to_owned(),
                reason,
            })
        };
        match import.ty() {
            ExternType::Memory(_) if import.name() == "memory" => continue,
            ExternType::Func(_) if import.module() == HOST_MODULE => {}
            _ => return refuse("which is not a host function"),
        }
        match functions.iter().find(|function| function.name == import.name()) {
            None => return refuse("which this host does not have"),
            Some(function) if !profile.allows(function.group) => {
                return refuse(match function.group {
                    Group::Benchmark => "which only a benchmark may import",
                    _ => "which only an off-chain worker may import",
                });
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn linker(
    engine: &Engine,
    functions: &[HostFunction],
    profile: Profile,
) -> Result<Linker<State>, ExecutorError> {
    let mut linker = Linker::new(engine);
    for function in functions.iter().filter(|f| profile.allows(f.group)) {
        let params = function.params.iter().copied().map(val_type);
        let ty = FuncType::new(engine, params, function.result.map(val_type));
        let call = function.call;
        // The engine has limits of its own, and a model may take longer than runtime code should.
        let has_own_limit = function.group == Group::Inference;
        linker
            .func_new(HOST_MODULE, function.name, ty, move |mut caller, args, results| {
                let args: Vec<Value> = args.iter().filter_map(value).collect();
                let begun = has_own_limit.then(Instant::now);
                // A panic must not unwind through compiled code.
                let result =
                    catch_unwind(AssertUnwindSafe(|| call(&mut Guest(&mut caller), &args)));
                if let Some(begun) = begun {
                    put_off(&mut caller, begun.elapsed());
                }
                let result =
                    result.map_err(|_error| wasmtime::Error::msg("host function panicked"))?;
                let result = result.map_err(wasmtime::Error::new)?;
                if let (Some(slot), Some(value)) = (results.first_mut(), result) {
                    *slot = val(value);
                }
                Ok(())
            })
            .map_err(|error| ExecutorError::Engine(format!("{error:#}")))?;
    }
    Ok(linker)
}

fn val_type(ty: ValueType) -> ValType {
    match ty {
        ValueType::I32 => ValType::I32,
        ValueType::I64 => ValType::I64,
    }
}

fn value(val: &Val) -> Option<Value> {
    match val {
        Val::I32(number) => Some(Value::I32(number.cast_unsigned())),
        Val::I64(number) => Some(Value::I64(number.cast_unsigned())),
        _ => None,
    }
}

fn val(value: Value) -> Val {
    match value {
        Value::I32(number) => Val::I32(number.cast_signed()),
        Value::I64(number) => Val::I64(number.cast_signed()),
    }
}
