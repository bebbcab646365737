import { type StoryOutput, terminalOutput } from '../../../test/story/output.ts';
import type { StoryResult } from '../../../test/story/result.ts';
import { runStory, summary } from '../../../test/story/story.ts';
import { CommandError } from '../process/command.ts';
import { DEMO_NAMESPACE } from './claim-context.ts';
import type { ClusterCommands } from './cluster-command.ts';
import { readStoryRecord, writeStoryRecord } from './story-record.ts';

export interface StoryRun {
  readonly kubeconfig: string;
  readonly commands: ClusterCommands;
  readonly testToolsImage: string;
  readonly signal: AbortSignal;
  /** The story's lines, besides the terminal. */
  readonly log: (text: string) => void;
  readonly terminal: NodeJS.WriteStream;
}

export interface StoryRequest extends StoryRun {
  readonly recordPath: string;
  /** From `storyVersion`. */
  readonly version: string;
  readonly when: 'changed' | 'always';
}

export interface StoryOutcome {
  readonly verdict: 'held' | 'broken' | 'told before';
  readonly summary: readonly string[];
}

const QUERY_TIMEOUT_MS = 30_000;

/** Tells the story, or recalls how it went when this very version has told it in this cluster and its agent still serves. */
export async function ensureStory(request: StoryRequest): Promise<StoryOutcome> {
  const before = await readStoryRecord(request.recordPath);
  if (request.when === 'changed' && before?.version === request.version && (await agentServes(request))) {
    return { verdict: 'told before', summary: before.summary };
  }
  const result = await tellStory(request);
  const outcome: StoryOutcome = { verdict: failedChecks(result) === 0 ? 'held' : 'broken', summary: summary(result) };
  if (outcome.verdict === 'held') await writeStoryRecord(request.recordPath, { version: request.version, summary: outcome.summary });
  return outcome;
}

/** Tells the story from its beginning. Throws StoryError when it cannot go on. */
export async function tellStory({ kubeconfig, commands, testToolsImage, signal, terminal, log }: StoryRun): Promise<StoryResult> {
  const output = loggedOutput(terminalOutput(terminal), log);
  return runStory({ kubeconfig, kubectl: commands.kubectlPath, testToolsImage, output, signal });
}

export function failedChecks({ checks }: StoryResult): number {
  return checks.filter((check) => check.ok === 'failed').length;
}

async function agentServes({ commands, signal }: StoryRequest): Promise<boolean> {
  try {
    const ready = await commands.kubectl(['-n', DEMO_NAMESPACE, 'get', 'agentdeployments', '-o', 'jsonpath={.items[*].status.stable.readyReplicas}'], { signal, timeoutMs: QUERY_TIMEOUT_MS });
    return Number(ready) > 0;
  } catch (error) {
    if (error instanceof CommandError) return false;
    throw error;
  }
}

/** What is shown goes to the log too. */
export function loggedOutput(shown: StoryOutput, log: (text: string) => void): StoryOutput {
  return {
    chapter: (title) => {
      shown.chapter(title);
      log(`== ${title}`);
    },
    line: (text) => {
      shown.line(text);
      log(text);
    },
    live: (text) => {
      shown.live(text);
      log(text);
    },
  };
}
