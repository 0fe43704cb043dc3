//! Pictures as the bytes of their pixels.

use std::io::Cursor;

use citrate_inference_types::{DType, Dim, ModelCard, Preprocess, Tensor, Tensors};
use image::{ImageReader, Limits, imageops};

use crate::AdapterError;

/// LIMIT: bytes of a file.
pub const PICTURE_BYTES_MAX: usize = 32 << 20;
/// LIMIT: pixels of a picture's side.
const SIDE_MAX: u32 = 16_384;
/// LIMIT: bytes that decoding takes.
const MEMORY_MAX: u64 = 1 << 30;

/// The input of a model that takes one picture as `u8[1, height, width, 3]`, red, green and blue: the middle of the
/// picture, as large as it gives, resampled with a bicubic filter.
///
/// # Errors
/// If the model takes something else, or the file is no PNG or JPEG picture within the limits.
pub fn picture(card: &ModelCard, file: &[u8]) -> Result<Tensors, AdapterError> {
    let (Preprocess::Tensors, [input]) = (&card.preprocess, card.inputs.as_slice()) else {
        return Err(AdapterError::NotTaken("picture"));
    };
    let [
        Dim::Dynamic(_) | Dim::Fixed(1),
        Dim::Fixed(height @ 1..),
        Dim::Fixed(width @ 1..),
        Dim::Fixed(3),
    ] = *input.shape.as_slice()
    else {
        return Err(AdapterError::NotTaken("picture"));
    };
    if input.dtype != DType::U8 || height > SIDE_MAX || width > SIDE_MAX {
        return Err(AdapterError::NotTaken("picture"));
    }
    let pixels = resampled(file, width, height)?;
    let wrong = |error: &dyn std::fmt::Display| AdapterError::Card(error.to_string());
    let tensor = Tensor::try_new(DType::U8, vec![1, height, width, 3], pixels)
        .map_err(|error| wrong(&error))?;
    let tensors = Tensors::single(input.name.as_str(), tensor).map_err(|error| wrong(&error))?;
    card.check_inputs(&tensors).map_err(|error| wrong(&error))?;
    Ok(tensors)
}

/// The pixels of the middle of a picture.
fn resampled(file: &[u8], width: u32, height: u32) -> Result<Vec<u8>, AdapterError> {
    if file.len() > PICTURE_BYTES_MAX {
        let (bytes, max) = (file.len(), PICTURE_BYTES_MAX);
        return Err(AdapterError::TooLarge { what: "a picture", bytes, max });
    }
    let unusable = |error: image::ImageError| AdapterError::Picture(error.to_string());
    let mut reader = ImageReader::new(Cursor::new(file))
        .with_guessed_format()
        .map_err(|error| unusable(error.into()))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(MEMORY_MAX);
    reader.limits(limits);
    let picture = reader.decode().map_err(unusable)?.into_rgb8();
    let (has_width, has_height) = picture.dimensions();
    // As much as has the wanted proportions.
    let fits = |from: u32, by: u32, of: u32| {
        u32::try_from(u64::from(from) * u64::from(by) / u64::from(of)).unwrap_or(u32::MAX)
    };
    let crop_width = has_width.min(fits(has_height, width, height)).max(1);
    let crop_height = has_height.min(fits(has_width, height, width)).max(1);
    let (left, top) = ((has_width - crop_width) / 2, (has_height - crop_height) / 2);
    let middle = imageops::crop_imm(&picture, left, top, crop_width, crop_height).to_image();
    Ok(imageops::resize(&middle, width, height, imageops::FilterType::CatmullRom).into_raw())
}
