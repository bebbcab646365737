import { latinLookAlike, withoutMarks } from './normalised-text.ts';

/**
 * How a text is looked at for a pattern. `folded`: letters without their accents, for a pattern that writes none. `accented`: with them, however they
 * are put together. Both see Latin letters in those that look like them. `native`: letters and marks of any script as they are.
 */
export type Look = 'folded' | 'accented' | 'native';

/** Anything but printable ASCII and blanks: the characters that may be another than they look. */
const unplain = /[^\P{Cc}\t\n\v\f\r]|\P{ASCII}/u;
const beyondAscii = /\P{ASCII}/u;
const invisible = /^[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}]$/u;
/** Vowels and ends of Korean syllables are written upon what is before them, too. */
const mark = /^[\p{M}\u{1160}-\u{11ff}]$/u;
const blank = /^\p{Zs}$/u;
// The minus sign and others that are drawn as a dash are no punctuation.
const dash = /^[\p{Pd}\u{2212}\u{2043}\u{2d7}]$/u;
const digit = /^\p{Nd}$/u;
const foreignLetter = /(?=\P{Script=Latin})\p{L}/u;

/** Letters with a stroke, which are no letter and a mark. */
const strokes: Readonly<Record<string, string>> = { ø: 'o', Ø: 'O', ł: 'l', Ł: 'L', đ: 'd', Đ: 'D', ð: 'd', ħ: 'h', Ħ: 'H', ŧ: 't', Ŧ: 'T', ı: 'i', ƀ: 'b', Ƀ: 'B', ɨ: 'i', Ɨ: 'I', ʉ: 'u', ȼ: 'c', Ȼ: 'C', ɇ: 'e', Ɇ: 'E', ɉ: 'j', ɍ: 'r', ɏ: 'y', ƶ: 'z', Ƶ: 'Z', ⱥ: 'a', Ⱥ: 'A' };
const stroked = /[øØłŁđĐðħĦŧŦıƀɃɨƗʉȼȻɇɆɉɍɏƶƵⱥȺ]/g;

/** Letters without what is put upon them or through them. */
export function folded(text: string): string {
  return withoutMarks(text).replaceAll(stroked, (letter) => strokes[letter] ?? letter);
}

/** How a text is to be looked at for a pattern: who writes it with accents means these, who writes none means the word. */
export function lookFor(pattern: string): Look {
  if (foreignLetter.test(pattern)) return 'native';
  return folded(pattern) === pattern ? 'folded' : 'accented';
}

export function isMark(character: string): boolean {
  return mark.test(character);
}

/** Decimal digits of a script follow each other, from one whose code the properties of its block give. */
function asciiDigit(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  let zero = code;
  while (zero > code - 10 && digit.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String((code - zero) % 10);
}

/**
 * What a reader takes one character for: nothing for one that shows nothing, a plain letter for a wide, decorated or, but for `native`, foreign one that
 * looks like it. A mark is nothing to `folded`, and else itself, to be put upon the letter before it. Case is kept.
 */
export function undisguised(character: string, look: Look = 'folded'): string {
  if (!unplain.test(character)) return character;
  if (invisible.test(character)) return '';
  if (mark.test(character)) return look === 'folded' && /\p{Mn}/u.test(character) ? '' : character;
  if (blank.test(character)) return ' ';
  if (dash.test(character)) return '-';
  const plain = look === 'folded' ? folded(character.normalize('NFKC')) : character.normalize('NFKC');
  if (!beyondAscii.test(plain)) return plain;
  if (digit.test(plain)) return asciiDigit(plain);
  return look === 'native' ? plain : (latinLookAlike(plain) ?? plain);
}

/** Whether a text holds a character that is not what it looks like. */
export function isDisguised(text: string, look: Look = 'folded'): boolean {
  if (!unplain.test(text)) return false;
  for (const character of text) if (isMark(character) || undisguised(character, look) !== character) return true;
  return false;
}
