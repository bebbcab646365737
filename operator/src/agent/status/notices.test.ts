import type { AgentDeployment, AgentDeploymentStatus, Release, ReleasePhase, ReleaseStatus, Transition } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { sampleAgent } from '../../revision/testing/sample-agent.ts';
import { conditionNotices, noticesOf } from './notices.ts';

const at = (second: number): string => new Date(Date.parse('2026-11-21T10:00:00.000Z') + second * 1000).toISOString();
const history = (...phases: readonly ReleasePhase[]): Transition[] => phases.map((phase, index) => ({ phase, at: at(index), reason: 'Because', message: `${phase} ${index}` }));
const status = (...phases: readonly ReleasePhase[]): ReleaseStatus => ({ phase: phases.at(-1) ?? 'Preparing', transitions: history(...phases) });
const release = (known?: ReleaseStatus): Release => ({
  apiVersion: 'sluice.dev/v1alpha1', kind: 'Release', metadata: { name: 'support-2' }, spec: { agentName: 'support', revision: 'new' }, ...(known === undefined ? {} : { status: known }),
});

describe('noticesOf', () => {
  it.each<[string, readonly ReleasePhase[], readonly ReleasePhase[], readonly string[]]>([
    ['the beginning is told as what it leads to', [], ['Preparing', 'Shifting'], ['Normal ReleaseShifting']],
    ['steps are told as one', ['Preparing', 'Shifting'], ['Preparing', 'Shifting', 'Shifting'], []],
    ['the way to the end is told with the end', ['Preparing', 'Shifting'], ['Preparing', 'Shifting', 'Promoting', 'Promoted'], ['Normal ReleasePromoted']],
    ['a hold, and what goes on after it', ['Shifting'], ['Shifting', 'Held', 'Shifting'], ['Warning ReleaseHeld', 'Normal ReleaseShifting']],
    ['a rollback is told when it begins', ['Shifting'], ['Shifting', 'RollingBack'], ['Warning ReleaseRollingBack']],
    ['and not again when it ends', ['Shifting', 'RollingBack'], ['Shifting', 'RollingBack', 'RolledBack'], []],
    ['an end without a rollback is told', ['Evaluating'], ['Evaluating', 'RolledBack'], ['Warning ReleaseRolledBack']],
    ['nothing happened', ['Shifting'], ['Shifting'], []],
  ])('%s', (_, before, after, told) => {
    const notices = noticesOf(release(before.length === 0 ? undefined : status(...before)), status(...after));
    expect(notices.map(({ type, reason }) => `${type} ${reason}`)).toEqual(told);
  });

  it('tells of a step that somebody left out', () => {
    const skipped: Transition = { phase: 'Shifting', at: at(9), reason: 'StepSkipped', message: 'jo left out step 1' };
    const before = status('Shifting');
    expect(noticesOf(release(before), { ...before, transitions: [...(before.transitions ?? []), skipped] })).toEqual([{ type: 'Normal', reason: 'ReleaseShifting', message: 'jo left out step 1' }]);
  });

  it('tells of a gate that an edit has taken away, once', () => {
    const gated = (...droppedGates: readonly string[]): ReleaseStatus => ({ ...status('Shifting'), gate: { policy: droppedGates.length === 0 ? {} : { droppedGates }, measures: [], from: '', state: '', log: [] } });
    expect(noticesOf(release(gated()), gated('success'))).toEqual([
      { type: 'Warning', reason: 'GateDropped', message: 'The plan was edited in mid-release: success is no gate any more, and was not proven. Nothing is promised of that; to have it proven make it a gate again' },
    ]);
    expect(noticesOf(release(gated('success')), gated('p95', 'success')).map(({ message }) => message)).toEqual([expect.stringContaining('p95 is no gate any more')]);
    expect(noticesOf(release(gated('success')), gated('success'))).toEqual([]);
  });

  it('tells of a run that could not measure, when it is repeated, and once', () => {
    const run = (attempt: number, message: string): ReleaseStatus => ({ ...status('Evaluating'), evaluations: [{ suite: 'golden', attempt, evalRun: `x-${attempt}`, verdict: 'NotMeasured', message }] });
    expect(noticesOf(release(run(1, 'the provider is down')), run(2, 'starting'))).toEqual([
      { type: 'Warning', reason: 'EvaluationNotMeasured', message: 'Run 1 of suite "golden" could not measure, run 2 begins: the provider is down' },
    ]);
    expect(noticesOf(release(run(2, 'starting')), run(2, 'running'))).toEqual([]);
  });

  it.each([
    ['replaces another revision', { stableRevision: 'old' }, ['ReleasePromoted']],
    ['is the first that serves, which the status of the agent says', {}, []],
  ])('tells that a revision was promoted that %s', (_, spec, told) => {
    const { spec: own, ...rest } = release(status('Promoting'));
    const promoted: ReleaseStatus = { phase: 'Promoted', transitions: [...history('Promoting'), { phase: 'Promoted', at: at(5), reason: 'Promoted', message: 'it serves' }] };
    expect(noticesOf({ ...rest, spec: { ...own, ...spec } }, promoted).map(({ reason }) => reason)).toEqual(told);
  });

  it('says why a request was refused', () => {
    const answer = { requestId: 'r1', verb: 'Promote', outcome: 'Refused', message: 'StaleRevision: it is not this one', at: at(9) } as const;
    expect(noticesOf(release(status('Shifting')), { ...status('Shifting'), handledIntent: answer })).toEqual([
      { type: 'Warning', reason: 'IntentRefused', message: 'StaleRevision: it is not this one' },
    ]);
  });

  it('says that a request is not done after all that was accepted, and once', () => {
    const accepted = { requestId: 'r1', verb: 'Retry', outcome: 'Accepted', message: 'a new release begins', at: at(9) } as const;
    const lapsed = { ...status('RolledBack'), handledIntent: { ...accepted, outcome: 'Refused', message: 'the spec came to revision other' } as const };
    expect(noticesOf(release({ ...status('RolledBack'), handledIntent: accepted }), lapsed)).toEqual([{ type: 'Warning', reason: 'IntentRefused', message: 'the spec came to revision other' }]);
    expect(noticesOf(release(lapsed), lapsed)).toEqual([]);
  });
});

describe('conditionNotices', () => {
  const standing = (reason: string, type = 'Stalled', holds: 'True' | 'False' = 'True'): AgentDeploymentStatus => ({ conditions: [{ type, status: holds, reason, message: 'the Gateway sleeps', lastTransitionTime: at(0) }] });
  const before = (known?: AgentDeploymentStatus): AgentDeployment => ({ ...sampleAgent(), ...(known === undefined ? {} : { status: known }) });
  it.each<[string, AgentDeployment, AgentDeploymentStatus, readonly string[]]>([
    ['a rollback that no Gateway follows is told', before(), standing('RouteNotTaken'), ['RouteNotTaken']],
    ['and once', before(standing('RouteNotTaken')), standing('RouteNotTaken'), []],
    ['what a release tells is not', before(), standing('ObjectiveFailed'), []],
    ['tries in vain are told', before(standing('NotStalled', 'Stalled', 'False')), standing('EvaluationStalled'), ['EvaluationStalled']],
    ['after something else, too', before(standing('RouteNotTaken')), standing('PodsStalled'), ['PodsStalled']],
    ['a gate that cannot be measured is told', before(), standing('NoPrometheus', 'GateNotMeasurable'), ['GateNotMeasurable']],
    ['and for each reason once', before(standing('NoPrometheus', 'GateNotMeasurable')), standing('NoPrice', 'GateNotMeasurable'), ['GateNotMeasurable']],
    ['that nobody may ask is told', before(), standing('AccessNotSet', 'AnswersNobody'), ['AnswersNobody']],
    ['and once, too', before(standing('AccessNotSet', 'AnswersNobody')), standing('AccessNotSet', 'AnswersNobody'), []],
    ['and not again', before(standing('NoPrice', 'GateNotMeasurable')), standing('NoPrice', 'GateNotMeasurable'), []],
  ])('%s', (_, agent, next, reasons) => {
    expect(conditionNotices(agent, next)).toEqual(reasons.map((reason) => ({ type: 'Warning', reason, message: 'the Gateway sleeps' })));
  });
});
