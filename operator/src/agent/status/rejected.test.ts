import type { HandledIntent, Release, ReleaseStatus } from '@sluice/crds';
import { expect, it } from 'vitest';
import { releaseIn } from '../../release/testing/observations.ts';
import { sampleAgent, sampleRecord } from '../../revision/testing/sample-agent.ts';
import { agentDigestOf } from '../ledger/agent-digest.ts';
import { readLedger } from '../ledger/releases.ts';
import type { AgentObservation } from '../observation.ts';
import { rejected } from './rejected.ts';

interface Told extends ReleaseStatus {
  readonly of: string;
  readonly cause?: 'Undo' | 'Retry';
}

const agent = sampleAgent();
const record = (revision: string) => ({ ...sampleRecord(), revision });

function messageAfter(told: readonly Told[], asks: string): string | undefined {
  const releases = told.map(({ of, cause, ...status }, index): Release => {
    const { metadata, spec, ...rest } = releaseIn(status);
    return { ...rest, metadata: { ...metadata, name: `baker-${index + 1}` }, spec: { ...spec, revision: of, agentDigest: of === 'b/2' ? agentDigestOf(agent, record(asks)) : of, ...(cause === undefined ? {} : { cause }) } };
  });
  const observation = { agent, desired: { kind: 'Rendered', record: record(asks) } } as unknown as AgentObservation;
  return rejected(observation, readLedger(releases))?.message;
}

const promoted = (of: string, more: Partial<Told> = {}): Told => ({ of, phase: 'Promoted', ...more });
const at = '2026-11-22T10:00:00.000Z';
const asked = (verb: HandledIntent['verb'], more: Partial<HandledIntent> = {}): Pick<ReleaseStatus, 'handledIntent'> => ({ handledIntent: { verb, outcome: 'Accepted', requestId: 'r', at, by: 'jane', message: '', ...more } });
const harm = 'the new revision is worse in success: 9 bad of 60 (15 %) on the new revision and 1 bad of 60 (1.67 %) on the stable one; evidence 141.2 where 20 decides';
const rolledBack = (of: string): Told => ({
  of, phase: 'RolledBack', reason: 'ObjectiveFailed', message: `Rolled back: ${harm}; revision b serves all the traffic`,
  transitions: [{ phase: 'RollingBack', at, reason: 'ObjectiveFailed', message: `Rolling back: ${harm}` }, { phase: 'RolledBack', at, reason: 'ObjectiveFailed', message: '' }],
});
const undone = promoted('b', { undoTo: 'a', message: 'jane took revision b back; revision a takes the traffic', ...asked('Undo', { note: 'prices are wrong' }) });
const back = promoted('a', { cause: 'Undo' });

const tail = 'It is not tried again by itself: change spec.agent, or ask for it (kubectl sluice retry support). Other content of a ConfigMap, image or provider that it uses';

it.each<[string, readonly Told[], string, string]>([
  ['it was rolled back', [promoted('b'), rolledBack('c')], 'c', `Revision b serves; the spec asks for revision c, which baker-2 rolled back: ${harm}. ${tail} makes another revision, which is released`],
  ['it was rolled back, and what served then was undone since', [promoted('a'), undone, back, rolledBack('c')].toSorted((one, other) => (one.of === 'c' ? -1 : other.of === 'c' ? 1 : 0)), 'c', `Revision a serves, because jane took revision b back; the spec asks for revision c, which baker-1 rolled back: ${harm}. ${tail}`],
  ['it was never given traffic', [promoted('b'), { of: 'c', phase: 'RolledBack', message: 'Stopped before it got any traffic: suite "golden": 1 of 2 cases passed' }], 'c', 'which baker-2 rolled back: Stopped before it got any traffic: suite "golden": 1 of 2 cases passed. It is not'],
  ['it was aborted', [promoted('b'), { of: 'c', phase: 'Aborted', message: 'jane aborted the release (too dear); revision b serves all the traffic' }], 'c', 'Revision b serves; the spec asks for revision c, which baker-2 took back: jane aborted the release (too dear). It is not'],
  ['it was undone', [promoted('a'), undone, back], 'b', 'Revision a serves; the spec asks for revision b, which jane took back after baker-2 had promoted it (prices are wrong). It is not'],
  ['it was undone, and another one serves since', [promoted('a'), undone, back, promoted('d')], 'b', 'Revision d serves; the spec asks for revision b, which jane took back after baker-2 had promoted it'],
  ['nobody knows any more who undid it', [promoted('a'), { ...undone, ...asked('Retry', { outcome: 'Refused' }) }, back], 'b', 'which somebody took back after baker-2 had promoted it. It is not'],
  ['its group took it back', [promoted('a'), promoted('b', { undoTo: 'a', reason: 'GroupRolledBack', message: 'Release shop-3 of agent "shop" failed, and both belong to group "store": 5 bad; revision a takes the traffic' }), back], 'b', 'which baker-2 had promoted: Release shop-3 of agent "shop" failed, and both belong to group "store": 5 bad. It is not'],
  ['a person took its spec.agent back', [promoted('a'), { ...undone, of: 'b/2' }, back], 'b/3', 'the spec asks for revision b/3 with the spec.agent of revision b/2, which jane took back after baker-2 had promoted it (prices are wrong). It is not tried again by itself: change spec.agent, or ask for it (kubectl sluice retry support). Other content of a ConfigMap, image or provider that it uses begins no release either, because a person took it back'],
  ['nothing serves', [{ of: 'c', phase: 'Aborted', message: 'jane aborted the release; no other revision serves' }], 'c', 'No revision serves; the spec asks for revision c, which baker-1 took back: jane aborted the release'],
])('tells from what is now why the spec is not released, where %s', (_, told, asks, says) => {
  expect(messageAfter(told, asks)).toContain(says);
});

it('says nothing where nothing stands against the spec', () => {
  expect(messageAfter([promoted('b'), rolledBack('c')], 'd')).toBeUndefined();
});
