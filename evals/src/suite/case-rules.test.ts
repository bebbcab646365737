import { definitions, objectSchema } from '@sluice/crds';
import { expect, it } from 'vitest';
import { caseRules } from './case-rules.ts';

/** All sentences of rules within a part of a schema. */
function messagesIn(node: unknown): readonly string[] {
  if (typeof node !== 'object' || node === null) return [];
  const own = (node as { readonly 'x-kubernetes-validations'?: readonly { readonly message: string }[] })['x-kubernetes-validations'] ?? [];
  return [...own.map(({ message }) => message), ...Object.values(node).flatMap(messagesIn)];
}

/** Patterns are compiled for every case before the first is asked, which also says what is wrong in them (graders/regex.ts). */
const toldByGraders = /in the syntax of RE2/;

it('a file of cases is held to every rule that the API server has for a case, and to no other', () => {
  const suite = definitions.find(({ kind }) => kind === 'EvalSuite');
  const messages = messagesIn(objectSchema(suite!)).filter((message) => /^spec\.cases\[\]\.(?!expect\.judge needs spec\.judge)/.test(message) && !toldByGraders.test(message));
  const bare = (text: string): string => text.replaceAll('spec.cases[].', '').replaceAll(/\[\] must consist/g, ' must consist');
  expect(new Set(caseRules.map(({ says }) => bare(says)))).toEqual(new Set(messages.map(bare)));
});
