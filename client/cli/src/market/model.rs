//! `citrate model`.

use super::{LIST_MAX, Session, account, examples, row, tokens};
use crate::args::RemoteArgs;
use anyhow::{Context, Result, anyhow, bail, ensure};
use citrate_api::inference_api;
use citrate_core::{AccountId32, H256, MultiAddress, Permill};
use citrate_inference_types::{Access, Example, ModelCard, ModelInfo, content_hash};
use clap::Subcommand;
use codec::{Compact, Encode};
use std::path::{Path, PathBuf};

#[derive(Subcommand, Debug)]
pub(crate) enum ModelCommand {
    /// Register an ONNX file under a model card.
    Register {
        /// The ONNX file; its SHA-256 is the model's name on chain.
        file: PathBuf,
        /// The card, JSON.
        #[arg(long)]
        card: PathBuf,
        /// Price of a run, in the token's smallest unit.
        #[arg(long)]
        price: u128,
        /// A file that the card names by its hash, such as a tokenizer, to store with the node; may be repeated.
        #[arg(long)]
        asset: Vec<PathBuf>,
        /// An input, as `infer --file` takes it: the model is run on it here, and what it gives stands in the card, for
        /// providers to find the same before the model takes jobs; may be repeated.
        #[arg(long, value_name = "INPUT")]
        example: Vec<PathBuf>,
        /// ONNX Runtime's shared library, to run the examples [default: searched].
        #[arg(long, value_name = "PATH", env = "CITRATE_ONNXRUNTIME")]
        onnxruntime: Option<PathBuf>,
    },
    /// List the registered models.
    Ls,
    /// Show what the chain knows of a model.
    Show {
        /// The model, by hash or name.
        model: String,
    },
    /// Say who may submit jobs for a model of yours; jobs that were accepted stay.
    Access {
        /// The model, by hash or name.
        model: String,
        /// `public`, `list`, or what each job that settles costs on top, in the token's smallest unit.
        #[arg(value_parser = access)]
        access: Access,
    },
    /// Put an account on a model's list.
    Grant {
        /// The model, by hash or name.
        model: String,
        /// The account, an SS58 address.
        #[arg(value_parser = account)]
        account: AccountId32,
    },
    /// Take an account off a model's list.
    Revoke {
        /// The model, by hash or name.
        model: String,
        /// The account, an SS58 address.
        #[arg(value_parser = account)]
        account: AccountId32,
    },
    /// Dispute that a model is what its card says: with one of its examples, which the referee runs; costs the bond if the model
    /// does what the card says, and a provider who vouched for it its stake if it does not.
    Dispute {
        /// The model, by hash or name.
        model: String,
        /// The example's place in the card, from 0 on.
        #[arg(long, default_value_t = 0)]
        example: u32,
    },
    /// Ask for another part of the price of each job to come.
    Share {
        /// The model, by hash or name.
        model: String,
        /// The owner's part, in millionths of the price.
        #[arg(value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
        millionths: u32,
    },
}

fn access(text: &str) -> Result<Access, String> {
    match text {
        "public" => Ok(Access::Public),
        "list" => Ok(Access::List),
        fee => match fee.parse() {
            Ok(fee) => Ok(Access::PayPerUse { fee }),
            Err(_) => Err("neither `public`, `list` nor a number".into()),
        },
    }
}

pub(crate) fn execute(remote: &RemoteArgs, command: ModelCommand) -> Result<()> {
    let session = Session::open(&remote.node, &remote.signer)?;
    let session = &session;
    match command {
        ModelCommand::Register { file, card, price, asset, example, onnxruntime } => {
            let mut card = read(&card)?;
            let given = examples::run(&file, &card, &example, onnxruntime)?;
            if !given.is_empty() {
                let named = examples::named(&given)?.try_into();
                card.examples = named.map_err(|_many| anyhow!("too many examples"))?;
            }
            // Before the card, so that who checks the model finds what it takes.
            assets(session, &card, &asset)?;
            examples::upload(session, &given)?;
            register(session, &file, &card, price)?;
        }
        ModelCommand::Ls => {
            for model in inference_api::models(&session.node, None::<H256>, LIST_MAX)? {
                let card = &model.card;
                let about = format!(
                    "{} {}  {}  {:?}",
                    card.name.as_str(),
                    card.version.as_str(),
                    price(&model),
                    model.status
                );
                row(&format!("{:?}", model.hash), &format!("  {about}"));
            }
        }
        ModelCommand::Show { model } => show(&session.find_model(&model)?),
        ModelCommand::Access { model, access } => {
            change(session, &model, "set_access", &access)?;
            row("access", &access_of(&access));
        }
        ModelCommand::Grant { model, account } => {
            change(session, &model, "grant", &address(&account))?;
            row("granted", &account.to_string());
        }
        ModelCommand::Revoke { model, account } => {
            change(session, &model, "revoke", &address(&account))?;
            row("revoked", &account.to_string());
        }
        ModelCommand::Dispute { model, example } => dispute(session, &model, example)?,
        ModelCommand::Share { model, millionths } => {
            let share = Permill::from_parts(millionths);
            change(session, &model, "set_share", &share)?;
            row("owner's share", &share_of(share));
        }
    }
    Ok(())
}

fn dispute(session: &Session, model: &str, at: u32) -> Result<()> {
    let model = session.find_model(model)?;
    let example = model.card.examples.get(usize::try_from(at)?);
    let example = example.with_context(|| format!("the card has no example {at}"))?;
    // The committee's nodes look for both.
    session.artifact(example.input).context("the example's input")?;
    let expected = session.artifact(example.output).context("the example's output")?;
    let arguments = (model.hash, at, expected).encode();
    let call = session.runtime.call("ModelRegistry", "dispute_report", &arguments)?;
    let accepted = session.signer.send(&session.node, &session.runtime, &call)?;
    let opened = accepted.events.iter().find(|event| event.name == "ModelRegistry.ReportDisputed");
    match opened.and_then(|event| event.hash("case")) {
        Some(case) => row("report disputed", &format!("case {case:?}, block {}", accepted.number)),
        None => row("report false", &format!("no run gives that, block {}", accepted.number)),
    }
    Ok(())
}

fn address(account: &AccountId32) -> MultiAddress<AccountId32, ()> {
    MultiAddress::Id(account.clone())
}

/// Changes a model of the signer's by a call that takes its hash and one thing more.
fn change(session: &Session, model: &str, call: &str, argument: &impl Encode) -> Result<()> {
    let model = session.find_model(model)?.hash;
    let call = session.runtime.call("ModelRegistry", call, &(model, argument).encode())?;
    session.signer.send(&session.node, &session.runtime, &call)?;
    Ok(())
}

/// What a job costs.
fn price(model: &ModelInfo) -> String {
    match model.access {
        Access::Public => tokens(model.price),
        Access::List => format!("{}, by list", tokens(model.price)),
        Access::PayPerUse { fee } => format!("{} + {}", tokens(model.price), tokens(fee)),
    }
}

fn access_of(access: &Access) -> String {
    match access {
        Access::Public => "public".into(),
        Access::List => "by list".into(),
        Access::PayPerUse { fee } => format!("{} for each job", tokens(*fee)),
    }
}

fn share_of(share: Permill) -> String {
    let millionths = share.deconstruct();
    format!("{}.{:04} % of the price", millionths / 10_000, millionths % 10_000)
}

fn show(model: &ModelInfo) {
    let card = &model.card;
    row("model", &format!("{} {}, {:?}", card.name, card.version, card.task));
    row("", &format!("{:?}", model.hash));
    row("status", &format!("{:?}", model.status));
    if let Some(approval) = &model.approval {
        let (engine, at) = (&approval.engine, approval.at);
        row("approved by", &approval.provider.to_string());
        let device = format!("{:?}", engine.device).to_lowercase();
        row("", &format!("{} {}, {device}, block {at}", engine.name, engine.version));
    }
    for rejection in &model.rejections {
        row("rejected by", &rejection.provider.to_string());
        row("", &format!("{}, block {}", rejection.reason, rejection.at));
    }
    row("examples", &card.examples.len().to_string());
    row("owner", &model.owner.to_string());
    row("price", &tokens(model.price));
    row("access", &access_of(&model.access));
    row("owner's share", &share_of(model.share));
    row("deposit", &tokens(model.deposit));
    row("registered", &format!("block {}", model.registered_at));
    for (name, version) in [("replaces", model.previous), ("replaced by", model.next)] {
        if let Some(version) = version {
            row(name, &format!("{version:?}"));
        }
    }
}

/// Gives the node the file and registers it; returns the model's hash.
pub(crate) fn register(
    session: &Session,
    file: &Path,
    card: &ModelCard,
    price: u128,
) -> Result<H256> {
    card.validate().context("the model's card")?;
    let about = || file.display().to_string();
    let length = std::fs::metadata(file).with_context(about)?.len();
    ensure!(card.bytes == length, "the card says {} bytes, the file has {length}", card.bytes);
    let bytes = std::fs::read(file).with_context(about)?;
    let model = content_hash(&bytes);
    if let Err(reason) = session.upload(&bytes) {
        row("model not stored", &format!("{reason:#}"));
        row("", "store it with `citrate artifact add` on every machine that serves it");
    }
    let arguments = (model, card, Compact(price)).encode();
    let call = session.runtime.call("ModelRegistry", "register", &arguments)?;
    let accepted = session.signer.send(&session.node, &session.runtime, &call)?;
    registered(card, &model, accepted.number);
    Ok(model)
}

/// Gives the node files that the card names.
fn assets(session: &Session, card: &ModelCard, files: &[PathBuf]) -> Result<()> {
    for path in files {
        let about = || path.display().to_string();
        let bytes = std::fs::read(path).with_context(about)?;
        let hash = content_hash(&bytes);
        let asset = card.assets.iter().find(|asset| asset.hash == hash);
        let is_example = |example: &Example| [example.input, example.output].contains(&hash);
        let name = match asset {
            Some(asset) => asset.name.as_str(),
            None if card.examples.iter().any(is_example) => "example",
            None => bail!("{}: the card names no such file", about()),
        };
        session.upload(&bytes).with_context(about)?;
        row("asset stored", &format!("{name}, {} bytes", bytes.len()));
    }
    Ok(())
}

/// A card from its file.
pub(super) fn read(card: &Path) -> Result<ModelCard> {
    let about = || card.display().to_string();
    let json = std::fs::read(card).with_context(about)?;
    serde_json::from_slice(&json).with_context(about)
}

/// Tells of a registered model.
pub(super) fn registered(card: &ModelCard, hash: &H256, block: u32) {
    let (name, version, bytes) = (&card.name, &card.version, card.bytes);
    row("model registered", &format!("{name} {version}, {bytes} bytes, block {block}"));
    row("", &format!("{hash:?}"));
}
