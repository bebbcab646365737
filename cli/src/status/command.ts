import { readChildren } from '../agent-children.ts';
import { type AgentView, readAgent } from '../agent-view.ts';
import { type Cluster, clusterOptions, clusterOptionsHelp, withCluster } from '../cluster.ts';
import type { Command } from '../command.ts';
import { agentNameFrom, type CommandLine, parseCommandLine, spanFrom, usageError } from '../command-line.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';
import { outputFormatFrom, outputOptions, outputOptionsHelp, writeJson } from '../output-format.ts';
import { type Surroundings, writeLines } from '../surroundings.ts';
import { paletteFor } from '../terminal/palette.ts';
import { readLeases } from '../operator-lease.ts';
import { followAgent } from './follow.ts';
import { outcomeOf } from './outcome.ts';
import { renderStatus } from './render.ts';
import { Screen } from './screen.ts';
import { statusDocument } from './status-document.ts';

const help = `Usage: kubectl sluice status NAME [options]

One screen about the AgentDeployment NAME: its phase and why, and a tree of the revisions that serve and go out (real and
wanted share of the traffic, pods, autoscalers), the route, the latest release with its step, evaluations, objectives,
approval and what people asked of it. Below it the last five releases.

Options:
  -w, --watch            draw again on every change, until the release has ended
      --timeout SPAN     with --watch: end after that time, such as 90s or 1h, with the exit code of the moment
${outputOptionsHelp}; not with --watch
${clusterOptionsHelp}

Exit code: 0 Healthy; 1 Degraded, or no such agent; 2 still on its way, held included; 3 waits for approval; 4 paused or
suspended; 64 when the command line is wrong; 69 when the cluster can't be asked; 130 after Ctrl-C. With --watch, 2, 3 and 4
come after --timeout.
Colours, and lines no longer than the terminal is wide: on a terminal only; colours not when NO_COLOR is set.`;

const options = { ...clusterOptions, ...outputOptions, watch: { type: 'boolean', short: 'w' }, timeout: { type: 'string' } } as const;

export const statusCommand: Command = { name: 'status', summary: 'what is live, what is going out, and why it is stopped', help, run };

async function run(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const line = parseCommandLine('status', args, options);
  const name = agentNameFrom('status', line);
  const format = outputFormatFrom('status', line);
  const timeoutMs = timeoutFrom(line);
  if (format === 'json' && line.has('watch')) throw usageError('status', '--output json does not go with --watch: ask again, or use kubectl get --watch -o json');
  return withCluster('status', line, surroundings, (cluster) => (line.has('watch') ? watch(cluster, name, timeoutMs, surroundings) : once(cluster, name, format, surroundings)));
}

function timeoutFrom(line: CommandLine): number | undefined {
  const timeoutMs = spanFrom('status', line, 'timeout');
  if (timeoutMs !== undefined && !line.has('watch')) throw usageError('status', '--timeout goes with --watch');
  return timeoutMs;
}

async function once(cluster: Cluster, name: string, format: 'json' | 'text', surroundings: Surroundings): Promise<ExitCode> {
  const view = await readAgent(cluster, name, surroundings);
  const whole = view.agent === undefined ? view : await withSurroundings(cluster, view, surroundings);
  if (format === 'json' && view.agent !== undefined) writeJson(surroundings.stdout, statusDocument(whole, cluster.clock.now()));
  else writeLines(view.agent === undefined ? surroundings.stderr : surroundings.stdout, linesOf(cluster, whole, surroundings));
  return outcomeOf(view).exitCode;
}

async function withSurroundings(cluster: Cluster, view: AgentView, surroundings: Surroundings): Promise<AgentView> {
  const [children, leases] = await Promise.all([readChildren(cluster, view.name, surroundings), readLeases(cluster, surroundings)]);
  return { ...view, children, leases };
}

async function watch(cluster: Cluster, name: string, timeoutMs: number | undefined, surroundings: Surroundings): Promise<ExitCode> {
  const first = await readAgent(cluster, name, surroundings);
  if (first.agent === undefined) {
    writeLines(surroundings.stderr, linesOf(cluster, first, surroundings));
    return exitCode.bad;
  }
  const timeout = new AbortController();
  const timer = timeoutMs === undefined ? undefined : surroundings.clock.setTimer(timeoutMs, () => timeout.abort(new Error('--timeout is over')));
  try {
    const last = await draw(cluster, first, { ...surroundings, signal: AbortSignal.any([surroundings.signal, timeout.signal]) });
    return surroundings.signal.aborted ? exitCode.interrupted : outcomeOf(last).exitCode;
  } finally {
    timer?.cancel();
  }
}

/** Until the release has ended or the signal aborts; returns what was drawn last. */
async function draw(cluster: Cluster, first: AgentView, surroundings: Surroundings): Promise<AgentView> {
  const screen = new Screen(surroundings.stdout);
  let last = first;
  for await (const view of followAgent(cluster, first, surroundings)) {
    // what could be read a moment ago is better than an end of the watch
    last = await withSurroundings(cluster, view, surroundings).catch(() => ({ ...view, ...(last.children === undefined ? {} : { children: last.children }), leases: last.leases }));
    if (surroundings.signal.aborted) return last;
    screen.draw(linesOf(cluster, last, surroundings));
    if (outcomeOf(last).release === 'Ended') return last;
  }
  return last;
}

function linesOf({ clock }: Cluster, view: AgentView, { stdout, env }: Surroundings): string[] {
  return renderStatus(view, { palette: paletteFor(stdout, env), now: clock.now(), width: stdout.width });
}
