use citrate_inference_types::{ModelCard, Preprocess, Sampling};
use image::{ImageFormat, RgbImage};
use std::io::Cursor;

use super::*;

fn card(name: &str) -> ModelCard {
    let json = match name {
        "minilm" => include_str!("../../../scripts/models/minilm.json"),
        "smollm2" => include_str!("../../../scripts/models/smollm2.json"),
        _ => include_str!("../../../scripts/models/efficientnet.json"),
    };
    let card: ModelCard = serde_json::from_str(json).unwrap();
    card.validate().unwrap();
    card
}

/// A tokenizer of single words: one token each, `[UNK]` for what it does not know, padded to 8 by its file.
fn words() -> Tokenizer {
    let json = r#"{
        "version": "1.0", "added_tokens": [], "normalizer": {"type": "Lowercase"},
        "truncation": {"max_length": 2, "strategy": "LongestFirst", "stride": 0, "direction": "Right"},
        "padding": {"strategy": {"Fixed": 8}, "direction": "Right", "pad_to_multiple_of": null,
            "pad_id": 0, "pad_type_id": 0, "pad_token": "[UNK]"},
        "pre_tokenizer": {"type": "Whitespace"}, "post_processor": null, "decoder": null,
        "model": {"type": "WordLevel", "unk_token": "[UNK]",
            "vocab": {"[UNK]": 0, "one": 1, "two": 2, "three": 3}}
    }"#;
    Tokenizer::from_json(json.as_bytes()).unwrap()
}

#[test]
fn a_text_is_neither_padded_nor_cut() {
    let encoded = words().encode("One TWO three four").unwrap();
    assert_eq!((encoded.ids, encoded.types), (vec![1, 2, 3, 0], vec![0; 4]));
    assert_eq!(words().decode(&[3, 1]).unwrap(), "three one");
}

#[test]
fn the_inputs_of_a_reader_are_those_of_its_card() {
    let tensors = embed(&card("minilm"), &words(), "two one").unwrap();
    let of = |name: &str| tensors.get(name).unwrap().data().as_chunks().0.to_vec();
    let values = |name: &str| of(name).iter().map(|b| i64::from_le_bytes(*b)).collect::<Vec<_>>();
    assert_eq!(values("input_ids"), [2, 1]);
    assert_eq!(values("attention_mask"), [1, 1]);
    assert_eq!(values("token_type_ids"), [0, 0]);
    assert_eq!(embed(&card("smollm2"), &words(), "one"), Err(AdapterError::NotTaken("text")));
    assert_eq!(embed(&card("efficientnet"), &words(), "one"), Err(AdapterError::NotTaken("text")));
    // No token is no input.
    assert!(matches!(embed(&card("minilm"), &words(), " "), Err(AdapterError::Card(_))));
}

#[test]
fn a_prompt_is_within_the_models_limits() {
    let card = card("smollm2");
    let make = |text: &str, new| prompt(&card, &words(), text, new, Sampling::Greedy);
    let made = make("one two", 8_190).unwrap();
    assert_eq!((made.tokens.as_slice(), made.new_tokens_max), (&[1, 2][..], 8_190));
    assert!(matches!(make("one two", 8_191), Err(AdapterError::Card(_))));
    assert!(matches!(make("", 1), Err(AdapterError::Card(_))));
    assert!(make(&"one ".repeat(4_000), 1).is_ok());
    assert!(matches!(make(&"one ".repeat(4_001), 1), Err(AdapterError::Card(_))));
    let text = "one".repeat(TEXT_BYTES_MAX / 3 + 1);
    assert!(matches!(make(&text, 1), Err(AdapterError::TooLarge { what: "a text", .. })));
    assert_eq!(fill("user: {prompt}\nbot:", "{prompt}"), "user: {prompt}\nbot:");
    let other = prompt(&self::card("minilm"), &words(), "one", 1, Sampling::Greedy);
    assert_eq!(other, Err(AdapterError::NotTaken("prompt")));
}

#[test]
fn a_texts_tokens_come_without_margins_and_end() {
    use citrate_inference_types::{DType, Tensor, Tensors};
    let text = |rows: &[[i32; 2]]| {
        let data = rows.concat().iter().flat_map(|value| value.to_le_bytes()).collect();
        let tensor = Tensor::try_new(DType::I32, vec![rows.len() as u32, 2], data).unwrap();
        tokens(&card("smollm2"), &Tensors::single("tokens", tensor).unwrap())
    };
    assert_eq!(text(&[[7, 100], [9, 5], [2, 1]]), Some(vec![7, 9]));
    assert_eq!(text(&[[7, 100], [2, 5], [9, 1]]), Some(vec![7, 2, 9]));
    assert_eq!(text(&[]), Some(vec![]));
    assert_eq!(tokens(&card("smollm2"), &Tensors::default()), None);
    assert_eq!(tokens(&card("minilm"), &Tensors::default()), None);
}

#[test]
fn what_is_no_tokenizer_is_refused() {
    for json in ["", "{}", "[1]", "{\"model\": {}}"] {
        let refused = Tokenizer::from_json(json.as_bytes());
        assert!(matches!(refused, Err(AdapterError::Tokenizer(_))), "{json}");
    }
    let large = vec![b' '; TOKENIZER_BYTES_MAX + 1];
    assert!(matches!(Tokenizer::from_json(&large), Err(AdapterError::TooLarge { .. })));
}

/// A picture whose middle square is green, with red on its left and right.
fn wide() -> Vec<u8> {
    let picture = RgbImage::from_fn(900, 300, |x, _| {
        image::Rgb(if (300..600).contains(&x) { [0, 255, 0] } else { [255, 0, 0] })
    });
    let mut file = Vec::new();
    picture.write_to(&mut Cursor::new(&mut file), ImageFormat::Png).unwrap();
    file
}

#[test]
fn the_middle_of_a_picture_is_what_a_model_sees() {
    let tensors = picture(&card("efficientnet"), &wide()).unwrap();
    let tensor = tensors.get("image").unwrap();
    assert_eq!(tensor.shape(), [1, 224, 224, 3]);
    assert!(tensor.data().as_chunks().0.iter().all(|pixel| *pixel == [0, 255, 0]));
    assert_eq!(picture(&card("minilm"), &wide()), Err(AdapterError::NotTaken("picture")));
    let mut floats = card("efficientnet");
    floats.inputs[0].dtype = citrate_inference_types::DType::F32;
    assert_eq!(picture(&floats, &wide()), Err(AdapterError::NotTaken("picture")));
    floats.preprocess = Preprocess::FileWindow { begin: 1, end: 1, padding: 0, block: 1 };
    assert_eq!(picture(&floats, &wide()), Err(AdapterError::NotTaken("picture")));
}

#[test]
fn what_is_no_picture_is_refused() {
    let card = card("efficientnet");
    let cut = wide();
    for file in [b"".as_slice(), b"not a picture at all", &cut[..cut.len() / 2]] {
        assert!(matches!(picture(&card, file), Err(AdapterError::Picture(_))), "{}", file.len());
    }
    // A few bytes that promise a picture of gigabytes.
    let mut bomb = wide();
    bomb[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    assert!(matches!(picture(&card, &bomb), Err(AdapterError::Picture(_))));
    let large = vec![0; PICTURE_BYTES_MAX + 1];
    assert!(matches!(picture(&card, &large), Err(AdapterError::TooLarge { .. })));
}
