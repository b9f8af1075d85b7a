//! The item finder, on sources that are laid out in unkind ways.

use course::book::items::Items;

fn cut(source: &str, path: &str) -> String {
    let items = Items::parse(source).unwrap();
    let cuts: Vec<String> = items
        .find(path)
        .into_iter()
        .map(|entry| items.cut(entry).text)
        .collect();
    cuts.join("\n--\n")
}

#[test]
fn an_item_comes_with_its_attributes_doc_comments_and_plain_comments() {
    let source = "use a::b;\n\n// Why it is so.\n/// What it is.\n#[derive(Debug)]\npub struct A; // at the end\n\nstruct B;\n";
    let expected =
        "// Why it is so.\n/// What it is.\n#[derive(Debug)]\npub struct A; // at the end";
    assert_eq!(cut(source, "A"), expected);
}

#[test]
fn a_comment_that_a_blank_line_parts_from_the_item_stays_behind() {
    assert_eq!(cut("// About the file.\n\nfn f() {}\n", "f"), "fn f() {}");
    assert_eq!(cut("//! About the file.\nfn f() {}\n", "f"), "fn f() {}");
}

#[test]
fn a_method_moves_to_the_left_margin_and_raw_strings_keep_their_text() {
    let source = "struct A;\nimpl A {\n    fn f() -> &'static str {\n        r\"\nleft\n    right\"\n    }\n}\n";
    assert_eq!(
        cut(source, "A::f"),
        "fn f() -> &'static str {\n    r\"\nleft\nright\"\n}"
    );
}

#[test]
fn a_method_is_found_in_any_impl_block_of_its_type() {
    let source =
        "struct A<T>(T);\nimpl<T> A<T> { fn f() {} }\nimpl A<u8> { fn g() {} const N: u8 = 1; }";
    assert_eq!(cut(source, "A::f"), "impl<T> A<T> { fn f() {} }");
    assert!(cut(source, "A::g").contains("fn g()"));
    assert!(cut(source, "A::N").contains("const N"));
    assert!(cut(source, "impl A").contains("--"));
}

#[test]
fn impl_blocks_of_traits_have_paths_with_and_without_arguments() {
    let source = "impl<K: Hash, V> std::ops::Drop for Cache<K, V> {\n    fn drop(&mut self) {}\n}\n\
                  impl From<Vec<u8>> for Key {}\nimpl From<&str> for Key {}\nimpl Weigh for [u8] {}";
    for path in [
        "impl Drop for Cache<K, V>",
        "impl Drop for Cache",
        "impl  Drop for Cache<K,V>",
        "impl std::ops::Drop for Cache",
    ] {
        assert!(
            cut(source, path).starts_with("impl<K: Hash, V> std::ops::Drop"),
            "{path}"
        );
    }
    assert_eq!(
        cut(source, "impl From<Vec<u8>> for Key"),
        "impl From<Vec<u8>> for Key {}"
    );
    assert_eq!(
        cut(source, "impl From<&str> for Key"),
        "impl From<&str> for Key {}"
    );
    assert_eq!(cut(source, "impl Weigh for [u8]"), "impl Weigh for [u8] {}");
}

#[test]
fn an_inherent_method_wins_over_a_traits_of_the_same_name() {
    let source =
        "impl A {\n    fn f() { 1 }\n}\nimpl T for A {\n    fn f() { 2 }\n    fn g() {}\n}";
    assert_eq!(cut(source, "A::f"), "fn f() { 1 }");
    assert_eq!(cut(source, "impl T for A::f"), "fn f() { 2 }");
    assert_eq!(cut(source, "A::g"), "fn g() {}");
}

#[test]
fn every_kind_of_item_has_a_path() {
    let source = "const C: u8 = 1;\nstatic S: u8 = 1;\ntype T = u8;\nenum E { A }\nunion U { a: u8 }\n\
                  trait Tr { fn m(); type X; const K: u8; }\nmacro_rules! mac { () => {} }\nmod inner { fn deep() {} }";
    for path in [
        "C",
        "S",
        "T",
        "E",
        "U",
        "Tr",
        "Tr::m",
        "Tr::X",
        "Tr::K",
        "mac",
        "mac!",
        "inner",
        "inner::deep",
    ] {
        assert!(!cut(source, path).is_empty(), "{path}");
    }
}

#[test]
fn a_test_inside_a_macro_is_cut_with_its_attributes() {
    let source = "proptest! {\n    #![proptest_config(cfg())]\n\n    /// It holds.\n    #[test]\n    fn it_holds(a in 0..9, b in any::<u8>()) {\n        check(a, b);\n    }\n\n    #[test]\n    fn another(c in 1..2) {}\n}\n";
    let expected =
        "/// It holds.\n#[test]\nfn it_holds(a in 0..9, b in any::<u8>()) {\n    check(a, b);\n}";
    assert_eq!(cut(source, "it_holds"), expected);
    assert_eq!(cut(source, "another"), "#[test]\nfn another(c in 1..2) {}");
    assert!(cut(source, "proptest!").starts_with("proptest! {"));
}

#[test]
fn cfg_twins_are_both_shown() {
    let source = "#[cfg(unix)]\nfn f() {}\n#[cfg(windows)]\nfn f() {}\n";
    assert_eq!(
        cut(source, "f"),
        "#[cfg(unix)]\nfn f() {}\n--\n#[cfg(windows)]\nfn f() {}"
    );
}

#[test]
fn text_that_is_not_ascii_does_not_shift_the_cut() {
    let source =
        "/// Ein Käse: →→→ 🧀.\nfn a() {}\n\n/// Größe.\nfn b() -> &'static str { \"é\" }\n";
    assert_eq!(
        cut(source, "b"),
        "/// Größe.\nfn b() -> &'static str { \"é\" }"
    );
}

#[test]
fn the_line_is_the_first_one_shown() {
    let items = Items::parse("\n\n/// Doc.\nfn f() {}\n").unwrap();
    assert_eq!(items.cut(items.find("f")[0]).line, 3);
}
