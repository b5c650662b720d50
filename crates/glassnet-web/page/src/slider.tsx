// A number to be dragged.

import { decimals } from './format';

export function Slider({ name, low, high, step, value, set }: {
  name: string;
  low: number;
  high: number;
  step: number;
  value: number;
  set(value: number): void;
}) {
  return (
    <label>
      <span>
        {name} <output>{decimals(value, step < 0.01 ? 3 : step < 1 ? 2 : 0)}</output>
      </span>
      <input type="range" min={low} max={high} step={step} value={value} onChange={(event) => set(Number((event.target as HTMLInputElement).value))} />
    </label>
  );
}
