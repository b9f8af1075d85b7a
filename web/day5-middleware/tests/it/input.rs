//! What a handler reads: query, forms, JSON, cookies; and how wrong input is refused.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, COOKIE};
use hyper::{Method, Request, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::gee::{Context, Engine, Handler, Rejection};
use crate::support::{Server, request, request_with, text};

const FORM: &str = "application/x-www-form-urlencoded";

/// One route, `POST /` and `GET /`, for one test.
async fn server(handler: impl Handler + Clone) -> Server {
    let mut engine = Engine::new();
    engine.get("/", handler.clone()).unwrap();
    engine.post("/", handler).unwrap();
    Server::start(engine).await
}

fn post(content_type: &str, target: &str, body: &'static str) -> Request<Full<Bytes>> {
    let mut request = request_with(Method::POST, target, body);
    let content_type = content_type.parse().unwrap();
    request.headers_mut().insert(CONTENT_TYPE, content_type);
    request
}

#[derive(Debug, Deserialize)]
struct Search {
    word: String,
    page: u8,
    #[serde(default)]
    tag: Vec<String>,
    exact: Option<bool>,
}

async fn search(c: Context) -> Result<String, Rejection> {
    let Search {
        word,
        page,
        tag,
        exact,
    } = c.query()?;
    Ok(format!("{word} {page} {tag:?} {exact:?}"))
}

fn problem(response: &Response<Bytes>) -> Value {
    assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
    serde_json::from_slice(response.body()).unwrap()
}

#[tokio::test]
async fn a_query_is_read_into_a_type() {
    let server = server(search).await;
    let table = [
        ("/?word=a&page=1", r#"a 1 [] None"#),
        (
            "/?page=2&word=a+b%20c%26d&tag=x&tag=y&exact=true&other=1",
            r#"a b c&d 2 ["x", "y"] Some(true)"#,
        ),
        ("/?word=na%C3%AFve&page=255", "naïve 255 [] None"),
    ];
    for (target, expected) in table {
        assert_eq!(text(&server.get(target).await), expected, "{target}");
    }
}

#[tokio::test]
async fn a_wrong_query_is_a_400_that_names_the_field() {
    let server = server(search).await;
    let table = [
        ("/?word=a&page=256", Some("page")),
        ("/?word=a&page=x", Some("page")),
        ("/?word=a&page=1&exact=maybe", Some("exact")),
        ("/?word=a&page=1&word=b", Some("word")),
        ("/?page=1", None),
        ("/", None),
    ];
    for (target, field) in table {
        let response = server.get(target).await;
        assert_eq!(response.status(), 400, "{target}");
        let problem = problem(&response);
        assert_eq!(
            problem.get("field").and_then(Value::as_str),
            field,
            "{target}"
        );
        let missing = problem["error"]
            .as_str()
            .unwrap()
            .contains("missing field `word`");
        assert_eq!(missing, !target.contains("word"), "{problem}");
    }
}

#[tokio::test]
async fn single_values_of_a_query_have_accessors_of_their_own() {
    let handler = |c: Context| async move {
        let (name, other) = (c.get_query("name"), c.default_query("other", "none"));
        format!("{name:?} {other} {:?}", c.query_array("tag"))
    };
    let server = server(handler).await;
    let response = server.get("/?name=a%2Fb&tag=1&tag=2&name=c").await;
    assert_eq!(text(&response), r#"Some("a/b") none ["1", "2"]"#);
    assert_eq!(text(&server.get("/?name=").await), r#"Some("") none []"#);
    assert_eq!(text(&server.get("/").await), "None none []");
}

/// No text of a client is ever taken as a format.
#[tokio::test]
async fn what_a_client_sends_is_echoed_byte_for_byte() {
    let handler = |c: Context| async move { c.default_query("text", "") };
    let response = server(handler)
        .await
        .get("/?text=100%25d%20%25s%20{}")
        .await;
    assert_eq!(text(&response), "100%d %s {}");
}

#[derive(Debug, Deserialize)]
struct Login {
    user: String,
    age: u8,
}

#[tokio::test]
async fn a_form_is_read_into_a_type() {
    let handler = |mut c: Context| async move {
        let login: Login = c.form().await?;
        Ok::<_, Rejection>(format!("{} {}", login.user, login.age))
    };
    let server = server(handler).await;
    let ok = server.send(post(FORM, "/", "user=a+b&age=7")).await;
    assert_eq!(text(&ok), "a b 7");
    let with_charset = post(&format!("{FORM}; charset=utf-8"), "/", "user=a&age=7");
    assert_eq!(server.send(with_charset).await.status(), 200);
    let wrong = server.send(post(FORM, "/", "user=a&age=old")).await;
    assert_eq!(wrong.status(), 422);
    assert_eq!(problem(&wrong)["field"], "age");
    let other_type = server.send(post("text/plain", "/", "user=a&age=7")).await;
    assert_eq!(other_type.status(), 415);
    assert!(
        problem(&other_type)["error"]
            .as_str()
            .unwrap()
            .contains(FORM)
    );
}

#[tokio::test]
async fn a_form_does_not_look_at_the_query() {
    let handler = |mut c: Context| async move {
        let name = c.post_form("name").await?;
        let other = c.default_post_form("other", "none").await?;
        Ok::<_, Rejection>(format!(
            "{name:?} {other} {:?}",
            c.post_form_array("tag").await?
        ))
    };
    let server = server(handler).await;
    let table = [
        (post(FORM, "/?name=x&tag=1", ""), "None none []"),
        (
            post(FORM, "/?name=x", "name=y%2B&tag=1&tag=2"),
            r#"Some("y+") none ["1", "2"]"#,
        ),
        (post("text/plain", "/", "name=y"), "None none []"),
        (request(Method::POST, "/?name=x"), "None none []"),
    ];
    for (request, expected) in table {
        let target = request.uri().clone();
        assert_eq!(text(&server.send(request).await), expected, "{target}");
    }
}

#[derive(Deserialize)]
struct Team {
    name: String,
    members: Vec<Login>,
}

async fn team(mut c: Context) -> Result<String, Rejection> {
    let Team { name, members } = c.json().await?;
    Ok(format!("{name} {members:?}"))
}

#[tokio::test]
async fn json_is_read_into_a_type() {
    let server = server(team).await;
    let body = r#"{"name": "ants", "members": [{"user": "a", "age": 1}]}"#;
    for content_type in [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/team+json",
    ] {
        let response = server.send(post(content_type, "/", body)).await;
        assert_eq!(text(&response), r#"ants [Login { user: "a", age: 1 }]"#);
    }
}

#[tokio::test]
async fn wrong_json_is_refused_by_what_is_wrong_with_it() {
    let server = server(team).await;
    let json_type = "application/json";
    let table = [
        (json_type, "", 400, None),
        (json_type, "{", 400, None),
        (
            json_type,
            r#"{"name": "ants", "members": []} more"#,
            400,
            None,
        ),
        (
            json_type,
            r#"{"name": 7, "members": []}"#,
            422,
            Some("name"),
        ),
        (json_type, r#"{"name": "ants"}"#, 422, None),
        (
            json_type,
            r#"{"name": "ants", "members": [{"user": "a", "age": 1}, {"user": "b", "age": 300}]}"#,
            422,
            Some("members[1].age"),
        ),
        ("text/plain", "{}", 415, None),
        ("application/jsonp", "{}", 415, None),
    ];
    for (content_type, body, status, field) in table {
        let response = server.send(post(content_type, "/", body)).await;
        assert_eq!(response.status(), status, "{body}");
        let problem = problem(&response);
        assert_eq!(
            problem.get("field").and_then(Value::as_str),
            field,
            "{body}"
        );
        assert_ne!(problem["error"], json!(""));
    }
    let untyped = server.send(request_with(Method::POST, "/", "{}")).await;
    assert_eq!(untyped.status(), 415);
}

#[tokio::test]
async fn cookies_are_found_by_name_in_all_headers() {
    let handler = |c: Context| async move { format!("{:?} {:?}", c.cookie("a"), c.cookie("b")) };
    let server = server(handler).await;
    let table: [(&[&str], &str); 5] = [
        (&[], "None None"),
        (&["a=1; b=two%20words"], r#"Some("1") Some("two words")"#),
        (&["b=2", "a=1"], r#"Some("1") Some("2")"#),
        (&["nonsense; =; a=1; a=2"], r#"Some("1") None"#),
        (&["aa=1; A=2"], "None None"),
    ];
    for (cookies, expected) in table {
        let mut request = request(Method::GET, "/");
        for cookie in cookies {
            request
                .headers_mut()
                .append(COOKIE, cookie.parse().unwrap());
        }
        assert_eq!(text(&server.send(request).await), expected, "{cookies:?}");
    }
}

/// A handler may lend out parts of its context while it waits: this compiles because `Context` is
/// `Sync`.
#[tokio::test]
async fn a_handler_may_borrow_from_its_context_across_an_await() {
    let handler = |c: Context| async move {
        let path = c.path();
        tokio::task::yield_now().await;
        path.to_owned()
    };
    assert_eq!(text(&server(handler).await.get("/").await), "/");
}
