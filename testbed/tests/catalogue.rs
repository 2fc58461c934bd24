//! The committed catalogue is what the real server says.

use testbed::{ApiServer, catalogue};

#[test]
fn the_committed_catalogue_is_what_the_server_serves() {
    let server = ApiServer::start().unwrap();
    let version = server.version().unwrap();
    let served = catalogue::generate(&server).unwrap();

    let path = catalogue::path(&version).unwrap();
    let committed = fs_err::read_to_string(&path).unwrap();
    if let Some(difference) = catalogue::difference(&committed, &served) {
        panic!("{path} is not what the server serves; `cargo xtask catalogue` mends it:\n{difference}");
    }

    // The tables of the other releases are made by a rule; here it can be held against the truth.
    let by_rule = catalogue::of_release(&version).unwrap();
    if let Some(difference) = catalogue::difference(&served, &by_rule) {
        panic!("the rule for releases without a server says otherwise than the server:\n{difference}");
    }
}
