//! A cell of an Arrow column as JSON.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};
use serde_json::{Map, Number, Value};

use crate::documents::time;

/// The value of row `i`; null for nothing and for types that have no place in a payload.
pub fn value(array: &dyn Array, i: usize) -> Value {
    use DataType as T;
    if array.is_null(i) {
        return Value::Null;
    }
    macro_rules! number {
        ($kind:ty) => {
            Value::from(array.as_primitive::<$kind>().value(i))
        };
    }
    match array.data_type() {
        T::Boolean => Value::Bool(array.as_boolean().value(i)),
        T::Int8 => number!(Int8Type),
        T::Int16 => number!(Int16Type),
        T::Int32 => number!(Int32Type),
        T::Int64 => number!(Int64Type),
        T::UInt8 => number!(UInt8Type),
        T::UInt16 => number!(UInt16Type),
        T::UInt32 => number!(UInt32Type),
        T::UInt64 => number!(UInt64Type),
        T::Float16 => float(f64::from(array.as_primitive::<Float16Type>().value(i))),
        T::Float32 => float(shortest(array.as_primitive::<Float32Type>().value(i))),
        T::Float64 => float(array.as_primitive::<Float64Type>().value(i)),
        T::Utf8 => Value::from(array.as_string::<i32>().value(i)),
        T::LargeUtf8 => Value::from(array.as_string::<i64>().value(i)),
        T::Utf8View => Value::from(array.as_string_view().value(i)),
        T::Binary => bytes(array.as_binary::<i32>().value(i)),
        T::LargeBinary => bytes(array.as_binary::<i64>().value(i)),
        T::BinaryView => bytes(array.as_binary_view().value(i)),
        T::Date32 => Value::from(time::date(i64::from(array.as_primitive::<Date32Type>().value(i)))),
        T::Date64 => Value::from(time::timestamp(array.as_primitive::<Date64Type>().value(i).div_euclid(1000))),
        T::Timestamp(unit, _) => timestamp(array, *unit, i),
        T::List(_) => list(&array.as_list::<i32>().value(i)),
        T::LargeList(_) => list(&array.as_list::<i64>().value(i)),
        T::FixedSizeList(_, _) => list(&array.as_fixed_size_list().value(i)),
        T::Struct(fields) => {
            let columns = array.as_struct().columns();
            Value::Object(
                fields.iter().zip(columns).map(|(f, c)| (f.name().clone(), value(c, i))).collect::<Map<_, _>>(),
            )
        }
        T::Dictionary(_, _) => {
            let keyed = array.as_any_dictionary();
            value(keyed.values(), keyed.normalized_keys()[i])
        }
        _ => Value::Null,
    }
}

/// Whether a column is a vector rather than something to filter by: a list of floats.
pub fn is_vector(kind: &DataType) -> bool {
    match kind {
        DataType::List(f) | DataType::LargeList(f) | DataType::FixedSizeList(f, _) => {
            matches!(f.data_type(), DataType::Float16 | DataType::Float32 | DataType::Float64)
        }
        _ => false,
    }
}

fn float(x: f64) -> Value {
    Number::from_f64(x).map_or(Value::Null, Value::Number)
}

/// The f64 that prints as the f32 does: 0.1 stays 0.1.
fn shortest(x: f32) -> f64 {
    x.to_string().parse().unwrap_or(f64::from(x))
}

fn bytes(raw: &[u8]) -> Value {
    std::str::from_utf8(raw).map_or(Value::Null, Value::from)
}

fn list(items: &ArrayRef) -> Value {
    Value::Array((0..items.len()).map(|i| value(items, i)).collect())
}

fn timestamp(array: &dyn Array, unit: TimeUnit, i: usize) -> Value {
    use arrow_array::types as t;
    let seconds = match unit {
        TimeUnit::Second => array.as_primitive::<t::TimestampSecondType>().value(i),
        TimeUnit::Millisecond => array.as_primitive::<t::TimestampMillisecondType>().value(i).div_euclid(1000),
        TimeUnit::Microsecond => array.as_primitive::<t::TimestampMicrosecondType>().value(i).div_euclid(1_000_000),
        TimeUnit::Nanosecond => array.as_primitive::<t::TimestampNanosecondType>().value(i).div_euclid(1_000_000_000),
    };
    Value::from(time::timestamp(seconds))
}
