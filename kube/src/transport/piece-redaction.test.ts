import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PieceRedactor } from './piece-redaction.ts';

describe('PieceRedactor', () => {
  it.each([
    ['a whole secret', 'is correct horse wrong', 'is [redacted] wrong'],
    ['its start', '...|correct h|...', '...|[redacted]|...'],
    ['its end', '...rect horse', '...[redacted]'],
    ['pieces that overlap', 'correct hocorrect horse', '[redacted]'],
    ['a short secret', 'pin 1234!', 'pin [redacted]!'],
    ['nothing that is too short', 'correct-the horse', 'correct-the horse'],
    ['nothing of an empty text', '', ''],
  ])('takes out %s', (_what, text, expected) => {
    expect(new PieceRedactor(['correct horse', '1234', 'abc', ''], []).text(text)).toBe(expected);
  });

  it('leaves no eight characters of a secret, wherever it is cut', () => {
    const unit = fc.constantFrom('a', 'b', '"', '\\', '<', '\n', 'é', '😀');
    fc.assert(fc.property(fc.string({ unit, minLength: 4, maxLength: 40 }), fc.nat(40), fc.nat(40), fc.string({ unit, maxLength: 10 }), (secret, from, to, around) => {
      const text = new PieceRedactor([secret], []).text(`${around}${secret.slice(from, to)}${around}${secret}${around}`);
      expect(text).not.toContain(secret);
      for (let at = 0; at + 8 <= secret.length; at++) expect(text).not.toContain(secret.slice(at, at + 8));
    }), { numRuns: 1000 });
  });
});
