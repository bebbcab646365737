import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exceedsPast, exceedsShare, excessEvidence, excessRisk, fewestCrashes } from './crash-excess.ts';

type Rule = (canary: number, stable: number, expected: number) => boolean;
const isExcess: Rule = (canary, stable, expected) => canary >= fewestCrashes && excessEvidence({ canary, stable, expected }) >= 1 / excessRisk;

const isFirst: Rule = (canary, stable, expected) => exceedsShare({ canary, stable, expected });

/** Exact: the chance that crashes which hit the new revision with the chance of its share, one after the other, are ever taken for an excess. */
function chanceOfFalseExcess(shares: readonly number[], rule: Rule = isExcess): number {
  let chances = new Map([[0, 1]]);
  let expected = 0;
  let failed = 0;
  shares.forEach((share, index) => {
    expected += share;
    const next = new Map<number, number>();
    for (const [canary, chance] of chances) {
      for (const [count, part] of [[canary + 1, chance * share], [canary, chance * (1 - share)]] as const) {
        if (rule(count, index + 1 - count, expected)) failed += part;
        else next.set(count, (next.get(count) ?? 0) + part);
      }
    }
    chances = next;
  });
  return failed;
}

describe('crashes that hit both revisions alike', () => {
  it.each([0.01, 0.05, 0.1, 0.2, 0.25, 1 / 3, 0.5, 2 / 3, 0.75, 0.9, 0.99])('of which the new one has its share, %d, are never an excess but with a chance below 1 %%, over 200 looks', (share) => {
    expect(chanceOfFalseExcess(Array.from({ length: 200 }, () => share))).toBeLessThanOrEqual(excessRisk);
  });

  it.each([
    ['pods come and go', (index: number) => [0.1, 0.5, 0.9][index % 3]!],
    ['the new revision grows', (index: number) => (index + 1) / 201],
    ['the new revision is all there is for a while', (index: number) => (index < 20 ? 1 : 0.2)],
  ])('also where %s', (_, shareAt) => {
    expect(chanceOfFalseExcess(Array.from({ length: 200 }, (_each, index) => shareAt(index)))).toBeLessThanOrEqual(excessRisk);
  });
});

describe('crashes that begin for both revisions at once, the first of which all hit the new one', () => {
  const shares = [0.01, 0.1, 0.25, 1 / 3, 0.5, 2 / 3, 0.75, 0.9, 0.99];
  it.each(shares)('with a share of %d of the pods, are taken for its own with a chance below 1 %%, whatever the past was', (share) => {
    expect(chanceOfFalseExcess(Array.from({ length: 600 }, () => share), isFirst)).toBeLessThanOrEqual(excessRisk);
  });

  it.each([
    ['pods come and go', (index: number) => [0.1, 0.5, 0.9][index % 3]!],
    ['the new revision grows', (index: number) => (index + 1) / 201],
    ['the new revision is nearly all there is', (index: number) => (index < 20 ? 0.99 : 0.2)],
  ])('also where %s', (_, shareAt) => {
    expect(chanceOfFalseExcess(Array.from({ length: 200 }, (_each, index) => shareAt(index)), isFirst)).toBeLessThanOrEqual(excessRisk);
  });

  it.each([{ share: 0.1, needed: 3 }, { share: 0.25, needed: 4 }, { share: 1 / 3, needed: 5 }, { share: 0.5, needed: 7 }, { share: 0.75, needed: 17 }])('with a share of $share it takes $needed', ({ share, needed }) => {
    expect(Array.from({ length: 60 }, (_, canary) => canary).find((canary) => isFirst(canary, 0, share * canary))).toBe(needed);
    expect(isFirst(needed, 1, share * (needed + 1)), 'one crash of the stable revision').toBe(false);
  });
});

it.each([
  { share: 0.05, stable: 0, needed: 3 },
  { share: 0.1, stable: 0, needed: 3 },
  { share: 0.2, stable: 0, needed: 4 },
  { share: 0.25, stable: 0, needed: 4 },
  { share: 0.5, stable: 0, needed: 8 },
  { share: 0.1, stable: 1, needed: 4 },
  { share: 0.1, stable: 5, needed: 6 },
  { share: 0.5, stable: 1, needed: 13 },
])('with $share of the pods and $stable crashes of the stable revision it takes $needed', ({ share, stable, needed }) => {
  const first = Array.from({ length: 60 }, (_, canary) => canary).find((canary) => isExcess(canary, stable, share * (canary + stable)));
  expect(first).toBe(needed);
});

describe('the evidence', () => {
  const count = fc.integer({ min: 0, max: 40 });
  const share = fc.double({ min: 0.01, max: 1, noNaN: true });

  it('grows with each crash of the new revision and falls with each of the stable one', () => {
    fc.assert(fc.property(count, count, share, (canary, stable, part) => {
      const at = (x: number, y: number): number => excessEvidence({ canary: x, stable: y, expected: part * (x + y) });
      expect(at(canary + 1, stable)).toBeGreaterThanOrEqual(at(canary, stable) * (1 - 1e-9));
      expect(at(canary, stable + 1)).toBeLessThanOrEqual(at(canary, stable) * (1 + 1e-9));
    }));
  });

  it('is smaller the more crashes were to be expected, and with the mean share no larger than with that of each crash', () => {
    fc.assert(fc.property(fc.array(fc.record({ share, of: fc.constantFrom('canary', 'stable') }), { minLength: 1, maxLength: 30 }), (crashes) => {
      const expected = crashes.reduce((sum, crash) => sum + crash.share, 0);
      const canary = crashes.filter(({ of }) => of === 'canary').length;
      const stable = crashes.length - canary;
      const product = (times: number): number => crashes.reduce((ratio, crash) => (ratio * (crash.of === 'canary' ? times : 1)) / (1 + crash.share * (times - 1)), 1);
      const own = 0.2 * (product(2) + product(5) + product(20)) + 0.4 * crashes.reduce((ratio, crash) => (crash.of === 'canary' ? ratio / crash.share : 0), 1);
      const evidence = excessEvidence({ canary, stable, expected });
      expect(evidence).toBeLessThanOrEqual(own * (1 + 1e-6));
      expect(excessEvidence({ canary, stable, expected: Math.min(crashes.length, expected * 1.1) })).toBeLessThanOrEqual(evidence * (1 + 1e-9));
    }));
  });

  it('is even when nothing crashed', () => {
    expect(excessEvidence({ canary: 0, stable: 0, expected: 0 })).toBe(1);
  });
});

/** Chance of at least `k` where `mean` are expected. */
function poissonTail(k: number, mean: number): number {
  let term = Math.exp(-mean);
  let below = 0;
  for (let i = 0; i < k; i += 1) {
    below += term;
    term *= mean / (i + 1);
  }
  return Math.max(0, 1 - below);
}

/** The longest time in which so many crashes are beyond the past; 0 where none is. */
function latestExcess(crashes: number, past: number): number {
  const isBeyond = (podTime: number): boolean => exceedsPast({ canary: { crashes, podTime }, past: { crashes: past, podTime: 1 } });
  let [low, high] = [0, 1e4];
  for (let halving = 0; halving < 100; halving += 1) {
    const middle = (low + high) / 2;
    if (isBeyond(middle)) low = middle;
    else high = middle;
  }
  return low;
}

describe('crashes beside those of the past', () => {
  it.each([0.01, 0.1, 1, 3, 10])('at one rate, %d in the time of the past, are beyond it with a chance below 1 %%, whenever one looks', (rate) => {
    let chance = 0;
    for (let past = 0; past < 40; past += 1) {
      const ofPast = poissonTail(past, rate) - poissonTail(past + 1, rate);
      if (ofPast < 1e-9) continue;
      // Whoever crosses is there at the latest when a count has its longest time.
      for (let crashes = fewestCrashes; crashes <= 60; crashes += 1) chance += ofPast * poissonTail(crashes, rate * latestExcess(crashes, past));
    }
    expect(chance).toBeLessThanOrEqual(excessRisk);
  });

  it.each([
    ['three in three minutes, none in a day before', 3, 3, 0, 1_440, true],
    ['three in three minutes, none in ten before', 3, 3, 0, 10, false],
    ['two, none in a year before', 2, 1, 0, 525_600, false],
    ['three in an hour, one an hour before', 3, 60, 24, 1_440, false],
    ['nine in an hour, one an hour before', 9, 60, 24, 1_440, true],
    ['any where there is no past', 30, 3, 0, 0, false],
  ])('%s', (_, crashes, podTime, past, pastTime, beyond) => {
    expect(exceedsPast({ canary: { crashes, podTime }, past: { crashes: past, podTime: pastTime } })).toBe(beyond);
  });
});
