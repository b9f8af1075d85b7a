//! Any bytes as a page of a database, against a decoder that knows the format and nothing else.

pub(crate) mod decoder;

use bolt_day7_trust as geebolt;

use geebolt::{Branch, Entry, Error, Kind, Leaf, Page, PageId};

use decoder::{LeafElement, PageHeader};

/// Where the page is said to be. Every error names it.
const HERE: PageId = PageId(9);

/// More keys only make the fuzzer slower.
const ENOUGH: usize = 24;

/// Checks that a page is read as it should be, or refused. A meta is checked a second time, with
/// the checksum that its bytes give: the fuzzer does not find that by itself.
pub fn check(bytes: &[u8]) {
    let is_meta = read(bytes) == Some(Kind::Meta);
    if let Some(mended) = decoder::with_checksum(bytes).filter(|_| is_meta) {
        read(&mended);
    }
}

/// Reads all of a page, and tells of which kind it is.
fn read(bytes: &[u8]) -> Option<Kind> {
    let header = decoder::header(bytes);
    let page = match Page::new(HERE, bytes) {
        Ok(page) => page,
        Err(error) => {
            assert!(is_here(&error), "{error:?}");
            assert_eq!(header, None, "{error}");
            return None;
        }
    };
    assert_eq!(Some(shown(&page)), header);
    assert_eq!(page.leaf().is_ok(), page.kind() == Kind::Leaf);
    assert_eq!(page.branch().is_ok(), page.kind() == Kind::Branch);
    assert_eq!(page.meta().is_ok(), page.kind() == Kind::Meta);
    match page.kind() {
        Kind::Leaf => leaf(&page.leaf().unwrap(), bytes),
        Kind::Branch => branch(&page.branch().unwrap(), bytes),
        Kind::Freelist => freelist(&page, bytes),
        Kind::Meta => meta(&page, bytes),
    }
    Some(page.kind())
}

fn shown(page: &Page<'_>) -> PageHeader {
    PageHeader {
        id: page.own_id().0,
        flags: page.kind() as u64,
        count: page.raw_count().into(),
        overflow: page.overflow().into(),
    }
}

fn leaf(leaf: &Leaf<'_>, bytes: &[u8]) {
    let elements = decoder::leaf(bytes);
    assert_eq!(leaf.len(), elements.len());
    for (index, element) in elements.iter().enumerate() {
        assert_eq!(at_most(leaf.key(index)), element.key);
        assert_eq!(at_most(leaf.entry(index)), entry(element));
    }
    assert!(leaf.key(elements.len()).is_err() && leaf.entry(elements.len()).is_err());
    let keys: Vec<_> = elements.iter().map(|element| element.key).collect();
    for key in searched(&keys) {
        let found = at_most(leaf.search(&key));
        if let Some(sorted) = sorted(&keys) {
            assert_eq!(found, Some(sorted.binary_search(&&*key)), "{key:?}");
        }
        let (Ok(index) | Err(index)) = found.unwrap_or(Ok(0));
        assert!(index <= keys.len());
    }
}

fn entry<'a>(element: &LeafElement<'a>) -> Option<Entry<'a>> {
    Some(Entry {
        key: element.key?,
        value: element.value?,
        is_bucket: element.is_bucket,
    })
}

fn branch(branch: &Branch<'_>, bytes: &[u8]) {
    let elements = decoder::branch(bytes);
    assert_eq!(branch.len(), elements.len());
    for (index, (key, page)) in elements.iter().enumerate() {
        let child = at_most(branch.child(index));
        assert_eq!(child.map(|child| child.key), *key);
        assert!(child.is_none_or(|child| child.page.0 == *page));
        assert_eq!(at_most(branch.page(index)), Some(PageId(*page)));
    }
    assert!(branch.page(elements.len()).is_err() && branch.child(elements.len()).is_err());
    let keys: Vec<_> = elements.iter().map(|(key, _)| *key).collect();
    for key in searched(&keys) {
        let found = at_most(branch.search(&key));
        if let Some(sorted) = sorted(&keys) {
            let not_larger = sorted.iter().filter(|other| **other <= &*key).count();
            assert_eq!(found, Some(not_larger.saturating_sub(1)), "{key:?}");
        }
        assert!(found.unwrap_or(0) < keys.len().max(1));
    }
}

fn freelist(page: &Page<'_>, bytes: &[u8]) {
    let ids = at_most(page.freelist()).map(|ids| ids.iter().map(|id| id.get()).collect());
    assert_eq!(ids, decoder::freelist(bytes));
}

fn meta(page: &Page<'_>, bytes: &[u8]) {
    let meta = page.meta().unwrap().ok();
    let shown = meta.map(|meta| decoder::Meta {
        page_size: u32::from(meta.page_size).into(),
        root: meta.root.0,
        sequence: meta.root_sequence,
        freelist: meta.freelist.map_or(u64::MAX, |page| page.0),
        high_water: meta.high_water.0,
        tx_id: meta.tx_id.0,
    });
    assert_eq!(shown, decoder::meta(bytes));
    if let Some(meta) = meta {
        let written = [&bytes[..16], &meta.to_bytes()].concat();
        assert_eq!(decoder::meta(&written), shown);
    }
}

/// What was read, or nothing. An error says on which page.
fn at_most<T>(read: Result<T, Error>) -> Option<T> {
    if let Err(error) = &read {
        assert!(is_here(error), "{error:?}");
    }
    read.ok()
}

fn is_here(error: &Error) -> bool {
    matches!(error, Error::Page { page, .. } if *page == HERE)
}

/// The keys, if all of them can be read and they are in order.
fn sorted<'a>(keys: &[Option<&'a [u8]>]) -> Option<Vec<&'a [u8]>> {
    let keys: Vec<_> = keys.iter().copied().collect::<Option<_>>()?;
    keys.is_sorted_by(|a, b| a < b).then_some(keys)
}

/// Keys that are there, and such as are beside them.
fn searched(keys: &[Option<&[u8]>]) -> Vec<Vec<u8>> {
    let mut searched = vec![Vec::new(), vec![0xFF; 9]];
    for key in keys.iter().flatten().take(ENOUGH) {
        searched.push(key[..key.len().saturating_sub(1)].to_vec());
        searched.push([key, &[0][..]].concat());
        searched.push(key.to_vec());
    }
    searched
}
