// What decides a training: the table, and every choice that is not the recipe's. It is what an address holds.

export interface Settings {
  /** A table that the page comes with, or text. */
  source: {
    preset?: string;
    seed?: number;
    n_rows?: number;
    noise?: number;
    columns?: string[];
    text?: string;
    name?: string;
  };
  options: { target?: string; task?: string; number?: string[]; category?: string[]; drop?: string[] };
  recipe: 'seed' | 'plain';
  /** Changes to the recipe's settings, with the names that they have everywhere. */
  config: { [key: string]: any; train?: { [key: string]: any } };
  speed: 'one' | 'ten' | 'hundred' | 'full';
}

const LOGIC = ['copy', 'xor', 'and', 'or'];
export const PRESETS = [...LOGIC, 'circle', 'xor_cloud', 'gauss', 'spiral', 'moons', 'plane', 'hills', 'blank'];
const REGRESSIONS = ['plane', 'hills'];

/** A table that the page comes with, with settings that suit it. */
export function presetSettings(preset: string): Settings {
  if (LOGIC.includes(preset)) {
    return {
      source: { preset },
      options: { target: 'target', task: 'regression', number: ['a', 'b', 'c'] },
      recipe: 'seed',
      config: { hidden_layer_sizes: preset === 'xor' ? [4] : [], seed: 1, ...(preset === 'xor' ? {} : { learning_rate: 1 }) },
      speed: 'full',
    };
  }
  const isRegression = REGRESSIONS.includes(preset);
  // These two take gradient descent very long.
  const isHard = preset === 'spiral' || preset === 'hills';
  return {
    source: { preset, seed: 1, n_rows: 200, noise: preset === 'blank' ? 0 : 0.05, columns: ['x1', 'x2'] },
    options: { target: 'target', task: isRegression ? 'regression' : 'classification', number: ['x1', 'x2'] },
    recipe: 'plain',
    config: {
      hidden_layer_sizes: isHard ? [8, 8] : [6, 4],
      activation: 'tanh',
      dropout: 0,
      learning_rate: isHard ? 0.01 : 0.1,
      batch_size: 10,
      validation_fraction: preset === 'blank' ? 0 : 0.25,
      seed: 1,
      train: { optimizer: isHard ? { adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } } : { sgd: {} } },
    },
    speed: 'full',
  };
}

/** A table of one's own. */
export function ownSettings(name: string, text: string): Settings {
  return {
    source: { text, name },
    options: {},
    recipe: 'plain',
    config: { hidden_layer_sizes: [8], activation: 'relu', dropout: 0, seed: 0 },
    speed: 'full',
  };
}

/** The tutorial's second network: what the page opens with. */
export function firstSettings(): Settings {
  return presetSettings('xor');
}

/** Columns of numbers over two inputs can be clicked into. */
export function takesPoints(columns: { name: string; role: string; kind: string }[]): boolean {
  const inputs = columns.filter((column) => column.role === 'input');
  return inputs.length === 2 && inputs.every((column) => column.kind === 'number');
}
