import type { EvalCase } from '@sluice/crds';

/** Case and Unicode composition do not count. */
function folded(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

/** The expectation that an answer fails, in words that never quote the answer; undefined when it meets all. */
export function failedExpectation(expect: EvalCase['expect'], answer: string): string | undefined {
  const text = folded(answer);
  const missing = expect.contains?.find((part) => !text.includes(folded(part)));
  if (missing !== undefined) return `does not hold ${JSON.stringify(missing)}`;
  const forbidden = expect.notContains?.find((part) => text.includes(folded(part)));
  return forbidden === undefined ? undefined : `holds ${JSON.stringify(forbidden)}, which it must not`;
}
