import type { AgentDeployment, AgentDeploymentStatus, Release } from '@sluice/crds';
import type { LoadReport } from '../load/report.ts';

/** Where the story is told. */
export interface StoryOutput {
  chapter(title: string): void;
  line(text: string): void;
  /** The state of the moment; a terminal shows the newest only. */
  live(text: string): void;
}

/** What is seen of the agent: the release is told by its own object, where that could be read. */
interface Seen {
  readonly agent: AgentDeployment | undefined;
  readonly latest?: Release | undefined;
}

/** One line of the live table: what is live, what is going out, and how the users fare. */
export function liveLine(seconds: number, { agent, latest }: Seen, load: LoadReport | undefined): string {
  const status = agent?.status;
  const release = latest === undefined ? toldRelease(status?.release) : releaseNow(latest);
  const canary = status?.canary === undefined ? '-' : `${status.canary.revision} ${status.canary.actualWeight}% (${status.canary.readyReplicas} ready)`;
  const stable = status?.stable === undefined ? '-' : `${status.stable.revision} (${status.stable.readyReplicas} ready)`;
  const users = load === undefined ? 'load: not started' : `requests ${load.sent}, failed ${load.failed}, p95 ${load.latencyMs.p95 === null ? '-' : Math.round(load.latencyMs.p95)} ms`;
  return [`${seconds.toFixed(0).padStart(4)} s`, (status?.phase ?? 'Pending').padEnd(11), release.padEnd(24), `stable ${stable}`.padEnd(28), `canary ${canary}`.padEnd(34), users].join('  ');
}

function toldRelease(told: AgentDeploymentStatus['release']): string {
  return told === undefined ? '-' : `${told.name} ${told.phase}${told.step === undefined ? '' : ` ${told.step}`}`;
}

function releaseNow({ metadata, spec, status = {} }: Release): string {
  const { phase = 'Preparing', step = 0 } = status;
  const steps = spec.rollout?.steps ?? [];
  return `${metadata.name} ${phase}${phase === 'Shifting' && steps.length > 0 ? ` ${step + 1}/${steps.length}` : ''}`;
}

/** Tells the story on a terminal, or as plain lines: there a state is printed when it changed or every ten seconds. */
export function terminalOutput(stream: NodeJS.WriteStream): StoryOutput {
  let lastState = '';
  let repeats = 0;
  const clear = stream.isTTY ? '\r\u001b[2K' : '';
  return {
    chapter: (title) => void stream.write(`${clear}\n== ${title}\n`),
    line: (text) => void stream.write(`${clear}   ${text}\n`),
    live: (text) => {
      if (stream.isTTY) return void stream.write(`${clear}${text.slice(0, Math.max(20, stream.columns - 1))}`);
      const state = text.slice(8, 110);
      repeats = state === lastState ? repeats + 1 : 0;
      lastState = state;
      if (repeats % 10 === 0) stream.write(`   ${text}\n`);
    },
  };
}
