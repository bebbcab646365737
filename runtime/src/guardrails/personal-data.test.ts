import { describe, expect, it } from 'vitest';
import { personalDataKinds } from '@sluice/crds';
import { hasIbanCheck, hasLuhnCheck, personalDataDetector, replacementFor } from './personal-data.ts';
import { filterText } from './text-filter.ts';

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

it('check digits are checked', () => {
  expect(['79927398713', '79927398710', ''].map(hasLuhnCheck)).toEqual([true, false, false]);
  expect(['DE89 3704 0044 0532 0130 00', 'DE88 3704 0044 0532 0130 00', 'DE89'].map(hasIbanCheck)).toEqual([true, false, false]);
});
