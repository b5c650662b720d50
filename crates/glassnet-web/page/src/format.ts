// Numbers as people read them: a true minus sign, and as many digits as fit.

/** So many decimals; very small and very large ones as a power of ten. */
export function decimals(value: number, places = 4): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value < 0 ? '−∞' : '∞';
  if (value !== 0 && (Math.abs(value) >= 1e5 || Math.abs(value) < 0.5 * 10 ** -places)) {
    const [mantissa, exponent] = value.toExponential(2).split('e');
    return minus(`${mantissa}·10${raised(Number(exponent))}`);
  }
  return minus(value.toFixed(places));
}

/** Every digit: what a copy of the number needs. */
export function full(value: number): string {
  return minus(String(value));
}

/** Few digits, without zeros at the end. */
export function short(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return decimals(value);
  if (value !== 0 && (Math.abs(value) >= 1e6 || Math.abs(value) < 1e-4)) return decimals(value);
  return minus(String(Number(value.toPrecision(digits))));
}

/** A sentence of the core with fewer digits. */
export function rounded(text: string): string {
  return text.replace(/\d+\.\d{4,}(e-?\d+)?/g, (digits) => short(Number(digits)));
}

export function percent(share: number, places = 0): string {
  return `${minus((100 * share).toFixed(places))} %`;
}

/** Thousands in groups. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ' ');
}

export function minus(text: string): string {
  return text.replace(/-/g, '−');
}

/** A number as typed, with any minus and either decimal mark. */
export function typed(text: string): number {
  return Number(text.trim().replace('−', '-').replace(',', '.'));
}

function raised(exponent: number): string {
  const digits = '⁰¹²³⁴⁵⁶⁷⁸⁹';
  return [...String(exponent)].map((c) => (c === '-' ? '⁻' : digits[Number(c)])).join('');
}
