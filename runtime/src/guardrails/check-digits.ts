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

/** Characters of an IBAN by its country: the registry of ISO 13616, and countries whose banks use it without being there. */
const ibanLengths: Readonly<Record<string, number>> = Object.fromEntries(
  ('AD24 AE23 AL28 AO25 AT20 AZ28 BA20 BE16 BF28 BG22 BH22 BI27 BJ28 BR29 BY28 CF27 CG27 CH21 CI28 CM27 CR22 CV25 CY28 CZ24 DE22 DJ27 DK18 DO28 DZ26 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GA27 ' +
    'GB22 GE22 GI23 GL18 GQ27 GR27 GT28 GW25 HN28 HR21 HU28 IE22 IL23 IQ23 IR26 IS26 IT27 JO30 KM27 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MA28 MC27 MD24 ME22 MG27 MK19 ML28 MN20 MR27 MT31 MU30 ' +
    'MZ25 NE28 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SN28 SO23 ST25 SV28 TD27 TG28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30')
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** Words after a number may have the right length and, one in 97, the right check digits; accounts have digits. */
const fewestDigits = 8;

/** The length of its country, and the check digits: the number with its head at the end, letters as 10 to 35, leaves 1 modulo 97. Blanks and separators do not count. */
export function hasIbanCheck(text: string): boolean {
  const compact = text.replaceAll(/[^0-9A-Za-z]/g, '').toUpperCase();
  if (compact.length !== ibanLengths[compact.slice(0, 2)] || digitsOf(compact.slice(4)).length < fewestDigits) return false;
  let remainder = 0;
  for (const character of compact.slice(4) + compact.slice(0, 4)) {
    for (const digit of Number.parseInt(character, 36).toString()) remainder = (remainder * 10 + Number(digit)) % 97;
  }
  return remainder === 1;
}

/** A number of a person in the USA: no area 000, 666 or above 899, no group 00, no serial 0000. */
export function isSocialSecurityNumber(text: string): boolean {
  const [area = '', group = '', serial = ''] = text.split(/[-. ]/);
  return area !== '000' && area !== '666' && area < '900' && group !== '00' && serial !== '0000';
}

/** Dots, underscores and gaps are also in decimals and lists: a card that has them is written in groups. */
export function isCard(text: string): boolean {
  const { length } = digitsOf(text);
  if (length < 13 || length > 19 || !hasLuhnCheck(text)) return false;
  return !/[._\u00b7]|[ -]{2}/.test(text) || text.split(/\D+/).every((group) => group.length >= 3 && group.length <= 6);
}

const dateLike = /^\(?[0-9]{2}[./-][0-9]{2}[./-][0-9]{4}/;

/** E.164 allows 15 digits; with fewer than 8 it is an extension or a price. Numbers without their country begin with a 0 and have 9 at least, or are of North America. */
export function isPhoneNumber(text: string): boolean {
  const { length } = digitsOf(text);
  if (/^\(?0[1-9]/.test(text)) return length >= 9 && length <= 15 && !dateLike.test(text);
  return length >= 8 && length <= 15;
}
