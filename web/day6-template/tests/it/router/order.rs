use super::support::{found, router};

const ROUTES: [&str; 7] = [
    "/",
    "/a/:x",
    "/a/b",
    "/a/:x/c",
    "/a/b/*rest",
    "/:y/b/d",
    "/*all",
];

const PATHS: [&str; 14] = [
    "/", "/a", "/a/", "/a/b", "/a/%62", "/a/z", "/a/b/", "/a/b/c", "/a/z/c", "/a/z/d", "/z/b/d",
    "/a/b/d", "//", "/z/b/d/",
];

/// Each order of `items`, made by Heap's algorithm.
fn each_order<T: Copy>(items: &mut [T], len: usize, visit: &mut impl FnMut(&[T])) {
    if len <= 1 {
        return visit(items);
    }
    for i in 0..len {
        each_order(items, len - 1, visit);
        let other = if len.is_multiple_of(2) { i } else { 0 };
        items.swap(other, len - 1);
    }
}

#[test]
fn all_orders_of_a_set_of_routes_match_alike() {
    let expected = [
        "/",
        "/*all all=a",
        "/*all all=a/",
        "/a/b",
        "/a/b",
        "/a/:x x=z",
        "/a/b/*rest rest=",
        "/a/b/*rest rest=c",
        "/a/:x/c x=z",
        "/*all all=a/z/d",
        "/:y/b/d y=z",
        "/a/b/*rest rest=d",
        "/*all all=/",
        "/*all all=z/b/d/",
    ];
    let mut orders = 0;
    each_order(&mut ROUTES.clone(), ROUTES.len(), &mut |routes| {
        let router = router(routes).unwrap();
        assert_eq!(
            PATHS.map(|path| found(&router, path)),
            expected,
            "{routes:?}"
        );
        orders += 1;
    });
    assert_eq!(orders, 5040);
}

#[test]
fn a_set_that_one_order_refuses_every_order_refuses() {
    let sets = [
        ["/a/:x", "/a/b", "/a/:y/c", "/a/*rest"],
        ["/a/*x", "/a/b", "/a/:y/c", "/a/*rest"],
        ["/", "/:a/:b/:c", "/:a/:b", "/:a/:c/d"],
        ["/x", "/x/", "/:a", "/x"],
    ];
    for mut set in sets {
        each_order(&mut set, 4, &mut |routes| {
            assert!(router(routes).is_err(), "{routes:?}");
        });
    }
}
