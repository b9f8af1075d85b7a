use std::future::ready;

use bytes::Bytes;

use crate::geecache::lru::Weigh;
use crate::geecache::{ByteView, Group};

#[tokio::test]
async fn a_load_and_two_hits_share_the_same_memory() {
    let getter = |key: Bytes| ready(Ok(Some(ByteView::from(format!("value of {key:?}")))));
    let group = Group::builder("views", getter).build();
    let loaded = group.get("key").await.unwrap().unwrap();
    let hits = [
        group.get("key").await.unwrap().unwrap(),
        group.get("key").await.unwrap().unwrap(),
    ];
    assert_eq!(hits.map(|view| view.as_ptr()), [loaded.as_ptr(); 2]);
}

#[test]
fn a_clone_outlives_its_original_and_shares_its_memory() {
    let view = ByteView::from("text".to_string());
    let clone = view.clone();
    assert_eq!(clone.as_ptr(), view.as_ptr());
    drop(view);
    assert_eq!(&clone[..], b"text");
}

#[test]
fn bytes_go_in_and_come_out_without_a_copy() {
    let bytes = Bytes::from(vec![1, 2, 3]);
    let address = bytes.as_ptr();
    let view = ByteView::from(bytes);
    assert_eq!(view.as_ptr(), address);
    let bytes = view.into_bytes();
    assert_eq!(bytes.as_ptr(), address);
    assert_eq!(&bytes[..], [1, 2, 3]);
}

#[test]
fn a_view_can_be_made_from_bytes_a_vec_a_string_and_a_static_text() {
    let views = [
        ByteView::from(Bytes::from_static(b"text")),
        ByteView::from(b"text".to_vec()),
        ByteView::from(String::from("text")),
        ByteView::from("text"),
    ];
    for view in views {
        assert_eq!(view, ByteView::from("text"));
        assert_eq!(&view[..], b"text");
        assert_eq!(view.as_ref(), b"text");
    }
}

#[test]
fn the_weight_of_a_view_is_its_length() {
    let table: [(&[u8], usize); 4] = [(b"", 0), (b"a", 1), (b"\0\xff", 2), (&[7; 1000], 1000)];
    for (bytes, weight) in table {
        assert_eq!(ByteView::from(bytes.to_vec()).weight(), weight);
    }
    let slice = Bytes::from(vec![0; 1000]).slice(10..14);
    assert_eq!(ByteView::from(slice).weight(), 4);
    assert_eq!(ByteView::default().weight(), 0);
}

#[test]
fn debug_shows_the_bytes() {
    let view = ByteView::from(b"a\"\n\0\xff".to_vec());
    assert_eq!(format!("{view:?}"), r#"b"a\"\n\0\xff""#);
}
