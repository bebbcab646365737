import type { RecentEvidence } from '@sluice/crds';
import { describe, expect, test } from 'vitest';
import { upperTail } from '@sluice/statistics';
import { isoTime } from '../evidence/clock-time.ts';
import { everydayShare, falseOutageRisk, judgeOutage, minimumFailures, outageOver, type OutageVerdict } from './outage.ts';

const now = Date.parse('2026-03-01T10:00:30.000Z');
type Counts = RecentEvidence['stable'];
type Served = Pick<Counts, 'requests'> & Partial<Counts>;

const counts = ({ requests, ...rest }: Served): Counts => ({ requests, bad: rest.providerFailures ?? 0, providerFailures: 0, pods: 4, circuitsOpen: 0, ...rest });
/** The last `seconds` up to now. */
const recent = (stable: Served, canary: Served, seconds = 30): RecentEvidence => ({
  since: isoTime(now - seconds * 1000), until: isoTime(now), stable: counts(stable), canary: counts(canary),
});
const cutOff: Served = { requests: 100, providerFailures: 100, circuitsOpen: 4 };
const fine: Served = { requests: 100, providerFailures: 1 };

describe('judgeOutage', () => {
  test.each<[string, RecentEvidence | undefined, OutageVerdict['kind']]>([
    ['nothing was read', undefined, 'None'],
    ['both are served', recent(fine, fine), 'None'],
    ['both are cut off', recent(cutOff, cutOff), 'ProviderOutage'],
    ['the circuits of half of the stable pods are open', recent({ requests: 40, circuitsOpen: 2 }, { requests: 4 }), 'ProviderOutage'],
    ['the circuits of fewer than half of the stable pods are open', recent({ requests: 40, circuitsOpen: 1 }, { requests: 4, circuitsOpen: 4 }), 'None'],
    ['open circuits without a request', recent({ requests: 0, circuitsOpen: 4 }, { requests: 0 }), 'ProviderOutage'],
    ['both fail for the provider before a circuit opens', recent({ requests: 200, providerFailures: 60 }, { requests: 40, providerFailures: 12 }), 'ProviderOutage'],
    ['the new revision has no traffic', recent({ requests: 200, providerFailures: 60 }, { requests: 0 }), 'ProviderOutage'],
    ['the new revision has too few requests to say anything', recent({ requests: 200, providerFailures: 60 }, { requests: 5 }), 'ProviderOutage'],
    ['a bad day of the provider', recent({ requests: 200, providerFailures: 20 }, { requests: 40, providerFailures: 4 }), 'None'],
    ['more than on an ordinary day, but no outage', recent({ requests: 2000, providerFailures: 400 }, { requests: 400, providerFailures: 80 }), 'None'],
    ['few failures, whatever their share', recent({ requests: 4, providerFailures: 4 }, { requests: 4, providerFailures: 4 }), 'None'],
    ['five of five', recent({ requests: 5, providerFailures: 5 }, { requests: 1, providerFailures: 1 }), 'ProviderOutage'],
    ['a share that may be chance', recent({ requests: 18, providerFailures: 5 }, { requests: 4, providerFailures: 1 }), 'None'],
    ['both fail for a reason of their own', recent({ requests: 100, bad: 90 }, { requests: 100, bad: 90 }), 'None'],
    ['the new revision alone is cut off', recent(fine, cutOff), 'None'],
    ['the new revision alone has used up the rate limit', recent({ requests: 300, providerFailures: 6 }, { requests: 100, providerFailures: 80 }), 'None'],
    ['the new revision asks for a model that is not there', recent(fine, { requests: 100, bad: 100 }), 'None'],
    ['the new revision has most of the pods, all cut off, the stable one is served', recent({ requests: 50, pods: 1 }, { requests: 450, providerFailures: 450, pods: 9, circuitsOpen: 9 }), 'None'],
    ['the new revision has moved to a provider that serves', recent(cutOff, { requests: 30 }), 'None'],
    ['the new revision seems served, but a circuit of it is open', recent(cutOff, { requests: 30, circuitsOpen: 1 }), 'ProviderOutage'],
    ['there is no stable revision to compare with', recent({ requests: 0, pods: 0 }, cutOff), 'None'],
    ['a runtime that does not count provider failures', recent({ requests: 100, bad: 50, providerFailures: undefined }, cutOff), 'None'],
  ])('%s', (_, seen, kind) => {
    expect(judgeOutage(seen, now).kind).toBe(kind);
  });

  test('old evidence begins no outage and ends none', () => {
    const later = now + 31_000;
    const outage = judgeOutage(recent(cutOff, cutOff), now);
    expect(judgeOutage(recent(cutOff, cutOff), later)).toEqual({ kind: 'None' });
    expect(judgeOutage(recent(fine, fine), later, outage)).toEqual(outage);
    expect(judgeOutage(undefined, now, outage)).toEqual(outage);
  });

  test('says what it saw', () => {
    const verdict = judgeOutage(recent({ requests: 40, providerFailures: 31, circuitsOpen: 3 }, { requests: 10, providerFailures: 8, pods: 1, circuitsOpen: 1 }), now);
    expect(verdict).toEqual({
      kind: 'ProviderOutage',
      message:
        'The model provider is not available: the stable revision has its circuit open in 3 of 4 pods and 31 bad of 40 requests by the provider\'s fault; the new revision has its circuit open in 1 of 1 pods and 8 bad of 10 requests by the provider\'s fault',
    });
  });

  test.each<[string, RecentEvidence, string]>([
    ['no requests', recent({ requests: 0, circuitsOpen: 4 }, { requests: 0, pods: 1, circuitsOpen: 1 }), 'the stable revision has its circuit open in 4 of 4 pods, which counted no requests; the new revision has its circuit open in 1 of 1 pods, which counted no requests'],
    ['no pods either', recent({ requests: 0, circuitsOpen: 4 }, { requests: 0, pods: 0 }), 'the stable revision has its circuit open in 4 of 4 pods, which counted no requests; the new revision has no pod that could be asked'],
  ])('does not tell how many of %s were bad', (_, seen, situation) => {
    expect(judgeOutage(seen, now)).toEqual({ kind: 'ProviderOutage', message: `The model provider is not available: ${situation}` });
  });

  test('an outage lasts until it is over, not until it is less', () => {
    const outage = judgeOutage(recent(cutOff, cutOff), now);
    const better = recent({ requests: 100, providerFailures: 15 }, { requests: 20, providerFailures: 3 });
    expect(judgeOutage(better, now)).toEqual({ kind: 'None' });
    expect(judgeOutage(better, now, outage)).toMatchObject({ kind: 'ProviderOutage', message: expect.stringContaining('may be back') });
    expect(judgeOutage(recent(cutOff, cutOff), now, outage)).toMatchObject({ kind: 'ProviderOutage', message: expect.stringContaining('still not available') });
    expect(judgeOutage(recent(fine, fine), now, outage)).toEqual({ kind: 'None' });
  });
});

describe('outageOver', () => {
  test.each<[string, RecentEvidence | undefined, boolean]>([
    ['nothing was read', undefined, false],
    ['the stable revision is served', recent(fine, fine), true],
    ['the stable revision is served, the new one is not: the gates are for that', recent(fine, cutOff), true],
    ['no traffic and all circuits closed', recent({ requests: 0 }, { requests: 0 }), true],
    ['all well, but not for long enough', recent(fine, fine, 19), false],
    ['all well for just long enough', recent(fine, fine, 20), true],
    ['one circuit is open', recent({ requests: 100, circuitsOpen: 1 }, fine), false],
    ['the provider fails more than on an ordinary day', recent({ requests: 100, providerFailures: 11 }, fine), false],
    ['one of few requests failed', recent({ requests: 3, providerFailures: 1 }, { requests: 0 }), false],
    ['the stable revision fails for a reason of its own', recent({ requests: 100, bad: 50 }, fine), true],
    ['no pod of the stable revision was read', recent({ requests: 0, pods: 0 }, fine), false],
    ['the new revision is served although the stable one is not', recent(cutOff, { requests: 30 }), true],
  ])('%s', (_, seen, over) => {
    expect(outageOver(seen, now)).toBe(over);
  });

  test('old evidence ends nothing', () => {
    expect(outageOver(recent(fine, fine), now + 31_000)).toBe(false);
  });
});

test('a provider that keeps to its everyday share is called out with a chance of 1 in 1,000 at most, exactly', () => {
  for (let requests = 1; requests <= 400; requests += 1) {
    let chance = 0;
    for (let failures = minimumFailures; failures <= requests; failures += 1) {
      const seen = recent({ requests, providerFailures: failures }, { requests: 0 });
      if (judgeOutage(seen, now).kind === 'ProviderOutage') chance += upperTail(failures, requests, everydayShare) - upperTail(failures + 1, requests, everydayShare);
    }
    expect(chance).toBeLessThanOrEqual(falseOutageRisk);
  }
});
