import { fail, named, pass, type Finding } from './finding.ts';
import { folded } from './folded.ts';

/** Every text must be in the answer. */
export function gradeContains(texts: readonly string[], answer: string): Finding {
  const text = folded(answer);
  const missing = texts.find((part) => !text.includes(folded(part)));
  return missing === undefined ? pass : fail(`does not hold ${named(missing)}`);
}

/** No text may be in the answer. */
export function gradeNotContains(texts: readonly string[], answer: string): Finding {
  const text = folded(answer);
  const forbidden = texts.find((part) => text.includes(folded(part)));
  return forbidden === undefined ? pass : fail(`holds ${named(forbidden)}, which it must not`);
}
