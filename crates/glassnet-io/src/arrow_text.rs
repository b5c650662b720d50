//! The cells of Arrow columns as text, without loss: numbers by their shortest text that reads back the same.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
    DecimalType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, PrimitiveArray};
use arrow_schema::{DataType, TimeUnit};
use glassnet::date::date_of;
use glassnet::table::TextColumn;
use std::fmt::{Display, LowerExp, Write};

const SECONDS_PER_DAY: i64 = 86_400;

/// Whether columns of this type can be read.
pub(crate) fn is_plain(kind: &DataType) -> bool {
    match kind {
        DataType::Dictionary(_, values) => is_plain(values) && !matches!(**values, DataType::Dictionary(..)),
        DataType::Interval(_) | DataType::RunEndEncoded(..) => false,
        kind => !kind.is_nested(),
    }
}

/// Adds the cells of an array to a column. Nulls are empty.
///
/// # Errors
/// The row, from 0, of bytes that are no text; a row too many for a type that cannot be read.
pub(crate) fn push(column: &mut TextColumn, array: &ArrayRef) -> Result<(), usize> {
    let array = &**array;
    let mut write = |cell: &dyn Fn(usize, &mut String)| {
        for row in 0..array.len() {
            if array.is_null(row) { column.push("") } else { column.push_written(|text| cell(row, text)) }
        }
    };
    match array.data_type() {
        DataType::Null => (0..array.len()).for_each(|_| column.push("")),
        DataType::Boolean => {
            let values = array.as_boolean();
            write(&|row, text| text.push_str(if values.value(row) { "true" } else { "false" }));
        }
        DataType::Int8 => write(&whole::<Int8Type>(array)),
        DataType::Int16 => write(&whole::<Int16Type>(array)),
        DataType::Int32 => write(&whole::<Int32Type>(array)),
        DataType::Int64 => write(&whole::<Int64Type>(array)),
        DataType::UInt8 => write(&whole::<UInt8Type>(array)),
        DataType::UInt16 => write(&whole::<UInt16Type>(array)),
        DataType::UInt32 => write(&whole::<UInt32Type>(array)),
        DataType::UInt64 => write(&whole::<UInt64Type>(array)),
        DataType::Float16 => {
            let values = array.as_primitive::<Float16Type>();
            write(&|row, text| float(text, values.value(row).to_f32()));
        }
        DataType::Float32 => {
            let values = array.as_primitive::<Float32Type>();
            write(&|row, text| float(text, values.value(row)));
        }
        DataType::Float64 => {
            let values = array.as_primitive::<Float64Type>();
            write(&|row, text| float(text, values.value(row)));
        }
        DataType::Decimal32(..) => write(&decimal::<Decimal32Type>(array)),
        DataType::Decimal64(..) => write(&decimal::<Decimal64Type>(array)),
        DataType::Decimal128(..) => write(&decimal::<Decimal128Type>(array)),
        DataType::Decimal256(..) => write(&decimal::<Decimal256Type>(array)),
        DataType::Utf8 => write(&|row, text| text.push_str(array.as_string::<i32>().value(row))),
        DataType::LargeUtf8 => write(&|row, text| text.push_str(array.as_string::<i64>().value(row))),
        DataType::Utf8View => write(&|row, text| text.push_str(array.as_string_view().value(row))),
        DataType::Binary => return bytes(column, array, |row| array.as_binary::<i32>().value(row)),
        DataType::LargeBinary => return bytes(column, array, |row| array.as_binary::<i64>().value(row)),
        DataType::BinaryView => return bytes(column, array, |row| array.as_binary_view().value(row)),
        DataType::FixedSizeBinary(_) => {
            return bytes(column, array, |row| array.as_fixed_size_binary().value(row));
        }
        DataType::Date32 => {
            let days = array.as_primitive::<Date32Type>();
            write(&|row, text| date(text, i64::from(days.value(row))));
        }
        DataType::Date64 => {
            let milliseconds = array.as_primitive::<Date64Type>();
            write(&|row, text| date(text, milliseconds.value(row).div_euclid(1000 * SECONDS_PER_DAY)));
        }
        DataType::Time32(unit) | DataType::Time64(unit) => {
            let ticks = ticks(array);
            write(&|row, text| time(text, ticks[row], *unit));
        }
        DataType::Timestamp(unit, zone) => {
            let (ticks, per_day) = (ticks(array), SECONDS_PER_DAY * per_second(*unit));
            write(&|row, text| {
                date(text, ticks[row].div_euclid(per_day));
                text.push('T');
                time(text, ticks[row].rem_euclid(per_day), *unit);
                text.push_str(if zone.is_some() { "Z" } else { "" });
            });
        }
        DataType::Duration(unit) => {
            let ticks = ticks(array);
            write(&|row, text| {
                text.push_str(if ticks[row] < 0 { "-" } else { "" });
                let (ticks, per_second) = (ticks[row].unsigned_abs(), per_second(*unit).unsigned_abs());
                put(text, ticks / per_second);
                fraction(text, ticks % per_second, *unit);
            });
        }
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            let mut values = TextColumn::new("values");
            push(&mut values, dictionary.values())?;
            let keys =
                if values.n_cells() == 0 { vec![0; array.len()] } else { dictionary.normalized_keys() };
            write(&|row, text| text.push_str(values.cell(keys[row])));
        }
        _ => return Err(array.len()),
    }
    Ok(())
}

fn put(text: &mut String, value: impl Display) {
    write!(text, "{value}").expect("a String takes everything");
}

fn whole<Kind: ArrowPrimitiveType<Native: Display>>(array: &dyn Array) -> impl Fn(usize, &mut String) {
    let values = array.as_primitive::<Kind>().clone();
    move |row, text| put(text, values.value(row))
}

fn decimal<Kind: DecimalType + ArrowPrimitiveType>(array: &dyn Array) -> impl Fn(usize, &mut String) {
    let values: PrimitiveArray<Kind> = array.as_primitive::<Kind>().clone();
    move |row, text| text.push_str(&values.value_as_string(row))
}

/// Very large and very small numbers with an exponent.
fn float(text: &mut String, value: impl Display + LowerExp + Into<f64> + Copy) {
    let magnitude = value.into().abs();
    if magnitude.is_finite() && magnitude != 0.0 && !(1e-5..1e16).contains(&magnitude) {
        write!(text, "{value:e}").expect("a String takes everything");
    } else {
        put(text, value);
    }
}

fn bytes<'a>(
    column: &mut TextColumn,
    array: &'a dyn Array,
    value: impl Fn(usize) -> &'a [u8],
) -> Result<(), usize> {
    for row in 0..array.len() {
        let bytes = if array.is_null(row) { b"" } else { value(row) };
        column.push(std::str::from_utf8(bytes).map_err(|_| row)?);
    }
    Ok(())
}

/// The numbers below times and durations.
fn ticks(array: &dyn Array) -> Vec<i64> {
    use arrow_array::types::{
        DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType, DurationSecondType,
        Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType,
        TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
    };
    fn values<Kind: ArrowPrimitiveType<Native: Into<i64>>>(array: &dyn Array) -> Vec<i64> {
        array.as_primitive::<Kind>().values().iter().map(|&value| value.into()).collect()
    }
    match array.data_type() {
        DataType::Time32(TimeUnit::Second) => values::<Time32SecondType>(array),
        DataType::Time32(_) => values::<Time32MillisecondType>(array),
        DataType::Time64(TimeUnit::Microsecond) => values::<Time64MicrosecondType>(array),
        DataType::Time64(_) => values::<Time64NanosecondType>(array),
        DataType::Timestamp(TimeUnit::Second, _) => values::<TimestampSecondType>(array),
        DataType::Timestamp(TimeUnit::Millisecond, _) => values::<TimestampMillisecondType>(array),
        DataType::Timestamp(TimeUnit::Microsecond, _) => values::<TimestampMicrosecondType>(array),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => values::<TimestampNanosecondType>(array),
        DataType::Duration(TimeUnit::Second) => values::<DurationSecondType>(array),
        DataType::Duration(TimeUnit::Millisecond) => values::<DurationMillisecondType>(array),
        DataType::Duration(TimeUnit::Microsecond) => values::<DurationMicrosecondType>(array),
        _ => values::<DurationNanosecondType>(array),
    }
}

fn per_second(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    }
}

fn date(text: &mut String, day: i64) {
    let (year, month, day) = date_of(day);
    put(text, format_args!("{year:04}-{month:02}-{day:02}"));
}

fn time(text: &mut String, ticks: i64, unit: TimeUnit) {
    let seconds = ticks.div_euclid(per_second(unit));
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    put(text, format_args!("{hours:02}:{minutes:02}:{seconds:02}"));
    fraction(text, ticks.rem_euclid(per_second(unit)).unsigned_abs(), unit);
}

/// The fraction of a second, without zeros at its end.
fn fraction(text: &mut String, ticks: u64, unit: TimeUnit) {
    if ticks > 0 {
        let n_digits = per_second(unit).ilog10() as usize;
        let digits = format!("{ticks:0n_digits$}");
        put(text, format_args!(".{}", digits.trim_end_matches('0')));
    }
}
