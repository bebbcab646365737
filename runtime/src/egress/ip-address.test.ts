import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWithin, parseIp, parseNetwork } from './ip-address.ts';

describe('parseIp', () => {
  it.each([
    ['0.0.0.0', { family: 4, bits: 0n }],
    ['255.255.255.255', { family: 4, bits: 0xffff_ffffn }],
    ['10.1.2.3', { family: 4, bits: 0x0a01_0203n }],
    ['::', { family: 6, bits: 0n }],
    ['::1', { family: 6, bits: 1n }],
    ['[::1]', { family: 6, bits: 1n }],
    ['fe80::', { family: 6, bits: 0xfe80n << 112n }],
    ['1:2:3:4:5:6:7:8', { family: 6, bits: 0x0001_0002_0003_0004_0005_0006_0007_0008n }],
    ['::ffff:10.0.0.1', { family: 6, bits: 0xffff_0a00_0001n }],
    ['64:ff9b::10.0.0.1', { family: 6, bits: (0x0064_ff9bn << 96n) | 0x0a00_0001n }],
  ])('reads %s', (text, address) => {
    expect(parseIp(text)).toEqual(address);
  });

  it.each(['', 'localhost', '10.0.0', '010.0.0.1', '0x7f.0.0.1', '2130706433', '10.0.0.256', 'fe80::1%eth0', ':::', '1::2::3', '[10.0.0.1', '10.0.0.1/8'])('reads no address in "%s"', (text) => {
    expect(parseIp(text)).toBeUndefined();
  });

  it('reads back every IPv6 address that a URL writes', () => {
    const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(groups, (parts) => {
        const full = parts.map((part) => part.toString(16)).join(':');
        const bits = parts.reduce((sum, part) => (sum << 16n) | BigInt(part), 0n);
        expect(parseIp(full)).toEqual({ family: 6, bits });
        expect(parseIp(new URL(`http://[${full}]/`).hostname)).toEqual({ family: 6, bits });
      }),
    );
  });
});

describe('parseNetwork', () => {
  it.each(['10.0.0.0/33', '10.0.0.0', '10.0.0.0/', '10.0.0.0/08', '10.0.0.0/-1', 'fd00::/129', 'x/8', '10.0.0.0/8/8'])('reads no network in "%s"', (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  });

  it.each([
    ['10.20.0.0/16', '10.20.255.255', true],
    ['10.20.0.0/16', '10.21.0.0', false],
    ['10.20.3.4/16', '10.20.0.1', true],
    ['0.0.0.0/0', '203.0.113.1', true],
    ['10.0.0.1/32', '10.0.0.1', true],
    ['fd00::/8', 'fdff::1', true],
    ['fd00::/8', 'fe00::1', false],
    ['::/0', '10.0.0.1', false],
  ])('%s holds %s: %s', (cidr, address, inside) => {
    const [network, parsed] = [parseNetwork(cidr), parseIp(address)];
    expect(network !== undefined && parsed !== undefined && isWithin(parsed, network)).toBe(inside);
  });
});
