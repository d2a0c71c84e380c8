//! Gold values of numpy, scipy and scikit-learn, properties, and odd input.

mod gold;
mod properties;
