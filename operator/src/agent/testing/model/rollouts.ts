import type { RolloutSpec, RolloutStep } from '@sluice/crds';

/** What a user may choose of a rollout; each number picks one of the choices below. */
export interface RolloutChoice {
  readonly steps: number;
  readonly approval: number;
  readonly freezes: number;
  readonly holdLimit: number;
  readonly evals: number;
  readonly group: number;
  readonly dependsOn: number;
}

export const plainRollout: RolloutChoice = { steps: 0, approval: 0, freezes: 0, holdLimit: 0, evals: 0, group: 0, dependsOn: 0 };

type Parts<K extends keyof RolloutSpec> = readonly Pick<Partial<RolloutSpec>, K>[];

const steps: readonly (readonly RolloutStep[])[] = [
  [{ weight: 25, duration: '10s' }, { weight: 75, duration: '10s' }],
  [{ weight: 50, duration: '10s' }],
  [],
  [{ weight: 10, duration: '10s' }, { weight: 40, duration: '20s' }, { weight: 100, duration: '10s' }],
];
/** For agents behind a Gateway only. */
const routedSteps: readonly (readonly RolloutStep[])[] = [...steps, [{ mirrorPercent: 50, duration: '10s' }, { weight: 0, duration: '10s' }, { weight: 50, duration: '10s' }]];
const approvals: Parts<'approval'> = [
  {},
  { approval: { policy: 'Required', timeout: '20m', onTimeout: 'RollBack' } },
  { approval: { policy: 'Required', timeout: '20m', onTimeout: 'Promote' } },
  { approval: { policy: 'NotRequired', timeout: '20m', onTimeout: 'RollBack' } },
];
/** The first half of every hour. */
const freezes: Parts<'freezes'> = [{}, { freezes: [{ name: 'half-hours', schedule: '0 * * * *', duration: '30m', timeZone: 'UTC' }] }];
const evals: readonly (readonly string[])[] = [['golden'], [], ['golden', 'hostile']];

export const choices: Readonly<Record<keyof RolloutChoice, number>> = { steps: routedSteps.length, approval: approvals.length, freezes: freezes.length, holdLimit: 2, evals: evals.length, group: 2, dependsOn: 2 };

/** The rollout of a spec; steps that need a Gateway are the first ones where there is none. */
export function rolloutOf(choice: RolloutChoice, router: 'ReplicaRatio' | 'Gateway'): RolloutSpec {
  const all = router === 'Gateway' ? routedSteps : steps;
  const chosen = all[choice.steps % all.length] ?? [];
  const suites = evals[choice.evals % evals.length] ?? [];
  return {
    ...(chosen.length === 0 ? {} : { steps: [...chosen] }),
    gates: {
      evals: suites.map((name) => ({ suiteRef: { name }, minPassPercent: 100 })),
      ...(chosen.length === 0 ? {} : { interval: '10s', minDuration: '0s', objectives: [{ name: 'success', successRate: { minPercent: 99 } }] }),
    },
    maxDuration: '30m',
    progressDeadline: '2m',
    holdLimit: choice.holdLimit === 0 ? '1h' : '10m',
    onSecretChange: 'Restart',
    historyLimit: 4,
    ...approvals[choice.approval % approvals.length],
    ...freezes[choice.freezes % freezes.length],
    ...(choice.group === 0 ? {} : { group: 'shop' }),
    ...(choice.dependsOn === 0 ? {} : { dependsOn: [{ name: 'other' }] }),
  };
}

const halfHourMs = 1_800_000;

/** Whether a freeze of {@link rolloutOf} stands; told by the clock alone, not by the code under test. */
export function isFrozen(rollout: RolloutSpec | undefined, now: number): boolean {
  return (rollout?.freezes ?? []).length > 0 && Math.floor(now / halfHourMs) % 2 === 0;
}
