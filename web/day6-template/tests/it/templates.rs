//! Pages from templates: what is escaped, what is reloaded, and what fails.

use std::fs;

use bytes::Bytes;
use hyper::header::CONTENT_TYPE;
use minijinja::ErrorKind;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::gee::{Context, Engine, TemplateError, Templates};
use crate::support::{Server, text};

fn dir(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    dir
}

/// `/NAME` renders the template of this name with `data`.
async fn server(templates: Templates, data: Value) -> Server {
    let mut engine = Engine::new();
    engine.templates(templates);
    let render = move |c: Context| {
        let data = data.clone();
        async move { c.html(c.param("name").unwrap(), data) }
    };
    engine.get("/*name", render).unwrap();
    Server::start(engine).await
}

async fn page(files: &[(&str, &str)], data: Value) -> hyper::Response<Bytes> {
    let dir = dir(files);
    let templates = Templates::from_dir(dir.path()).unwrap();
    server(templates, data).await.get("/page.html").await
}

#[tokio::test]
async fn a_page_is_made_of_its_template_and_data() {
    let template = "{% for name in names %}<li>{{ loop.index }} {{ name }}{% endfor %}";
    let response = page(
        &[("page.html", template)],
        json!({"names": ["Tom", "Jerry"]}),
    )
    .await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()[CONTENT_TYPE], "text/html; charset=utf-8");
    assert_eq!(text(&response), "<li>1 Tom<li>2 Jerry");
}

#[tokio::test]
async fn what_is_put_into_html_is_escaped() {
    let data = json!({"name": "<script>alert('1')</script>"});
    let response = page(&[("page.html", "{{ name }}")], data).await;
    assert!(!text(&response).contains('<'), "{}", text(&response));
}

#[tokio::test]
async fn templates_include_and_extend_each_other() {
    let files = [
        (
            "page.html",
            "{% extends 'base/frame.html' %}{% block body %}{% include 'part.html' %}{% endblock %}",
        ),
        (
            "base/frame.html",
            "<body>{% block body %}{% endblock %}</body>",
        ),
        ("part.html", "part of {{ name }}"),
    ];
    assert_eq!(
        text(&page(&files, json!({"name": "x"})).await),
        "<body>part of x</body>"
    );
}

#[tokio::test]
async fn filters_of_ones_own_can_be_used() {
    let dir = dir(&[("page.html", "{{ 'a' | twice }} {{ greeting }}")]);
    let mut templates = Templates::from_dir(dir.path()).unwrap();
    templates.configure(|env| {
        env.add_filter("twice", |text: String| text.repeat(2));
        env.add_global("greeting", "hi");
    });
    let server = server(templates, json!({})).await;
    assert_eq!(text(&server.get("/page.html").await), "aa hi");
}

#[tokio::test]
async fn a_template_that_fails_is_a_clean_500_and_the_next_page_works() {
    let dir = dir(&[
        ("fails.html", "half of the page {{ boom() }}"),
        ("missing.html", "{{ nobody.gave.this }}"),
        ("misspelt.html", "{{ nmae }}"),
        ("page.html", "fine"),
    ]);
    let mut templates = Templates::from_dir(dir.path()).unwrap();
    let boom = || Err::<String, _>(minijinja::Error::new(ErrorKind::InvalidOperation, "secret"));
    templates.configure(|env| env.add_function("boom", boom));
    let server = server(templates, json!({"name": "x"})).await;
    for path in [
        "/fails.html",
        "/missing.html",
        "/misspelt.html",
        "/no-such.html",
        "/../secret.html",
    ] {
        let response = server.get(path).await;
        assert_eq!(response.status(), 500, "{path}");
        assert_eq!(text(&response), "500 internal server error\n", "{path}");
    }
    assert_eq!(text(&server.get("/page.html").await), "fine");
}

#[tokio::test]
async fn an_engine_without_templates_says_so_instead_of_panicking() {
    let mut engine = Engine::new();
    let answer = |c: Context| async move { c.html("page.html", ()).unwrap_err().to_string() };
    engine.get("/", answer).unwrap();
    let response = Server::start(engine).await.get("/").await;
    assert!(
        text(&response).contains("Engine::templates"),
        "{}",
        text(&response)
    );
}

#[tokio::test]
async fn a_change_shows_with_the_next_page_where_templates_are_reloaded() {
    let dir = dir(&[("page.html", "old")]);
    let mut templates = Templates::from_dir(dir.path()).unwrap();
    templates.reload(true);
    let server = server(templates, json!({})).await;
    assert_eq!(text(&server.get("/page.html").await), "old");
    fs::write(dir.path().join("page.html"), "{% broken").unwrap();
    assert_eq!(server.get("/page.html").await.status(), 500);
    // Of another length than at first: the time of a file may be some milliseconds coarse.
    fs::write(dir.path().join("page.html"), "mended").unwrap();
    assert_eq!(text(&server.get("/page.html").await), "mended");
}

#[tokio::test]
async fn a_change_does_not_show_where_they_are_not() {
    let dir = dir(&[("page.html", "old")]);
    let mut templates = Templates::from_dir(dir.path()).unwrap();
    templates.reload(false);
    let server = server(templates, json!({})).await;
    fs::remove_file(dir.path().join("page.html")).unwrap();
    assert_eq!(text(&server.get("/page.html").await), "old");
}

#[tokio::test]
async fn a_debug_build_reloads_and_a_release_does_not() {
    let dir = dir(&[("page.html", "old")]);
    let templates = Templates::from_dir(dir.path()).unwrap();
    fs::write(dir.path().join("page.html"), "changed").unwrap();
    let shown = if cfg!(debug_assertions) {
        "changed"
    } else {
        "old"
    };
    let server = server(templates, json!({})).await;
    assert_eq!(text(&server.get("/page.html").await), shown);
}

#[test]
fn a_broken_template_is_an_error_at_the_start_that_names_file_and_line() {
    let dir = dir(&[("fine.html", "fine"), ("sub/broken.html", "one\n{% if %}")]);
    let error = Templates::from_dir(dir.path()).unwrap_err().to_string();
    assert!(error.contains("sub/broken.html:2"), "{error}");
    let missing = Templates::from_dir(dir.path().join("none")).unwrap_err();
    assert!(matches!(missing, TemplateError::Read { .. }), "{missing:?}");
    assert!(missing.to_string().contains("none"), "{missing}");
}
