//! A file as a row of pages.

use std::collections::HashSet;

use crate::error::{Error, PageFault};
use crate::ids::{PageId, PageSize};
use crate::meta::Meta;
use crate::page::{Page, header};

/// The pages of one state of the database, in the bytes of its file.
#[derive(Clone, Copy)]
pub struct Pages<'m> {
    file: &'m [u8],
    page_size: PageSize,
    high_water: PageId,
    /// How many whole pages the file has. It is asked for with every page, and a division
    /// takes its time.
    in_file: u64,
}

impl<'m> Pages<'m> {
    /// The pages that `meta` knows.
    pub fn new(file: &'m [u8], meta: &Meta) -> Pages<'m> {
        let Meta {
            page_size,
            high_water,
            ..
        } = *meta;
        Pages {
            file,
            page_size,
            high_water,
            in_file: (file.len() / page_size.bytes()) as u64,
        }
    }

    /// The bytes of the file.
    pub(crate) fn file(&self) -> &'m [u8] {
        self.file
    }

    /// A page with all that belongs to it, its overflow pages too.
    ///
    /// # Errors
    ///
    /// When it is not there, says that it is another one, or cannot be a page: see
    /// [`Page::new`].
    pub fn get(&self, id: PageId) -> Result<Page<'m>, Error> {
        let bytes = self.bytes_of(id).map_err(|fault| fault.on(id))?;
        Page::new(id, bytes)
    }

    fn bytes_of(&self, id: PageId) -> Result<&'m [u8], PageFault> {
        let from_page = self.from(id)?;
        let header = header(from_page)?;
        let says = PageId(header.id.get());
        if says != id {
            return Err(PageFault::Id { says });
        }
        let overflow = header.overflow.get();
        let last = PageId(self.len() - 1);
        if u64::from(overflow) > last.0 - id.0 {
            return Err(PageFault::Overflow { overflow, last });
        }
        // The file has that many bytes, so they can be counted.
        Ok(&from_page[..(overflow as usize + 1) * self.page_size.bytes()])
    }

    /// The file from a page on. At least that page is there.
    fn from(&self, id: PageId) -> Result<&'m [u8], PageFault> {
        let Pages { high_water, .. } = *self;
        if id >= high_water {
            return Err(PageFault::NeverUsed { high_water });
        }
        let pages = self.in_file();
        if id.0 >= pages {
            return Err(PageFault::PastEnd { pages });
        }
        Ok(&self.file[id.0 as usize * self.page_size.bytes()..])
    }

    /// The bytes of a page.
    pub(crate) fn page_size(&self) -> usize {
        self.page_size.bytes()
    }

    /// How many whole pages the file has.
    pub fn in_file(&self) -> u64 {
        self.in_file
    }

    /// How many pages there are to look at.
    fn len(&self) -> u64 {
        self.high_water.0.min(self.in_file())
    }

    /// Makes sure that the file has all pages that were ever used.
    ///
    /// # Errors
    ///
    /// When it ends before the last one.
    pub(crate) fn all_there(&self) -> Result<(), Error> {
        let (pages, ever_used) = (self.in_file(), self.high_water.0);
        if pages < ever_used {
            return Err(PageFault::PastEnd { pages }.on(PageId(ever_used - 1)));
        }
        Ok(())
    }

    /// Goes from page to page, from the first to the last that was ever used.
    ///
    /// It steps over the overflow pages of what it finds, and over a single page where it
    /// finds none. At the end of a file that is too short, it says so once. So it takes at
    /// most one step more than the file has pages, whatever the pages say.
    pub fn walk(&self) -> Walk<'m> {
        Walk {
            pages: *self,
            free: HashSet::new(),
            next: PageId(0),
        }
    }
}

/// An iterator over the pages of a file, or what is wrong with them: see [`Pages::walk`].
pub struct Walk<'m> {
    pages: Pages<'m>,
    free: HashSet<PageId>,
    next: PageId,
}

impl Walk<'_> {
    /// Steps over each of these pages by itself. What is left on a free page says nothing, not
    /// even how many pages follow that belong to it.
    pub fn with_free(mut self, free: impl IntoIterator<Item = PageId>) -> Self {
        self.free.extend(free);
        self
    }
}

impl<'m> Iterator for Walk<'m> {
    type Item = (PageId, Result<Page<'m>, Error>);

    fn next(&mut self) -> Option<Self::Item> {
        let id = self.next;
        if id >= self.pages.high_water {
            return None;
        }
        let page = self.pages.get(id);
        self.next = match &page {
            _ if id.0 >= self.pages.in_file() => self.pages.high_water,
            Ok(page) if !self.free.contains(&id) => PageId(id.0 + 1 + u64::from(page.overflow())),
            _ => PageId(id.0 + 1),
        };
        Some((id, page))
    }
}
