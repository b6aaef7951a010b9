//! Places that can be changed, and the changes.

use proc_macro2::Span;
use std::fmt;
use std::fs;
use std::ops::Range;
use std::path::Path;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{BinOp, Expr, Stmt, UnOp};

/// A place, and what stands there instead.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    file: String,
    line: usize,
    last_line: usize,
    range: Range<usize>,
    before: String,
    after: String,
    /// Whether it is a statement.
    stands_alone: bool,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let (before, after) = (one_line(&self.before), one_line(&self.after));
        match after.is_empty() {
            true => write!(f, "{}:{} `{before}` left out", self.file, self.line),
            false => write!(f, "{}:{} `{before}` -> `{after}`", self.file, self.line),
        }
    }
}

impl Place {
    /// The number of lines between it and this line of a file; none where it is in another file. Changes keep lines where
    /// they are.
    pub(crate) fn distance(&self, file: &str, line: usize) -> Option<usize> {
        let after = line.saturating_sub(self.last_line);
        let before = self.line.saturating_sub(line);
        (self.file == file).then_some(after.max(before))
    }
}

/// All places in these folders of the source that do not overlap, in an order that the seed draws.
pub(crate) fn drawn(tree: &Path, folders: &[&str], seed: u64) -> Vec<Place> {
    let mut all = Vec::new();
    for folder in folders {
        in_folder(tree, &format!("src/{folder}"), &mut all);
    }
    // By Fisher and Yates, with splitmix64.
    let mut state = seed;
    for at in (1..all.len()).rev() {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        all.swap(at, ((word ^ word >> 31) % (at as u64 + 1)) as usize);
    }
    let mut apart: Vec<Place> = Vec::new();
    for place in all {
        let meets = |other: &Place| {
            other.file == place.file
                && other.range.start < place.range.end
                && place.range.start < other.range.end
        };
        if !apart.iter().any(meets) {
            apart.push(place);
        }
    }
    apart
}

fn in_folder(tree: &Path, folder: &str, all: &mut Vec<Place>) {
    let entries = fs::read_dir(tree.join(folder)).expect("the folder is there");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("it is listed")
                .file_name()
                .into_string()
                .expect("text")
        })
        .collect();
    names.sort();
    for name in names {
        let path = format!("{folder}/{name}");
        if tree.join(&path).is_dir() {
            in_folder(tree, &path, all);
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(tree.join(&path)).expect("it is text");
            let parsed = syn::parse_file(&text).expect("it is Rust");
            let mut finder = Finder {
                file: &path,
                text: &text,
                all,
            };
            finder.visit_file(&parsed);
        }
    }
}

/// Writes the changes into their files, each behind the question for its number, from 1.
pub(crate) fn change(tree: &Path, places: &[Place]) {
    let mut numbered: Vec<(usize, &Place)> = (1..).zip(places).collect();
    // From the end of each file, so that places before stay where they are.
    numbered.sort_by_key(|(_, place)| (&place.file, std::cmp::Reverse(place.range.start)));
    for places in numbered.chunk_by(|(_, one), (_, other)| one.file == other.file) {
        let path = tree.join(&places[0].1.file);
        let mut text = fs::read_to_string(&path).expect("it was read before");
        for (number, place) in places {
            let Place {
                before,
                after,
                range,
                ..
            } = place;
            let asked = format!("crate::mutant({number})");
            // On one line, but for the lines of what stood there.
            let flat = after.replace('\n', " ");
            let new = match (place.stands_alone, after.is_empty()) {
                (true, true) => format!("if !{asked} {{ {before} }}"),
                (true, false) => format!("if {asked} {{ {flat} }} else {{ {before} }}"),
                (false, _) => format!("(if {asked} {{ {flat} }} else {{ {before} }})"),
            };
            text.replace_range(range.clone(), &new);
        }
        fs::write(path, text).expect("the copy can be written");
    }
}

struct Finder<'a> {
    file: &'a str,
    text: &'a str,
    all: &'a mut Vec<Place>,
}

impl Finder<'_> {
    fn put(&mut self, span: Span, after: String, stands_alone: bool) {
        let range = span.byte_range();
        let before = self.text[range.clone()].to_owned();
        // What holds a comment cannot be set on one line.
        if after.contains("//") {
            return;
        }
        self.all.push(Place {
            file: self.file.to_owned(),
            line: span.start().line,
            last_line: span.end().line,
            range,
            before,
            after,
            stands_alone,
        });
    }

    fn text_of(&self, node: &impl Spanned) -> &str {
        &self.text[node.span().byte_range()]
    }
}

/// The operation that takes the place of another.
fn other(op: &BinOp) -> Option<&'static str> {
    Some(match op {
        BinOp::Lt(_) => "<=",
        BinOp::Le(_) => "<",
        BinOp::Gt(_) => ">=",
        BinOp::Ge(_) => ">",
        BinOp::Eq(_) => "!=",
        BinOp::Ne(_) => "==",
        BinOp::And(_) => "||",
        BinOp::Or(_) => "&&",
        BinOp::Add(_) => "-",
        BinOp::Sub(_) => "+",
        BinOp::Mul(_) => "/",
        BinOp::Div(_) => "*",
        BinOp::AddAssign(_) => "-=",
        BinOp::SubAssign(_) => "+=",
        _ => return None,
    })
}

/// Whether an expression binds names by a pattern, so that it can stand in a condition alone.
fn binds(expr: &Expr) -> bool {
    match expr {
        Expr::Let(_) => true,
        Expr::Binary(both) => binds(&both.left) || binds(&both.right),
        _ => false,
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes
        .iter()
        .any(|one| matches!(&one.meta, syn::Meta::List(list) if list.path.is_ident("cfg")))
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_mod(&mut self, node: &'ast syn::ItemMod) {
        if !is_test(&node.attrs) {
            visit::visit_item_mod(self, node);
        }
    }

    // What is worked out by the compiler cannot ask at run time.
    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}

    fn visit_item_fn(&mut self, node: &'ast syn::ItemFn) {
        if node.sig.constness.is_none() && !is_test(&node.attrs) {
            visit::visit_item_fn(self, node);
        }
    }

    fn visit_impl_item_fn(&mut self, node: &'ast syn::ImplItemFn) {
        if node.sig.constness.is_none() && !is_test(&node.attrs) {
            visit::visit_impl_item_fn(self, node);
        }
    }

    fn visit_expr_binary(&mut self, node: &'ast syn::ExprBinary) {
        let assigns = matches!(node.op, BinOp::AddAssign(_) | BinOp::SubAssign(_));
        if let Some(op) = other(&node.op).filter(|_| !binds(&node.left) && !binds(&node.right)) {
            let (left, right) = (self.text_of(&node.left), self.text_of(&node.right));
            let after = format!("{left} {op} {right}");
            if !assigns {
                self.put(node.span(), after, false);
            }
        }
        visit::visit_expr_binary(self, node);
    }

    fn visit_expr_unary(&mut self, node: &'ast syn::ExprUnary) {
        if matches!(node.op, UnOp::Not(_)) {
            let after = self.text_of(&*node.expr).to_owned();
            self.put(node.span(), after, false);
        }
        visit::visit_expr_unary(self, node);
    }

    fn visit_stmt(&mut self, node: &'ast Stmt) {
        match node {
            Stmt::Expr(Expr::MethodCall(_) | Expr::Call(_), Some(_)) => {
                self.put(node.span(), String::new(), true)
            }
            Stmt::Expr(Expr::Binary(both), Some(_)) => {
                if let Some(op @ ("-=" | "+=")) = other(&both.op) {
                    let after = format!(
                        "{} {op} {};",
                        self.text_of(&*both.left),
                        self.text_of(&*both.right)
                    );
                    self.put(node.span(), after, true);
                }
            }
            _ => {}
        }
        visit::visit_stmt(self, node);
    }
}
