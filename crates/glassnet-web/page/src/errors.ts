// What went wrong, in the page's language. The core's sentences are English; the error as data allows others.

import zhHant from '../words/errors-zh-Hant.json';
import { type Language, filled, language } from './words';

/** What the page shows of an error. */
export interface Problem {
  code: string;
  message: string;
  /** The core's error as data: the variants' names around the values. None where the message is the page's own. */
  details?: object | null;
}

const SENTENCES: Partial<Record<Language, Record<string, string>>> = { 'zh-Hant': zhHant };
/** Errors that stand within another. */
const AREAS = ['table', 'schema', 'encode', 'dataset'];

/** The sentence, and the language that it is in. */
export function sentence({ message, details }: Problem): { text: string; lang: Language } {
  if (details === undefined) return { text: message, lang: language() };
  const sentences = SENTENCES[language()];
  if (!details || !sentences) return { text: message, lang: 'en' };
  let [name, values]: [string, any] = Object.entries(details)[0];
  if (AREAS.includes(name)) {
    const [variant, own] = typeof values === 'string' ? [values, {}] : Object.entries<any>(values)[0];
    [name, values] = [`${name}_${variant}`, own];
  }
  if (!(name in sentences)) return { text: message, lang: 'en' };
  const place = values.place ?? values;
  const all = { ...values, ...values.unknown, ...place };
  all.known = (all.known ?? []).slice(0, 20).join('、');
  all.place = filled(sentences[place.line ? 'place_line' : 'place'], all);
  return { text: filled(sentences[name], all), lang: language() };
}
