import { readAgent } from '../agent-view.ts';
import { clusterOptions, clusterOptionsHelp, withCluster } from '../cluster.ts';
import type { Command } from '../command.ts';
import { agentNameFrom, parseCommandLine } from '../command-line.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';
import { outputFormatFrom, outputOptions, outputOptionsHelp, writeJson } from '../output-format.ts';
import { renderStatus } from '../status/render.ts';
import { type Surroundings, writeLines } from '../surroundings.ts';
import { paletteFor } from '../terminal/palette.ts';
import { historyOf } from './records.ts';
import { renderHistory } from './render.ts';

const help = `Usage: kubectl sluice history NAME [options]

The releases of the AgentDeployment NAME, newest first: name, revision, verdict, reason, when it began, how long it was active
(without pauses, waiting for approval and holds), how long it stood, who asked for what, and the reason in one sentence. The
operator keeps as many finished releases as spec.rollout.historyLimit says (10 when not set).

Options:
${outputOptionsHelp}
${clusterOptionsHelp}

Exit code: 0; 1 when there is no such agent; 64 when the command line is wrong; 69 when the cluster can't be asked.`;

export const historyCommand: Command = { name: 'history', summary: 'the releases of an agent, newest first', help, run };

function run(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const line = parseCommandLine('history', args, { ...clusterOptions, ...outputOptions });
  const name = agentNameFrom('history', line);
  const format = outputFormatFrom('history', line);
  const { stdout, stderr, env, signal } = surroundings;
  return withCluster('history', line, surroundings, async (cluster) => {
    const view = await readAgent(cluster, name, { signal });
    const options = { palette: paletteFor(stdout, env), now: cluster.clock.now() };
    if (view.agent === undefined && view.releases.length === 0) {
      writeLines(stderr, renderStatus(view, options));
      return exitCode.bad;
    }
    const records = historyOf(view.releases, options.now);
    if (format === 'json') writeJson(stdout, records);
    else writeLines(stdout, records.length > 0 ? renderHistory(records, options) : [`The AgentDeployment "${name}" has no release yet`]);
    return exitCode.ok;
  });
}
