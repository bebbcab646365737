import { readChildren } from '../agent-children.ts';
import { readAgent } from '../agent-view.ts';
import { clusterOptions, clusterOptionsHelp, withCluster } from '../cluster.ts';
import type { Command } from '../command.ts';
import { agentNameFrom, parseCommandLine } from '../command-line.ts';
import { readLeases } from '../operator-lease.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';
import { outputFormatFrom, outputOptions, outputOptionsHelp, writeJson } from '../output-format.ts';
import { outcomeOf } from '../status/outcome.ts';
import { renderStatus } from '../status/render.ts';
import { type Surroundings, writeLines } from '../surroundings.ts';
import { columns } from '../terminal/columns.ts';
import { type Palette, paletteFor } from '../terminal/palette.ts';
import { wrap } from '../terminal/wrap.ts';
import { readEvalRuns } from './eval-runs.ts';
import { explain, type Explanation } from './explanation.ts';
import { readProviders } from './model-providers.ts';

const help = `Usage: kubectl sluice explain NAME [options]

Why the release of the AgentDeployment NAME is where it is: in the first line what it waits for, or how it ended; then, in one
paragraph with numbers, what its gates say, what holds or paused it, what ends it, what comes next and when. Below it the commands
that would be accepted now.

Options:
${outputOptionsHelp}
${clusterOptionsHelp}

Exit code: 0 when there is such an agent (kubectl sluice status tells its state); 1 when there is none; 64 when the command
line is wrong; 69 when the cluster can't be asked.`;

/** Longest line of a paragraph that is read well. */
const longest = 100;

export const explainCommand: Command = { name: 'explain', summary: 'why the release is where it is, and what can be done', help, run };

function run(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const line = parseCommandLine('explain', args, { ...clusterOptions, ...outputOptions });
  const name = agentNameFrom('explain', line);
  const format = outputFormatFrom('explain', line);
  const { stdout, stderr, env } = surroundings;
  const palette = paletteFor(stdout, env);
  return withCluster('explain', line, surroundings, async (cluster) => {
    const view = await readAgent(cluster, name, surroundings);
    if (view.agent === undefined) {
      writeLines(stderr, renderStatus(view, { palette, now: cluster.clock.now() }));
      return outcomeOf(view).exitCode;
    }
    const options = ['context', 'kubeconfig'].flatMap((option) => (line.text(option) === undefined ? [] : [`--${option}`, line.text(option) ?? '']));
    const [children, evalRuns, leases, providers] = await Promise.all([readChildren(cluster, name, surroundings), readEvalRuns(cluster, view, surroundings), readLeases(cluster, surroundings), readProviders(cluster, view, surroundings)]);
    const explanation = explain({ ...view, agent: view.agent, children, evalRuns, leases, providers }, { now: cluster.clock.now(), options });
    if (format === 'json') writeJson(stdout, explanation);
    else writeLines(stdout, renderExplanation(explanation, { palette, width: stdout.width }));
    return exitCode.ok;
  });
}

/** The answer first: whoever is woken reads one line. */
function renderExplanation({ answer, paragraph, commands }: Explanation, { palette, width: ofTerminal }: { readonly palette: Palette; readonly width: number | undefined }): string[] {
  const width = Math.min(longest, ofTerminal ?? longest);
  const rest = paragraph.slice(answer.length).trim();
  const text = [...wrap(answer, width).map((line) => palette.strong(line)), ...(rest === '' ? [] : ['', ...wrap(rest, width)])];
  if (commands.length === 0) return text;
  return [...text, '', palette.strong('You can'), ...columns(commands.map(({ what, command }) => [{ text: `  ${command}` }, { text: what, paint: palette.faint }]), ofTerminal)];
}
