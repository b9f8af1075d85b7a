//! Turns proto/geecache.proto into Rust. protox is a protobuf compiler in Rust, so that nobody has to
//! install protoc.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=proto");
    let messages = protox::compile(["geecache.proto"], ["proto"])?;
    prost_build::Config::new()
        .bytes(["."]) // share the buffer that was received, where Vec would copy out of it
        .compile_fds(messages)?;
    Ok(())
}
