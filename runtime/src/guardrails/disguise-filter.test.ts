import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectorOf } from './detector.ts';
import { createSeeingFilter, filterSeeing } from './disguise-filter.ts';
import { personalDataDetector, replacementFor } from './personal-data.ts';
import type { FilterRule } from './text-filter.ts';
import { isDisguised, undisguised } from './undisguised.ts';

const block = (pattern: string): FilterRule => ({ rule: 'no', detector: detectorOf(pattern), effect: { kind: 'block' } });
const strike: FilterRule = { rule: 'pii', detector: personalDataDetector('CreditCard'), effect: { kind: 'redact', replacement: replacementFor('CreditCard') } };
const mail: FilterRule = { rule: 'pii', detector: personalDataDetector('Email'), effect: { kind: 'redact', replacement: replacementFor('Email') } };

function whole(text: string, ...rules: readonly FilterRule[]) {
  const found: string[] = [];
  return { ...filterSeeing(text, { rules, onFound: ({ rule }) => found.push(rule) }), found };
}

describe('a rule that blocks', () => {
  it.each(['topsecret', 'top\u200bsecret', 't\u200do\u2060p\u00adsecret', 't\u043eps\u0435cret', '\uff54\uff4f\uff50secret', '\u{1d42d}\u{1d428}\u{1d429}\u{1d42c}\u{1d41e}\u{1d41c}\u{1d42b}\u{1d41e}\u{1d42d}', 't\u0336o\u0336p\u0336secret', 't\u{e0041}opsecret', 'top\u0001secret', 'top\0secret', 'to\u007fpsecret', 'top\u0085secret', 'top\ufff9secret'])('sees through %j', (word) => {
    expect(whole(`it is ${word} here`, block('topsecret'))).toEqual({ text: 'it is ', blockedBy: 'no', found: ['no'] });
  });

  it('finds words of other scripts as they are written, and leaves alone what only begins alike', () => {
    expect(whole('пароль', block('пароль'))).toMatchObject({ blockedBy: 'no' });
    expect(whole('xt\u043epsecret, t\u043eps', block('\\btopsecret'))).toEqual({ text: 'xt\u043epsecret, t\u043eps', found: [] });
    const filter = createSeeingFilter({ rules: [block('\\btopsecret')], onFound: () => {} });
    expect(['x', 't\u043epsecret', ' end'].map((part) => filter.push(part).text).join('') + filter.end().text).toBe('xt\u043epsecret end');
  });
});

describe('a rule that strikes out', () => {
  it.each<[string, FilterRule, string]>([
    ['card \uff14\uff11\uff11\uff11 1111\u20111111\u00a01111.', strike, 'card [CREDIT_CARD].'],
    ['card 4111\u22121111\u22121111\u22121111.', strike, 'card [CREDIT_CARD].'],
    ['card 4111111\u0000111111111 end', strike, 'card [CREDIT_CARD] end'],
    ['card \u0664\u0661\u0661\u06611111\u200b11111111 end', strike, 'card [CREDIT_CARD] end'],
    ['mail bob\u200b@ex\u0430mple.com now', mail, 'mail [EMAIL] now'],
  ])('strikes %j', (text, rule, expected) => {
    expect(whole(text, rule)).toEqual({ text: expected, found: ['pii'] });
  });

  it('leaves what is innocent as it was written', () => {
    for (const text of ['👩\u200d👩\u200d👧 \u{1f3f4}\u{e0067}\u{e007f}', 'क\u094dष नमस्ते', 'naïve cafe\u0301', '全角！テスト', 'trailing\u200b', 'line\r\n\tof\fa\vtable', 'x\u0001\u2212y', '\ud83d']) expect(whole(text, strike, block('topsecret'))).toEqual({ text, found: [] });
  });
});

it('lets the same through however the text is cut', () => {
  const letters = fc.constantFrom('t', 'o', 'p', 'x', ' ', '4', '1', '\u043e', '\u200b', '\uff54', '\u{1d42d}', '\u0336', 'ﬁ', '😀', '\u0001', '\n');
  const rules = [block('top'), { ...block('x[ot]+4'), rule: 'r', effect: { kind: 'redact', replacement: '#' } as const }];
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 30 }), fc.array(fc.nat({ max: 40 }), { maxLength: 8 }), (characters, cuts) => {
      const text = characters.join('');
      const filter = createSeeingFilter({ rules, onFound: () => {} });
      const places = [0, ...cuts.filter((cut) => cut < text.length).toSorted((left, right) => left - right), text.length];
      const parts = places.slice(1).map((end, index) => filter.push(text.slice(places[index], end)));
      const released = [...parts, filter.end()];
      const expected = createSeeingFilter({ rules, onFound: () => {} }).end(text);
      expect(released.map((part) => part.text).join('')).toBe(expected.text);
      expect(released.at(-1)?.blockedBy).toBe(expected.blockedBy);
      const looks = Array.from(released.map((part) => part.text).join(''), undisguised).join('');
      expect(looks).not.toContain('top');
    }),
    { numRuns: 300 },
  );
});

it('knows plain text at once', () => {
  expect([isDisguised('plain text, nothing else'), isDisguised('Größe'), isDisguised('сто'), isDisguised('a\u200b')]).toEqual([false, false, true, true]);
});
