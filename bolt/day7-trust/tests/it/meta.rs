use crate::geebolt::{Error, Meta, MetaFault, Metas, PageId, PageSize, TxId, empty};
use crate::support::{golden, page_size};

/// Where the metas of a file with pages of 1024 bytes are.
const METAS: [std::ops::Range<usize>; 2] = [16..80, 1024 + 16..1024 + 80];

fn file() -> Vec<u8> {
    empty(page_size(1024))
}

fn current(file: &[u8]) -> TxId {
    Metas::find(file).unwrap().current().tx_id
}

/// Puts a meta of transaction `tx_id` onto page 0 or 1.
fn write(file: &mut [u8], page: usize, tx_id: u64) {
    let meta = Meta {
        page_size: page_size(1024),
        root: PageId(3),
        root_sequence: 0,
        freelist: None,
        high_water: PageId(4),
        tx_id: TxId(tx_id),
    };
    file[METAS[page].clone()].copy_from_slice(&meta.to_bytes());
}

#[test]
fn a_meta_that_is_written_is_read_the_same() {
    let mut file = file();
    let before = *Metas::find(&file).unwrap().current();
    let meta = Meta {
        root: PageId(77),
        root_sequence: 5,
        freelist: None,
        high_water: PageId(u64::MAX),
        tx_id: TxId(1 << 40),
        ..before
    };
    file[METAS[0].clone()].copy_from_slice(&meta.to_bytes());
    assert_eq!(Meta::read(&file), Ok(meta));
}

#[test]
fn every_wrong_bit_of_a_meta_is_noticed() {
    let mut file = file();
    for (page, range) in METAS.into_iter().enumerate() {
        for bit in 0..8 * range.len() {
            let byte = range.start + bit / 8;
            file[byte] ^= 1 << (bit % 8);
            let metas = Metas::find(&file).unwrap();
            assert!(metas.both()[page].is_err(), "bit {bit} of meta {page}");
            assert_eq!(metas.current().tx_id, TxId(1 - page as u64));
            file[byte] ^= 1 << (bit % 8);
        }
    }
}

#[test]
fn a_checksum_of_zero_is_no_excuse() {
    let mut file = file();
    file[72..80].fill(0);
    assert!(matches!(
        Meta::read(&file),
        Err(MetaFault::Checksum { stored: 0, .. })
    ));
}

#[test]
fn a_fault_says_what_it_found() {
    let mut file = file();
    file[16..20].copy_from_slice(b"what");
    assert_eq!(
        Meta::read(&file),
        Err(MetaFault::Magic(u32::from_le_bytes(*b"what")))
    );
    let mut file = self::file();
    file[20] = 3;
    assert_eq!(Meta::read(&file), Err(MetaFault::Version(3)));
    assert_eq!(Meta::read(&file[..79]), Err(MetaFault::Short));
}

#[test]
fn the_later_transaction_counts_on_whichever_page_it_is() {
    let mut file = file();
    write(&mut file, 0, 8);
    write(&mut file, 1, 7);
    assert_eq!(current(&file), TxId(8));
    write(&mut file, 1, 9);
    assert_eq!(current(&file), TxId(9));
}

#[test]
fn a_damaged_later_meta_leaves_the_one_before() {
    let mut file = file();
    write(&mut file, 0, 8);
    write(&mut file, 1, 7);
    file[40] ^= 1;
    assert_eq!(current(&file), TxId(7));
}

#[test]
fn a_meta_that_was_torn_by_a_power_failure_leaves_the_one_before() {
    let metas = Metas::find(&golden("10-torn-meta.db")).unwrap();
    assert!(matches!(metas.both()[1], Err(MetaFault::Checksum { .. })));
    assert_eq!(metas.current().tx_id, TxId(2));
}

#[test]
fn without_page_0_the_second_meta_is_found_at_every_page_size() {
    for size in PageSize::all() {
        let mut file = empty(size);
        file[..1024].fill(0);
        let metas = Metas::find(&file).unwrap();
        assert_eq!(
            (metas.current().page_size, metas.current().tx_id),
            (size, TxId(1))
        );
    }
}

#[test]
fn a_meta_that_was_copied_into_a_value_is_not_the_second_one() {
    let mut file = empty(page_size(4096));
    let second = file[4096..4096 + 80].to_vec();
    file[2048..2048 + 80].copy_from_slice(&second);
    file[0..80].fill(0);
    file[4096..4096 + 80].fill(0);
    assert!(matches!(Metas::find(&file), Err(Error::NoMeta { .. })));
}

#[test]
fn metas_of_two_page_sizes_do_not_belong_together() {
    let mut file = file();
    let other = empty(page_size(2048));
    file[METAS[1].clone()].copy_from_slice(&other[2048 + 16..2048 + 80]);
    let metas = Metas::find(&file).unwrap();
    assert_eq!(metas.both()[1], Err(MetaFault::PageSize(2048)));
    assert_eq!(metas.current().tx_id, TxId(0));
}

#[test]
fn a_file_without_a_valid_meta_says_what_is_wrong_with_both() {
    let error = Metas::find(&[0; 4096]).unwrap_err().to_string();
    let message = "no valid meta: page 0: magic 0x00000000 is not bbolt's; \
                   page 1: at no page size is there a valid meta";
    assert_eq!(error, message);
    let error = Metas::find(b"").unwrap_err().to_string();
    assert!(
        error.contains("page 0: the file ends before its meta"),
        "{error}"
    );
}

#[test]
fn a_file_that_ends_after_its_first_page_still_has_one_meta() {
    let metas = Metas::find(&file()[..1024]).unwrap();
    assert_eq!(metas.both()[1], Err(MetaFault::Short));
    assert_eq!(metas.current().tx_id, TxId(0));
}

#[test]
fn only_powers_of_two_from_1024_to_16_mib_are_page_sizes() {
    for bytes in [0, 1, 512, 1000, 1023, 1025, 3 << 10, 1 << 25, u32::MAX] {
        assert!(PageSize::new(bytes).is_err(), "{bytes}");
    }
    let sizes: Vec<usize> = PageSize::all().map(PageSize::bytes).collect();
    assert_eq!((sizes.len(), sizes[0], sizes[14]), (15, 1024, 16 << 20));
    let error = PageSize::new(1000).unwrap_err().to_string();
    assert_eq!(
        error,
        "a page cannot have 1000 bytes: it has a power of two from 1024 to 16777216"
    );
}
