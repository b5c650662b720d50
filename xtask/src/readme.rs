//! Runs every command of the README as a newcomer would: in a fresh copy of the tracked files.

use crate::tree;
use std::path::Path;
use std::process::Command;

/// Runs each line of the README's `sh` fences; every one must exit 0.
///
/// # Errors
/// When the README is missing, has no command, or one of them fails.
pub(crate) fn run() -> Result<(), String> {
    let files = tree::tracked()?;
    let readme = files.iter().find(|file| file.path == "README.md").and_then(tree::File::text);
    let commands = commands(readme.ok_or("README.md is missing; write it and `git add` it")?);
    if commands.is_empty() {
        return Err("README.md has no ```sh fence; show how to build and to run glassnet".to_owned());
    }
    let copy = tempfile::tempdir().map_err(|error| format!("temporary folder: {error}"))?;
    for file in &files {
        copy_file(file, copy.path()).map_err(|error| format!("{}: {error}", file.path))?;
    }
    for (line, command) in &commands {
        println!("$ {command}");
        let status = bash(command, copy.path()).map_err(|error| format!("bash: {error}"))?;
        if !status.success() {
            return Err(format!("README.md:{line}: `{command}`: {status}"));
        }
    }
    println!("{} commands of README.md ran", commands.len());
    Ok(())
}

/// The commands to run, each with the number of its first line: lines that end in `\` go on, and comments,
/// getting the repository and this very test are left out.
fn commands(readme: &str) -> Vec<(usize, String)> {
    let mut commands: Vec<(usize, String)> = Vec::new();
    let mut in_fence = false;
    let mut continues = false;
    for (line, text) in (1..).zip(readme.lines().map(str::trim)) {
        if text.starts_with("```") {
            in_fence = text == "```sh";
            continues = false;
        } else if in_fence && !text.is_empty() {
            match commands.last_mut() {
                Some((_, command)) if continues => *command = format!("{command}\n{text}"),
                _ => commands.push((line, text.to_owned())),
            }
            continues = text.ends_with('\\');
        }
    }
    commands.retain(|(_, command)| {
        let skipped = ["#", "git clone", "cd ", "cargo xtask test"];
        !skipped.iter().any(|start| command.starts_with(start))
    });
    commands
}

fn copy_file(file: &tree::File, folder: &Path) -> std::io::Result<()> {
    let target = folder.join(&file.path);
    std::fs::create_dir_all(target.parent().expect("the file stands in the folder"))?;
    std::fs::copy(tree::root().join(&file.path), target).map(drop)
}

/// Runs a command with a target folder of its own, which is kept so that the next run builds only what changed.
fn bash(command: &str, folder: &Path) -> std::io::Result<std::process::ExitStatus> {
    let target = tree::root().join("target/readme");
    let inherited = std::env::var("PATH").unwrap_or_default();
    Command::new("bash")
        .args(["-c", command])
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_INSTALL_ROOT", target.join("install"))
        .env("PATH", format!("{}:{inherited}", target.join("release").display()))
        .status()
}

#[cfg(test)]
mod tests {
    use super::commands;

    #[test]
    fn commands_are_the_lines_of_sh_fences() {
        let readme = "glassnet no\n```sh\n# why\ngit clone x\ncd x\ncargo build --release\n\
                      glassnet train a.csv \\\n    --target b\ncargo xtask test\n```\n```\nglassnet output\n```\n";
        let expected = [(6, "cargo build --release"), (7, "glassnet train a.csv \\\n--target b")];
        assert_eq!(commands(readme), expected.map(|(line, command)| (line, command.to_owned())));
    }
}
