import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectorOf, type Detector } from './detector.ts';
import { personalDataDetector, replacementFor } from './personal-data.ts';
import { createTextFilter, filterText, type FilterOptions, type FilterRule, type FoundEffect } from './text-filter.ts';

function rule(name: string, detector: Detector | string, effect: FoundEffect = { kind: 'block' }): FilterRule {
  return { rule: name, detector: typeof detector === 'string' ? detectorOf(detector) : detector, effect };
}

function options(...rules: readonly FilterRule[]): FilterOptions {
  return { rules, onFound: () => {} };
}

function inPieces(pieces: readonly string[], given: FilterOptions): { readonly text: string; readonly parts: readonly string[]; readonly blockedBy: string | undefined } {
  const filter = createTextFilter(given);
  const released = [...pieces.map((piece) => filter.push(piece)), filter.end()];
  return { text: released.map(({ text }) => text).join(''), parts: released.map(({ text }) => text), blockedBy: released.at(-1)?.blockedBy };
}

/** Every way of cutting a text is a set of places. */
function cut(text: string, places: readonly number[]): string[] {
  const at = [...new Set(places.map((place) => place % (text.length + 1)))].toSorted((left, right) => left - right);
  return [0, ...at].map((place, index) => text.slice(place, [...at, text.length][index]));
}

const email = rule('email', personalDataDetector('Email'), { kind: 'redact', replacement: replacementFor('Email') });
const card = rule('card', personalDataDetector('CreditCard'), { kind: 'redact', replacement: replacementFor('CreditCard') });

describe('a text in pieces', () => {
  it('holds back no more than what may become a part of something forbidden', () => {
    const { parts } = inPieces(['Write to ', 'anna', '@exam', 'ple.com', ' today. ', 'Bye'], options(email));
    expect(parts).toEqual(['Write to ', '', '', '', '[EMAIL] today. ', '', 'Bye']);
  });

  it('lets nothing of a blocked part leave, and nothing after it', () => {
    expect(inPieces(['The code is bl', 'ue', 'bird', ' and more'], options(rule('code', '(?i)bluebird')))).toEqual({ text: 'The code is ', parts: ['The code is ', '', '', '', ''], blockedBy: 'code' });
  });

  it('finds a part without a longest length', () => {
    expect(inPieces(['a begin ', 'x'.repeat(500), ' end b'], options(rule('span', 'begin.*end')))).toMatchObject({ text: 'a ', blockedBy: 'span' });
    expect(inPieces(['a begin ', 'x'.repeat(500), '\nend b'], options(rule('span', 'begin.*end')))).toMatchObject({ text: `a begin ${'x'.repeat(500)}\nend b`, blockedBy: undefined });
  });

  it('waits for the character after a word that ends at a boundary', () => {
    const word = options(rule('word', String.raw`\bcat\b`));
    expect(inPieces(['a cat', 'alogue'], word)).toMatchObject({ text: 'a catalogue', blockedBy: undefined });
    expect(inPieces(['a cat', ' sat'], word)).toMatchObject({ text: 'a ', blockedBy: 'word' });
    expect(inPieces(['a cat'], word)).toMatchObject({ text: 'a ', blockedBy: 'word' });
  });

  it('knows the beginning and the end of the text and of lines', () => {
    expect(inPieces(['x', 'ab'], options(rule('begin', String.raw`\Aab`)))).toMatchObject({ text: 'xab' });
    expect(inPieces(['a', 'b', 'x'], options(rule('end', String.raw`ab\z`)))).toMatchObject({ text: 'abx' });
    expect(inPieces(['x\n', 'ab'], options(rule('line', '(?m)^ab')))).toMatchObject({ text: 'x\n', blockedBy: 'line' });
  });

  it('is blocked by what begins within a part that is struck out', () => {
    const rules = options(email, rule('code', 'example[.]com/secret'));
    expect(inPieces(['to anna@example.com/secret now'], rules)).toEqual({ text: 'to [EMAIL]', parts: ['to [EMAIL]', ''], blockedBy: 'code' });
  });

  it('is blocked where it is longer than it may be, wherever it is cut', () => {
    for (const pieces of [['abcdefgh'], ['abc', 'defgh'], ['abcde', 'fgh']]) expect(inPieces(pieces, { ...options(), longest: { rule: 'size', characters: 5 } })).toMatchObject({ text: 'abcde', blockedBy: 'size' });
    expect(inPieces(['abcde'], { ...options(), longest: { rule: 'size', characters: 5 } })).toMatchObject({ text: 'abcde', blockedBy: undefined });
  });

  it('counts what a rule observes and changes nothing', () => {
    const found: string[] = [];
    const rules = [rule('seen', 'b+', { kind: 'observe' }), rule('not', 'x')];
    expect(inPieces(['ab', 'b a', 'b'], { rules, onFound: (by) => found.push(by.rule) })).toMatchObject({ text: 'abb ab' });
    expect(found).toEqual(['seen', 'seen']);
  });
});

/** Words that come near the patterns, so that matches begin, fail, overlap and end in many ways. */
const word = fc.constantFrom('sk-', 'abc', 'key', 'secret', 'sec', 'ret', ' ', '\n', 'a', 'b', 'anna@', 'example', '.com', '@', '.', '4111 1111 ', '1111 1111', '1', '4', '-', '😀', 'é', 'begin', 'end', 'SECRET');
const text = fc.array(word, { maxLength: 14 }).map((words) => words.join(''));
const places = fc.array(fc.nat(200), { maxLength: 12 });
const blockPatterns = ['(?i)secret', 'sk-[a-z0-9]{3,}', 'begin.*end', String.raw`\bkey\b`, '(?:ab|abc)+key', '😀+a', String.raw`[a-z]+@example\.com`, '(?m)^end$'];

describe('for every way of cutting a text', () => {
  it('the pieces put together are the whole text through the filter', () => {
    fc.assert(
      fc.property(text, places, fc.subarray(blockPatterns, { maxLength: 2 }), fc.subarray([email, card, rule('r', 'sec(?:ret)?', { kind: 'redact', replacement: '***' })]), (whole, cuts, patterns, redacting) => {
        const given = options(...patterns.map((pattern) => rule(pattern, pattern)), ...redacting);
        const expected = filterText(whole, given);
        expect(inPieces(cut(whole, cuts), given)).toMatchObject({ text: expected.text, blockedBy: expected.blockedBy });
      }),
      { numRuns: 1_000 },
    );
  });

  it('no character of a forbidden part ever leaves, and all before it does', () => {
    fc.assert(
      fc.property(text, places, fc.constantFrom(...blockPatterns), (whole, cuts, pattern) => {
        const detector = detectorOf(pattern);
        const first = detector.find(whole, 0);
        const { text: left, blockedBy } = inPieces(cut(whole, cuts), options(rule('deny', detector)));
        expect({ left, blockedBy }).toEqual(first === undefined ? { left: whole, blockedBy: undefined } : { left: whole.slice(0, first.start), blockedBy: 'deny' });
      }),
      { numRuns: 1_000 },
    );
  });

  it('what is struck out is found no more in what has left', () => {
    fc.assert(
      fc.property(text, places, (whole, cuts) => {
        const { text: left } = inPieces(cut(whole, cuts), options(rule('r', 'sk-[a-z0-9]{3,}|(?i)secret', { kind: 'redact', replacement: '\u0000' })));
        for (const each of left.split('\u0000')) expect(detectorOf('sk-[a-z0-9]{3,}|(?i)secret').isIn(each)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });
});

it('a pattern that would backtrack for ever takes time in proportion to the text', () => {
  const evil = options(rule('evil', '(a+)+$'), rule('evil-2', '(?:a|aa)+b'));
  expect(inPieces(Array.from({ length: 2_000 }, () => 'aaaaaaaaaa!'), evil)).toMatchObject({ blockedBy: undefined });
});
