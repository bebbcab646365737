import { latinLookAlike } from './normalised-text.ts';

/** Anything but printable ASCII and blanks: the characters that may be another than they look. */
const unplain = /[^\P{Cc}\t\n\v\f\r]|\P{ASCII}/u;
const beyondAscii = /\P{ASCII}/u;
const invisible = /^[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}]$/u;
const mark = /^\p{Mn}$/u;
const blank = /^\p{Zs}$/u;
// The minus sign and others that are drawn as a dash are no punctuation.
const dash = /^[\p{Pd}\u{2212}\u{2043}\u{2d7}]$/u;
const digit = /^\p{Nd}$/u;

/** Decimal digits of a script follow each other, from one whose code the properties of its block give. */
function asciiDigit(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  let zero = code;
  while (zero > code - 10 && digit.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String((code - zero) % 10);
}

/**
 * What a reader takes one character for: nothing for one that shows nothing or sits upon another, a plain letter for a wide, decorated or
 * foreign one that looks like it. Case is kept.
 */
export function undisguised(character: string): string {
  if (!unplain.test(character)) return character;
  if (invisible.test(character) || mark.test(character)) return '';
  if (blank.test(character)) return ' ';
  if (dash.test(character)) return '-';
  const plain = character.normalize('NFKC');
  if (!beyondAscii.test(plain)) return plain;
  if (digit.test(plain)) return asciiDigit(plain);
  return latinLookAlike(plain) ?? plain;
}

/** Whether a text holds a character that is not what it looks like. */
export function isDisguised(text: string): boolean {
  if (!unplain.test(text)) return false;
  for (const character of text) if (undisguised(character) !== character) return true;
  return false;
}
