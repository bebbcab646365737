import { describe, expect, it } from 'vitest';
import { namedBy, readAnonymousAccess } from './anonymous-access.ts';

const variable = 'SLUICE_ANONYMOUS_ACCESS';

describe('readAnonymousAccess', () => {
  it.each([
    [undefined, 'Denied'],
    [' ', 'Denied'],
    ['Denied', 'Denied'],
    [' Allowed ', 'Allowed'],
  ])('takes %j as %s: everybody is let in where that was said, and nowhere else', (value, expected) => {
    expect(readAnonymousAccess({ [variable]: value }, [])).toBe(expected);
  });

  it.each(['true', 'allowed', '1'])('takes %j for a mistake, not for consent', (value) => {
    expect(() => readAnonymousAccess({ [variable]: value }, [])).toThrow(`SLUICE_ANONYMOUS_ACCESS must be Allowed or Denied (got "${value}")`);
  });

  it('does not open what somebody has closed', () => {
    const named = [namedBy({ file: () => 'same', access: undefined }), namedBy({ file: undefined, access: { issuers: [] } })];
    expect(named).toEqual([['SLUICE_ACCESS_FILE'], ['access of the bundle']]);
    for (const each of named) expect(() => readAnonymousAccess({ [variable]: 'Allowed' }, each)).toThrow(`lets everybody in, and ${each[0]} says who may ask`);
    expect(readAnonymousAccess({ [variable]: 'Denied' }, ['SLUICE_ACCESS_FILE'])).toBe('Denied');
    expect(namedBy({ file: undefined, access: undefined })).toEqual([]);
  });
});
