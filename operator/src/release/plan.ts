import type { Approval, Release, ReleaseStatus, RolloutSpec, RolloutStep } from '@sluice/crds';

/** Where a release is in its plan. */
export interface Position {
  /** From 0. */
  readonly index: number;
  readonly count: number;
  readonly step: RolloutStep;
}

/** The plan in force: as the release began, or as it was edited since. */
export function planOf({ spec, status }: Pick<Release, 'spec' | 'status'>): RolloutSpec | undefined {
  return status?.rollout ?? spec.rollout;
}

/**
 * Whether a person must agree. What was asked for when the release began stays: who may edit the agent may not take away the say of
 * who may release it. An edit may add it.
 */
export function approvalOf(release: Pick<Release, 'spec' | 'status'>): Approval | undefined {
  return [release.spec.rollout?.approval, planOf(release)?.approval].find((approval) => approval?.policy === 'Required');
}

/** Longest time that a release waits for something outside of it, or for a person where its gates cannot decide. */
export function holdLimitOf(release: Pick<Release, 'spec' | 'status'>): string {
  return planOf(release)?.holdLimit ?? '24h';
}

/** Percent of the users; nobody while requests are only copied. */
export function weightOf(step: RolloutStep): number {
  return step.weight ?? 0;
}

export function stepAt(plan: RolloutSpec | undefined, index: number): Position | undefined {
  const steps = plan?.steps ?? [];
  const step = steps[index];
  return step === undefined ? undefined : { index, count: steps.length, step };
}

export function positionOf(release: Pick<Release, 'spec' | 'status'>): Position | undefined {
  return stepAt(planOf(release), release.status?.step ?? 0);
}

/** "Step 2 of 3, 25 %" */
export function titleOf({ index, count, step }: Position): string {
  const share = step.mirrorPercent === undefined ? `${weightOf(step)} %` : `${step.mirrorPercent} % copied`;
  return `Step ${index + 1} of ${count}, ${share}`;
}

/** What the new revision gets in a step: users, or copies of their requests. */
export function shareSentence(step: RolloutStep): string {
  if (step.mirrorPercent !== undefined) return `copies of ${step.mirrorPercent} % of the requests`;
  return weightOf(step) === 0 ? 'only requests that ask for it' : `${weightOf(step)} % of the traffic`;
}

/** The changes of status with which a step begins; its clock begins when its weight is real. Evidence is gathered over all steps. */
export function enterStep({ index, step }: Position): Partial<ReleaseStatus> {
  return {
    step: index,
    weight: weightOf(step),
    mirrorPercent: step.mirrorPercent,
    stepStartedAt: undefined,
  };
}

export type Share = Pick<RolloutStep, 'weight' | 'mirrorPercent'>;

/** What a release has, whatever its plan says by now. */
export function shareIn({ weight = 0, mirrorPercent }: ReleaseStatus): Share {
  return mirrorPercent === undefined ? { weight } : { mirrorPercent };
}

/**
 * The place of a release under edited steps. Where the step at its place has the same share it stays, or an edit of anything else would send it
 * back to the first of several that have; else the first step that is not below what it has reached, so that no step is gone through twice and
 * none is skipped that asks for more. Where all are below, the last one: users asked for less than it has.
 */
export function positionUnder(plan: RolloutSpec | undefined, current: Share, index: number): Position | undefined {
  const steps = plan?.steps ?? [];
  const here = steps[index];
  if (here !== undefined && isSameShare(here, current)) return stepAt(plan, index);
  const [same, next] = [steps.findIndex((step) => isSameShare(step, current)), steps.findIndex((step) => rankOf(step) >= rankOf(current))];
  return stepAt(plan, [same, next, steps.length - 1].find((place) => place !== -1) ?? -1);
}

/** Copies reach no user and come before any weight. */
function rankOf({ weight = 0, mirrorPercent }: Share): number {
  return mirrorPercent === undefined ? weight : mirrorPercent - 101;
}

/** The same share, whatever its time. */
export function isSameShare(left: Share, right: Share): boolean {
  return rankOf(left) === rankOf(right) && left.mirrorPercent === right.mirrorPercent;
}
