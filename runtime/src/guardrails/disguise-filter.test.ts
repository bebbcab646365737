import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRules } from './compiled-rules.ts';
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

/** As a person writes it in a manifest. */
const deny = (pattern: string, action: 'Block' | 'Redact' = 'Block') => compileRules([{ name: 'no', action, deny: { patterns: [pattern] } }]).parts;

describe('accents', () => {
  it.each([
    ['bluebird', 'bl\u00faebird'],
    ['bluebird', 'blu\u0301ebird'],
    ['bluebird', 'ß\u00f1 b\u0142\u00fc\u00eb\u0180ird'],
    ['(?i)bluebird', 'BL\u00daEBIRD'],
    ['bluebird', 'bl\u00fa\u200bebird'],
    ['bluebird', '\uff42l\u1eeb\u0435bird'],
    ['caf\u00e9', 'caf\u00e9'],
    ['caf\u00e9', 'cafe\u0301'],
    ['cafe\u0301', 'caf\u00e9'],
    ['cafe\u0301', 'cafe\u0301'],
    ['caf\u00e9', 'caf\u200be\u2060\u0301'],
    ['caf\u00e9', 'c\u0336a\u0336f\u0336\u00e9'],
    ['caf\u00e9', 'c\u0430f\u00e9'],
    ['\u1ebf', 'e\u0302\u0301'],
    ['пароль', 'па\u200bроль'],
    ['чайник', 'чаи\u0306ник'],
    ['नमस्ते', 'नम\u200bस्ते'],
    ['한국', '\u1112\u1161\u11ab\u1100\u116e\u11a8'],
  ])('%s is found in %s, whole and letter by letter', (pattern, text) => {
    const options = { rules: deny(pattern), onFound: () => {} };
    expect(filterSeeing(`it is ${text} here`, options)).toMatchObject({ blockedBy: 'no' });
    const filter = createSeeingFilter(options);
    const pieces = Array.from(`it is ${text} here`, (letter) => filter.push(letter));
    expect([...pieces, filter.end()].at(-1)?.blockedBy).toBe('no');
    expect(pieces.map((piece) => piece.text).join('')).toMatch(/^it is (?:\u00df\u00f1 )?$/);
  });

  it.each([
    ['caf\u00e9', 'a cafe'],
    ['sch\u00f6n', 'schon'],
    ['m\u00fcller', 'mu\u0302ller'],
  ])('a pattern with them means them: %s is not in %s', (pattern, text) => {
    expect(whole(text, ...deny(pattern))).toEqual({ text, found: [] });
  });

  it.each([
    ['cafe', 'un caf\u00e9, deux caf\u00e9s', 'un [REDACTED], deux [REDACTED]s'],
    ['caf\u00e9', 'un cafe, un cafe\u0301, na\u00efve \ufb01n', 'un cafe, un [REDACTED], na\u00efve \ufb01n'],
    ['\\bpate\\b', 'p\u00e2t\u00e9: p\u00e2t\u00e9s', '[REDACTED]: p\u00e2t\u00e9s'],
  ])('what is struck out for %s stands in its place', (pattern, text, expected) => {
    expect(whole(text, ...deny(pattern, 'Redact')).text).toBe(expected);
  });
});

it('lets the same through however the text is cut', () => {
  const letters = fc.constantFrom('é', 'e', '\u0301', 'й', 'и', '\u0306', 't', 'o', 'p', 'x', ' ', '4', '1', '\u043e', '\u200b', '\uff54', '\u{1d42d}', '\u0336', 'ﬁ', '😀', '\u0001', '\n');
  const rules = [block('top'), { ...block('x[ot]+4'), rule: 'r', effect: { kind: 'redact', replacement: '#' } as const }, ...deny('p\u00e9', 'Redact'), ...deny('йt'), ...deny('pe+t', 'Redact')];
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
      const looks = Array.from(released.map((part) => part.text).join(''), (character) => undisguised(character)).join('');
      expect(looks).not.toContain('top');
    }),
    { numRuns: 300 },
  );
});

it('knows plain text at once', () => {
  expect([isDisguised('plain text, nothing else'), isDisguised('Größe', 'accented'), isDisguised('сто'), isDisguised('a\u200b')]).toEqual([false, false, true, true]);
});
