//! scratch
use filas::scenario::{Origin, Overrides, load};

#[test]
fn scratch() {
    let l = load(
        Origin::File(std::path::Path::new("scenarios/desk.toml")),
        &Overrides::default(),
    );
    match l {
        Ok(l) => println!("{:#?} {}", l.warnings, l.normalised()),
        Err(e) => println!("{} {:?}", e.plain(), miette::Report::new(e)),
    };
    println!(
        "{}",
        serde_json::to_string_pretty(&filas::scenario::schema()).unwrap()
    );
}
