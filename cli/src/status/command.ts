import { type AgentView, readAgent } from '../agent-view.ts';
import { type Cluster, clusterOptions, clusterOptionsHelp, withCluster } from '../cluster.ts';
import type { Command } from '../command.ts';
import { agentNameFrom, parseCommandLine } from '../command-line.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';
import { type Surroundings, writeLines } from '../surroundings.ts';
import { paletteFor } from '../terminal/palette.ts';
import { followAgent } from './follow.ts';
import { outcomeOf } from './outcome.ts';
import { renderStatus } from './render.ts';
import { Screen } from './screen.ts';

const help = `Usage: kubectl sluice status NAME [options]

One screen about the AgentDeployment NAME: its phase and why, the revision that serves and the one that is going out (wanted and
real share of the traffic, ready pods), the latest release with its step, evaluations and objectives, and the last five releases.

Options:
  -w, --watch            draw again on every change, until the release has ended
${clusterOptionsHelp}

Exit code: 0 Healthy; 1 Degraded, or no such agent; 2 still on its way (never with --watch); 64 when the command line is wrong;
69 when the cluster can't be asked; 130 after Ctrl-C.
Colours: on a terminal only, and not when NO_COLOR is set.`;

const options = { ...clusterOptions, watch: { type: 'boolean', short: 'w' } } as const;

export const statusCommand: Command = { name: 'status', summary: 'what is live, what is going out, and why it is stopped', help, run };

function run(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const line = parseCommandLine('status', args, options);
  const name = agentNameFrom('status', line);
  return withCluster('status', line, surroundings, (cluster) => (line.has('watch') ? watch(cluster, name, surroundings) : once(cluster, name, surroundings)));
}

async function once(cluster: Cluster, name: string, surroundings: Surroundings): Promise<ExitCode> {
  const view = await readAgent(cluster, name, surroundings);
  writeLines(view.agent === undefined ? surroundings.stderr : surroundings.stdout, linesOf(view, surroundings));
  return outcomeOf(view).exitCode;
}

async function watch(cluster: Cluster, name: string, surroundings: Surroundings): Promise<ExitCode> {
  const first = await readAgent(cluster, name, surroundings);
  if (first.agent === undefined) {
    writeLines(surroundings.stderr, linesOf(first, surroundings));
    return exitCode.bad;
  }
  const screen = new Screen(surroundings.stdout);
  for await (const view of followAgent(cluster, first, surroundings)) {
    screen.draw(linesOf(view, surroundings));
    const outcome = outcomeOf(view);
    if (outcome.release === 'Ended') return outcome.exitCode;
  }
  return exitCode.interrupted;
}

function linesOf(view: AgentView, { stdout, env, clock }: Surroundings): string[] {
  return renderStatus(view, { palette: paletteFor(stdout, env), now: clock.now() });
}
