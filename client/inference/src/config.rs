use std::path::PathBuf;

/// Where models should run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum DeviceChoice {
    /// A GPU if this build and machine have one, else the processor.
    #[default]
    Auto,
    /// The processor.
    Cpu,
    /// An NVIDIA GPU; an error if there is none.
    Cuda,
    /// Apple's neural engine or GPU; an error if there is none.
    CoreMl,
}

/// How the engine runs.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// ONNX Runtime's shared library; else it is searched, see [`library_path`](crate::library_path).
    pub library: Option<PathBuf>,
    /// Where models run.
    pub device: DeviceChoice,
    /// Threads of one run.
    pub threads: usize,
    /// Most runs at a time.
    pub runs_max: usize,
    /// Most rows of jobs of one model that are run together, if its card has a batch axis; 1 runs each by itself. Absent,
    /// it is 8 on a GPU and 1 on the processor, where one run of many rows takes as long as many runs of one.
    pub batch_rows_max: Option<u32>,
    /// How long the first job waits for others, in milliseconds.
    pub batch_wait_ms: u32,
    /// Most jobs of a model that wait to be run together.
    pub batch_waiting_max: usize,
    /// Most bytes of models kept loaded and of their runs, together. The process's first engine decides.
    pub memory_bytes_max: u64,
    /// Longest run.
    pub time_ms_max: u32,
    /// Most SCALE bytes of one run's outputs.
    pub output_bytes_max: u32,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            library: None,
            device: DeviceChoice::Auto,
            threads: 1,
            runs_max: 2,
            batch_rows_max: None,
            batch_wait_ms: 20,
            batch_waiting_max: 64,
            memory_bytes_max: 4 << 30,
            time_ms_max: 120_000,
            output_bytes_max: 16 << 20,
        }
    }
}
