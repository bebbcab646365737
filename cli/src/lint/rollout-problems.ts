import { durationMilliseconds, durationPattern } from '@sluice/crds';
import { type AgentDeploymentSpec, rolloutDefaults } from '@sluice/crds';
import { defaultRevisionHeader } from '@sluice/operator/src/children/http-route.ts';
import { blockMs, leastStepMs } from '@sluice/operator/src/gates/release-gate/step-length.ts';
import { endlessFreezes, freezeWithoutEnd } from '@sluice/operator/src/release/holds/freeze.ts';
import { objectiveWarnings } from './objective-warnings.ts';
import type { Problem } from './problem.ts';

/** Freezes of a spec that has passed its schema, and that hold every release for ever; `now` in milliseconds since the epoch. */
export function freezeProblems({ rollout }: AgentDeploymentSpec, now: number): Problem[] {
  return endlessFreezes(rollout?.freezes ?? [], now).map(({ index, fault: { field, message } }) => {
    const [, finding = message, fix = 'correct it'] = /^(.*): (.*)$/s.exec(message) ?? [];
    return { path: `spec.rollout.freezes[${index}].${field}`, finding, fix };
  });
}

/** Freezes that follow each other without a gap: nothing is released in them, and nobody sees it in the schedules. */
export function freezeWarnings({ rollout }: AgentDeploymentSpec, now: number): string[] {
  const freezes = rollout?.freezes ?? [];
  // Its own rule says what is wrong with a duration that is none.
  if (!freezes.every(({ duration }) => durationPattern.test(duration))) return [];
  const endless = freezeWithoutEnd(freezes, now);
  if (endless === undefined) return [];
  const list = freezes.length === 1 ? `rollout.freezes[0] "${freezes[0]?.name ?? ''}" begins anew before it ends` : 'rollout.freezes begin anew before they end';
  return [`spec.${list}, from ${new Date(endless.from).toISOString()} until ${new Date(endless.until).toISOString()} at least: nothing is released in that time but by kubectl sluice promote --full; write a duration that is shorter than the time between two begins`];
}

/** What is allowed and surprises: a dark launch whose objectives nobody's requests reach, and steps that last longer than they say. */
export function rolloutWarnings({ rollout, agent }: AgentDeploymentSpec): string[] {
  return [...ungatedSteps(rollout), ...darkWarnings(rollout), ...slowerSteps(rollout, agent.limits?.requestTimeout), ...objectiveWarnings(rollout?.gates)];
}

/** Steps by which nothing is decided but time. */
function ungatedSteps(rollout: AgentDeploymentSpec['rollout']): string[] {
  const { steps = [], gates, approval } = rollout ?? {};
  const gated = (gates?.evals ?? []).length + (gates?.objectives ?? []).length > 0 || (approval !== undefined && approval.policy !== 'NotRequired');
  return steps.length === 0 || gated ? [] : ['spec.rollout has steps and no gate, so whatever starts and does not crash is promoted when their time is over: name suites in gates.evals or objectives in gates.objectives, or write "approval: {policy: Required}"'];
}

/** Blocks close after an interval, and are proof only when the requests from before the change of weight have ended. */
function slowerSteps(rollout: AgentDeploymentSpec['rollout'], requestTimeout = '60s'): string[] {
  const { gates, steps = [] } = rollout ?? {};
  if ((gates?.objectives ?? []).length === 0) return [];
  const { maxDuration = rolloutDefaults.maxDuration } = rollout ?? {};
  // Its own rule says what is wrong with a duration that is none.
  if (![gates?.interval ?? '15s', requestTimeout, maxDuration, ...steps.map(({ duration }) => duration)].every((text) => durationPattern.test(text))) return [];
  const block = blockMs({ gates, maxDuration });
  const least = leastStepMs(0, { requestTimeoutMs: durationMilliseconds(requestTimeout), scrapeIntervalMs: block });
  const short = steps.flatMap(({ duration }, index) => (durationMilliseconds(duration) < least ? [`steps[${index}].duration is ${duration}`] : []));
  if (short.length === 0) return [];
  return [`spec.rollout.${short.join(', ')}: with objectives a step lasts ${least / 1000} s at least, limits.requestTimeout (${requestTimeout}) and one rollout.gates.interval (${intervalText(block, gates?.interval)}), because requests that time out are counted late`];
}

/** Where a release may take so long that its log would not hold all blocks, they are longer. */
function intervalText(block: number, asked = '15s'): string {
  return durationMilliseconds(asked) === block ? asked : `${asked}, ${block / 1000} s with this maxDuration`;
}

function darkWarnings(rollout: AgentDeploymentSpec['rollout']): string[] {
  const objectives = rollout?.gates?.objectives ?? [];
  const dark = (rollout?.steps ?? []).flatMap(({ weight }, index) => (weight === 0 ? [index] : []));
  if (objectives.length === 0 || dark.length === 0) return [];
  return dark.map((index) => `spec.rollout.steps[${index}].weight is 0: only requests that ask for the revision reach it (${pinsOf(rollout?.stickiness)}), which is no random choice, so no chance of error can be stated, and without enough of them nothing is proven and the release waits for a person at the end of maxDuration: send such requests, or skip the step (kubectl sluice skip)`);
}

function pinsOf(stickiness: NonNullable<AgentDeploymentSpec['rollout']>['stickiness']): string {
  const header = `header ${stickiness?.header ?? defaultRevisionHeader}: REVISION`;
  return stickiness?.cookie === undefined ? header : `${header}, or cookie ${stickiness.cookie}=REVISION`;
}
