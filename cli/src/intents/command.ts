import type { Intent, Release } from '@sluice/crds';
import { planOf } from '@sluice/operator/src/release/plan.ts';
import { type AgentView, readAgent } from '../agent-view.ts';
import { CliError } from '../cli-error.ts';
import { type Cluster, clusterOptions, clusterOptionsHelp, withCluster } from '../cluster.ts';
import type { Command } from '../command.ts';
import { agentNameFrom, type CommandLine, parseCommandLine, spanFrom, usageError } from '../command-line.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';
import { type Surroundings, writeLines } from '../surroundings.ts';
import { printable } from '../terminal/printable.ts';
import { ask } from './ask.ts';
import { userName } from './asker.ts';
import { awaitAnswer } from './await-answer.ts';
import { type Target, targetOf, unansweredIntent, wantedRevision, type Wish } from './situation.ts';
import { type AskingCommand, verbOf } from './verbs.ts';

const defaultTimeoutMs = 30_000;
/** As in the API. */
const maxNote = 1024;

const options = {
  ...clusterOptions,
  revision: { type: 'string' },
  note: { type: 'string' },
  timeout: { type: 'string' },
  'no-wait': { type: 'boolean' },
} as const;

/** The command that asks one verb of the right release of an agent. */
export function askingCommand(command: AskingCommand): Command {
  return { name: command.name, summary: command.summary, help: helpOf(command), run: (args, surroundings) => run(command, args, surroundings) };
}

function helpOf({ name, effect }: AskingCommand): string {
  const own = name === 'promote' ? '      --full             all the traffic at once, without the rest of its steps and gates\n' : name === 'undo' ? '      --to-revision R    the promoted revision to go back to; default: the one before\n' : '';
  return `Usage: kubectl sluice ${name} NAME [options]

${effect}
The intent is bound to a revision, so that it can't hit a release that began meanwhile, and the operator's answer is waited for.

Options:
${own}      --revision R       the revision that is meant; refused when the release is of another; default: that of the release
      --note TEXT        why, for the record
      --timeout SPAN     longest wait for the operator's answer, such as 30s or 2m; default 30s
      --no-wait          do not wait for the answer
${clusterOptionsHelp}

Exit code: 0 accepted (or, with --no-wait, asked); 1 refused, or no such agent or release; 64 when the command line is wrong;
69 when the cluster can't be asked; 75 when the operator did not answer in time, at once for a suspended agent; 77 when you may
not (role approver of the chart); 130 after Ctrl-C: the intent stands.`;
}

/** What the command line asks for. */
interface Request extends Wish {
  readonly name: string;
  readonly note: string | undefined;
  readonly timeoutMs: number;
  readonly answer: 'Wait' | 'NoWait';
}

async function run(command: AskingCommand, args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const line = parseCommandLine(command.name, args, { ...options, ...(command.name === 'promote' ? { full: { type: 'boolean' } } : {}), ...(command.name === 'undo' ? { 'to-revision': { type: 'string' } } : {}) });
  const request = requestFrom(command, line);
  return withCluster(command.name, line, surroundings, async (cluster) => {
    const view = await readAgent(cluster, request.name, surroundings);
    const { release } = askable(view, request);
    const seen = request.verb === 'Retry' ? wantedRevision(view.agent) : request.toRevision;
    const intent = await intentOf(cluster, { ...request, toRevision: seen, step: stepMeant(request, release) }, release.spec.revision, surroundings);
    const title = `${release.metadata.name}, revision ${release.spec.revision}`;
    writeLines(surroundings.stderr, warningsBefore(request, release).map((warning) => printable(`${title}: ${warning}`)));
    await ask(cluster, release, intent, surroundings);
    if (request.answer === 'NoWait') {
      writeLines(surroundings.stdout, [`${title}: ${intent.verb} is asked; the answer will be in status.handledIntent, request ${intent.requestId}`]);
      return exitCode.ok;
    }
    if (view.agent?.spec.suspend === true) throw suspended(intent, request.name);
    writeLines(surroundings.stderr, [`${title}: ${intent.verb} is asked; waiting for the operator's answer`]);
    const answer = await awaitAnswer(cluster, view, { release: release.metadata.name, intent, timeoutMs: request.timeoutMs }, surroundings);
    const accepted = answer.outcome === 'Accepted';
    writeLines(accepted ? surroundings.stdout : surroundings.stderr, [printable(accepted ? `${title}: ${intent.verb} accepted: ${answer.message}` : `${title}: ${answer.message}`)]);
    return accepted ? exitCode.ok : exitCode.bad;
  });
}

function requestFrom(command: AskingCommand, line: CommandLine): Request {
  const name = agentNameFrom(command.name, line);
  const note = line.text('note');
  if (note !== undefined && note.length > maxNote) throw usageError(command.name, `--note has ${note.length} characters: write at most ${maxNote}`);
  return {
    name, note,
    verb: verbOf(command, { full: line.has('full') ? 'Full' : 'Stepwise' }),
    revision: revisionFrom(command, line, 'revision'),
    toRevision: revisionFrom(command, line, 'to-revision'),
    timeoutMs: spanFrom(command.name, line, 'timeout') ?? defaultTimeoutMs,
    answer: line.has('no-wait') ? 'NoWait' : 'Wait',
  };
}

function revisionFrom(command: AskingCommand, line: CommandLine, option: string): string | undefined {
  const revision = line.text(option);
  if (revision !== undefined && !/^[a-z0-9]{1,64}$/.test(revision)) throw usageError(command.name, `--${option} "${revision}" is no revision: copy one from kubectl sluice history`);
  return revision;
}

/** Throws CliError when there is nothing to ask, or when the operator would refuse by its own rules. */
function askable(view: AgentView, request: Request): Target {
  const { namespace, name, agent } = view;
  if (agent === undefined) throw refused(`There is no AgentDeployment "${name}" in namespace "${namespace}"; see: kubectl get agentdeployments --all-namespaces`);
  const target = targetOf(view, request);
  if (target === undefined) throw refused(request.verb === 'Undo' && view.releases.length > 0 ? `no revision of "${name}" was promoted yet, so there is nothing to undo` : `"${name}" has no release yet: there is nothing to ask`);
  if (target.refusal !== undefined) throw refused(`${request.verb} of ${target.release.metadata.name} is not possible: ${target.refusal}`);
  const before = unansweredIntent(target.release);
  if (before !== undefined && request.verb !== 'Abort' && request.verb !== 'Pause') {
    throw refused(`${before.verb}, asked by ${before.by ?? 'somebody'}, is not answered yet: wait for it (only Abort and Pause take its place)`);
  }
  return target;
}

/** What who asks takes upon himself. */
function warningsBefore({ verb }: Wish, { status = {} }: Release): string[] {
  if (verb !== 'Promote' || status.phase !== 'AwaitingApproval' || status.approval?.cause !== 'Inconclusive') return [];
  const open = (status.objectives ?? []).filter(({ verdict }) => verdict !== 'Pass').map(({ name, verdict }) => `${name} says ${verdict}`);
  return [`its objectives could not decide in time, so this gives all the traffic to what is NOT proven${open.length === 0 ? '' : `: ${open.join(', ')}`}`];
}

/** Where who asks has seen it: the wish may be read in the next step. An approval comes after the last one. */
function stepMeant({ verb }: Wish, release: Release): number | undefined {
  if (verb !== 'Promote' && verb !== 'Skip') return undefined;
  const { phase, step = 0 } = release.status ?? {};
  if (phase === 'AwaitingApproval') return planOf(release)?.steps?.length ?? 0;
  return phase === 'Shifting' ? step : undefined;
}

function suspended({ verb }: Intent, name: string): CliError {
  return new CliError(`"${name}" is suspended (spec.suspend), so the operator answers nothing of it now. ${verb} stands and is answered when spec.suspend is false again`, { exitCode: exitCode.noAnswer });
}

function refused(sentence: string): CliError {
  return new CliError(sentence, { exitCode: exitCode.bad });
}

async function intentOf(cluster: Cluster, { verb, note, toRevision, step }: Request & { readonly step: number | undefined }, revision: string, surroundings: Surroundings): Promise<Intent> {
  const by = await userName(cluster, surroundings);
  return {
    verb, revision, requestId: surroundings.newRequestId(),
    ...(by === undefined ? {} : { by }),
    ...(note === undefined ? {} : { note }),
    ...(toRevision === undefined ? {} : { toRevision }),
    ...(step === undefined ? {} : { step }),
  };
}
