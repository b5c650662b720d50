//! exp.
/// e.
pub fn exp(x: f64) -> f64 {
    x.exp()
}
/// l.
pub fn ln(x: f64) -> f64 {
    x.ln()
}
/// t.
pub fn tanh(x: f64) -> f64 {
    x.tanh()
}
