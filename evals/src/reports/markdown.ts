import { totalCost, type CaseOutcome } from '../runner/case-outcome.ts';
import type { ReportedVerdict } from './junit.ts';

export interface MarkdownReport {
  readonly suiteName: string;
  readonly outcomes: readonly CaseOutcome[];
  readonly verdict?: ReportedVerdict | undefined;
  /** What the same cases came to before, where that is known: the tables tell it too. */
  readonly baseline?: readonly CaseOutcome[] | undefined;
}

/** Cases that a table names; a comment of a pull request has a bound. */
const maximumRows = 50;

/** A run as Markdown, for a comment on a pull request. Questions and answers are not in it. */
export function markdownReport({ suiteName, outcomes, verdict, baseline }: MarkdownReport): string {
  const count = (wanted: CaseOutcome['verdict']): number => outcomes.filter((each) => each.verdict === wanted).length;
  const counts = `${count('Passed')} of ${outcomes.length} cases passed, ${count('Failed')} failed, ${count('Errored')} without a result`;
  const flaky = outcomes.filter((each) => each.flaky).map(({ name }) => name);
  return [
    `## Evaluation of ${inline(suiteName)}${verdict === undefined ? '' : `: ${verdict.verdict}`}`,
    '',
    `${counts}${costNote(outcomes)}.`,
    ...(verdict === undefined ? [] : ['', ...verdict.messages.map((message) => `- ${inline(message)}`)]),
    ...(flaky.length === 0 ? [] : ['', `Flaky: ${flaky.slice(0, maximumRows).map(inline).join(', ')}`]),
    ...caseTable(outcomes, baseline),
    ...tagTable(outcomes),
    '',
  ].join('\n');
}

function costNote(outcomes: readonly CaseOutcome[]): string {
  const dollars = totalCost(outcomes);
  return dollars === undefined ? '' : `, for ${dollars.toFixed(4)} US dollars`;
}

function caseTable(outcomes: readonly CaseOutcome[], baseline: readonly CaseOutcome[] | undefined): readonly string[] {
  const unmet = outcomes.filter(({ verdict }) => verdict !== 'Passed').toSorted((left, right) => rank(left) - rank(right));
  if (unmet.length === 0) return [];
  const before = new Map(baseline?.map(({ name, digest, verdict }) => [`${name}/${digest}`, verdict]));
  const row = ({ name, digest, verdict, hard, reason }: CaseOutcome): readonly string[] => [inline(name), `${verdict}${hard ? ' (hard)' : ''}`, ...(baseline === undefined ? [] : [before.get(`${name}/${digest}`) ?? '-']), inline(reason)];
  const head = ['case', 'result', ...(baseline === undefined ? [] : ['baseline']), 'reason'];
  const rest = unmet.length > maximumRows ? ['', `and ${unmet.length - maximumRows} more`] : [];
  return ['', tableLine(head), `|${head.map(() => '---|').join('')}`, ...unmet.slice(0, maximumRows).map((each) => tableLine(row(each))), ...rest];
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
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
