//! The namespaces, and nodes in them.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use super::program;
use crate::command::citrate;
use crate::node::Node;

/// A network of namespaces; they are gone when it is dropped.
pub(super) struct Lab {
    child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    places: Vec<Place>,
}

/// A namespace with one address.
struct Place {
    namespace: String,
    address: String,
}

impl Lab {
    /// So many namespaces; packets between them arrive at once.
    pub(super) fn new(nodes: usize) -> Self {
        let mut child = Command::new("python3")
            .arg(program())
            .arg(nodes.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("starts");
        let commands = child.stdin.take().expect("piped");
        let answers = BufReader::new(child.stdout.take().expect("piped"));
        let mut lab = Self { child, commands, answers, places: Vec::new() };
        let described = lab.answer();
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let place = |node: &Value| Place {
            namespace: text(&node["namespace"]),
            address: text(&node["address"]),
        };
        lab.places = described["nodes"].as_array().expect("nodes").iter().map(place).collect();
        lab
    }

    fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("an answer");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    /// Sets delay, loss or partitions.
    pub(super) fn set(&mut self, change: &Value) {
        writeln!(self.commands, "{change}").expect("the network lives");
        assert_eq!(self.answer(), json!("ok"), "{change}");
    }

    /// Starts a node of the local chain in the namespace of this number, which counts from 1; it
    /// knows another node, if any.
    pub(super) fn start(
        &self,
        number: usize,
        base: &Path,
        args: &[&str],
        known: Option<&str>,
    ) -> Node {
        let Place { namespace, address } = &self.places[number - 1];
        let node = citrate(["--chain", "local", "--no-inference", "--pruning", "256"]);
        // The same command, as the namespace's.
        let mut command = Command::new("nsenter");
        command.arg(format!("--net={namespace}")).arg("--").arg(node.get_program());
        command.args(node.get_args()).stdin(Stdio::null());
        for (name, value) in node.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.arg("--base-path").arg(base).args(args);
        command.args(["--rpc-host", address, "--rpc-port", "9944"]);
        command.arg("--listen-addr").arg(format!("/ip4/{address}/tcp/30333"));
        if let Some(known) = known {
            command.args(["--bootnodes", known]);
        }
        Node::start(command)
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
