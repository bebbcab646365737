import { jsonLinesCases, type CaseFile, type CaseSource } from './case-source.ts';
import { promptfooCases } from './promptfoo/promptfoo-cases.ts';

export type CaseFormat = 'JsonLines' | 'Promptfoo';

/** The cases of a file in `format`; not set: by its name, `.yaml` and `.yml` are promptfoo's, all else is JSONL. */
export function casesOfFile(file: CaseFile, format: CaseFormat = /\.ya?ml$/i.test(file.name) ? 'Promptfoo' : 'JsonLines'): CaseSource {
  return format === 'Promptfoo' ? promptfooCases(file) : jsonLinesCases(file);
}
