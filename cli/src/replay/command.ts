import type { Release } from '@sluice/crds';
import { releases } from '@sluice/operator/src/resources.ts';
import { CliError } from '../cli-error.ts';
import { clusterOptions, clusterOptionsHelp, withCluster } from '../cluster.ts';
import type { Command } from '../command.ts';
import { parseCommandLine, releaseNameFrom, usageError } from '../command-line.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';
import { type Surroundings, writeLines } from '../surroundings.ts';
import { printable } from '../terminal/printable.ts';
import { keptEvaluation } from './kept-evaluations.ts';
import { checkedRelease, releaseOfFile } from './read-release.ts';
import { replayEvaluation } from './replay-evaluation.ts';
import { type Replayed, replayGates } from './replay-gates.ts';

const help = `Usage: kubectl sluice replay RELEASE [options]
       kubectl sluice replay -f FILE

Judges a Release again from its own record, by the operator's own code: the log of its gates block by block, and, in a cluster,
the kept results of its evaluations. Says the verdict in a sentence with its numbers, and what differs from the record, if
anything does. The record of the gates is complete in itself: the file is what kubectl get release NAME -o yaml writes, and needs
no cluster. Results of evaluations are kept in the cluster alone.

Options:
  -f, --filename FILE    a Release from a file; "-" is standard input
${clusterOptionsHelp}

Exit code: 0 judged again, the verdicts are those of the record; 1 some differ, or no such Release; 6 nothing of it can be judged
again; 64 when the command line is wrong; 65 when the record is damaged; 66 when the file cannot be read; 69 when the cluster
can't be asked.`;

export const replayCommand: Command = { name: 'replay', summary: 'judge a release again from its own record', help, run };

const deadlineMs = 15_000;

async function run(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const line = parseCommandLine('replay', args, { ...clusterOptions, filename: { type: 'string', short: 'f' } });
  const file = line.text('filename');
  if (file !== undefined) {
    const [argument] = line.positionals;
    if (argument !== undefined) throw usageError('replay', `"${argument}" and -f both name a Release: leave one of the two out`);
    const release = await releaseOfFile(file, surroundings);
    return report(release, [replayGates(release), ...(release.status?.evaluations ?? []).map((each) => replayEvaluation(each, 'NotAsked'))], surroundings);
  }
  const name = releaseNameFrom('replay', line);
  return withCluster('replay', line, surroundings, async (cluster) => {
    const { signal } = surroundings;
    const found = await cluster.client.find(releases, { namespace: cluster.namespace, name }, { signal, deadlineMs });
    if (found === undefined) throw new CliError(`There is no Release "${name}" in namespace "${cluster.namespace}"; see: kubectl get releases --namespace ${cluster.namespace}`, { exitCode: exitCode.bad });
    const release = checkedRelease(found, `Release/${name}`);
    const evaluations: Replayed[] = [];
    for (const each of release.status?.evaluations ?? []) evaluations.push(replayEvaluation(each, await keptEvaluation(each, { cluster, signal })));
    return report(release, [replayGates(release), ...evaluations], surroundings);
  });
}

function report({ metadata, spec, status = {} }: Release, parts: readonly Replayed[], { stdout }: Surroundings): ExitCode {
  const [word, code] = outcomeOf(parts);
  writeLines(stdout, [
    `${metadata.name}, revision ${spec.revision}: ${word}`,
    `recorded: ${status.completion ?? status.phase ?? 'nothing yet'}${status.message === undefined ? '' : `, ${status.message}`}`,
    ...parts.flatMap((part) => [part.sentence, ...(part.kind === 'Differs' ? part.differences.map((difference) => `differs: ${difference}`) : [])]),
  ].map(printable));
  return code;
}

function outcomeOf(parts: readonly Replayed[]): readonly [string, ExitCode] {
  const has = (kind: Replayed['kind']): boolean => parts.some((part) => part.kind === kind);
  if (has('Damaged')) return ['the record is damaged', exitCode.badInput];
  if (has('Differs')) return ['judged again, it comes to something else', exitCode.bad];
  return has('Same') ? ['judged again, it comes to the same', exitCode.ok] : ['nothing can be judged again', exitCode.notMeasured];
}
