import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gradeContains, gradeNotContains } from './contains.ts';
import { gradeExact } from './exact.ts';
import { fail, pass } from './finding.ts';

describe('exact', () => {
  it.each([
    ['Yes.', 'Yes.', 'Pass'],
    ['Yes.', '  Yes.\n', 'Pass'],
    ['café', 'cafe\u0301', 'Pass'],
    ['', '', 'Pass'],
    ['Yes.', 'yes.', 'Fail'],
    ['Yes.', 'Yes. ', 'Pass'],
    ['Yes.', 'Yes!', 'Fail'],
    ['a b', 'a  b', 'Fail'],
  ])('%j for %j: %s', (expected, answer, verdict) => {
    expect(gradeExact(expected, answer).verdict).toBe(verdict);
  });

  it('accepts every text for itself and never quotes the answer', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, other) => {
        expect(gradeExact(text, text)).toEqual(pass);
        expect([pass, fail('is not the text that was asked for')]).toContainEqual(gradeExact(text, other));
      }),
    );
  });
});

describe('contains and notContains', () => {
  it.each([
    [['30 days'], 'Within 30 DAYS.', pass],
    [['CAFÉ'], 'the cafe\u0301 is open', pass],
    [['30 days', 'receipt'], 'Within 30 days.', fail('does not hold "receipt"')],
    [['30 days'], '', fail('does not hold "30 days"')],
    [['a "quoted" word'], 'nothing', fail('does not hold "a \\"quoted\\" word"')],
  ])('contains %j in %j', (texts, answer, finding) => {
    expect(gradeContains(texts, answer)).toEqual(finding);
  });

  it.each([
    [['password'], 'Your PassWord is x', fail('holds "password", which it must not')],
    [['password'], 'I cannot tell.', pass],
    [['password'], '', pass],
  ])('notContains %j in %j', (texts, answer, finding) => {
    expect(gradeNotContains(texts, answer)).toEqual(finding);
  });

  it('are each other’s opposite for one text', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string(), (text, answer) => {
        expect(gradeContains([text], answer).verdict === 'Pass').toBe(gradeNotContains([text], answer).verdict === 'Fail');
        expect(gradeContains([text], `${answer}${text}`).verdict).toBe('Pass');
      }),
    );
  });

  it('cut a long text in the reason', () => {
    expect(gradeContains(['x'.repeat(1000)], 'y').reason.length).toBeLessThan(120);
  });
});
