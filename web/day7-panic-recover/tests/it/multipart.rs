//! Forms with files: what arrives, what is refused, and what is left on the disk.

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::CONTENT_TYPE;
use hyper::{Method, Request};
use tokio::io::AsyncWriteExt;

use crate::gee::{BoxError, Context, Engine};
use crate::support::{Server, eventually, request, request_with, text};

const TYPE: &str = "multipart/form-data; boundary=XX";

fn part(name: &str, file: Option<&str>, content: &[u8]) -> Vec<u8> {
    let file = file.map(|name| format!("; filename=\"{name}\"\r\nContent-Type: image/png"));
    let head = format!(
        "--XX\r\nContent-Disposition: form-data; name=\"{name}\"{}\r\n\r\n",
        file.unwrap_or_default()
    );
    [head.as_bytes(), content, b"\r\n"].concat()
}

fn form(parts: &[Vec<u8>]) -> Request<Full<Bytes>> {
    post(TYPE, [parts.concat(), b"--XX--\r\n".to_vec()].concat())
}

fn post(content_type: &str, body: Vec<u8>) -> Request<Full<Bytes>> {
    let mut request = request_with(Method::POST, "/", body);
    let content_type = content_type.parse().unwrap();
    request.headers_mut().insert(CONTENT_TYPE, content_type);
    request
}

/// Lists the parts: name, file name, type and bytes.
async fn list(mut c: Context) -> Result<String, BoxError> {
    let mut parts = c.multipart()?;
    let mut lines = String::new();
    while let Some(mut part) = parts.next().await? {
        let bytes = part.bytes().await?;
        let (file, content_type) = (part.file_name(), part.content_type());
        lines += &format!("{} {file:?} {content_type:?} {bytes:?}\n", part.name());
    }
    Ok(lines)
}

async fn lister(upload_limit: usize) -> Server {
    let mut engine = Engine::new();
    engine.upload_limit(upload_limit).body_limit(100);
    engine.post("/", list).unwrap();
    Server::start(engine).await
}

#[tokio::test]
async fn fields_and_files_arrive_as_they_were_sent() {
    let parts = [
        part("title", None, b"two files"),
        part("a", Some("a.png"), &[0, 255, 13, 10, 45, 45]),
        part("b", Some("../../etc/passwd"), b""),
    ];
    let response = lister(1 << 20).await.send(form(&parts)).await;
    let expected = concat!(
        "title None None b\"two files\"\n",
        "a Some(\"a.png\") Some(\"image/png\") b\"\\0\\xff\\r\\n--\"\n",
        "b Some(\"../../etc/passwd\") Some(\"image/png\") b\"\"\n",
    );
    assert_eq!(text(&response), expected);
}

#[tokio::test]
async fn what_is_no_multipart_is_refused_by_what_is_wrong_with_it() {
    let server = lister(1 << 20).await;
    let whole = [part("a", None, b"x"), b"--XX--\r\n".to_vec()].concat();
    let table = [
        (post("text/plain", whole.clone()), 415),
        (post("multipart/mixed; boundary=XX", whole.clone()), 415),
        (post("multipart/form-data", whole.clone()), 400),
        (post("multipart/form-data; boundary=YY", whole), 400),
        (post(TYPE, part("a", None, b"no end")), 400),
        (post(TYPE, b"--XX\r\nnonsense\r\n\r\n".to_vec()), 400),
        (post(TYPE, Vec::new()), 400),
        (request(Method::POST, "/"), 415),
    ];
    for (number, (request, status)) in table.into_iter().enumerate() {
        assert_eq!(
            server.send(request).await.status(),
            status,
            "request {number}"
        );
    }
}

#[tokio::test]
async fn the_limits_hold_for_the_whole_for_one_part_and_for_their_number() {
    let server = lister(10_000).await;
    let fits = [part("a", None, &[b'x'; 100])];
    assert_eq!(server.send(form(&fits)).await.status(), 200);
    let large_part = [part("a", None, &[b'x'; 101])];
    assert_eq!(server.send(form(&large_part)).await.status(), 413);
    let large_whole = vec![part("a", None, &[b'x'; 50]); 200];
    assert_eq!(server.send(form(&large_whole)).await.status(), 413);
    let many = vec![part("a", None, b""); 1001];
    assert_eq!(lister(1 << 20).await.send(form(&many)).await.status(), 413);
}

/// Saves the part "file" as `saved` below a directory.
async fn saver(dir: &Path) -> Server {
    let path = dir.join("saved");
    let save = move |mut c: Context| {
        let path: PathBuf = path.clone();
        async move {
            let Some(mut file) = c.form_file("file").await? else {
                return Ok("no file".to_owned());
            };
            Ok::<_, BoxError>(file.save_to(path).await?.to_string())
        }
    };
    let mut engine = Engine::new();
    engine.post("/", save).unwrap();
    Server::start(engine).await
}

fn files(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[tokio::test]
async fn a_file_is_saved_whole_and_never_over_another() {
    let dir = tempfile::tempdir().unwrap();
    let server = saver(dir.path()).await;
    let content: Vec<u8> = (0..300_000).map(|n| n as u8).collect();
    let parts = [
        part("title", None, b"x"),
        part("file", Some("../up.png"), &content),
    ];
    let response = server.send(form(&parts)).await;
    assert_eq!(text(&response), "300000");
    assert_eq!(fs::read(dir.path().join("saved")).unwrap(), content);
    let again = server
        .send(form(&[part("file", Some("b"), b"other")]))
        .await;
    assert_eq!(again.status(), 500);
    assert_eq!(files(dir.path()), ["saved"]);
    assert_eq!(fs::read(dir.path().join("saved")).unwrap(), content);
}

#[tokio::test]
async fn a_form_without_the_file_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let response = saver(dir.path())
        .await
        .send(form(&[part("title", None, b"x")]))
        .await;
    assert_eq!(text(&response), "no file");
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let server = saver(dir.path()).await;
    let truncated = post(TYPE, part("file", Some("a"), b"half"));
    assert_eq!(server.send(truncated).await.status(), 400);
    assert!(files(dir.path()).is_empty());

    let mut stream = server.dial().await;
    let head = format!(
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\ncontent-type: {TYPE}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
        .write_all(&part("file", Some("a"), &[b'x'; 5000]))
        .await
        .unwrap();
    eventually("the beginning of a file", async || {
        !files(dir.path()).is_empty()
    })
    .await;
    drop(stream);
    eventually("the file's removal", async || files(dir.path()).is_empty()).await;
}
