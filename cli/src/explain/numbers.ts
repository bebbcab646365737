import type { Evidence, RecentEvidence } from '@sluice/crds';
import { wholeSeconds } from '@sluice/operator/src/evidence/clock-time.ts';
import { judgeCrashes } from '@sluice/operator/src/release/crashes.ts';
import { gatesOf } from '../status/render-gates.ts';
import { timeSpan } from '../terminal/time-span.ts';
import { type Facts, listed } from './facts.ts';

/** What each gate of a kind says, with its numbers where it is open; [] where the plan has none. */
export function gateSentences({ release }: Facts, kind: 'Suite' | 'Objective'): string[] {
  const gates = gatesOf(release).filter((gate) => gate.kind === kind);
  const passed = gates.filter(({ verdict }) => verdict === 'Pass').map(({ name }) => name);
  const open = gates.filter(({ verdict }) => verdict !== 'Pass');
  return [...open.map(({ name, word, message }) => (word === undefined ? `${kind} ${name} is ${message}.` : `${kind} ${name} says ${word}: ${message}.`)), ...(passed.length === 0 ? [] : [`${passed.length === 1 ? `${kind} ${passed[0]} has` : `${kind}s ${listed(passed)} have`} passed.`])];
}

/** The requests of the present window. */
export function evidenceSentences({ status, now }: Facts): string[] {
  const { evidence } = status;
  if (evidence === undefined) return [];
  return [`In the ${timeSpan(now - Date.parse(evidence.since))} of this window the new revision answered ${counts(evidence.canary)}, the stable one ${counts(evidence.stable)}${scrapes(evidence)}.`, ...problemSentences(evidence)];
}

/** Why something could not be counted, as the source of the numbers says. */
function problemSentences({ problems = [] }: Evidence): string[] {
  return problems.map(({ objective, reason }) => `${objective === undefined ? 'Something' : `Objective ${objective}`} could not be counted at the last look: ${reason.replace(/\.$/, '')}.`);
}

function counts({ requests, bad, providerFailures }: { readonly requests: number; readonly bad: number; readonly providerFailures?: number | undefined }): string {
  const share = requests === 0 ? '' : ` (${percent(bad, requests)} %)`;
  const provider = providerFailures === undefined || providerFailures === 0 ? '' : `, ${providerFailures} of them because of the provider`;
  return `${requests} ${requests === 1 ? 'request' : 'requests'}, ${bad} of them bad${share}${provider}`;
}

function scrapes({ missedScrapes }: Evidence): string {
  return missedScrapes === 0 ? '' : `; ${missedScrapes} ${missedScrapes === 1 ? 'scrape' : 'scrapes'} of their pods failed`;
}

/** Crashes of both revisions since the first step, where there were any. */
export function crashSentences({ status: { crashes }, release: { spec } }: Facts): string[] {
  if (crashes === undefined || crashes.canary.crashes + crashes.stable.crashes === 0) return [];
  const names = { canary: spec.revision, stable: spec.stableRevision ?? 'none' };
  // Whether all pods wait to be started again is told by the operator; it goes back then.
  return [`${judgeCrashes(crashes, names, {}).message}.`];
}

/** What tells an outage of the provider: the last half minute of both revisions. */
export function outageSentences({ status }: Facts): string[] {
  const { recent } = status.evidence ?? {};
  if (recent === undefined) return [];
  return [`Between ${clockTime(recent.since)} and ${clockTime(recent.until)} the stable revision had ${recentCounts(recent.stable)}, the new one ${recentCounts(recent.canary)}.`];
}

function recentCounts({ requests, bad, providerFailures, pods, circuitsOpen }: RecentEvidence['stable']): string {
  return `${counts({ requests, bad, providerFailures })}, and ${circuitsOpen} of its ${pods} ${pods === 1 ? 'pod does' : 'pods do'} not call the provider for now`;
}

function clockTime(time: string): string {
  return wholeSeconds(time.replace(/^.*T/, ''));
}

function percent(part: number, whole: number): string {
  return String(Math.round((part / whole) * 1000) / 10);
}
