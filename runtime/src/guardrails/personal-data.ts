import type { PersonalDataKind } from '@sluice/crds';
import { type AcceptedLength, detectorOf, type Detector } from './detector.ts';

function digitsOf(text: string): string {
  return text.replaceAll(/\D/g, '');
}

/** The check digit of ISO/IEC 7812 (Luhn). */
export function hasLuhnCheck(text: string): boolean {
  const digits = digitsOf(text);
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return digits.length > 0 && sum % 10 === 0 && !/^0+$/.test(digits);
}

/** The check digits of ISO 13616: the number with its head at the end, letters as 10 to 35, leaves 1 modulo 97. */
export function hasIbanCheck(text: string): boolean {
  const compact = text.replaceAll(/\s/g, '').toUpperCase();
  if (compact.length < 15 || compact.length > 34) return false;
  let remainder = 0;
  for (const character of compact.slice(4) + compact.slice(0, 4)) {
    for (const digit of Number.parseInt(character, 36).toString()) remainder = (remainder * 10 + Number(digit)) % 97;
  }
  return remainder === 1;
}

function isAddress(text: string): boolean {
  return text.split('.').every((part) => Number(part) <= 255);
}

/** A number of a person in the USA: no area 000, 666 or above 899, no group 00, no serial 0000. */
function isSocialSecurityNumber(text: string): boolean {
  const [area = '', group = '', serial = ''] = text.split(/[- ]/);
  return area !== '000' && area !== '666' && area < '900' && group !== '00' && serial !== '0000';
}

/** E.164 allows 15 digits; with fewer than 8 it is an extension or a price. */
function isPhoneNumber(text: string): boolean {
  const { length } = digitsOf(text);
  return length >= 8 && length <= 15;
}

interface KindOfData {
  readonly pattern: string;
  readonly accepted?: AcceptedLength;
}

function whole(isOne: (match: string) => boolean): AcceptedLength {
  return (match) => (isOne(match) ? match.length : 0);
}

/** A number may be followed by further digits or words that the pattern took for a part of it: the longest head that checks is it. */
function longestHead(isOne: (match: string) => boolean): AcceptedLength {
  return (match) => {
    for (let length = match.length; length > 0; length -= 1) {
      const atBoundary = !/[0-9A-Za-z]/.test(match.charAt(length)) && /[0-9A-Za-z]/.test(match.charAt(length - 1));
      if (atBoundary && isOne(match.slice(0, length))) return length;
    }
    return 0;
  };
}

function isCard(text: string): boolean {
  const { length } = digitsOf(text);
  return length >= 13 && length <= 19 && hasLuhnCheck(text);
}

const kinds: Readonly<Record<PersonalDataKind, KindOfData>> = {
  Email: { pattern: String.raw`[\pL\pN._%+\-]+@(?:[\pL\pN\-]+\.)+\pL{2,24}` },
  // With a country code, or with separators: bare digits are order numbers more often than telephones.
  PhoneNumber: { pattern: String.raw`(?:\+|\b00)[1-9][0-9](?:[ ./\-]?\(?[0-9]{1,5}\)?){2,7}\b|\(?\b[0-9]{3,5}\)?[ \-.][0-9]{3}[ \-.][0-9]{4}\b`, accepted: whole(isPhoneNumber) },
  CreditCard: { pattern: String.raw`\b[2-6](?:[ \-]?[0-9]){12,18}\b`, accepted: longestHead(isCard) },
  Iban: { pattern: String.raw`(?i)\b[a-z]{2}[0-9]{2}(?: ?[0-9a-z]{4}){2,7}(?: ?[0-9a-z]{1,3})?\b`, accepted: longestHead(hasIbanCheck) },
  IpAddress: { pattern: String.raw`\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b`, accepted: whole(isAddress) },
  UsSocialSecurityNumber: { pattern: String.raw`\b[0-9]{3}[- ][0-9]{2}[- ][0-9]{4}\b`, accepted: whole(isSocialSecurityNumber) },
  // Keys of model providers, clouds and code hosts, tokens of JWS, and the heads of private keys.
  Credential: {
    pattern: String.raw`\b(?:sk-[A-Za-z0-9_\-]{16,}|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}|xox[abprs]-[A-Za-z0-9\-]{10,}|eyJ[A-Za-z0-9_\-]{8,}\.eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]+)|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----`,
  },
};

/** What stands in the place of a part that was struck out. */
export function replacementFor(kind: PersonalDataKind): string {
  return `[${kind.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()}]`;
}

/** Finds one kind of personal data by its shape and, where it has one, its check digit. Names and addresses of houses have no shape and are not found. */
export function personalDataDetector(kind: PersonalDataKind): Detector {
  const { pattern, accepted } = kinds[kind];
  return detectorOf(pattern, accepted);
}
