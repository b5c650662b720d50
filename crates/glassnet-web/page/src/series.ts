// A row of losses that grows for ever: every number is kept, and the extent of any part is known at once.

const CHUNK = 256;

export class Series {
  readonly values: number[] = [];
  /** The lowest and the highest of each whole chunk. */
  private readonly low: number[] = [];
  private readonly high: number[] = [];

  get length(): number {
    return this.values.length;
  }

  push(value: number): void {
    this.values.push(value);
    if (this.values.length % CHUNK === 0) {
      const [low, high] = this.plain(this.values.length - CHUNK, this.values.length);
      this.low.push(low);
      this.high.push(high);
    }
  }

  /** Forgets all but the first so many. */
  truncate(length: number): void {
    if (length >= this.values.length) return;
    this.values.length = length;
    this.low.length = Math.min(this.low.length, Math.floor(length / CHUNK));
    this.high.length = this.low.length;
  }

  /** The lowest and the highest of the numbers from one place to before another. */
  extent(from: number, to: number): [number, number] {
    const end = Math.min(to, this.values.length);
    const first = Math.ceil(from / CHUNK);
    const last = Math.floor(end / CHUNK);
    if (first >= last) return this.plain(from, end);
    let [low, high] = this.plain(from, first * CHUNK);
    for (let i = first; i < last; i += 1) {
      low = Math.min(low, this.low[i]);
      high = Math.max(high, this.high[i]);
    }
    const [restLow, restHigh] = this.plain(last * CHUNK, end);
    return [Math.min(low, restLow), Math.max(high, restHigh)];
  }

  copy(): Series {
    const copy = new Series();
    this.values.forEach((value) => copy.push(value));
    return copy;
  }

  private plain(from: number, to: number): [number, number] {
    let [low, high] = [Infinity, -Infinity];
    for (let i = from; i < to; i += 1) {
      low = Math.min(low, this.values[i]);
      high = Math.max(high, this.values[i]);
    }
    return [low, high];
  }
}
