import type { Story, Teller } from './teller.ts';
import { inStep, steps } from './teller.ts';

const approval = (timeout: string, onTimeout: 'RollBack' | 'Promote') => ({ approval: { policy: 'Required', timeout, onTimeout } }) as const;

/** The first revision has to be agreed to as well. */
const inApprovedStep = async (teller: Teller): Promise<void> => {
  await teller.ask('good 1');
  await teller.untilPhase('AwaitingApproval');
  await teller.wish('Promote');
  await teller.rest();
  await teller.ask('good 2');
  await teller.untilStep();
};

export const stories: readonly Story[] = [
  { title: 'promotion by steps', tell: (teller) => teller.serve('good 2'), ends: 'Promoted Promoted' },
  { title: 'rollback for an objective', tell: (teller) => teller.serve('ill 2'), ends: 'RolledBack ObjectiveFailed' },
  { title: 'failed evaluation', tell: (teller) => teller.serve('unfit 2'), ends: 'RolledBack EvaluationFailed' },
  { title: 'pods that never come', tell: (teller) => teller.serve('dead 2'), ends: 'RolledBack ProgressDeadlineExceeded' },
  { title: 'another spec in mid-release', before: inStep, tell: (teller) => teller.serve('good 3'), ends: 'Promoted Promoted' },
  { title: 'back to what serves in mid-release', before: inStep, tell: (teller) => teller.serve('good 1'), ends: 'Superseded SpecChanged' },
  { title: 'abort', before: inStep, tell: async (teller) => { await teller.wish('Abort'); await teller.rest(); }, ends: 'Aborted Aborted' },
  { title: 'pause and resume', before: inStep, tell: async (teller) => { await teller.wish('Pause'); await teller.look(3_600_000); await teller.wish('Resume'); await teller.rest(); }, ends: 'Promoted Promoted' },
  { title: 'approval', rollout: approval('10m', 'RollBack'), before: inApprovedStep, tell: async (teller) => { await teller.untilPhase('AwaitingApproval'); await teller.wish('Promote'); await teller.rest(); }, ends: 'Promoted Promoted' },
  { title: 'nobody approves', rollout: approval('20s', 'RollBack'), before: inApprovedStep, tell: (teller) => teller.rest(), ends: 'RolledBack ApprovalTimedOut' },
  { title: 'nobody answers, and silence is consent', rollout: approval('20s', 'Promote'), before: inApprovedStep, tell: (teller) => teller.rest(), ends: 'Promoted Promoted' },
  { title: 'retry', before: (teller) => teller.serve('good 1', 'ill 2'), tell: async (teller) => { await teller.wish('Retry'); await teller.until('retried', () => teller.world.releases.length === 3); await teller.rest(); }, ends: 'RolledBack ObjectiveFailed' },
  { title: 'undo', before: (teller) => teller.serve('good 1', 'good 2'), tell: async (teller) => { await teller.wish('Undo'); await teller.until('undone', () => teller.world.releases.length === 3); await teller.rest(); }, ends: 'Promoted Promoted' },
  { title: 'undo to a revision that is named', before: (teller) => teller.serve('good 1', 'good 2', 'good 3'), tell: async (teller) => {
    await teller.wish('Undo', { toRevision: teller.world.releases[0]?.spec.revision ?? '' });
    await teller.until('undone', () => teller.world.releases.length === 4);
    await teller.rest();
  }, ends: 'Promoted Promoted' },
  { title: 'promotion in full', before: inStep, tell: async (teller) => { await teller.wish('PromoteFull'); await teller.rest(); }, ends: 'Promoted Promoted' },
  { title: 'skip', rollout: { steps: [...steps, { weight: 75, duration: '10m' }] }, before: inStep, tell: async (teller) => {
    await teller.wish('Skip');
    await teller.until('in its second step', () => teller.status.step === 1 && teller.status.stepStartedAt !== undefined);
    await teller.wish('Promote');
    await teller.rest();
  }, ends: 'Promoted Promoted' },
  { title: 'outage of the provider', before: inStep, tell: async (teller) => {
    Object.assign(teller.world, { weather: 'outage' });
    await teller.untilPhase('Held');
    Object.assign(teller.world, { weather: 'fine' });
    await teller.rest();
  }, ends: 'Promoted Promoted' },
  { title: 'freeze', before: inStep, tell: async (teller) => {
    teller.world.editRollout({ freezes: [{ name: 'always', schedule: '* * * * *', duration: '5m', timeZone: 'UTC' }] });
    await teller.untilPhase('Held');
    teller.world.editRollout({ freezes: [] });
    await teller.rest();
  }, ends: 'Promoted Promoted' },
  { title: 'a freeze while somebody is to agree, for longer than he has', rollout: approval('20m', 'RollBack'), before: inApprovedStep, tell: async (teller) => {
    await teller.untilPhase('AwaitingApproval');
    teller.world.editRollout({ freezes: [{ name: 'always', schedule: '* * * * *', duration: '5m', timeZone: 'UTC' }] });
    await teller.untilPhase('Held');
    await teller.look(3_600_000);
    teller.world.editRollout({ freezes: [] });
    await teller.untilPhase('AwaitingApproval');
    await teller.wish('Promote');
    await teller.rest();
  }, ends: 'Promoted Promoted' },
  { title: 'edited steps', before: inStep, tell: async (teller) => { teller.world.editRollout({ steps: [{ weight: 60, duration: '10s' }, { weight: 80, duration: '10s' }] }); await teller.rest(); }, ends: 'Promoted Promoted' },
  { title: 'rollback of a group', rollout: { group: 'shop', steps: [{ weight: 50, duration: '5m' }] }, tell: async (teller) => {
    const [billing] = teller.beside;
    billing?.ask('ill 2');
    await teller.ask('good 2');
    await teller.rest();
  }, ends: 'RolledBack GroupRolledBack' },
];
