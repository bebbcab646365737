import { expect, test } from 'vitest';
import { readDocuments } from './documents.ts';

const suiteOf = (bytes: number) => `kind: EvalSuite\nspec:\n  cases:\n${`  - {name: a, input: {text: ${'x'.repeat(1_000)}}, expect: {contains: [x]}}\n`.repeat(Math.ceil(bytes / 1_060))}`;

test('a manifest of 100 MB is refused before it is parsed', () => {
  expect(readDocuments(suiteOf(100_000_000))).toEqual([{ number: 1, value: undefined, errors: [expect.stringMatching(/^the file has \d+ MiB, and manifests are read up to 8 MiB; divide it, and put the cases of a suite into a file of their own \(spec\.casesFrom\)$/)] }]);
});

test('aliases that multiply are refused', () => {
  const levels = Array.from({ length: 12 }, (_, index) => `l${index + 1}: &l${index + 1} [${Array.from({ length: 9 }, () => `*l${index}`).join(', ')}]`);
  const [document] = readDocuments(`l0: &l0 [x]\n${levels.join('\n')}\n`);
  expect(document?.value).toBeUndefined();
  expect(document?.errors).toEqual([expect.stringMatching(/^no valid YAML: Excessive alias count/)]);
});

test('documents are numbered, and those that cannot be read say why', () => {
  expect(readDocuments('a: yes\n---\n{b: 1\n').map(({ number, value, errors }) => [number, value, errors.length])).toEqual([[1, { a: true }, 0], [2, undefined, 1]]);
});
