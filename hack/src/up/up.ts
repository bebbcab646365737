import { join } from 'node:path';
import type { Clock } from '../progress/clock.ts';
import { type Environment, ensureEnvironment, stateFolderOf } from './environment.ts';
import { withSlowStep } from '../progress/progress.ts';
import type { RunLog } from './log.ts';
import { nextLines } from './next-lines.ts';
import type { UpOptions } from './options.ts';
import { downCommand } from './down-command.ts';
import { storyVersion } from './story-version.ts';
import { waitedSeconds } from './waited.ts';
import { ensureStory, type StoryOutcome } from './tell-story.ts';

export interface UpRun {
  readonly repository: string;
  readonly options: UpOptions;
  readonly log: RunLog;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly terminal: NodeJS.WriteStream;
  /** What the shell script took before, as it says. */
  readonly secondsBefore?: string | undefined;
}

/** File in the cluster's state folder that says how the story went. */
const STORY_RECORD = 'story.json';

/** Brings everything up and tells the story; resolves to the exit code. */
export async function up(run: UpRun): Promise<number> {
  const { options, repository, log, signal, clock } = run;
  const began = clock.monotonicMs();
  const onErrorLine = (line: string): void => {
    log.line(line);
    if (options.detail === 'verbose') run.terminal.write(`     ${line}\n`);
  };
  const environment = await ensureEnvironment({ ...options, repository, progress: log.progress, signal, onErrorLine });
  const outcome = options.story === 'never' ? undefined : await story(environment, { ...run, when: options.story });
  const lines = [...storyLines(outcome), '', ...nextLines(environment, { repository, down: downCommand(options, repository) }), '', `Done after ${waitedSeconds(clock.monotonicMs() - began, run.secondsBefore)} s.`];
  for (const line of lines) {
    run.terminal.write(`${line}\n`);
    log.line(line);
  }
  return outcome?.verdict === 'broken' ? 1 : 0;
}

async function story({ cluster, commands, images }: Environment, run: UpRun & { readonly when: 'changed' | 'always' }): Promise<StoryOutcome> {
  const { repository, options, log, signal, clock, terminal, when } = run;
  const request = {
    kubeconfig: cluster.kubeconfig,
    commands,
    testToolsImage: images.testTools,
    signal,
    terminal,
    log: (text: string): void => log.line(text),
    recordPath: join(stateFolderOf(options.stateRoot, options.name), STORY_RECORD),
    version: await withSlowStep(log.progress, 'see whether the story was told by this version', async () => storyVersion(repository, Object.values(images))),
    when,
  };
  const began = clock.monotonicMs();
  const outcome = await ensureStory(request);
  if (outcome.verdict !== 'told before') terminal.write(`ok   the story (${Math.round((clock.monotonicMs() - began) / 1000)} s)\n`);
  return outcome;
}

function storyLines(outcome: StoryOutcome | undefined): readonly string[] {
  if (outcome === undefined) return [];
  const titles = { held: 'The story, as promised:', broken: 'The story did NOT go as promised:', 'told before': 'The story was told here before by this very version, and is not told again (--again does):' };
  return ['', titles[outcome.verdict], ...(outcome.verdict === 'told before' ? withoutPromises(outcome.summary) : outcome.summary).map((line) => `  ${line}`)];
}

/** Each promise has a line of its own, indented: who has read them once wants the count. */
function withoutPromises(summary: readonly string[]): readonly string[] {
  return summary.filter((line) => !line.startsWith(' ')).map((line) => line.replace(/:$/, ''));
}
