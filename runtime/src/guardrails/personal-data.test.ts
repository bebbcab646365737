import { describe, expect, it } from 'vitest';
import { personalDataKinds, type PersonalDataKind } from '@sluice/crds';
import { hasIbanCheck, hasLuhnCheck } from './check-digits.ts';
import { filterSeeing } from './disguise-filter.ts';
import { personalDataDetector, replacementFor } from './personal-data.ts';
import { createTextFilter, filterText } from './text-filter.ts';

function redact(text: string): string {
  const rules = personalDataKinds.map((kind) => ({ rule: kind, detector: personalDataDetector(kind), effect: { kind: 'redact' as const, replacement: replacementFor(kind) } }));
  return filterText(text, { rules, onFound: () => {} }).text;
}

describe('personal data is struck out', () => {
  it.each([
    ['Write to anna.meier+shop@mail.example.co.uk, please.', 'Write to [EMAIL], please.'],
    ['müller@bücher.example!', '[EMAIL]!'],
    ['Call +49 30 901820 or 0049-170-1234567.', 'Call [PHONE_NUMBER] or [PHONE_NUMBER].'],
    ['Call (415) 555-2671 now', 'Call [PHONE_NUMBER] now'],
    ['Card 4111 1111 1111 1111, exp 12/30', 'Card [CREDIT_CARD], exp 12/30'],
    ['Card 4111-1111-1111-1111 123', 'Card [CREDIT_CARD] 123'],
    ['378282246310005', '[CREDIT_CARD]'],
    ['IBAN DE89 3704 0044 0532 0130 00 please', 'IBAN [IBAN] please'],
    ['gb82WEST12345698765432', '[IBAN]'],
    ['from 192.168.10.254.', 'from [IP_ADDRESS].'],
    ['SSN 536-90-4399', 'SSN [US_SOCIAL_SECURITY_NUMBER]'],
    ['key sk-ant-api03-abcdefghijklmnop', 'key [CREDENTIAL]'],
    ['AKIAIOSFODNN7EXAMPLE and ghp_abcdefghijklmnopqrstuv', '[CREDENTIAL] and [CREDENTIAL]'],
    ['-----BEGIN RSA PRIVATE KEY-----', '[CREDENTIAL]'],
  ])('%j', (text, redacted) => {
    expect(redact(text)).toBe(redacted);
  });

  it.each(['Order 4111111111111112 of 2026-11-22', 'Version 1.2.3 costs 1,299.00', 'ratio 999.999.999.999', 'SSN 000-12-3456', 'DE89370400440532013001', 'a @ b', '12 345 678', 'sk-short', '0000 0000 0000 0000', 'at 12:30 on 22.11.2026'])('and %j is left', (text) => {
    expect(redact(text)).toBe(text);
  });
});

const one = (kind: PersonalDataKind) => [{ rule: kind, detector: personalDataDetector(kind), effect: { kind: 'redact' as const, replacement: '#' } }];

/** By the filter that sees through disguise, whole and letter by letter. */
function struck(kind: PersonalDataKind, text: string): string {
  const options = { rules: one(kind), onFound: () => {} };
  const filter = createTextFilter(options);
  const pieces = Array.from(text, (letter) => filter.push(letter).text).join('') + filter.end().text;
  expect(pieces).toBe(filterText(text, options).text);
  return filterSeeing(text, options).text;
}

describe('each kind, in the ways in which it is written', () => {
  it.each<[PersonalDataKind, string, string]>([
    ['Email', "ask o'brien@example.com", 'ask #'],
    ['Email', "'bo@example.com'", "'#'"],
    ['Email', 'अजय@उदाहरण.भारत', '#'],
    ['Email', 'jo\u0308rg@bücher.example', '#'],
    ['Email', 'bo@xn--80ak6aa92e.xn--p1ai, hi', '#, hi'],
    ['Email', 'bo@例子。公司', '#'],
    ['Email', 'mailto:bo@example.com?subject=hi', 'mailto:#?subject=hi'],
    ['PhoneNumber', '+1 415 555 2671', '#'],
    ['PhoneNumber', '+1 (415) 555-2671 x12', '# x12'],
    ['PhoneNumber', '415-555-2671x12', '#'],
    ['PhoneNumber', '(415)555-2671', '#'],
    ['PhoneNumber', '1-800-555-0199', '#'],
    ['PhoneNumber', '+7 495 123-45-67', '#'],
    ['PhoneNumber', '+44 (0)20 7946 0958', '#'],
    ['PhoneNumber', '+4930901820', '#'],
    ['PhoneNumber', 'tel 030 / 901820', 'tel #'],
    ['PhoneNumber', '(0170) 1234567', '#'],
    ['PhoneNumber', '06 12 34 56 78', '#'],
    ['PhoneNumber', '01.23.45.67.89', '#'],
    ['PhoneNumber', '020 7946 0958', '#'],
    ['CreditCard', '4111.1111.1111.1111', '#'],
    ['CreditCard', '4111 - 1111 - 1111 - 1111', '#'],
    ['CreditCard', '4111  1111  1111  1111', '#'],
    ['CreditCard', '4111_1111_1111_1111', '#'],
    ['CreditCard', '4111·1111·1111·1111', '#'],
    ['CreditCard', '4111\u20131111\u20131111\u20131111', '#'],
    ['CreditCard', '3782.822463.10005', '#'],
    ['CreditCard', 'card4111111111111111', 'card#'],
    ['CreditCard', 'no_4111111111111111_x', 'no_#_x'],
    ['CreditCard', '4111111111111111abc', '#abc'],
    ['CreditCard', '2026-4111111111111111', '2026-#'],
    ['Iban', 'DE89 3704 0044 0532 0130 00', '#'],
    ['Iban', 'DE89-3704-0044-0532-0130-00', '#'],
    ['Iban', 'DE 89 370400440532013000.', '#.'],
    ['Iban', 'de89370400440532013000', '#'],
    ['Iban', 'GB82 WEST 1234 5698 7654 32 is mine', '# is mine'],
    ['Iban', 'NO93 8601 1117 947', '#'],
    ['Iban', 'iban_DE89370400440532013000', 'iban#'],
    ['Iban', 'MT84MALT011000012345MTLCAST001S', '#'],
    ['IpAddress', 'from 2001:db8::8a2e:370:7334.', 'from #.'],
    ['IpAddress', '[2001:0db8:0000:0000:0000:8a2e:0370:7334]:443', '[#]:443'],
    ['IpAddress', 'fe80::1%eth0', '#%eth0'],
    ['IpAddress', '::1, ::ffff:192.0.2.1', '#, #'],
    ['IpAddress', 'ip:2001:DB8::1: up', 'ip:#: up'],
    ['IpAddress', 'fd00::/8', '#/8'],
    ['IpAddress', '192.168.10.254:8080', '#:8080'],
    ['UsSocialSecurityNumber', '536.90.4399', '#'],
    ['Credential', 'sk_live_abcdefghijklmnop', '#'],
    ['Credential', 'glpat-abcdefghij_klmnopqrst', '#'],
    ['Credential', 'ASIAIOSFODNN7EXAMPLE', '#'],
    ['Credential', '-----BEGIN PGP PRIVATE KEY BLOCK-----', '#'],
  ])('%s: %j', (kind, text, expected) => {
    expect(struck(kind, text)).toBe(expected);
  });

  it.each<[PersonalDataKind, string]>([
    ['Email', 'me@home, @bob, a@b'],
    ['PhoneNumber', '01.02.2026 10:30, 22/11/2026 14'],
    ['PhoneNumber', '05-11-2026 14 30'],
    ['PhoneNumber', '12 345 678 items, 0.123456789, 4155552671'],
    ['PhoneNumber', 'order 2026-0001'],
    ['CreditCard', '3.1415926535897931'],
    ['CreditCard', '4111.1111.1111.1112'],
    ['CreditCard', '94111111111111111'],
    ['CreditCard', '2.3.4.5.6.7.8.9.1.2.3.4.5.6'],
    ['Iban', 'DE89 3704 0044 0532 0130 01'],
    ['Iban', 'at 10 people came and they left again'],
    ['Iban', 'XX89370400440532013000'],
    ['IpAddress', 'at 12:30:45, std::vector, abc::def, cafe::feed, a::b'],
    ['IpAddress', '00:1b:44:11:3a:b7'],
    ['IpAddress', 'aa:bb:cc:dd:ee:ff:00:11:22:33:44:55:66:77:88:99'],
    ['IpAddress', 'fe80::1g, ratio 1:2:3, ::'],
    ['UsSocialSecurityNumber', '000.12.3456, 1536.90.4399'],
    ['Credential', 'risk-free, sk_test_short, glpat-short'],
  ])('%s: not %j', (kind, text) => {
    expect(struck(kind, text)).toBe(text);
  });
});

it('check digits are checked', () => {
  expect(['79927398713', '79927398710', ''].map(hasLuhnCheck)).toEqual([true, false, false]);
  expect(['DE89 3704 0044 0532 0130 00', 'DE88 3704 0044 0532 0130 00', 'DE89'].map(hasIbanCheck)).toEqual([true, false, false]);
});
