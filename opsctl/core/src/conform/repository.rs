//! The repository as checks read it: each file once, each overlay rendered once, and who read what is known.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use hcl_edit::structure::Body;
use serde_json::Value;

use crate::failure::{Failure, Result};
use crate::manifests::{Entry, Files, Kinds, Manifest, documents, render};

/// What an overlay renders to, and the files that it was made of.
type Rendered = Rc<(Result<Vec<Manifest>>, BTreeSet<String>)>;

/// Reads on behalf of checks.
pub struct Repository<'a> {
    files: &'a dyn Files,
    reads: RefCell<BTreeSet<String>>,
    rendered: RefCell<BTreeMap<String, Rendered>>,
    terraform: RefCell<BTreeMap<String, Rc<(String, Body)>>>,
    documents: RefCell<BTreeMap<String, Rc<Value>>>,
}

impl<'a> Repository<'a> {
    /// Over these files.
    #[must_use]
    pub fn of(files: &'a dyn Files) -> Self {
        Self {
            files,
            reads: RefCell::default(),
            rendered: RefCell::default(),
            terraform: RefCell::default(),
            documents: RefCell::default(),
        }
    }

    /// The files that were read since this was last asked.
    pub fn taken_reads(&self) -> BTreeSet<String> {
        self.reads.take()
    }

    /// A file's text; `None` when there is no such file.
    pub fn text(&self, path: &str) -> Result<Option<String>> {
        match self.at(path)? {
            Entry::File(text) => Ok(Some(text)),
            Entry::Folder | Entry::Absent => Ok(None),
        }
    }

    /// A file of Terraform, with its text.
    pub fn terraform(&self, path: &str) -> Result<Option<Rc<(String, Body)>>> {
        self.reads.borrow_mut().insert(path.to_owned());
        if let Some(known) = self.terraform.borrow().get(path) {
            return Ok(Some(Rc::clone(known)));
        }
        let Some(text) = self.text(path)? else {
            return Ok(None);
        };
        let body = hcl_edit::parser::parse_body(&text).map_err(|error| {
            let line = error.location().line();
            Failure::usage(format!("{path}:{line} is no Terraform")).because(error)
        })?;
        let parsed = Rc::new((text, body));
        self.terraform
            .borrow_mut()
            .insert(path.to_owned(), Rc::clone(&parsed));
        Ok(Some(parsed))
    }

    /// A document of YAML or JSON.
    pub fn document(&self, path: &str) -> Result<Option<Rc<Value>>> {
        self.reads.borrow_mut().insert(path.to_owned());
        if let Some(known) = self.documents.borrow().get(path) {
            return Ok(Some(Rc::clone(known)));
        }
        let Some(text) = self.text(path)? else {
            return Ok(None);
        };
        let mut found = documents(&text).map_err(|unreadable| {
            let what = format!("{path}:{}: {}", unreadable.line, unreadable.problem);
            Failure::usage(what)
        })?;
        if found.is_empty() {
            return Err(Failure::usage(format!("{path} is empty")));
        }
        let document = Rc::new(found.swap_remove(0).value);
        self.documents
            .borrow_mut()
            .insert(path.to_owned(), Rc::clone(&document));
        Ok(Some(document))
    }

    /// The objects of an overlay.
    pub fn rendered(&self, folder: &str) -> Rendered {
        if let Some(known) = self.rendered.borrow().get(folder) {
            self.reads.borrow_mut().extend(known.1.iter().cloned());
            return Rc::clone(known);
        }
        let before = self.reads.take();
        let objects = render(self, folder, &Kinds::default());
        let made_of = self.reads.replace(before);
        self.reads.borrow_mut().extend(made_of.iter().cloned());
        let rendered = Rc::new((objects, made_of));
        self.rendered
            .borrow_mut()
            .insert(folder.to_owned(), Rc::clone(&rendered));
        rendered
    }
}

impl Files for Repository<'_> {
    fn at(&self, path: &str) -> Result<Entry> {
        self.reads.borrow_mut().insert(path.to_owned());
        self.files.at(path)
    }
}
