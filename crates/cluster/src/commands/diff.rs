//! `diff`: what apply would do.

use camino::Utf8PathBuf;
use clap::{Arg, ArgMatches, Command};
use tegata_cli::{DONE, FINDINGS, ui, wants_json};
use tegata_cluster::Fault;

use super::look::Look;
use super::{Outcome, options};

pub fn command() -> Command {
    let command = Command::new("diff")
        .about("Show what apply would do to the cluster; exit 0 if nothing, 1 if something")
        .arg(
            Arg::new("save")
                .long("save")
                .value_name("FILE")
                .value_parser(clap::value_parser!(Utf8PathBuf))
                .help("Keep the plan for `apply --plan FILE`"),
        );
    options::with_allowances(options::with_place(command))
}

pub async fn run(arguments: &ArgMatches) -> Outcome {
    let look = Look::at(arguments, options::allowances(arguments)).await?;
    ui::out(&if wants_json(arguments) { look.document(None) } else { look.text() });
    if let Some(file) = arguments.get_one::<Utf8PathBuf>("save") {
        save(&look, file)?;
    }
    Ok(if look.plan.differs() { FINDINGS } else { DONE })
}

fn save(look: &Look, file: &Utf8PathBuf) -> Result<(), Fault> {
    if !look.plan.refusals.is_empty() {
        return Err(Fault::new(
            "not-saved",
            "the plan can't be carried out, and is not saved",
            "mend what the errors name, then run `diff --save` again",
        ));
    }
    fs_err::write(file, look.saved().text())
        .map_err(|error| Fault::new("not-saved", error.to_string(), "check permissions and free space"))?;
    ui::say(&format!("the plan is in {file}: `cargo xtask apply --plan {file}` carries it out\n"));
    Ok(())
}
