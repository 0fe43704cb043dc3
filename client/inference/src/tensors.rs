//! Between our tensors and ONNX Runtime's.
#![expect(unsafe_code, reason = "what a model calls booleans may be any bytes")]

use citrate_inference_types::{
    DType, Description, InferenceError, NAME_BYTES_MAX, Outlet as FileOutlet, Tensor,
};
use half::f16;
use ort::{
    session::{Session, SessionInputValue},
    value::{DynValue, Outlet, Tensor as OrtTensor, TensorElementType},
};

/// Our name of an element type, if it is one that we carry.
pub(crate) fn dtype_of(element: TensorElementType) -> Option<DType> {
    Some(match element {
        TensorElementType::Float32 => DType::F32,
        TensorElementType::Float64 => DType::F64,
        TensorElementType::Float16 => DType::F16,
        TensorElementType::Int8 => DType::I8,
        TensorElementType::Int16 => DType::I16,
        TensorElementType::Int32 => DType::I32,
        TensorElementType::Int64 => DType::I64,
        TensorElementType::Uint8 => DType::U8,
        TensorElementType::Uint16 => DType::U16,
        TensorElementType::Uint32 => DType::U32,
        TensorElementType::Uint64 => DType::U64,
        TensorElementType::Bool => DType::Bool,
        _ => return None,
    })
}

/// LIMIT: inputs or outputs of a model; one of texts has two for each of its layers.
const OUTLETS_MAX: usize = 1024;

/// The inputs and outputs of a model's file.
pub(crate) fn describe(session: &Session) -> Result<Description, InferenceError> {
    let all = |outlets: &[Outlet]| -> Result<Vec<FileOutlet>, InferenceError> {
        let is_bounded = outlets.len() <= OUTLETS_MAX
            && outlets.iter().all(|outlet| outlet.name().len() <= NAME_BYTES_MAX);
        if !is_bounded {
            let reason = "too many inputs or outputs, or one with a name that is too long";
            return Err(InferenceError::InvalidModel(reason.into()));
        }
        Ok(outlets.iter().map(outlet).collect())
    };
    Ok(Description { inputs: all(session.inputs())?, outputs: all(session.outputs())? })
}

fn outlet(outlet: &Outlet) -> FileOutlet {
    let shape = outlet.dtype().tensor_shape();
    FileOutlet {
        name: outlet.name().to_owned(),
        dtype: outlet.dtype().tensor_type().and_then(dtype_of),
        // What is negative may be of any length.
        shape: shape
            .map(|shape| shape.iter().map(|dim| u32::try_from(*dim).ok()).collect())
            .unwrap_or_default(),
    }
}

/// Checks a tensor against a model's input.
pub(crate) fn check(outlet: &Outlet, tensor: &Tensor) -> Result<(), InferenceError> {
    let name = outlet.name();
    let wrong = |what: String| Err(InferenceError::InvalidInput(format!("input {name:?} {what}")));
    let (Some(element), Some(shape)) =
        (outlet.dtype().tensor_type(), outlet.dtype().tensor_shape())
    else {
        return Err(InferenceError::InvalidModel(format!("input {name:?} is not a tensor")));
    };
    match dtype_of(element) {
        Some(dtype) if dtype == tensor.dtype() => {}
        Some(dtype) => return wrong(format!("must be {dtype:?}, not {:?}", tensor.dtype())),
        None => {
            let reason = format!("input {name:?} is of type {element}, which is not supported");
            return Err(InferenceError::InvalidModel(reason));
        }
    }
    let fits = shape.len() == tensor.shape().len()
        && shape.iter().zip(tensor.shape()).all(|(want, is)| *want < 0 || *want == i64::from(*is));
    if fits {
        Ok(())
    } else {
        let want: Vec<String> = shape
            .iter()
            .map(|dim| if *dim < 0 { "any".to_owned() } else { dim.to_string() })
            .collect();
        wrong(format!("must have the shape [{}], not {:?}", want.join(", "), tensor.shape()))
    }
}

/// Our tensor as a session takes it.
pub(crate) fn to_ort(tensor: &Tensor) -> Result<SessionInputValue<'static>, InferenceError> {
    let shape: Vec<i64> = tensor.shape().iter().map(|dim| i64::from(*dim)).collect();
    let data = tensor.data();
    macro_rules! convert {
        ($type:ty) => {{
            let (chunks, _) = data.as_chunks::<{ size_of::<$type>() }>();
            let elements: Vec<$type> =
                chunks.iter().map(|bytes| <$type>::from_le_bytes(*bytes)).collect();
            OrtTensor::from_array((shape, elements)).map(|tensor| tensor.into_dyn())
        }};
    }
    let value: Result<DynValue, ort::Error> = match tensor.dtype() {
        DType::F32 => convert!(f32),
        DType::F64 => convert!(f64),
        DType::F16 => convert!(f16),
        DType::I8 => convert!(i8),
        DType::I16 => convert!(i16),
        DType::I32 => convert!(i32),
        DType::I64 => convert!(i64),
        DType::U8 => convert!(u8),
        DType::U16 => convert!(u16),
        DType::U32 => convert!(u32),
        DType::U64 => convert!(u64),
        DType::Bool => {
            let elements: Vec<bool> = data.iter().map(|byte| *byte != 0).collect();
            OrtTensor::from_array((shape, elements)).map(|tensor| tensor.into_dyn())
        }
    };
    value
        .map(SessionInputValue::Owned)
        .map_err(|error| InferenceError::InvalidInput(error.message().to_owned()))
}

/// Bytes of an output, before it is copied.
pub(crate) fn bytes_of(name: &str, value: &DynValue) -> Result<u64, InferenceError> {
    let (Some(element), Some(shape)) = (value.dtype().tensor_type(), value.dtype().tensor_shape())
    else {
        return Err(InferenceError::InvalidModel(format!("output {name:?} is not a tensor")));
    };
    let Some(dtype) = dtype_of(element) else {
        let reason = format!("output {name:?} is of type {element}, which is not supported");
        return Err(InferenceError::InvalidModel(reason));
    };
    let elements =
        shape.iter().try_fold(1u64, |product, dim| product.checked_mul(u64::try_from(*dim).ok()?));
    elements.and_then(|count| count.checked_mul(dtype.size())).ok_or(InferenceError::OutputTooLarge)
}

/// An output as our tensor.
pub(crate) fn from_ort(name: &str, value: &DynValue) -> Result<Tensor, InferenceError> {
    let failed = |error: ort::Error| InferenceError::Failed(error.message().to_owned());
    let Some(dtype) = value.dtype().tensor_type().and_then(dtype_of) else {
        return Err(InferenceError::InvalidModel(format!("output {name:?} is not a tensor")));
    };
    macro_rules! convert {
        ($type:ty) => {{
            let (shape, elements) = value.try_extract_tensor::<$type>().map_err(failed)?;
            let data = elements.iter().flat_map(|element| element.to_le_bytes()).collect();
            (shape, data)
        }};
    }
    /// One NaN has many bit patterns, so that two honest results could never be compared.
    macro_rules! float {
        ($type:ty) => {{
            let (_, elements) = value.try_extract_tensor::<$type>().map_err(failed)?;
            if elements.iter().any(|element| element.is_nan()) {
                let reason = format!("output {name:?} has an element that is not a number");
                return Err(InferenceError::Failed(reason));
            }
            convert!($type)
        }};
    }
    // Without elements there is nothing to look at, and the other dimensions may be anything.
    if let Some(shape) = value.dtype().tensor_shape().filter(|shape| shape.contains(&0)) {
        let shape = shape.iter().map(|dim| u32::try_from(*dim)).collect::<Result<Vec<_>, _>>();
        let shape = shape.map_err(|_large| InferenceError::OutputTooLarge)?;
        return Tensor::try_new(dtype, shape, Vec::new())
            .map_err(|error| InferenceError::Failed(error.to_string()));
    }
    let (shape, data) = match dtype {
        DType::F32 => float!(f32),
        DType::F64 => float!(f64),
        DType::F16 => float!(f16),
        DType::I8 => convert!(i8),
        DType::I16 => convert!(i16),
        DType::I32 => convert!(i32),
        DType::I64 => convert!(i64),
        DType::U8 => convert!(u8),
        DType::U16 => convert!(u16),
        DType::U32 => convert!(u32),
        DType::U64 => convert!(u64),
        DType::Bool => {
            let (shape, elements) = value.try_extract_tensor::<bool>().map_err(failed)?;
            (shape, bytes_of_bools(elements))
        }
    };
    let shape: Option<Vec<u32>> = shape.iter().map(|dim| u32::try_from(*dim).ok()).collect();
    let shape = shape.ok_or(InferenceError::OutputTooLarge)?;
    Tensor::try_new(dtype, shape, data).map_err(|error| InferenceError::Failed(error.to_string()))
}

/// The bytes of what a model calls booleans, which may be any; a tensor takes 0 and 1 only.
fn bytes_of_bools(elements: &[bool]) -> Vec<u8> {
    // SAFETY: a bool has the size and alignment of a byte, and any byte is a u8.
    unsafe { std::slice::from_raw_parts(elements.as_ptr().cast::<u8>(), elements.len()) }.to_vec()
}
