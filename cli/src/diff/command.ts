import { configMaps } from '@sluice/kube';
import { readLedger } from '@sluice/operator/src/agent/ledger/releases.ts';
import { revisionObjectName } from '@sluice/operator/src/children/names.ts';
import { parseRecord } from '@sluice/operator/src/revision/record-config-map.ts';
import type { RevisionRecord } from '@sluice/operator/src/revision/record.ts';
import { type AgentView, readAgent } from '../agent-view.ts';
import { CliError } from '../cli-error.ts';
import { type Cluster, clusterOptions, clusterOptionsHelp, withCluster } from '../cluster.ts';
import type { Command } from '../command.ts';
import { agentNameFrom, parseCommandLine, usageError } from '../command-line.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';
import { type Surroundings, writeLines } from '../surroundings.ts';
import { revisionDiff } from './revision-diff.ts';

const help = `Usage: kubectl sluice diff NAME [REVISION [REVISION]] [options]

What differs between two revisions of the AgentDeployment NAME: prompt, image and model with their text, and which tools, limits,
parts of the pods, ConfigMaps and Secrets changed, without their values. With one REVISION: it against the one that serves; with
none: the latest one against the one that serves. Needs the right to get configmaps, in which the operator keeps the revisions.

Options:
${clusterOptionsHelp}

Exit code: 0, whether they differ or not; 1 when there is no such agent or revision; 64 when the command line is wrong; 69 when
the cluster can't be asked.`;

/** Milliseconds, retries included. */
const deadlineMs = 15_000;

export const diffCommand: Command = { name: 'diff', summary: 'what differs between two revisions', help, run };

function run(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const line = parseCommandLine('diff', args, clusterOptions);
  const [, ...revisions] = line.positionals;
  const name = agentNameFrom('diff', { ...line, positionals: line.positionals.slice(0, 1) });
  const wrong = revisions.length > 2 ? revisions[2] : revisions.find((revision) => !/^[a-z0-9]{1,64}$/.test(revision));
  if (wrong !== undefined) throw usageError('diff', `"${wrong}" is no REVISION, or one too many: copy one or two from kubectl sluice history`);
  return withCluster('diff', line, surroundings, async (cluster) => {
    const view = await readAgent(cluster, name, surroundings);
    if (view.agent === undefined) throw new CliError(`There is no AgentDeployment "${name}" in namespace "${view.namespace}"; see: kubectl get agentdeployments --all-namespaces`, { exitCode: exitCode.bad });
    const { from, to } = pairOf(view, revisions);
    const [before, after] = await Promise.all([from, to].map((revision) => readRecord(cluster, { name, revision }, surroundings)));
    const lines = before === undefined || after === undefined ? [] : revisionDiff(before, after);
    writeLines(surroundings.stdout, [`${name}: revision ${from} -> ${to}`, ...(lines.length === 0 ? ['nothing differs'] : lines)]);
    return exitCode.ok;
  });
}

function pairOf({ name, releases }: AgentView, [first, second]: readonly string[]): { readonly from: string; readonly to: string } {
  const { latest, stableRevision } = readLedger(releases);
  const to = second ?? first ?? latest?.spec.revision;
  const from = second === undefined ? stableRevision : first;
  if (from !== undefined && to !== undefined) return { from, to };
  throw new CliError(`no revision of "${name}" was promoted yet, so there is none to compare with: name two, see kubectl sluice history ${name}`, { exitCode: exitCode.bad });
}

/** The record must be what its revision is named after. Throws CliError when it is not, or is gone. */
async function readRecord({ client, namespace }: Cluster, { name, revision }: { readonly name: string; readonly revision: string }, { signal }: Surroundings): Promise<RevisionRecord> {
  const stored = await client.find(configMaps, { namespace, name: revisionObjectName(name, revision) }, { signal, deadlineMs });
  if (stored === undefined) throw new CliError(`revision ${revision} of "${name}" is not stored (any more); see: kubectl sluice history ${name}`, { exitCode: exitCode.bad });
  try {
    return parseRecord(stored);
  } catch (error) {
    throw new CliError(`revision ${revision} of "${name}" cannot be read: ${error instanceof Error ? error.message : String(error)}`, { exitCode: exitCode.bad, cause: error });
  }
}
