import type { CaseOutcome } from '../runner/case-outcome.ts';
import type { SuiteVerdict } from '../verdict/suite-verdict.ts';

export interface MarkdownReport {
  readonly suiteName: string;
  readonly outcomes: readonly CaseOutcome[];
  /** Against the baseline, where there is one. */
  readonly verdict?: SuiteVerdict | undefined;
}

/** Cases that a table names; a comment of a pull request has a bound. */
const maximumRows = 50;

/** A run as Markdown, for a comment on a pull request. Questions and answers are not in it. */
export function markdownReport({ suiteName, outcomes, verdict }: MarkdownReport): string {
  const count = (wanted: CaseOutcome['verdict']): number => outcomes.filter((each) => each.verdict === wanted).length;
  const counts = `${count('Passed')} of ${outcomes.length} cases passed, ${count('Failed')} failed, ${count('Errored')} without a result`;
  const flaky = outcomes.filter((each) => each.flaky).map(({ name }) => name);
  return [
    `## Evaluation of ${inline(suiteName)}${verdict === undefined ? '' : `: ${verdict.verdict}`}`,
    '',
    `${counts}.`,
    ...(verdict?.messages ?? []).map((message) => `- ${inline(message)}`),
    ...(flaky.length === 0 ? [] : ['', `Flaky: ${flaky.slice(0, maximumRows).map(inline).join(', ')}`]),
    ...caseTable(outcomes),
    ...tagTable(outcomes),
    '',
  ].join('\n');
}

function caseTable(outcomes: readonly CaseOutcome[]): readonly string[] {
  const unmet = outcomes.filter(({ verdict }) => verdict !== 'Passed').toSorted((left, right) => rank(left) - rank(right));
  if (unmet.length === 0) return [];
  const rows = unmet.slice(0, maximumRows).map(({ name, verdict, hard, reason }) => `| ${inline(name)} | ${verdict}${hard ? ' (hard)' : ''} | ${inline(reason)} |`);
  const rest = unmet.length > maximumRows ? ['', `and ${unmet.length - maximumRows} more`] : [];
  return ['', '| case | result | reason |', '|---|---|---|', ...rows, ...rest];
}

/** Hard failures first, then the others, then what has no result. */
function rank({ verdict, hard }: CaseOutcome): number {
  return (verdict === 'Failed' ? 0 : 2) + (hard ? 0 : 1);
}

function tagTable(outcomes: readonly CaseOutcome[]): readonly string[] {
  const tags = [...new Set(outcomes.flatMap((each) => each.tags))].toSorted();
  if (tags.length === 0) return [];
  const rows = tags.map((tag) => {
    const tagged = outcomes.filter((each) => each.tags.includes(tag));
    return `| ${inline(tag)} | ${tagged.filter(({ verdict }) => verdict === 'Passed').length} | ${tagged.length} |`;
  });
  return ['', '| tag | passed | cases |', '|---|---|---|', ...rows];
}

/** One line without markup of its own. */
function inline(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]<>|#]/g, (character) => `\\${character}`);
}
