//! `new`: a file to begin with.

use clap::{Arg, ArgMatches, Command};
use tegata::load::load;
use tegata::scaffold::{self, Refusal, Scaffold};
use tegata::shape::files::KINDS;

use super::{DONE, FAULT, Fault, NOT_WRITTEN, Outcome, workspace};
use tegata_cli::{Unknown, ui, whole_number};

/// The largest id that a project's file may have.
const MAX_ID: u64 = i64::MAX.cast_unsigned();

pub fn command() -> Command {
    let kind = |name: &'static str, about: &'static str, argument: &'static str, example: &'static str| {
        Command::new(name)
            .about(about)
            .arg(Arg::new("name").value_name(argument).required(true).help(example))
    };
    let id = Arg::new("id")
        .long("id")
        .value_name("ID")
        .value_parser(whole_number::<u64>(1..=MAX_ID))
        .help("GitLab's id of the project; needed where the runner's isolation is `admission`");
    let other =
        |kind: &'static str, help: &'static str| Arg::new(kind).long(kind).value_name("NAME").help(help);
    Command::new("new")
        .about("Write a commented file that renders: a project, runner, role or cluster")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            kind(
                "project",
                "A GitLab project with one account",
                "PATH",
                "The full path in GitLab, such as shop/web",
            )
            .arg(id)
            .arg(other("runner", "Its runner; otherwise the only one, or the one that most projects have")),
        )
        .subcommand(
            kind("runner", "A runner that serves several projects", "NAME", "Its name, such as shared")
                .arg(other("cluster", "Its cluster; otherwise the one that most runners are on")),
        )
        .subcommand(kind("role", "A ClusterRole", "NAME", "Its name, such as image-builder"))
        .subcommand(kind("cluster", "A cluster", "NAME", "Its name, such as main"))
}

/// What to say of an option that `new` does not have, and the file that it writes does.
pub fn tip(unknown: &Unknown<'_>) -> Option<String> {
    let ["new", kind] = unknown.command else { return None };
    let (_, _, form) = KINDS.into_iter().find(|(name, ..)| name == kind)?;
    let option = unknown.option.trim_start_matches('-').replace('-', "");
    let field = form.fields.iter().find(|field| field.name.eq_ignore_ascii_case(&option))?.name;
    // A project's file is named after the end of its path, where that is free.
    let name = given_name().filter(|_| *kind != "project").unwrap_or_else(|| "NAME".to_owned());
    Some(format!("`{field}` is written in the file: run this without it, then change {kind}s/{name}.yaml"))
}

/// The name in a command line that makes no sense, where it stands before what doesn't.
fn given_name() -> Option<String> {
    let matches = super::cli().ignore_errors(true).try_get_matches().ok()?;
    let (_, new) = matches.subcommand()?;
    let (_, arguments) = new.subcommand()?;
    arguments.try_get_one("name").ok()?.cloned()
}

pub fn run(arguments: &ArgMatches) -> Outcome {
    let root = workspace(arguments)?;
    let Some((kind, arguments)) = arguments.subcommand() else { return Ok(FAULT) };
    let name = arguments.get_one::<String>("name").map(String::as_str).unwrap_or_default();
    let loaded = load(&root);
    let scaffold = match kind {
        "project" => {
            let id = arguments.get_one::<u64>("id").copied();
            scaffold::project(&loaded, name, id, option(arguments, "runner"))
        }
        "runner" => scaffold::runner(&loaded, name, option(arguments, "cluster")),
        "role" => scaffold::role(&loaded, name),
        _ => scaffold::cluster(&loaded, name),
    };
    let Scaffold { path, text, chosen } =
        scaffold.map_err(|Refusal { message, help }| Fault::new(NOT_WRITTEN, message, help))?;
    let full = root.join(&path);
    let failed = |error: std::io::Error| {
        let help = if error.kind() == std::io::ErrorKind::AlreadyExists {
            "change that file, or choose another name"
        } else {
            "check permissions and free space"
        };
        Fault::new(NOT_WRITTEN, format!("can't write {path}: {error}"), help)
    };
    if let Some(folder) = full.parent() {
        if folder.symlink_metadata().is_ok_and(|there| !there.is_dir()) {
            let name = path.parent().unwrap_or(&path);
            return Err(Fault::new(
                NOT_WRITTEN,
                format!("{name} is not a folder"),
                "make it a folder inside the workspace: links are not followed",
            ));
        }
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    // Never over a file that is there, even one that could not be read as one of the workspace's.
    let mut file = std::fs::File::create_new(&full).map_err(failed)?;
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(failed)?;
    let chosen = if chosen.is_empty() { chosen } else { format!(" ({chosen})") };
    ui::tell(&format!("written {path}{chosen}: look it over, then run `cargo xtask render`\n"));
    Ok(DONE)
}

fn option<'a>(arguments: &'a ArgMatches, name: &str) -> Option<&'a str> {
    arguments.get_one::<String>(name).map(String::as_str)
}
