//! What must hold for every input, whoever sends it. The fuzzer looks for one where it does not; the test
//! below tries those in `corpus`, which are kept because they are, or were, hard.

pub mod bolt_file;
pub mod bolt_page;
pub mod percent;
pub mod router;

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// All inputs of this name, whatever they are.
    fn each_of(corpus: &str, check: fn(&[u8])) {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("corpus")
            .join(corpus);
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            println!("{}", path.display());
            check(&fs::read(&path).unwrap());
        }
    }

    /// Those that are a text. The fuzzer may have left others.
    fn each_text(input: &[u8], check: fn(&str)) {
        if let Ok(input) = str::from_utf8(input) {
            check(input);
        }
    }

    #[test]
    fn files_of_the_corpus_are_read_and_written_as_they_should_be() {
        each_of("bolt_file", crate::bolt_file::check);
    }

    #[test]
    fn pages_of_the_corpus_are_decoded_as_they_should_be() {
        each_of("bolt_page", crate::bolt_page::check);
    }

    #[test]
    fn paths_of_the_corpus_are_decoded_as_they_should_be() {
        each_of("percent", |input| each_text(input, crate::percent::check));
    }

    #[test]
    fn routes_of_the_corpus_match_as_they_should() {
        each_of("router", |input| each_text(input, crate::router::check));
    }
}
