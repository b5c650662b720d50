//! See-through neural networks. Read the modules from top to bottom: each imports only from those above it.
#![forbid(unsafe_code)]

pub use glassnet_kernels as kernels;

pub mod error; // what can go wrong
pub mod matrix; // rows of numbers
pub mod generator; // random numbers from a seed
pub mod table; // columns of text, as read
mod number; // the number that a text states
pub mod cell; // what the text of one cell means
mod header; // which line names the columns, and what parts their cells
pub mod reader; // separated text to tables, a chunk at a time
mod decimals; // commas before decimals to points
pub mod date; // days since 1970, and what a cell says of them
pub mod dates; // columns of dates to columns of numbers
mod date_search; // which columns are dates, and how they state them
pub mod levels; // the different values of a column, in order
pub mod sample; // a fair choice of numbers
pub mod schema; // what each column is
pub mod notes; // what a reader should know of it
mod survey; // what the cells of one column are
pub mod inference; // the rules that decide it
pub mod dataset; // encoded rows, their targets and weights
pub mod training_rows; // in memory, or a block at a time from elsewhere
pub mod split; // rows to train on, rows to validate on
pub mod standard; // mean and standard deviation
pub mod robust; // median and quartiles
pub mod encoding; // one column to numbers
mod column_fit; // found from the cells of training rows
mod encode_note; // what is odd about rows, beside the schema
pub mod encoder; // columns to numbers, fitted on training rows
pub mod target; // the target to classes or numbers, and back
pub mod target_fit; // found from the cells of training rows
pub mod activation; // value and slope of each unit's function
pub mod quantiles; // levels of quantiles
pub mod objective; // output map, loss and gradient as one choice
pub mod layer; // layers, their sizes and parameters
pub mod initialiser; // where parameters start
mod parts; // a batch's rows in parts
mod pass; // one layer forward and backward
mod hidden; // hidden layers of the strong recipe in one pass
pub mod network; // forward and backward
pub mod data_start; // where a network starts by its training rows
pub mod batch; // rows that go through a network together
pub mod schedule; // rates over time
pub mod optimizer; // gradients into steps
pub mod train_config; // how to train, checked
mod tiny; // what the kernels for tiny networks can train
mod groups; // which parameters step how
mod update; // from gradients to moved parameters
pub mod ensemble; // what several networks say together
pub mod temperature; // how sure of classes
pub mod history; // what happened in each epoch
pub mod checkpoint; // a training between two epochs
pub mod trace; // every number of one step
mod shard; // a batch forward and backward, by all threads
mod member; // the steps of one network
pub mod trainer; // epochs, pulled one at a time
pub mod watch; // the layers while it trains
pub mod restarts; // several starts, of which the best is kept
pub mod starts; // many tiny networks side by side
pub mod separable; // whether a plane parts two classes
pub mod interval; // how far a figure might be off
pub mod metric; // a figure, its name and its interval
mod ranking; // areas under curves
pub mod metrics; // how good, with intervals
mod evaluation; // what a model says, and how good it is
pub mod fingerprint; // whether bytes are still the same
pub mod recipe; // two ways to build a network
pub mod class_weight; // how much the rows of each class count
mod row_weights; // how much each row counts
pub mod fit_config; // how a network is built for a table
pub mod settings; // choices by their names
pub mod finding; // what is wrong, with evidence and a remedy
pub mod changes; // which choices are not the recipe's
pub mod model; // what training leaves
mod inside; // what its network does
pub mod attribution; // which column mattered
pub mod explain; // every number of one step on rows of a table
pub mod answers; // what is known of a training, as JSON
mod constant; // the best prediction that is the same for every row
pub mod prepared; // a table's rows, ready to train on
pub mod streaming; // the same of a table that is larger than memory
mod facts; // what a model does with its rows
pub mod diagnose; // why training failed, or could be better
mod start; // the trainings of a configuration at their start
pub mod fit; // from a table to a model
pub mod relation; // which question a unit answers
mod kept; // parameters to go back to
pub mod workbench; // a training to look into
pub mod resume; // to go on with it later
pub mod tune; // configurations to try, and which to give up
pub mod folds; // every row predicted by a model that never saw it

/// The README's code, run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
