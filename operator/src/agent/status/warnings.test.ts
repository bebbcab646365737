import { describe, expect, it } from 'vitest';
import { releaseIn } from '../../release/testing/observations.ts';
import { sampleAgent, sampleRecord } from '../../revision/testing/sample-agent.ts';
import type { AgentObservation } from '../observation.ts';
import { readLedger } from '../ledger/releases.ts';
import { warningsOf } from './warnings.ts';

const record = sampleRecord();
const promoted = releaseIn({ phase: 'Promoted' });
const ledger = readLedger([{ ...promoted, spec: { ...promoted.spec, revision: record.revision } }]);
const rollout = (onSecretChange: 'Restart' | 'Release' | 'Ignore') => ({ spec: { rollout: { maxDuration: '1h', progressDeadline: '5m', holdLimit: '24h', onSecretChange, historyLimit: 10 } } });

function observed(parts: Partial<AgentObservation> = {}): AgentObservation {
  return { agent: sampleAgent(rollout('Release')), records: new Map([[record.revision, record]]), revisions: new Map(), standing: new Map(), routing: { api: 'Served', services: new Set() }, ...parts } as unknown as AgentObservation;
}

describe('an operator that may not follow Secrets', () => {
  it('says what becomes of the setting', () => {
    expect(warningsOf(observed(), ledger)).toEqual([{
      type: 'SecretsNotWatched', status: 'True', reason: 'SwitchedOff',
      message: 'rollout.onSecretChange is Release and works as Ignore: this operator was installed without the right to follow Secrets (watchSecrets of the chart)',
    }]);
  });

  it.each<[string, Partial<AgentObservation>]>([
    ['it follows them', { secretVersions: new Map() }],
    ['nothing was asked for', { agent: sampleAgent(rollout('Ignore')) }],
    ['nothing serves yet', { records: new Map() }],
  ])('says nothing where %s', (_, parts) => {
    expect(warningsOf(observed(parts), ledger)).toEqual([]);
  });
});

it('a lost copy is told for what serves, not for what is history', () => {
  const missing = (revision: string) => ({ snapshot: { agent: 'support', namespace: 'shop', revision, source: 'settings', keys: 'All' as const, digest: 'd' } });
  const pinned = { revisions: new Set<string>(), lostRecords: [], missing: [missing(record.revision), missing('0000000000')] };
  expect(warningsOf(observed({ pinned, secretVersions: new Map() }), ledger).map(({ message }) => message)).toEqual([
    `The copy of ConfigMap "settings" of revision ${record.revision} was deleted, and nobody knows its content any more: pods that start from now on fail. Put the ConfigMap back as it was, or release a change`,
  ]);
});
