//! The functions that every header may need.

use super::Header;
use glassnet::activation::Activation;

/// A function, in the order in which they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Needed {
    Present,
    Robust,
    FindNumber,
    FindText,
    LevelOf,
    Dense,
    Periodic,
    Activation(Activation),
}

/// Those that are needed.
pub(super) fn helpers(header: &Header) -> String {
    let activations = [Activation::Softplus]
        .into_iter()
        .chain(Activation::ALL.into_iter().filter(|&activation| activation != Activation::Softplus));
    let fixed = [
        Needed::Present,
        Needed::Robust,
        Needed::FindNumber,
        Needed::FindText,
        Needed::LevelOf,
        Needed::Dense,
        Needed::Periodic,
    ];
    let all = fixed.into_iter().chain(activations.map(Needed::Activation));
    let needed = all.filter(|helper| header.needs.contains(helper));
    needed.map(|helper| body(helper).replace('@', &header.prefix) + "\n").collect()
}

fn body(helper: Needed) -> String {
    match helper {
        Needed::Present => PRESENT.into(),
        Needed::Robust => ROBUST.into(),
        Needed::FindNumber => FIND_NUMBER.into(),
        Needed::FindText => FIND_TEXT.into(),
        Needed::LevelOf => LEVEL_OF.into(),
        Needed::Dense => DENSE.into(),
        Needed::Periodic => PERIODIC.into(),
        Needed::Activation(activation) => format!(
            "static float @_{}(float z)\n{{\n    return {};\n}}\n",
            activation.name(),
            formula(activation)
        ),
    }
}

/// f(z), so that nothing overflows to what is no number.
fn formula(activation: Activation) -> &'static str {
    match activation {
        Activation::Identity => "z",
        Activation::Sigmoid => "1.0f / (1.0f + expf(-z))",
        Activation::Tanh => "tanhf(z)",
        Activation::Relu => "z > 0.0f ? z : 0.0f",
        Activation::LeakyRelu => "z > 0.0f ? z : 0.01f * z",
        Activation::Elu => "z > 0.0f ? z : expm1f(z)",
        Activation::Selu => "1.0507009873554805f * (z > 0.0f ? z : 1.6732632423543772f * expm1f(z))",
        Activation::Gelu => "0.5f * z * (1.0f + erff(z * 0.7071067811865476f))",
        Activation::Mish => "z * tanhf(@_softplus(z))",
        Activation::Softplus => "(z > 0.0f ? z : 0.0f) + log1pf(expf(-fabsf(z)))",
    }
}

const PRESENT: &str = "/* The number, NAN where it is one of those that stand for a missing one. */
static double @_present(double number, const double *missing, int n)
{
    int i;
    for (i = 0; i < n; i++) {
        if (number == missing[i]) return NAN;
    }
    return number;
}
";

const ROBUST: &str = "/* (v - median) * scale, smoothly clipped to within 3. */
static double @_robust(double v, double median, double scale)
{
    double z = scale == 0.0 ? 0.0 : (v - median) * scale;
    z = z < -1e100 ? -1e100 : z > 1e100 ? 1e100 : z;
    return z / sqrt(1.0 + z / 3.0 * (z / 3.0));
}
";

const FIND_NUMBER: &str = "/* The place of a number among others, -1 where it is none of them. */
static int @_find_number(double number, const double *numbers, int n)
{
    int i;
    for (i = 0; i < n; i++) {
        if (number == numbers[i]) return i;
    }
    return -1;
}
";

const FIND_TEXT: &str = "/* The place of a text among others, -1 where it is none of them. */
static int @_find_text(const char *text, const char *const *texts, int n)
{
    int i;
    for (i = 0; i < n; i++) {
        if (text != NULL && strcmp(text, texts[i]) == 0) return i;
    }
    return -1;
}
";

const LEVEL_OF: &str = "/* The level of the text at that place. */
static int @_level_of(int place, const int *levels)
{
    return place < 0 ? -1 : levels[place];
}
";

const DENSE: &str = "/* z = a * W + b; W has a row for each of n numbers, b may be absent. */
static void @_dense(const float *a, int n, const float *weight, const float *bias, float *z, int m)
{
    int i, j;
    for (j = 0; j < m; j++) z[j] = bias == NULL ? 0.0f : bias[j];
    for (i = 0; i < n; i++) {
        for (j = 0; j < m; j++) z[j] += a[i] * weight[i * m + j];
    }
}
";

const PERIODIC: &str = "/* Each of the first numbers x becomes cos(2 pi x w + b) * W + c, and x behind it; the others pass. */
static void @_periodic(const float *a, int n_inputs, int n_numbers, int n_waves, int n_outputs, const float *w,
                       const float *b, const float *weight, const float *c, float *z)
{
    int i, j, k;
    for (i = 0; i < n_numbers; i++) {
        for (j = 0; j < n_outputs; j++) z[j] = c[i * n_outputs + j];
        for (k = 0; k < n_waves; k++) {
            float wave = cosf(6.2831853071795865f * a[i] * w[i * n_waves + k] + b[i * n_waves + k]);
            for (j = 0; j < n_outputs; j++) z[j] += wave * weight[(i * n_waves + k) * n_outputs + j];
        }
        z[n_outputs] = a[i];
        z += n_outputs + 1;
    }
    for (i = n_numbers; i < n_inputs; i++) *z++ = a[i];
}
";
