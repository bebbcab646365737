import type { HandledIntent, Release } from '@sluice/crds';
import { isUndone } from '@sluice/operator/src/agent/ledger/releases.ts';
import { isTerminal } from '@sluice/operator/src/release/decision.ts';
import { holdLimitOf, planOf, positionOf, shareSentence } from '@sluice/operator/src/release/plan.ts';
import { stepEndOf } from '@sluice/operator/src/release/step-end.ts';
import { toldReason } from '@sluice/operator/src/release/told-reason.ts';
import { spanBetween } from '../terminal/time-span.ts';
import type { Branch } from '../terminal/tree.ts';
import { paintOf } from './paint.ts';
import { gateBranches } from './render-gates.ts';
import type { RenderOptions } from './render.ts';

/** The latest release: its phase, its step, what its gates say, and what people asked of it. Its sentence is left out when the `headline` holds it already. */
export function releaseBranch(release: Release, headline: string, options: RenderOptions): Branch {
  const { metadata, status = {} } = release;
  const word = isUndone(release) ? 'Undone' : (status.phase ?? 'Preparing');
  return {
    cells: [{ text: `Release ${metadata.name}` }, { text: word, paint: paintOf(word, options.palette) }, { text: releaseFacts(release, options.now) }],
    branches: [...messageBranches(release, headline), ...stepBranches(release, options), ...gateBranches(release, options), ...approvalBranches(release, options), ...intentBranches(release, options)],
  };
}

function releaseFacts({ spec, status = {} }: Release, now: number): string {
  const phase = status.phase ?? 'Preparing';
  const replaces = spec.stableRevision === undefined ? 'the first revision' : `replaces ${spec.stableRevision}`;
  const reason = toldReason(status);
  const time = isTerminal(phase)
    ? `ended ${spanBetween(status.finishedAt, now) ?? '?'} ago after ${spanBetween(status.startedAt, status.finishedAt) ?? '?'}`
    : `for ${spanBetween(status.phaseStartedAt, now) ?? '?'}, began ${spanBetween(status.startedAt, now) ?? '?'} ago`;
  return [`${spec.revision}, ${replaces}`, time, ...(reason === undefined ? [] : [reason])].join('; ');
}

function messageBranches({ status }: Release, headline: string): Branch[] {
  const message = status?.message;
  return message === undefined || headline.includes(message) ? [] : [{ cells: [{ text: 'Says' }, { text: '' }, { text: message }] }];
}

function stepBranches(release: Release, { now }: RenderOptions): Branch[] {
  const { status = {} } = release;
  const position = positionOf(release);
  const phase = status.stop?.phase ?? status.phase;
  if (position === undefined || phase !== 'Shifting') return [];
  const until = status.stop === undefined ? now : status.stop.since;
  const begun = spanBetween(status.stepStartedAt, until);
  const end = stepEndOf(release);
  const least = end === undefined || end.waitsFor === 'Duration' ? position.step.duration : (spanBetween(status.stepStartedAt, end.at) ?? position.step.duration);
  const time = begun === undefined ? 'not begun' : `${begun} of ${least}`;
  const standing = status.stop === undefined ? '' : '; the clock stands';
  const waiting = begun === undefined ? '; waits until the weight is real' : '';
  return [{ cells: [{ text: `Step ${position.index + 1} of ${position.count}` }, { text: time }, { text: `${shareSentence(position.step)}${waiting}${standing}` }] }];
}

function approvalBranches(release: Release, { palette, now }: RenderOptions): Branch[] {
  const approval = planOf(release)?.approval;
  const state = release.status?.approval;
  if (state?.cause === 'Inconclusive' && state.decision === undefined) {
    const why = 'its objectives could not decide: promote gives all the traffic to what is not proven';
    return [{ cells: [{ text: 'Approval' }, { text: 'Waiting', paint: palette.busy }, { text: `asked ${spanBetween(state.requestedAt, now) ?? '?'} ago, because ${why}; within ${holdLimitOf(release)}, else it is rolled back` }] }];
  }
  if (approval?.policy !== 'Required') return [];
  const limit = `within ${approval.timeout}, else ${approval.onTimeout === 'Promote' ? 'it is promoted' : 'it is rolled back'}`;
  if (state === undefined) return [{ cells: [{ text: 'Approval' }, { text: '-' }, { text: `needed ${hasSteps(release) ? 'after the last step' : 'before it takes all the traffic'}, ${limit}` }] }];
  const asked = `asked ${spanBetween(state.requestedAt, now) ?? '?'} ago`;
  if (state.decision === undefined) return [{ cells: [{ text: 'Approval' }, { text: 'Waiting', paint: palette.busy }, { text: `${asked}; ${limit}` }] }];
  const by = state.by === undefined ? '' : ` by ${state.by}`;
  return [{ cells: [{ text: 'Approval' }, { text: state.decision, paint: paintOf(state.decision, palette) }, { text: `${asked}${by}` }] }];
}

/** The first revision goes through none: there is nothing to compare it with. */
function hasSteps(release: Release): boolean {
  return release.spec.stableRevision !== undefined && (planOf(release)?.steps ?? []).length > 0;
}

function intentBranches({ spec, status }: Release, { palette, now }: RenderOptions): Branch[] {
  const handled = status?.handledIntent;
  const { intent } = spec;
  const open = intent === undefined || intent.requestId === handled?.requestId ? [] : [intent];
  return [
    ...(handled === undefined ? [] : [{ cells: [{ text: `Intent ${handled.verb}` }, { text: handled.outcome, paint: paintOf(handled.outcome, palette) }, { text: answer(handled, now) }] } satisfies Branch]),
    ...open.map((asked): Branch => ({ cells: [{ text: `Intent ${asked.verb}` }, { text: 'Unanswered', paint: palette.busy }, { text: `by ${asked.by ?? 'unknown'}` }] })),
  ];
}

function answer({ by, at, message }: HandledIntent, now: number): string {
  return `by ${by ?? 'unknown'} ${spanBetween(at, now) ?? '?'} ago: ${message}`;
}
