import { describe, expect, it } from 'vitest';
import type { AgentObservation } from '../observation.ts';
import { sampleRecord } from '../../revision/testing/sample-agent.ts';
import type { SecretVersion } from '../../revision/index.ts';
import { type OnSecretChange, marksAfter, restartNotices, secretsSettleIn } from './secret-changes.ts';

const marks = (startedWith: Record<string, string>, restart?: string) => ({ startedWith: new Map(Object.entries(startedWith)), ...(restart === undefined ? {} : { restart }) });
type Now = Record<string, string | SecretVersion>;
const time = 1_000_000;
const versionOf = (version: string | SecretVersion) => (version === '' ? undefined : typeof version === 'string' ? { version } : version);
const after = (before: ReturnType<typeof marks> | undefined, now: Now, policy: OnSecretChange = 'Restart') =>
  marksAfter({ before, now: new Map(Object.entries(now).map(([name, version]) => [name, versionOf(version)])), time }, policy);
const aMark = expect.stringMatching(/^[0-9a-f]{12}$/) as string;

describe('pods are restarted', () => {
  it.each([
    ['when a Secret changed', marks({ a: '1', b: '1' }), { a: '2', b: '1' }, { a: '2', b: '1' }],
    ['when one that was not there appeared', marks({ a: '' }), { a: '1' }, { a: '1' }],
    ['when one is back that was deleted', marks({ a: '1' }), { a: '2' }, { a: '2' }],
    ['again when it changed again', marks({ a: '1' }, 'former'), { a: '2' }, { a: '2' }],
    ['for the one that changed, while another is gone', marks({ a: '1', b: '1' }), { a: '2', b: '' }, { a: '2', b: '1' }],
  ])('%s', (_, before, now, startedWith) => {
    const result = after(before, now);
    expect(result).toEqual(marks(startedWith, aMark));
    expect(result?.restart).not.toBe(before.restart);
    expect(after(result as typeof before, now), 'and only once').toEqual(result);
  });
});

describe('pods are left alone', () => {
  it.each<[string, ReturnType<typeof marks> | undefined, Record<string, string>, ReturnType<typeof marks>, OnSecretChange?]>([
    ['when nothing changed', marks({ a: '1' }), { a: '1' }, marks({ a: '1' })],
    ['at the first look, by whatever version of the operator: it is noted', undefined, { a: '1', b: '' }, marks({ a: '1', b: '' })],
    ['at the first look at one more Secret', marks({ a: '1' }, 'former'), { a: '1', b: '7' }, marks({ a: '1', b: '7' }, 'former')],
    ['while a Secret is gone: without it they could not start', marks({ a: '1' }), { a: '' }, marks({ a: '1' })],
    ['where a change is a release', marks({ a: '1' }), { a: '2' }, marks({ a: '1' }), 'Release'],
    ['where a change is nothing', marks({ a: '1' }, 'former'), { a: '2' }, marks({ a: '1' }, 'former'), 'Ignore'],
  ])('%s', (_, before, now, expected, policy = 'Restart') => {
    expect(after(before, now, policy)).toEqual(expected);
  });

  it('and learn of what was ignored when they are to be restarted from then on', () => {
    const ignored = after(marks({ a: '1' }), { a: '2' }, 'Ignore') as ReturnType<typeof marks>;
    expect(after(ignored, { a: '2' })).toEqual(marks({ a: '2' }, aMark));
  });
});

describe('a Secret whose data was written a moment ago', () => {
  const first: SecretVersion = { version: '2', sighting: '10+ab', unsettledUntil: time + 3_000 };
  const { unsettledUntil: _over, ...settled } = first;
  const again = { ...settled, sighting: '11+ab' };
  const touched = { ...settled, sighting: '11+cd' };
  const noted = marks({ a: '2~10+ab' });

  it.each<[string, ReturnType<typeof marks> | undefined, Now, ReturnType<typeof marks>]>([
    ['restarts nothing yet', marks({ a: '1' }), { a: first }, marks({ a: '1' })],
    ['is noted with what tells it from the next', undefined, { a: first }, noted],
    ['stays noted so', noted, { a: first }, noted],
    ['stays noted so when it is written again', noted, { a: { ...again, unsettledUntil: time + 2_000 } }, noted],
    ['is its version once no other write can have it', noted, { a: settled }, marks({ a: '2' })],
    ['was not written again where a hand has set a label on it', noted, { a: touched }, marks({ a: '2' })],
    ['is settled where the clock was put back', undefined, { a: { ...first, unsettledUntil: time + 3_600_000 } }, marks({ a: '2' })],
  ])('%s', (_, before, now, expected) => {
    expect(after(before, now)).toEqual(expected);
  });

  it.each<[OnSecretChange, ReturnType<typeof marks>]>([
    ['Restart', marks({ a: '2' }, aMark)],
    ['Release', marks({ a: '2' }, aMark)],
    ['Ignore', noted],
  ])('and again in the same second: with %s', (policy, expected) => {
    const result = after(noted, { a: again }, policy);
    expect(result).toEqual(expected);
    expect(after(result as typeof noted, { a: again }, policy), 'and only once').toEqual(result);
  });

  it('restarts pods that ran before, once, with what was written last', () => {
    expect(after(marks({ a: '1' }), { a: again })).toEqual(marks({ a: '2' }, aMark));
  });

  it('is looked at again when it is settled', () => {
    expect(secretsSettleIn({ now: time, secretVersions: new Map([['a', first], ['b', { ...first, unsettledUntil: time + 1_000 }], ['c', settled]]) })).toBe(1_000);
    expect(secretsSettleIn({ now: time, secretVersions: new Map([['c', settled]]) })).toBeUndefined();
  });
});

describe('an event', () => {
  const record = sampleRecord();
  const told = (before: ReturnType<typeof marks> | undefined, secrets: ReturnType<typeof marks>) => {
    const state = { revision: record.revision, replicas: 1, ready: 1, pods: 1, ...(before === undefined ? {} : { secrets: before }) };
    const revisions: AgentObservation['revisions'] = new Map([[record.revision, state]]);
    return restartNotices({ revisions }, [{ record, replicas: 1, scaling: 'Fixed', secrets }]);
  };

  it('says which Secret restarts the pods, by name and not by version', () => {
    expect(told(marks({ key: 'v1', other: 'v1' }), marks({ key: 'v2', other: 'v1' }, 'mark'))).toEqual([
      { type: 'Normal', reason: 'SecretChanged', message: `The pods of revision ${record.revision} restart in place, new ones first, because Secret "key" changed (rollout.onSecretChange: Restart)` },
    ]);
  });

  it.each<[string, ReturnType<typeof marks> | undefined, ReturnType<typeof marks>]>([
    ['it is written down already', marks({ key: 'v2' }, 'mark'), marks({ key: 'v2' }, 'mark')],
    ['nothing was known before', undefined, marks({ key: 'v2' }, 'mark')],
    ['nothing restarts', marks({ key: 'v1' }), marks({ key: 'v1' })],
  ])('is not made when %s', (_, before, secrets) => {
    expect(told(before, secrets)).toEqual([]);
  });
});
