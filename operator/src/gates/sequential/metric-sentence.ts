import { decimal } from '../wording.ts';
import { evidenceText, limitText } from './figures.ts';
import type { Counted, MetricReport } from './report.ts';

/** What is known of one metric, with what is still needed where it is not proven. */
export function metricSentence(report: MetricReport): string {
  return `${counted(report)}${report.proven === 'No' && report.role === 'gate' ? stillNeeded(report) : ''}`;
}

/** What was counted, the margin, and the evidence beside what it must reach. */
export function counted(report: MetricReport): string {
  const { role, proof, proofNeeded, proven } = report;
  if (role === 'guard') return against(report);
  if (proven === 'Yes') return `${observed(report)}, proven ${within(report)} (its evidence reached ${limitText(proofNeeded)})`;
  return `${observed(report)}, evidence ${evidenceText(proof, proofNeeded)} of ${limitText(proofNeeded)} that it is ${within(report)}`;
}

/** What speaks for harm, and what it must reach to decide alone. */
export function against(report: MetricReport): string {
  const evidence = evidenceText(report.harm, report.harmNeeded);
  const needed = limitText(report.harmNeeded);
  const says = report.harm < report.harmNeeded ? `evidence ${evidence} of ${needed} that it ${harmOf(report)}` : `evidence ${evidence} that it ${harmOf(report)}, where ${needed} decides alone`;
  return `${observed(asBet(report))}, ${says}`;
}

function harmOf({ leftAlone }: MetricReport): string {
  return leftAlone === undefined ? 'is worse' : `costs over ${decimal(leftAlone * 100, 2)} % more`;
}

/** What was counted of that which speaks most for harm. */
export function condemned(report: MetricReport): string {
  return observed(asBet(report));
}

/** Its part in the evidence of several that has decided. */
export function partOf(report: MetricReport): string {
  return `${report.name} by itself has evidence ${evidenceText(report.harm, report.harmNeeded)} that it ${harmOf(report)}`;
}

/** Of what the evidence is where nothing else was measured; empty where the words before say it. */
export function harmShown(report: MetricReport): string {
  return report.leftAlone === undefined ? '' : `, that it ${harmOf(report)}`;
}

/** With the counts that bet on harm: requests that had not settled are among them, as a failure is one at once. */
function asBet(report: MetricReport): MetricReport {
  return { ...report, ...report.early };
}

/** Rates and counts of both revisions, their difference, and the margin. */
export function observed(report: MetricReport): string {
  return `${report.name}: ${isUncounted(report) ? 'nothing could be counted on either revision' : report.kind === 'Cost' ? costs(report) : rates(report)}; ${limit(report)}`;
}

function isUncounted({ lacking, canary, stable }: MetricReport): boolean {
  return lacking === 'Yes' && canary.requests + stable.requests === 0;
}

function rates({ canary, stable }: MetricReport): string {
  return `${rate(canary)} on the new revision and ${rate(stable)} on the stable one${difference(canary, stable)}`;
}

function rate({ bad, requests }: Counted): string {
  return requests === 0 ? 'no settled requests' : `${bad} bad of ${requests} (${decimal((bad / requests) * 100, 2)} %)`;
}

function difference(canary: Counted, stable: Counted): string {
  if (canary.requests === 0 || stable.requests === 0) return '';
  return `, ${decimal((canary.bad / canary.requests - stable.bad / stable.requests) * 100, 2)} points apart`;
}

function costs({ canary, stable, cap }: MetricReport): string {
  return `${cost(canary, cap)} on the new revision and ${cost(stable, cap)} on the stable one${increase(canary, stable)}`;
}

function cost({ bad, requests }: Counted, cap: number | undefined): string {
  if (requests === 0) return 'no settled requests';
  const mean = bad / requests;
  return `${cap === undefined ? `${significant(mean)} of the cap` : `$${significant(mean * cap)}`} a request (${requests} requests)`;
}

function increase(canary: Counted, stable: Counted): string {
  if (canary.requests === 0 || stable.bad === 0) return '';
  return `, ${decimal(((canary.bad / canary.requests) / (stable.bad / stable.requests) - 1) * 100, 1)} % apart`;
}

function significant(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function limit({ kind, margin, cap, leftAlone }: MetricReport): string {
  const percent = decimal(margin * 100, 2);
  if (kind === 'Bound') return `at most ${percent} % allowed`;
  if (kind === 'Rate') return `margin ${percent} points`;
  return `margin ${percent} % of the mean${cap === undefined || leftAlone === undefined ? '' : `, a request counts $${significant(cap)} at most`}`;
}

function within({ kind }: MetricReport): string {
  return kind === 'Bound' ? 'within the bound' : 'within the margin';
}

function stillNeeded({ requestsLeft: left, minutesLeft, kind, forStep }: MetricReport): string {
  if (left === undefined) return kind === 'Bound' ? '; a revision as good as the stable one cannot show that: the stable one is beyond the bound, or too near to it' : '; how many requests are still needed is not known';
  const time = minutesLeft === undefined ? '' : `, some ${minutesLeft < 1 ? 'seconds' : `${Math.ceil(minutesLeft)} min`} at this rate`;
  return left <= 0 ? '' : `; about ${left} more requests of the new revision are needed${forStep === undefined ? '' : ` for step ${forStep}`} if it is as good${time}`;
}
