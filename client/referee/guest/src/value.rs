//! Tensors as the engine has them, from and to the canonical ones.

use rten::{DataType, Value, ValueType};
use rten_tensor::{AsView, Layout, Tensor as Dense, TensorView};

use crate::tensor::{DType, Tensor};

/// A canonical tensor for the engine.
pub(crate) fn from_tensor(tensor: &Tensor) -> Result<Value, &'static str> {
    let shape: Vec<usize> = tensor.shape().iter().map(|length| *length as usize).collect();
    let data = tensor.data();
    Ok(match tensor.dtype() {
        DType::F32 => dense(&shape, data.as_chunks().0.iter().map(|x| f32::from_le_bytes(*x))),
        DType::I32 => dense(&shape, data.as_chunks().0.iter().map(|x| i32::from_le_bytes(*x))),
        DType::I64 => {
            let narrow = data.as_chunks().0.iter().map(|x| i32::try_from(i64::from_le_bytes(*x)));
            let narrow: Result<Vec<i32>, _> = narrow.collect();
            let narrow = narrow.map_err(|_error| "an integer of more than 32 bits")?;
            dense(&shape, narrow.into_iter())
        }
        DType::Bool => dense(&shape, data.iter().map(|x| i32::from(*x))),
        DType::I8 => dense(&shape, data.iter().map(|x| x.cast_signed())),
        DType::U8 => dense(&shape, data.iter().copied()),
        _ => return Err("a type that the engine does not have"),
    })
}

fn dense<T>(shape: &[usize], elements: impl Iterator<Item = T>) -> Value
where
    Value: From<Dense<T>>,
{
    // INVARIANT of a canonical tensor: its data is as long as its shape says.
    Dense::from_data(shape, elements.collect::<Vec<T>>()).into()
}

/// A result of the engine as the type that the file declares.
pub(crate) fn to_tensor(value: &Value, declared: DType) -> Result<Tensor, String> {
    let (shape, data) = match (value, declared) {
        (Value::FloatTensor(x), DType::F32) => bytes(x.view(), |x| x.to_le_bytes()),
        (Value::Int32Tensor(x), DType::I32) => bytes(x.view(), |x| x.to_le_bytes()),
        (Value::Int32Tensor(x), DType::I64) => bytes(x.view(), |x| i64::from(x).to_le_bytes()),
        (Value::Int32Tensor(x), DType::Bool) => bytes(x.view(), |x| [u8::from(x != 0)]),
        (Value::Int8Tensor(x), DType::I8) => bytes(x.view(), |x| x.to_le_bytes()),
        (Value::UInt8Tensor(x), DType::U8) => bytes(x.view(), |x| [x]),
        _ => return Err(format!("an output is {}, not {declared:?}", value.dtype())),
    };
    let shape = shape.iter().map(|length| u32::try_from(*length));
    let shape: Vec<u32> = shape.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    Tensor::try_new(declared, shape, data).map_err(|error| error.to_string())
}

fn bytes<T: Copy, const N: usize>(
    tensor: TensorView<'_, T>,
    encode: impl Fn(T) -> [u8; N],
) -> (Vec<usize>, Vec<u8>) {
    let mut data = Vec::with_capacity(tensor.len() * N);
    for element in tensor.iter() {
        data.extend_from_slice(&encode(*element));
    }
    (tensor.shape().to_vec(), data)
}

/// Bytes of a result once it is canonical.
pub(crate) fn size(value: &Value, declared: DType) -> u64 {
    let elements = match value {
        Value::FloatTensor(x) => x.len(),
        Value::Int32Tensor(x) => x.len(),
        Value::Int8Tensor(x) => x.len(),
        Value::UInt8Tensor(x) => x.len(),
        _ => 0,
    };
    (elements as u64).saturating_mul(declared.size())
}

/// Whether the engine's own type is the one that stands for a canonical type.
pub(crate) fn stands_for(dtype: DType) -> Option<ValueType> {
    Some(ValueType::Tensor(match dtype {
        DType::F32 => DataType::Float,
        DType::I32 | DType::I64 | DType::Bool => DataType::Int32,
        DType::I8 => DataType::Int8,
        DType::U8 => DataType::UInt8,
        _ => return None,
    }))
}
