// What went wrong or was noticed, in the page's language. The core's sentences are English; what they say as data allows others.

import zhHant from '../words/errors-zh-Hant.json';
import type { Said } from './types';
import { type Language, filled, language } from './words';

/** What the page shows of an error. */
export interface Problem extends Said {
  code: string;
}

const SENTENCES: Partial<Record<Language, Record<string, string>>> = { 'zh-Hant': zhHant };
/** What stands around an error or a note. */
const AREAS = ['table', 'schema', 'encode', 'dataset', 'note', 'encode_note'];
/** The most names of a list. */
const MOST_NAMES = 5;

/** The sentence, and the language that it is in. */
export function sentence({ message, details }: Said): { text: string; lang: Language } {
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
  all.unit ??= '—';
  const columns: string[] = all.columns ?? [];
  const more = columns.length > MOST_NAMES ? filled(sentences.more_columns, { n: columns.length - MOST_NAMES }) : '';
  all.columns = columns.slice(0, MOST_NAMES).map((name) => `「${name}」`).join('、') + more;
  all.place = filled(sentences[place.line ? 'place_line' : 'place'], all);
  return { text: filled(sentences[name], all), lang: language() };
}
