import { isoTime } from '../evidence/clock-time.ts';
import { describe, expect, it } from 'vitest';
import { decideEvalRun } from './decide.ts';
import type { EvalRunObservation } from './observation.ts';
import { evalRun, evalSuite, frozenCases, now, revision, sampleJob, samplePod, samplePolicy, terminated } from './testing/sample-run.ts';
import { providerKeyOf } from '../revision/index.ts';

const lackingFile = 'ConfigMap "nothere" does not exist in this namespace (spec.casesFrom[0].configMap.name of EvalSuite "golden"); create it';
const made = (status?: Parameters<typeof evalRun>[0]) => evalRun(status, { creationTimestamp: isoTime(now) });
const fresh: EvalRunObservation = { now, evalRun: made(), pods: [], suite: evalSuite, revision };

describe('a file of cases that does not exist', () => {
  it('is named at once and waited for without a pod, and the time of the run begins when it is there', () => {
    const first = decideEvalRun({ ...fresh, lackingFile });
    expect(first).toEqual({ status: { phase: 'Pending', message: `suite "golden" waits: ${lackingFile}`, job: 'support-2-golden' }, requeueAfterMs: 2_000 });
    const later = decideEvalRun({ ...fresh, lackingFile, evalRun: made(first.status), now: now + 3_600_000 });
    expect(later).toEqual({ ...first, requeueAfterMs: 15_000 });
    const there = decideEvalRun({ ...fresh, evalRun: made(first.status), now: now + 3_600_000 });
    expect(there.job).toBeDefined();
    expect(there.status?.startedAt).toBe(isoTime(now + 3_600_000));
  });

  it('is named while a pod waits for it', () => {
    const pod = samplePod({ phase: 'Pending' });
    const waiting = { ...fresh, configMap: frozenCases(), networkPolicy: samplePolicy(), job: sampleJob(), pods: [pod], evalRun: made({ phase: 'Pending', message: '', startedAt: isoTime(now) }), lackingFile };
    expect(decideEvalRun(waiting)).toMatchObject({ status: { phase: 'Pending', message: `suite "golden" waits: ${lackingFile}` }, requeueAfterMs: 5_000 });
  });
});

describe('a key that does not exist', () => {
  const key = providerKeyOf(revision.podTemplate);
  const missing: EvalRunObservation = { ...fresh, revision: { ...revision, provider: 'simm', keySecret: 'Missing' } };

  it('is named at once, and tried without in the end: a pod may bring it about', () => {
    expect(decideEvalRun(missing)).toMatchObject({ status: { phase: 'Pending', message: `suite "golden" waits: Secret "${key?.name}" does not exist in this namespace (spec.apiKeySecretRef of ModelProvider "simm"); create it` }, requeueAfterMs: 2_000 });
    expect(decideEvalRun({ ...missing, now: now + 30_000 }).job).toBeDefined();
  });

  it('is named where the container knows only its file', () => {
    const said = 'SLUICE_PROVIDER_API_KEY_FILE names a file that cannot be read';
    const underWay = { ...missing, configMap: frozenCases(), networkPolicy: samplePolicy(), job: sampleJob(), pods: [samplePod(terminated(said, { exitCode: 78 }))], evalRun: made({ phase: 'Running', message: '', startedAt: isoTime(now) }) };
    expect(decideEvalRun(underWay).status).toMatchObject({ phase: 'NotMeasured', message: expect.stringContaining(`${said}; the key is "${key?.key}" of Secret "${key?.name}" (spec.apiKeySecretRef of ModelProvider "simm")`) });
  });
});
