//! `diff`: what apply would do.

use camino::Utf8PathBuf;
use clap::{Arg, ArgMatches, Command};
use tegata_cli::{DONE, FAULT, FINDINGS, ui, wants_json};
use tegata_cluster::Fault;

use super::look::Look;
use super::{Outcome, options, told};

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
    let saved = arguments.get_one::<Utf8PathBuf>("save").map(|file| save(&look, file)).transpose();
    // One document, whatever became of the plan's file.
    ui::out(&if wants_json(arguments) { look.document(None, saved.as_ref().err()) } else { look.text() });
    match saved {
        Ok(saved) => ui::tell(&saved.unwrap_or_default()),
        Err(fault) => {
            ui::say(&told(&fault));
            return Ok(FAULT);
        }
    }
    Ok(if look.plan.differs() { FINDINGS } else { DONE })
}

/// Keeps the plan, and says where.
fn save(look: &Look, file: &Utf8PathBuf) -> Result<String, Fault> {
    if !look.plan.refusals.is_empty() {
        return Err(Fault::new(
            "not-saved",
            "the plan can't be carried out, and is not saved",
            "mend what the errors name, then run `diff --save` again",
        ));
    }
    fs_err::write(file, look.saved().text())
        .map_err(|error| Fault::new("not-saved", error.to_string(), "check permissions and free space"))?;
    Ok(format!("the plan is in {file}: `cargo xtask apply --plan {file}` carries it out\n"))
}
