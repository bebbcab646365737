import type { PersonalDataKind } from '@sluice/crds';
import { addressLength } from './address-text.ts';
import { hasIbanCheck, isCard, isPhoneNumber, isSocialSecurityNumber } from './check-digits.ts';
import { type AcceptedLength, detectorOf, type Detector } from './detector.ts';

interface KindOfData {
  readonly pattern: string;
  readonly accepted?: AcceptedLength;
}

function whole(isOne: (match: string) => boolean): AcceptedLength {
  return (match) => (isOne(match) ? match.length : 0);
}

/** A number may be followed by further characters that the pattern took for a part of it: the longest head that checks is it. */
function longestHead(unit: RegExp, isOne: (match: string) => boolean): AcceptedLength {
  return (match) => {
    for (let length = match.length; length > 0; length -= 1) {
      const atBoundary = !unit.test(match.charAt(length)) && unit.test(match.charAt(length - 1));
      if (atBoundary && isOne(match.slice(0, length))) return length;
    }
    return 0;
  };
}

/** A number that goes on before its match is another one. */
function notAfter(unit: RegExp, accepted: AcceptedLength): AcceptedLength {
  return (match, before) => (unit.test(before) ? 0 : accepted(match, before));
}

const digit = /[0-9]/;

const phonePatterns = [
  // With a country code.
  String.raw`(?:\+|\b00)[1-9](?:[ ./\-]{0,2}\(?[0-9]{1,5}\)?){2,9}`,
  // With the 0 of a long-distance call.
  String.raw`(?:\(|\b)0[1-9][0-9]{0,4}\)?(?:[ ./\-]{1,3}[0-9]{2,8}){1,4}`,
  // Of North America, and others that are written so. Bare digits are order numbers more often than telephones.
  String.raw`(?:\b1[ .\-])?(?:\([0-9]{3,5}\)[ \-.]?|\b[0-9]{3,5}[ \-.])[0-9]{3}[ \-.][0-9]{4}`,
];

const credentialPatterns = [
  // Keys of model providers, clouds, payments and code hosts, and tokens of JWS.
  String.raw`sk-[A-Za-z0-9_\-]{16,}`,
  String.raw`(?:AKIA|ASIA)[0-9A-Z]{16}`,
  String.raw`AIza[A-Za-z0-9_\-]{35}`,
  String.raw`(?:gh[pousr]|npm|hf)_[A-Za-z0-9]{20,}`,
  String.raw`github_pat_[A-Za-z0-9_]{20,}`,
  String.raw`glpat-[A-Za-z0-9_\-]{20,}`,
  String.raw`[rs]k_(?:live|test)_[A-Za-z0-9]{16,}`,
  String.raw`xox[abeprs]-[A-Za-z0-9\-]{10,}`,
  String.raw`eyJ[A-Za-z0-9_\-]{8,}\.eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]+`,
];

const kinds: Readonly<Record<PersonalDataKind, KindOfData>> = {
  // Names and domains of any script, with its vowel signs; domains also as ASCII (xn--).
  Email: { pattern: String.raw`[\pL\pN_][\pL\pM\pN._%+\-'&]*@(?:[\pL\pM\pN\-]+[.。])+(?:xn--[a-zA-Z0-9\-]{2,59}|[\pL\pM]{2,24})` },
  PhoneNumber: { pattern: String.raw`(?:${phonePatterns.join('|')})(?:\b|x[0-9]{1,6}\b)`, accepted: whole(isPhoneNumber) },
  CreditCard: { pattern: String.raw`[2-6](?:[ ._·\-]{0,3}[0-9]){12,18}(?:\b|[\pL_])`, accepted: notAfter(digit, longestHead(digit, isCard)) },
  Iban: { pattern: String.raw`(?i)(?:\b|_)[a-z]{2}[ .\-]?[0-9]{2}(?:[ .\-]?[0-9a-z]){11,30}(?:\b|_)`, accepted: longestHead(/[0-9A-Za-z]/, hasIbanCheck) },
  IpAddress: { pattern: String.raw`(?i)(?:\b[0-9a-f]{1,4}:|\B::)(?:[0-9a-f]{0,4}:){0,30}(?:(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b|[0-9a-f]{1,4}\b|\B)|\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b`, accepted: addressLength },
  UsSocialSecurityNumber: { pattern: String.raw`\b[0-9]{3}[\-. ][0-9]{2}[\-. ][0-9]{4}\b`, accepted: whole(isSocialSecurityNumber) },
  Credential: { pattern: String.raw`\b(?:${credentialPatterns.join('|')})|-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----` },
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
