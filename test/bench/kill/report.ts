import { type Table, toMarkdown } from '../kube/table.ts';
import { VARIANTS } from './plan.ts';
import type { StoryResult } from './result.ts';
import { inWords, type KillOutcome } from './verdict.ts';

export interface Report {
  readonly environment: Readonly<Record<string, string>>;
  readonly results: readonly StoryResult[];
}

/** The whole result as Markdown: counts of each story and variant, and a sentence for each difference. */
export function renderReport({ environment, results }: Report): string {
  return [
    '#### Machine and versions', toMarkdown([['', ''], ...Object.entries(environment)]),
    '#### Kills', toMarkdown(killTable(results)),
    ...summary(results),
    '#### Without a kill', toMarkdown(referenceTable(results)),
    ...list('What is not as its user wished, though nobody was killed:', results.flatMap((result) => result.shortcomings.map((sentence) => `${titleOf(result)}: ${sentence}.`))),
    ...list('What was not the same after a kill as without one:', results.flatMap(differencesIn)),
    ...list('Not compared, since two uninterrupted runs differ there:', results.filter(({ noise }) => noise.length > 0).map((result) => `${titleOf(result)}: ${result.noise.join('; ')}.`)),
    ...list('Runs that could not be begun; they say nothing of the contender:', results.flatMap((result) => result.failures.map((failure) => `${titleOf(result)}, ${failure}.`))),
  ].join('\n\n');
}

function titleOf({ contender, story }: StoryResult): string {
  return `${contender}, ${story}`;
}

function happened({ kills }: StoryResult): readonly KillOutcome[] {
  return kills.filter(({ killedAt }) => killedAt !== undefined);
}

function survived(kills: readonly KillOutcome[]): number {
  return kills.filter(({ sentences }) => sentences.length === 0).length;
}

function killTable(results: readonly StoryResult[]): Table {
  const heads = ['', 'writes', ...VARIANTS.map((variant) => `${variant}: survived of killed`), 'not reached', 'not run', 'seconds to the same end, median (longest)'];
  return [heads, ...results.map((result) => {
    const killed = happened(result);
    const of = VARIANTS.map((variant) => killed.filter((kill) => kill.variant === variant));
    const unreached = result.kills.length - killed.length;
    return [
      titleOf(result), String(result.writes.length), ...of.map((kills) => `${survived(kills)} of ${kills.length}`), String(unreached), String(result.planned - result.kills.length),
      secondsOf(killed.filter(({ sentences }) => sentences.length === 0)),
    ];
  })];
}

function secondsOf(kills: readonly KillOutcome[]): string {
  const seconds = kills.map((kill) => kill.seconds).toSorted((left, right) => left - right);
  const [middle, longest] = [seconds[Math.floor(seconds.length / 2)], seconds.at(-1)];
  return middle === undefined || longest === undefined ? '–' : `${middle.toFixed(0)} (${longest.toFixed(0)})`;
}

function summary(results: readonly StoryResult[]): readonly string[] {
  return [...new Set(results.map(({ contender }) => contender))].map((contender) => {
    const kills = results.filter((result) => result.contender === contender).flatMap(happened);
    return `${contender} survived ${survived(kills)} of ${kills.length} kills: the end, and the way there, were as without one.`;
  });
}

function referenceTable(results: readonly StoryResult[]): Table {
  const heads = ['', 'serves at the end', 'fewest ready pods', 'most ready pods of what was taken back', 'seconds'];
  return [heads, ...results.map((result) => [titleOf(result), inWords(result.serves), String(result.along.fewest ?? '–'), String(result.along.mostFailed), result.seconds.toFixed(1)])];
}

/** The same sentence of several kills is said once. */
function differencesIn(result: StoryResult): readonly string[] {
  const killed = happened(result);
  const sentences = [...new Set(killed.flatMap((kill) => kill.sentences))];
  return sentences.map((sentence) => {
    const at = killed.filter((kill) => kill.sentences.includes(sentence)).map(({ write, variant, killedAt }) => `write ${write} (${killedAt}) ${variant}`);
    return `${titleOf(result)}, ${at.length} of ${killed.length} kills: ${sentence}. Killed at ${at.join(', ')}.`;
  });
}

function list(head: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [head, lines.map((line) => `- ${line}`).join('\n')];
}
