import type { EvalRunStatus } from '@sluice/crds';
import { describe, expect, test } from 'vitest';
import { isoTime } from '../evidence/clock-time.ts';
import { decideEvalRun } from './decide.ts';
import type { EvalRunObservation } from './observation.ts';
import { suiteDigest } from './suite-digest.ts';
import { badReport, evalRun, evalSuite, frozenCases, goodReport, now, release, revision, sampleJob, samplePod, samplePolicy, sampleSuite, terminated, withState } from './testing/sample-run.ts';

const startedAt = isoTime(now);
const running: EvalRunStatus = { phase: 'Running', message: 'suite "golden" is running', job: 'support-2-golden', startedAt };
const fresh: EvalRunObservation = { now, evalRun: evalRun(), pods: [], suite: evalSuite, revision };
const underWay: EvalRunObservation = { ...fresh, evalRun: evalRun(running), configMap: frozenCases(), networkPolicy: samplePolicy(), job: sampleJob() };
const ended = (type: 'Complete' | 'Failed', reason: string, at = now) => sampleJob({ conditions: [{ type, status: 'True', reason, lastTransitionTime: isoTime(at) }] });

function decide(observation: Partial<EvalRunObservation>, base: EvalRunObservation = underWay) {
  return decideEvalRun({ ...base, ...observation });
}
const phaseAndMessage = (decision: ReturnType<typeof decide>) => [decision.status?.phase, decision.status?.message];

describe('at the start', () => {
  test('the frozen cases, the NetworkPolicy and the Job are made, and the start is noted', () => {
    const decision = decide({}, fresh);
    expect(decision.configMap).toEqual(frozenCases());
    expect(decision.networkPolicy).toEqual(samplePolicy());
    expect(decision.job).toMatchObject({ kind: 'Job', metadata: { name: 'support-2-golden' } });
    expect(decision.status).toEqual({ phase: 'Pending', message: 'suite "golden" is starting: 2 cases', job: 'support-2-golden', startedAt });
  });

  test('a crash before the Job: only the Job is missing', () => {
    const decision = decide({ configMap: frozenCases(), networkPolicy: samplePolicy() }, fresh);
    expect([decision.configMap, decision.networkPolicy, decision.job?.kind]).toEqual([undefined, samplePolicy(), 'Job']);
  });

  test('a crash before the status: nothing is made twice, and the run goes on', () => {
    const decision = decide({ configMap: frozenCases(), networkPolicy: samplePolicy(), job: sampleJob() }, fresh);
    expect([decision.configMap, decision.job]).toEqual([undefined, undefined]);
    expect(phaseAndMessage(decision)).toEqual(['Pending', 'suite "golden" waits for its pod to start']);
  });

  test('a Job that somebody deleted is made again from the frozen cases, whatever became of the suite', () => {
    const decision = decide({ job: undefined, suite: undefined });
    expect(decision.job?.spec.activeDeadlineSeconds).toBe(300);
    expect(decision.status?.startedAt).toBe(startedAt);
  });

  test('a suite that changed since is not run', () => {
    const changed = { ...evalSuite, spec: { ...sampleSuite, concurrency: 1 } };
    expect(phaseAndMessage(decide({ suite: changed }, fresh))).toEqual([
      'NotMeasured', 'suite "golden" was not measured: the EvalSuite was changed after this run was made; a new run takes the new cases',
    ]);
  });

  test('the ModelProvider is noted as it is when the run begins, and not as it is later', () => {
    const provider = (digest: string) => ({ revision: { ...revision, modelProvider: { name: 'anthropic', digest } } });
    const first = decide(provider('sha256:1'), fresh);
    expect(first.status?.modelProvider).toEqual({ name: 'anthropic', digest: 'sha256:1' });
    const later = decide({ ...provider('sha256:2'), evalRun: evalRun(first.status) });
    expect(later.status?.modelProvider).toEqual({ name: 'anthropic', digest: 'sha256:1' });
    const waiting = decide({ ...provider('sha256:1'), lackingFile: 'ConfigMap "x" does not exist' }, fresh);
    expect(waiting.status).not.toHaveProperty('modelProvider');
  });

  test('a suite that is too large is refused', () => {
    const spec = { ...sampleSuite, cases: Array.from({ length: 60 }, (_, index) => ({ ...sampleSuite.cases[0]!, name: `c-${index}`, input: { text: 'x'.repeat(32_000) } })) };
    const run = evalRun();
    const large = { ...run, spec: { ...run.spec, suite: { name: 'golden', digest: suiteDigest(spec) } } };
    const decision = decide({ suite: { ...evalSuite, spec }, evalRun: large }, fresh);
    expect(decision.status?.phase).toBe('NotMeasured');
    expect(decision.status?.message).toContain('but a ConfigMap holds 1048576');
    expect(decision.job).toBeUndefined();
  });

  test.each([
    ['its suite', { suite: undefined }, 'EvalSuite "golden" does not exist'],
    ['the record of its revision', { revision: undefined }, 'revision 0123456789 of agent "support" has no record'],
  ])('it waits a little for %s and then gives up', (_, missing, sentence) => {
    const first = decide(missing, fresh);
    expect(first).toEqual({ status: { phase: 'Pending', message: `waiting: ${sentence}`, job: 'support-2-golden', startedAt }, requeueAfterMs: 2000 });
    const later = decide({ ...missing, evalRun: evalRun(first.status), now: now + 30_000 }, fresh);
    expect(phaseAndMessage(later)).toEqual(['NotMeasured', `suite "golden" was not measured: ${sentence}`]);
  });

  test('a name that is too long for its Job ends it', () => {
    const name = 'x'.repeat(64);
    expect(phaseAndMessage(decide({ evalRun: evalRun(undefined, { name }) }, fresh))).toEqual([
      'NotMeasured', 'suite "golden" was not measured: the name of the EvalRun has 64 characters and cannot name its Job; use 63 at most',
    ]);
  });

  test("another one's object of the same name ends it", () => {
    const foreign = { ...frozenCases(), metadata: { name: 'support-2-golden', namespace: 'shop' } };
    const decision = decide({ configMap: foreign }, fresh);
    expect(phaseAndMessage(decision)).toEqual([
      'NotMeasured', 'suite "golden" was not measured: ConfigMap "support-2-golden" exists and does not belong to this run; delete it',
    ]);
    expect(decision.job).toBeUndefined();
  });

  test('the Job of an earlier run of the same name is waited for, not taken over', () => {
    const job = sampleJob();
    job.metadata.ownerReferences![0]!.uid = 'run-0';
    const decision = decide({ configMap: undefined, job }, fresh);
    expect(phaseAndMessage(decision)).toEqual(['Pending', 'waiting: Job "support-2-golden" of an earlier run is being removed']);
    expect(decision.requeueAfterMs).toBe(2000);
  });

  test("another one's NetworkPolicy of the same name ends it: its pod would be open", () => {
    const networkPolicy = { ...samplePolicy(), metadata: { name: 'support-2-golden', namespace: 'shop' } };
    const decision = decide({ networkPolicy }, fresh);
    expect(phaseAndMessage(decision)).toEqual([
      'NotMeasured', 'suite "golden" was not measured: NetworkPolicy "support-2-golden" exists and does not belong to this run; delete it',
    ]);
    expect(decision.job).toBeUndefined();
  });

  test('frozen cases of another digest are not run', () => {
    const configMap = { ...frozenCases(), data: { 'suite.json': JSON.stringify({ ...sampleSuite, concurrency: 2 }) } };
    expect(decide({ configMap, job: undefined }).status?.message).toMatch(/ConfigMap "support-2-golden" does not hold the cases of digest sha256:/);
  });
});

describe('under way', () => {
  test('waits for the pod until its deadline, then runs, and is looked at again for its results', () => {
    expect(decide({})).toEqual({ networkPolicy: samplePolicy(), status: { ...running, phase: 'Pending', message: 'suite "golden" waits for its pod to start' }, requeueAfterMs: 360_000 });
    expect(decide({ pods: [samplePod({ phase: 'Running' })], now: now + 1000 })).toEqual({ networkPolicy: samplePolicy(), status: running, requeueAfterMs: 1_000 });
  });

  test('says why the pod does not start and gives up in time', () => {
    const pods = [samplePod(withState({ waiting: { reason: 'CreateContainerConfigError', message: 'secret "k" not found' } }))];
    const sentence = 'container "agent" cannot start (CreateContainerConfigError: secret "k" not found)';
    const first = decide({ pods, now: now + 10_000 });
    expect(phaseAndMessage(first)).toEqual(['Pending', `suite "golden" waits: ${sentence}`]);
    expect(first.requeueAfterMs).toBe(50_000);
    expect(phaseAndMessage(decide({ pods, now: now + 60_000 }))).toEqual(['NotMeasured', `suite "golden" was not measured: ${sentence}`]);
  });

  test('a pod that the cluster took away is waited out', () => {
    const gone = samplePod({ phase: 'Failed', reason: 'Evicted', conditions: [{ type: 'DisruptionTarget', status: 'True' }] });
    expect(decide({ pods: [gone] }).status?.phase).toBe('Pending');
    const next = { ...samplePod(terminated(JSON.stringify(goodReport))), metadata: { ...samplePod({}).metadata, name: 'second', uid: 'pod-2' } };
    expect(decide({ pods: [gone, next] }).status?.phase).toBe('Passed');
  });

  test('a Job that nobody runs ends with the reason that is known', () => {
    expect(phaseAndMessage(decide({ now: now + 360_000 }))).toEqual(['NotMeasured', 'suite "golden" was not measured: it did not finish in time; look at the events of its Job']);
    const pods = [samplePod({ conditions: [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes' }] })];
    expect(decide({ pods, now: now + 360_000 }).status?.message).toBe('suite "golden" was not measured: it did not finish in time: the pod finds no node (0/1 nodes)');
  });

  test('a NetworkPolicy that somebody deleted is made again', () => {
    const pods = [samplePod({ phase: 'Running' })];
    expect(decide({ networkPolicy: undefined, pods })).toMatchObject({ networkPolicy: samplePolicy(), status: { phase: 'Running' } });
  });

  test('a run that is being deleted is left alone', () => {
    expect(decide({ evalRun: evalRun(running, { deletionTimestamp: startedAt }), job: undefined })).toEqual({});
  });
});

describe('at the end', () => {
  test('a good report passes', () => {
    const decision = decide({ pods: [samplePod(terminated(JSON.stringify(goodReport)))], now: now + 9000 });
    expect(decision).toEqual({
      status: { phase: 'Passed', message: 'suite "golden": 2 of 2 cases passed, 100 % needed', job: 'support-2-golden', startedAt, finishedAt: isoTime(now + 9000), report: goodReport },
    });
  });

  test('a bad report fails, even past all deadlines', () => {
    const decision = decide({ pods: [samplePod(terminated(JSON.stringify(badReport), { exitCode: 1 }))], job: ended('Failed', 'BackoffLimitExceeded'), now: now + 999_000 });
    expect(phaseAndMessage(decision)).toEqual([
      'Failed', 'suite "golden": 1 of 2 cases passed, 100 % needed; failed: refund-window (expected the answer to contain "30 days")',
    ]);
    expect(decision.status?.report).toEqual(badReport);
  });

  test.each([
    ['no report', [samplePod(terminated('', { exitCode: 137, reason: 'OOMKilled' }))], sampleJob(), 'the eval container ran out of memory'],
    ['a report of other cases', [samplePod(terminated(JSON.stringify({ ...goodReport, total: 1, passed: 1 })))], sampleJob(), 'the report is about 1 cases, but the suite has 2'],
    ['an ended Job without its pod', [], ended('Complete', 'CompletionsReached', now - 10_000), 'its Job ended (CompletionsReached), but the pod with the report is gone'],
    ['a Job past its deadline', [], ended('Failed', 'DeadlineExceeded'), 'it did not finish within 300 s'],
  ])('%s is not measured', (_, pods, job, sentence) => {
    const decision = decide({ pods, job });
    expect(decision.status?.phase).toBe('NotMeasured');
    expect(decision.status?.message).toContain(sentence);
    expect(decision.status?.finishedAt).toBe(startedAt);
  });

  test('the report of a Job that has just ended may still be on its way', () => {
    const decision = decide({ job: ended('Complete', 'CompletionsReached', now - 9000) });
    expect([decision.status?.phase, decision.requeueAfterMs]).toEqual(['Running', 1000]);
  });

  test("a report of somebody else's pod counts for nothing", () => {
    const pods = [samplePod(terminated(JSON.stringify(goodReport)), { jobUid: 'other' })];
    expect(decide({ pods }).status?.phase).toBe('Pending');
  });

  test('a report without the frozen cases cannot be checked', () => {
    const decision = decide({ configMap: undefined, pods: [samplePod(terminated(JSON.stringify(goodReport)))] });
    expect(phaseAndMessage(decision)).toEqual([
      'NotMeasured', 'suite "golden" was not measured: ConfigMap "support-2-golden" with its cases is gone, so the report cannot be checked',
    ]);
  });
});

describe('a run whose release has ended', () => {
  test.each(['Superseded', 'RolledBack', 'Promoted'] as const)('ends with it: %s', (phase) => {
    const sentence = `suite "golden" was not measured: its Release "support-2" ended (${phase}) before there was a result`;
    const pods = [samplePod({ phase: 'Running' })];
    expect(phaseAndMessage(decide({ release: release(phase), pods }))).toEqual(['NotMeasured', sentence]);
  });

  test('never begins', () => {
    const decision = decide({ release: release('Superseded') }, fresh);
    expect([decision.status?.phase, decision.job, decision.configMap]).toEqual(['NotMeasured', undefined, undefined]);
  });

  test('keeps a result that is there', () => {
    const pods = [samplePod(terminated(JSON.stringify(goodReport)))];
    expect(decide({ release: release('Superseded'), pods }).status?.phase).toBe('Passed');
  });

  test.each([
    ['goes on', release('Evaluating')],
    ['is another one of the same name', release('Superseded', 'release-0')],
    ['is not seen yet', undefined],
  ])('goes on where the release %s', (_, seen) => {
    expect(decide({ release: seen }).status?.phase).toBe('Pending');
  });
});

describe('a finished run', () => {
  const finished = (phase: 'Passed' | 'Failed' | 'NotMeasured') => evalRun({ ...running, phase });

  test.each(['Passed', 'Failed', 'NotMeasured'] as const)('%s stays as it is, whatever its pods say later', (phase) => {
    const pods = [samplePod(terminated(JSON.stringify(badReport)))];
    expect(decide({ evalRun: finished(phase), pods })).toEqual({});
    expect(decide({ evalRun: finished(phase), pods: [], job: ended('Failed', 'x'), suite: undefined })).toEqual({});
  });

  test('leaves no Job behind whose pod has not ended', () => {
    const stuck = [samplePod(withState({ waiting: { reason: 'ErrImagePull' } }))];
    expect(decide({ evalRun: finished('NotMeasured'), pods: stuck }).deleteJob?.metadata.uid).toBe('job-1');
    expect(decide({ evalRun: finished('NotMeasured') }).deleteJob?.metadata.uid).toBe('job-1');
  });

  test('deletes no Job that is not its own or already on its way out', () => {
    const foreign = sampleJob();
    foreign.metadata.ownerReferences![0]!.uid = 'other';
    expect(decide({ evalRun: finished('NotMeasured'), job: foreign })).toEqual({});
    const leaving = sampleJob();
    leaving.metadata.deletionTimestamp = startedAt;
    expect(decide({ evalRun: finished('NotMeasured'), job: leaving })).toEqual({});
  });
});
