import { jsonLinesCases, type CaseFile, type CaseSource } from './case-source.ts';
import { promptfooCases } from './promptfoo/promptfoo-cases.ts';

/** The cases of a file by its name: `.yaml` and `.yml` are promptfoo's, all else is JSONL. */
export function casesOfFile(file: CaseFile): CaseSource {
  return /\.ya?ml$/i.test(file.name) ? promptfooCases(file) : jsonLinesCases(file);
}
