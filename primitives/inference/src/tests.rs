use alloc::{vec, vec::Vec};

use citrate_core::{AccountId32, H256};
use codec::{Compact, Decode, Encode};

use crate::{
    CardError, Counters, DType, Device, Dim, EngineInfo, ModelCard, NamedTensor, Postprocess,
    Preprocess, Prompt, RANK_MAX, RECEIPT_DOMAIN, RECEIPT_VERSION, Receipt, Refereeable, Sampling,
    TENSORS_MAX, Tensor, TensorError, Tensors, Text, Tolerance, adapter, read,
};

pub(crate) fn magika() -> ModelCard {
    serde_json::from_str(include_str!("../../../scripts/models/magika.json")).unwrap()
}

fn row(bytes: &[u8]) -> Vec<i32> {
    let tensors = adapter::preprocess(&magika(), bytes).unwrap();
    let data = tensors.get("bytes").unwrap().data();
    data.as_chunks().0.iter().map(|chunk| i32::from_le_bytes(*chunk)).collect()
}

#[test]
fn a_tensor_is_its_own_encoding_and_no_other() {
    let tensor = Tensor::try_new(DType::I16, vec![2, 3], (0..12).collect()).unwrap();
    let bytes = tensor.encode();
    assert_eq!(bytes[..11], [4, 8, 2, 0, 0, 0, 3, 0, 0, 0, 48]);
    assert_eq!(Tensor::decode(&mut bytes.as_slice()), Ok(tensor));
    for (desc, wrong) in [
        ("cut short", bytes[..bytes.len() - 1].to_vec()),
        ("unknown type", [&[12], &bytes[1..]].concat()),
        ("a length that is not the shape's", (DType::I16, vec![2u32, 3], vec![0u8; 11]).encode()),
        ("too many dimensions", (DType::U8, vec![1u32; RANK_MAX + 1], vec![0u8]).encode()),
        ("a shape that overflows", (DType::U8, vec![u32::MAX; 8], Vec::<u8>::new()).encode()),
        ("a bool of 2", (DType::Bool, vec![1u32], vec![2u8]).encode()),
        (
            "a long length that is not there",
            (DType::U8, vec![1u32 << 29], Compact(1u32 << 29)).encode(),
        ),
    ] {
        assert!(Tensor::decode(&mut wrong.as_slice()).is_err(), "{desc}");
    }
    assert!(
        Tensor::decode(&mut (DType::U8, vec![1u32; RANK_MAX], vec![7u8]).encode().as_slice())
            .is_ok()
    );
}

#[test]
fn tensors_that_are_not_their_shape_are_not_made() {
    for (shape, length, expected) in [
        (vec![], 4, Ok(())),
        (vec![0, 5], 0, Ok(())),
        (vec![2], 7, Err(TensorError::Length { expected: 8, found: 7 })),
        (vec![1 << 28, 2], 0, Err(TensorError::TooLarge)),
        (vec![0, 1 << 30], 0, Err(TensorError::TooLarge)),
    ] {
        let made = Tensor::try_new(DType::F32, shape.clone(), vec![0; length]).map(|_| ());
        assert_eq!(made, expected, "{shape:?}");
    }
}

#[test]
fn a_set_of_tensors_has_distinct_names_and_nothing_after_it() {
    let tensor = Tensor::try_new(DType::U8, vec![1], vec![1]).unwrap();
    let named = |name: &str| NamedTensor { name: name.into(), tensor: tensor.clone() };
    let set = Tensors::try_new(vec![named("a"), named("b")]).unwrap();
    assert_eq!(Tensors::from_bytes(&set.encode()), Ok(set.clone()));
    assert!(Tensors::from_bytes(&[set.encode(), vec![0]].concat()).is_err());
    assert_eq!(Tensors::try_new(vec![named("a"), named("a")]), Err(TensorError::DuplicateName));
    assert!(Tensors::from_bytes(&vec![named("a"), named("a")].encode()).is_err());
    assert!(Tensors::from_bytes(&vec![named("")].encode()).is_err());
    let many: Vec<_> = (0..=TENSORS_MAX).map(|i| named(&alloc::format!("{i}"))).collect();
    assert_eq!(Tensors::try_new(many.clone()), Err(TensorError::TooMany));
    assert!(Tensors::try_new(many[1..].to_vec()).is_ok());
    assert!(Tensors::from_bytes(&many.encode()).is_err());
}

#[test]
fn decoding_never_panics() {
    let mut state = 1u64;
    for length in 0..400usize {
        let bytes: Vec<u8> = (0..length)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 40) as u8 % 16
            })
            .collect();
        let _ = Tensors::from_bytes(&bytes);
        let _ = ModelCard::decode(&mut bytes.as_slice());
        let _ = Receipt::decode(&mut bytes.as_slice());
        let _ = adapter::preprocess(&magika(), &bytes);
    }
}

#[test]
fn text_is_utf8_within_its_bound() {
    assert_eq!(Text::<4>::try_new("abcd").unwrap().as_str(), "abcd");
    assert_eq!(Text::<4>::try_new("abcde"), None);
    assert_eq!(Text::<4>::truncated("abc\u{e9}").as_str(), "abc");
    assert!(Text::<4>::decode(&mut vec![0xffu8, 0xfe].encode().as_slice()).is_err());
    assert!(Text::<4>::decode(&mut "abcde".encode().as_slice()).is_err());
    assert_eq!(serde_json::from_str::<Text<4>>("\"ab\"").unwrap().encode(), "ab".encode());
    assert!(serde_json::from_str::<Text<4>>("\"abcde\"").is_err());
}

/// Cases with an answer that can be read off the rule; the engine's tests compare with Python's `magika`.
#[test]
fn a_file_window_strips_each_end_and_pads_inwards() {
    let begin = |bytes: &[u8]| row(bytes)[..1024].to_vec();
    let end = |bytes: &[u8]| row(bytes)[1024..].to_vec();
    let pad = |mut head: Vec<i32>, at_end: bool| {
        let missing = vec![256; 1024 - head.len()];
        if at_end {
            head.extend(missing);
        } else {
            head = [missing, head].concat();
        }
        head
    };
    assert_eq!(row(b""), vec![256; 2048]);
    assert_eq!(row(b" \t\n\r\x0b\x0c"), vec![256; 2048]);
    // Only the near end of each block is stripped.
    assert_eq!(begin(b"  ab \n"), pad(vec![97, 98, 32, 10], true));
    assert_eq!(end(b"  ab \n"), pad(vec![32, 32, 97, 98], false));
    // NUL and NBSP are not white space to Python's bytes.
    assert_eq!(begin(b"\0a")[..2], [0, 97]);
    assert_eq!(end(b"a\xa0")[1022..], [97, 160]);
    let long: Vec<u8> = (0..5000u32).map(|i| (33 + i % 90) as u8).collect();
    assert_eq!(begin(&long), long[..1024].iter().map(|b| i32::from(*b)).collect::<Vec<_>>());
    assert_eq!(end(&long), long[3976..].iter().map(|b| i32::from(*b)).collect::<Vec<_>>());
}

#[test]
fn what_is_left_out_of_a_large_file_does_not_change_its_tensors() {
    let mut card = magika();
    for length in [0usize, 1, 4095, 4096, 4097, 8191, 8192, 8193, 100_000] {
        let mut file: Vec<u8> = (0..length).map(|i| (i * 31 % 251) as u8).collect();
        for white in file.iter_mut().rev().take(2000) {
            *white = b' ';
        }
        let submitted = adapter::submission(&card, &file);
        assert!(submitted.len() <= 8192, "{length}");
        let short = adapter::preprocess(&card, &submitted).unwrap();
        card.limits.input_bytes_max = u32::MAX;
        assert_eq!(short, adapter::preprocess(&card, &file).unwrap(), "{length}");
        card.limits.input_bytes_max = 8192;
    }
    assert_eq!(adapter::preprocess(&card, &[b'x'; 8193]), Err(CardError::InputTooLarge));
}

#[test]
fn a_card_that_contradicts_itself_is_refused() {
    type Change = fn(&mut ModelCard);
    let cases: [(&str, Change, Result<(), CardError>); 9] = [
        ("magika", |_| {}, Ok(())),
        ("no name", |card| card.name = Text::default(), Err(CardError::EmptyName)),
        ("no outputs", |card| card.outputs.clear(), Err(CardError::NoTensors)),
        (
            "two outputs of one name",
            |card| card.outputs.try_push(card.outputs[0].clone()).unwrap(),
            Err(CardError::DuplicateName),
        ),
        ("no time", |card| card.limits.time_ms_max = 0, Err(CardError::Limits)),
        ("no memory for the file", |card| card.limits.memory_bytes_max = 1, Err(CardError::Limits)),
        (
            "two tolerances for one output",
            |card| card.tolerance.try_push(card.tolerance[0].clone()).unwrap(),
            Err(CardError::Tolerance),
        ),
        (
            "a window of another width",
            |card| card.inputs[0].shape[1] = Dim::Fixed(2047),
            Err(CardError::Preprocess),
        ),
        (
            "a block without end",
            |card| {
                card.preprocess = Preprocess::FileWindow {
                    begin: 1024,
                    end: 1024,
                    padding: 256,
                    block: adapter::WINDOW_BLOCK_MAX + 1,
                }
            },
            Err(CardError::Preprocess),
        ),
    ];
    for (desc, change, expected) in cases {
        let mut card = magika();
        change(&mut card);
        assert_eq!(card.validate(), expected, "{desc}");
    }
    let card = magika();
    assert_eq!(ModelCard::decode(&mut card.encode().as_slice()), Ok(card));
}

#[test]
fn inputs_are_checked_against_the_card() {
    let mut card = magika();
    card.preprocess = Preprocess::Tensors;
    let input = |dtype: DType, shape: [u32; 2]| {
        let bytes = dtype.size() * u64::from(shape[0] * shape[1]);
        let tensor = Tensor::try_new(dtype, shape.to_vec(), vec![0; bytes as usize]).unwrap();
        Tensors::single("bytes", tensor).unwrap()
    };
    card.limits.input_bytes_max = 1 << 20;
    for (tensors, expected) in [
        (input(DType::I32, [3, 2048]), Ok(())),
        (input(DType::I32, [1, 2047]), Err(CardError::WrongShape(0))),
        (input(DType::I32, [0, 2048]), Err(CardError::WrongShape(0))),
        (input(DType::F32, [1, 2048]), Err(CardError::WrongType(0))),
        (Tensors::default(), Err(CardError::WrongNames)),
    ] {
        assert_eq!(adapter::preprocess(&card, &tensors.encode()).map(|_| ()), expected);
    }
    assert_eq!(adapter::preprocess(&card, b"file"), Err(CardError::NotTensors));
}

#[test]
fn labels_go_with_scores() {
    let card = magika();
    let mut scores = vec![0f32; 214];
    scores[7] = 0.75;
    let data = scores.iter().flat_map(|score| score.to_le_bytes()).collect();
    let output = Tensor::try_new(DType::F32, vec![1, 214], data).unwrap();
    let outputs = Tensors::single("target_label", output).unwrap();
    let classes = read::classes(&card, &outputs, None).unwrap();
    assert_eq!((classes.len(), classes[0].label.as_str(), classes[0].score), (214, "asm", 0.75));
    let short = Tensor::try_new(DType::F32, vec![1], vec![0; 4]).unwrap();
    assert_eq!(read::classes(&card, &Tensors::single("target_label", short).unwrap(), None), None);
}

#[test]
fn every_part_of_a_receipt_is_signed() {
    let receipt = Receipt {
        version: RECEIPT_VERSION,
        genesis: H256([1; 32]),
        job: H256([2; 32]),
        attempt: 0,
        model: H256([3; 32]),
        input: H256([4; 32]),
        output: H256([5; 32]),
        digest: None,
        engine: EngineInfo {
            name: Text::truncated("onnxruntime"),
            version: Text::truncated("1.32.0"),
            device: Device::Cpu,
            settings: H256([6; 32]),
        },
        counters: Counters::default(),
        provider: AccountId32::new([7; 32]),
    };
    assert!(receipt.signing_payload().starts_with(RECEIPT_DOMAIN));
    let changes: [fn(&mut Receipt); 11] = [
        |r| r.version += 1,
        |r| r.genesis.0[0] ^= 1,
        |r| r.job.0[0] ^= 1,
        |r| r.attempt += 1,
        |r| r.model.0[0] ^= 1,
        |r| r.input.0[0] ^= 1,
        |r| r.output.0[0] ^= 1,
        |r| r.digest = Some(H256([9; 32])),
        |r| r.engine.settings.0[0] ^= 1,
        |r| r.counters.elapsed_ms += 1,
        |r| r.provider = AccountId32::new([8; 32]),
    ];
    for change in changes {
        let mut other = receipt.clone();
        change(&mut other);
        assert_ne!(other.hash(), receipt.hash());
    }
}

/// The card of a model that goes on with texts of 100 tokens at most.
fn writer() -> ModelCard {
    let mut card = magika();
    let tokens = Dim::Dynamic(Text::truncated("tokens"));
    card.preprocess = Preprocess::Prompt { ends: vec![2].try_into().unwrap(), tokens_max: 100 };
    card.inputs[0].name = Text::truncated("input_ids");
    card.inputs[0].dtype = DType::I64;
    card.inputs[0].shape[1] = tokens.clone();
    card.outputs[0].name = Text::truncated("tokens");
    card.outputs[0].dtype = DType::I32;
    card.outputs[0].shape = vec![tokens, Dim::Fixed(2)].try_into().unwrap();
    card.tolerance[0] = Tolerance::Tokens { prefix: 1, margin_micro: 1_000 };
    card.referee = Refereeable::No;
    card
}

#[test]
fn what_the_referee_cannot_judge_is_not_said_to_be_judged() {
    let yes = Refereeable::Yes { fuel: 1, memory_bytes: 1 };
    let judged = |change: fn(&mut ModelCard), card: ModelCard| {
        let mut card = ModelCard { referee: yes, ..card };
        change(&mut card);
        card.validate()
    };
    assert_eq!(judged(|_| {}, magika()), Ok(()));
    // Its bits are not the engine's, but for integers they are.
    assert_eq!(
        judged(|card| card.tolerance = Default::default(), magika()),
        Err(CardError::Tolerance)
    );
    let integers = |card: &mut ModelCard| {
        card.tolerance = Default::default();
        card.postprocess = Postprocess::Tensors;
        card.outputs[0].dtype = DType::I32;
    };
    assert_eq!(judged(integers, magika()), Ok(()));
    assert_eq!(judged(|_| {}, writer()), Err(CardError::Preprocess));
}

#[test]
fn a_card_of_a_model_of_texts_is_what_the_engine_takes() {
    type Change = fn(&mut ModelCard);
    let refuse = |change: Change| {
        let mut card = writer();
        change(&mut card);
        card.validate().unwrap_err()
    };
    assert_eq!(writer().validate(), Ok(()));
    for change in [
        (|card| card.inputs[0].name = Text::truncated("ids")) as Change,
        |card| card.inputs[0].dtype = DType::I32,
        |card| card.inputs[0].shape[1] = Dim::Fixed(7),
        |card| card.outputs[0].name = Text::truncated("text"),
        |card| card.preprocess = Preprocess::Prompt { ends: Default::default(), tokens_max: 100 },
        |card| {
            card.preprocess =
                Preprocess::Prompt { ends: vec![2].try_into().unwrap(), tokens_max: 1 };
        },
    ] {
        assert_eq!(refuse(change), CardError::Preprocess);
    }
    // The tolerance means nothing for another kind of output.
    assert_eq!(refuse(|card| card.outputs[0].shape[1] = Dim::Fixed(3)), CardError::Tolerance);
}

#[test]
fn a_prompt_is_checked_before_anything_runs() {
    let prompt = |tokens: u32, new_tokens_max, sampling| {
        let tokens: Vec<u32> = (0..tokens).collect();
        Prompt { tokens: tokens.try_into().unwrap(), new_tokens_max, sampling }
    };
    let check = |prompt: &Prompt| adapter::prompt(&writer(), &prompt.encode());
    let good = prompt(60, 40, Sampling::Greedy);
    assert_eq!(check(&good), Ok(good.clone()));
    assert_eq!(check(&prompt(61, 40, Sampling::Greedy)), Err(CardError::PromptTooLong));
    assert_eq!(check(&prompt(60, u32::MAX, Sampling::Greedy)), Err(CardError::PromptTooLong));
    assert_eq!(check(&prompt(60, 0, Sampling::Greedy)), Err(CardError::PromptTooLong));
    assert_eq!(check(&prompt(0, 40, Sampling::Greedy)), Err(CardError::NotPrompt));
    let cold = Sampling::Seeded { temperature_milli: 0, top_k: 0, top_p_milli: 1_000, seed: 0 };
    assert_eq!(check(&prompt(1, 1, cold)), Err(CardError::Sampling));
    let long = [good.encode(), vec![0]].concat();
    assert_eq!(adapter::prompt(&writer(), &long), Err(CardError::NotPrompt));
    let huge = vec![0; 8_193];
    assert_eq!(adapter::prompt(&writer(), &huge), Err(CardError::InputTooLarge));
    // Each kind of model takes its own kind of input.
    assert_eq!(adapter::prompt(&magika(), &good.encode()), Err(CardError::NotPrompt));
    assert_eq!(adapter::preprocess(&writer(), &good.encode()), Err(CardError::NotTensors));
}
