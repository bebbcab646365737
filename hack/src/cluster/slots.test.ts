import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeAddresses, SLOT_COUNT } from './addresses.ts';
import { freeSlots, judgeSlot, type NetworkInUse, overlaps } from './slots.ts';

const NOTHING: NetworkInUse = { routes: ['default', '192.0.2.0/24'], namespaces: [], links: ['lo', 'eth0'] };

describe('overlaps', () => {
  it.each([
    ['10.0.0.0/8', '10.200.1.0/24', true],
    ['10.200.1.0/24', '10.0.0.0/8', true],
    ['10.200.1.0/24', '10.200.1.255', true],
    ['10.200.1.0/24', '10.200.2.0/24', false],
    ['10.200.1.0/24', '10.200.1.7', true],
    ['10.220.0.0/16', '10.221.0.0/16', false],
    ['0.0.0.0/0', '10.0.0.0/8', true],
    ['default', '10.0.0.0/8', false],
    ['10.0.0.0/8', 'fe80::/64', false],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(overlaps(a, b)).toBe(expected);
  });

  it('is symmetric, and holds for a range and any address in it', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const range = fc.tuple(octet, octet, octet, octet, fc.integer({ min: 1, max: 32 })).map(([a, b, c, d, prefix]) => `${a}.${b}.${c}.${d}/${prefix}`);
    fc.assert(
      fc.property(range, range, (a, b) => {
        expect(overlaps(a, b)).toBe(overlaps(b, a));
        expect(overlaps(a, a.split('/')[0]!)).toBe(true);
      }),
    );
  });
});

describe('slots', () => {
  it('are all free on a machine that uses none of their ranges', () => {
    expect(freeSlots(NOTHING)).toEqual(Array.from({ length: SLOT_COUNT }, (_, slot) => slot));
  });

  it.each<[string, Partial<NetworkInUse>, string]>([
    ['a namespace', { namespaces: ['sluice-0'] }, 'network namespace sluice-0 exists'],
    ['a link', { links: ['lo', 'sluice0'] }, 'link sluice0 exists'],
    ['a route to the node', { routes: ['10.200.0.0/24'] }, 'route 10.200.0.0/24 covers its addresses'],
    ['a route to the pods', { routes: ['10.220.3.0/24'] }, 'route 10.220.3.0/24 covers its addresses'],
    ['a route to the Services', { routes: ['10.232.0.10'] }, 'route 10.232.0.10 covers its addresses'],
  ])('are not free when there is %s', (_, change, reason) => {
    const inUse = { ...NOTHING, ...change };
    expect(judgeSlot(0, inUse)).toEqual({ free: false, reason });
    expect(freeSlots(inUse)[0]).toBe(1);
  });

  it('are none where one route covers all', () => {
    expect(freeSlots({ ...NOTHING, routes: ['10.0.0.0/8'] })).toEqual([]);
  });

  it('never share an address, a name or a cgroup', () => {
    const all = Array.from({ length: SLOT_COUNT }, (_, slot) => nodeAddresses(slot));
    const ranges = all.flatMap((one) => [one.nodeRange, one.podRange, one.serviceRange]);
    const clashes = ranges.flatMap((a, index) => ranges.slice(index + 1).filter((b) => overlaps(a, b)));
    expect(clashes).toEqual([]);
    for (const key of ['namespace', 'hostLink', 'cgroup'] as const) expect(new Set(all.map((one) => one[key])).size).toBe(SLOT_COUNT);
  });

  it('keep link names within the 15 bytes that the kernel allows', () => {
    for (let slot = 0; slot < SLOT_COUNT; slot += 1) expect(nodeAddresses(slot).hostLink.length).toBeLessThanOrEqual(15);
  });
});
