import { latinLookAlike } from './normalised-text.ts';

const beyondAscii = /\P{ASCII}/u;
const invisible = /^\p{Default_Ignorable_Code_Point}$/u;
const mark = /^\p{Mn}$/u;
const blank = /^\p{Zs}$/u;
const dash = /^\p{Pd}$/u;
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
  if (!beyondAscii.test(character)) return character;
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
  if (!beyondAscii.test(text)) return false;
  for (const character of text) if (undisguised(character) !== character) return true;
  return false;
}
