//! Runs ONNX models through ONNX Runtime, within limits of time, memory and output.
