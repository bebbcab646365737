import { expect, it } from 'vitest';
import { fittingJson, jsonObject } from './answer-format.ts';

it.each([
  ['plain', '{"a":1}', '{"a":1}'],
  ['with blanks around', ' \n{"a":1}\n ', '{"a":1}'],
  ['between fences', '```json\n{"a":1}\n```', '{"a":1}'],
  ['between fences without a name, with blanks everywhere', '\n ``` \n\n {"a":1} \n\n ``` \n', '{"a":1}'],
  ['with a fence within', '```json\n{"a":"```"}\n```', '{"a":"```"}'],
  ['behind a fence that is not closed', '```json\n{"a":1}', undefined],
  ['a fence alone', '```json\n``', undefined],
  ['with words before', 'Here: {"a":1}', undefined],
  ['a list', '[1]', undefined],
])('an answer that is %s', (_name, text, json) => {
  expect(fittingJson(text, jsonObject)).toBe(json);
});

it('takes a time that goes by the length of an answer, whatever a caller lets the model write', () => {
  for (const filling of [' \n', '```\n', '\n', ' ']) expect(fittingJson(`\`\`\`json\n${filling.repeat(20_000)}x`, jsonObject)).toBeUndefined();
});
