//! A codec chosen at run time: one branch a batch.

use std::ops::Range;
use std::path::Path;

use vectory_core::artifact::{self, Artifact, ArtifactError, Card, TensorOut};
use vectory_core::{Metric, VectorsRef};

use crate::codec::Above;
use crate::state::{State, StateError, Tensor};
use crate::{Codec, CodecError, CodesRef, Layout, full, half, leanvec, lvq, pq, rabitq, rq, scalar, sign};

/// The kind of artifact, and the newest version of it that this code reads.
const KIND: &str = "codec";
const VERSION: u32 = 1;

/// Makes the two enums and sends every call to the variant.
macro_rules! any {
    ($($(#[$doc:meta])* $name:ident($codec:ty, $key:literal)),* $(,)?) => {
        /// Any codec of ours.
        #[derive(Clone, Debug, PartialEq)]
        pub enum AnyCodec {
            $($(#[$doc])* $name($codec)),*
        }

        /// A vector made ready for an [`AnyCodec`].
        #[derive(Clone, Debug, Default)]
        pub enum AnyQuery {
            /// Not made ready yet.
            #[default]
            None,
            $($(#[$doc])* $name(<$codec as Codec>::Query)),*
        }

        $(impl From<$codec> for AnyCodec {
            fn from(codec: $codec) -> Self {
                Self::$name(codec)
            }
        })*

        impl AnyCodec {
            /// Its plain values, for a file that keeps a codec among other things.
            #[must_use]
            pub fn state(&self) -> State {
                match self {
                    $(Self::$name(c) => {
                        let mut state = c.state();
                        state.params["family"] = $key.into();
                        state
                    })*
                }
            }

            /// The codec of plain values.
            ///
            /// # Errors
            /// [`StateError`] says what does not fit.
            pub fn from_state(state: &State) -> Result<Self, StateError> {
                match state.param::<String>("family")?.as_str() {
                    $($key => <$codec>::from_state(state).map(Self::$name),)*
                    other => Err(StateError(format!("codec family `{other}` is unknown (a newer Vectory wrote it)"))),
                }
            }
        }

        impl Codec for AnyCodec {
            type Query = AnyQuery;
            any!(@out self, c, [$($name),*], fn name() -> String, c.name());
            any!(@out self, c, [$($name),*], fn dim() -> usize, c.dim());
            any!(@out self, c, [$($name),*], fn metric() -> Metric, c.metric());
            any!(@out self, c, [$($name),*], fn layout() -> Layout, c.layout());

            any!(@out self, c, [$($name),*], fn unbiased() -> bool, c.unbiased());

            fn encode_into(&self, rows: VectorsRef<'_>, primary: &mut [u8], secondary: &mut [u8]) {
                match self { $(Self::$name(c) => c.encode_into(rows, primary, secondary)),* }
            }

            fn decode(&self, codes: CodesRef<'_>, id: u32, out: &mut [f32]) {
                match self { $(Self::$name(c) => c.decode(codes, id, out)),* }
            }

            fn query_into(&self, values: &[f32], query: &mut AnyQuery) {
                match self { $(Self::$name(c) => {
                    if !matches!(query, AnyQuery::$name(_)) {
                        *query = AnyQuery::$name(Default::default());
                    }
                    if let AnyQuery::$name(q) = query {
                        c.query_into(values, q);
                    }
                }),* }
            }

            fn row_query_into(&self, codes: CodesRef<'_>, id: u32, query: &mut AnyQuery) {
                match self { $(Self::$name(c) => {
                    if !matches!(query, AnyQuery::$name(_)) {
                        *query = AnyQuery::$name(Default::default());
                    }
                    if let AnyQuery::$name(q) = query {
                        c.row_query_into(codes, id, q);
                    }
                }),* }
            }

            #[inline]
            fn scores(&self, query: &AnyQuery, codes: CodesRef<'_>, ids: &[u32], out: &mut [f32]) {
                match (self, query) {
                    $((Self::$name(c), AnyQuery::$name(q)) => c.scores(q, codes, ids, out),)*
                    _ => other_query(),
                }
            }

            #[inline]
            fn block(&self, query: &AnyQuery, codes: CodesRef<'_>, start: usize, out: &mut [f32]) {
                match (self, query) {
                    $((Self::$name(c), AnyQuery::$name(q)) => c.block(q, codes, start, out),)*
                    _ => other_query(),
                }
            }

            fn above(&self, query: &AnyQuery, codes: CodesRef<'_>, rows: Range<usize>, floor: f32, take: &mut Above<'_>) {
                match (self, query) {
                    $((Self::$name(c), AnyQuery::$name(q)) => c.above(q, codes, rows, floor, take),)*
                    _ => other_query(),
                }
            }

            fn rerank(&self, query: &AnyQuery, codes: CodesRef<'_>, ids: &[u32], out: &mut [f32]) {
                match (self, query) {
                    $((Self::$name(c), AnyQuery::$name(q)) => c.rerank(q, codes, ids, out),)*
                    _ => other_query(),
                }
            }
        }
    };
    (@out $s:ident, $c:ident, [$($name:ident),*], fn $f:ident() -> $r:ty, $call:expr) => {
        fn $f(&$s) -> $r {
            match $s { $(Self::$name($c) => $call),* }
        }
    };
}

any! {
    /// Full rows.
    Full(full::Full, "full"),
    /// 16-bit floats.
    Half(half::Half, "half"),
    /// Locally-adaptive vector quantization.
    Lvq(lvq::Lvq, "lvq"),
    /// Scalar quantization.
    Scalar(scalar::Scalar, "scalar"),
    /// Product quantization.
    Pq(pq::Pq, "pq"),
    /// Residual quantization.
    Rq(rq::Rq, "rq"),
    /// Random turns and signs, with more bits.
    Rabitq(rabitq::Rabitq, "rabitq"),
    /// Sign codes.
    Sign(sign::Sign, "sign"),
    /// Few dimensions for the walk.
    Leanvec(leanvec::Leanvec, "leanvec"),
}

#[cold]
fn other_query() -> ! {
    panic!("the query was made ready for another codec")
}

impl AnyCodec {
    /// Saves it as an artifact: all or nothing.
    ///
    /// # Errors
    /// When the file cannot be written; what was at `path` stays.
    pub fn save(&self, path: &Path, provenance: serde_json::Value) -> Result<(), CodecError> {
        let state = self.state();
        let tensors = tensors_out(&state);
        let card = Card { kind: KIND.into(), version: VERSION, params: state.params.clone(), provenance };
        Ok(artifact::save(path, &card, &tensors)?)
    }

    /// Opens what [`AnyCodec::save`] wrote.
    ///
    /// # Errors
    /// When the file is missing, damaged, of another kind, or its parts do not fit.
    pub fn open(path: &Path) -> Result<Self, CodecError> {
        let artifact = Artifact::open_kind(path, KIND, VERSION)?;
        let state = card_state(&artifact, artifact.card().params.clone())?;
        let bad = |e: StateError| ArtifactError::Format { path: path.to_owned(), why: e.0 };
        Ok(Self::from_state(&state).map_err(bad)?)
    }
}

/// The arrays of a codec, as an artifact takes them.
pub(crate) fn tensors_out(state: &State) -> Vec<TensorOut<'_>> {
    state.tensors.iter().map(|t| TensorOut::f32(&t.name, t.shape.clone(), &t.values)).collect()
}

/// The values of a codec in an artifact.
pub(crate) fn card_state(artifact: &Artifact, params: serde_json::Value) -> Result<State, ArtifactError> {
    let tensor = |(name, shape, values)| Tensor { name, shape, values };
    Ok(State { params, tensors: artifact.f32_tensors()?.into_iter().map(tensor).collect() })
}
