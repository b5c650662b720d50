//! Why a command ended without success, and with which exit status.

use std::fmt::Display;
use std::process::ExitCode;

/// A command's result.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// The end of a command that did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The work failed: exit status 1.
    Work(String),
    /// The call was wrong: exit status 2.
    Call(String),
    /// Whoever read our output had enough, as `head` does: no failure.
    ReaderGone,
}

impl Failure {
    /// Says why on standard error and gives the exit status.
    pub(crate) fn report(self) -> ExitCode {
        match self {
            Self::Work(message) => {
                eprintln!("error: {message}");
                ExitCode::from(1)
            }
            Self::Call(message) => {
                eprintln!("error: {message}\n\nFor more information, try '--help'.");
                ExitCode::from(2)
            }
            Self::ReaderGone => ExitCode::SUCCESS,
        }
    }

    /// A failed write to standard output.
    pub(crate) fn of_output(error: &std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self::ReaderGone;
        }
        Self::Work(format!("cannot write to standard output: {error}"))
    }
}

impl From<glassnet::error::Error> for Failure {
    fn from(error: glassnet::error::Error) -> Self {
        match error {
            glassnet::error::Error::Setting { name, value, domain } => {
                let flag = name.replace('_', "-");
                Self::Call(format!("--{flag} {value}: must be {domain}"))
            }
            _ => Self::Work(error.to_string()),
        }
    }
}

impl From<glassnet_io::error::Error> for Failure {
    fn from(error: glassnet_io::error::Error) -> Self {
        match error {
            glassnet_io::error::Error::Glassnet(error) => error.into(),
            error => Self::Work(error.to_string()),
        }
    }
}

/// A failure of the work with this message.
pub(crate) fn work<T>(message: impl Display) -> Result<T> {
    Err(Failure::Work(message.to_string()))
}
