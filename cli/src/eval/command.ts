import type { EvalGate } from '@sluice/crds';
import type { CaseOutcome } from '@sluice/evals';
import type { Command } from '../command.ts';
import type { ExitCode } from '../exit-code.ts';
import { writeJson } from '../output-format.ts';
import { type Surroundings, writeLines } from '../surroundings.ts';
import { printable } from '../terminal/printable.ts';
import { paletteFor } from '../terminal/palette.ts';
import { help } from './help.ts';
import { localRevision, runLocally } from './local-run.ts';
import { badInput, type Manifest, readManifests } from './manifests.ts';
import { agentOf, type PreparedAgent, prepareAgent } from './prepared-agent.ts';
import { runRemotely } from './remote-run.ts';
import { renderRun, runDocument } from './render.ts';
import { beginReports, writeReports } from './report-files.ts';
import { type RunOptions, runOptionsFrom, type Subject } from './run-options.ts';
import { prepareSuite, type PreparedSuite } from './suite.ts';
import { trackRun } from './track-run.ts';
import { unreachableHint } from './unreachable.ts';
import { exitCodeOf, refusalOf, verdictOf } from './verdict.ts';

export const evalCommand: Command = { name: 'eval', summary: 'run an evaluation suite on a laptop or in CI, as the cluster would', help, run };

/** An agent that can be asked. */
type Prepared = { readonly name: string } & ({ readonly kind: 'Local'; readonly agent: PreparedAgent } | { readonly kind: 'Url'; readonly url: string });

async function run(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const options = runOptionsFrom(args);
  const startedAt = surroundings.clock.now();
  const manifests = await readManifests(options.files, surroundings);
  const suite = await prepareSuite(options, manifests, surroundings);
  const candidate = await prepared(options.candidate, { manifests, further: [], options, surroundings });
  const gate = gateOf(candidate, suite.name, { manifests, options, surroundings });
  const baseline = options.baseline === undefined ? undefined : await preparedBaseline(options.baseline, { manifests, options, surroundings });
  await beginReports(options, suite.name, surroundings.files);
  writeLines(surroundings.stderr, [planLine(suite)]);
  const refused = baseline === undefined ? undefined : refusalOf(suite, { gate, options });
  const outcomes = refused === undefined ? await ask('candidate', candidate, { suite, options, surroundings }) : [];
  const before = baseline === undefined || refused !== undefined ? undefined : await ask('baseline', baseline, { suite, options, surroundings });
  const verdict = refused ?? verdictOf({ suiteName: suite.name, candidate: outcomes, baseline: before, gate, options });
  await writeReports(options, { suiteName: suite.name, candidate: outcomes, baseline: before, verdict }, surroundings.files);
  const ended = { suite: suite.name, candidate: candidate.name, baseline: baseline?.name, outcomes, verdict };
  if (refused === undefined) await trackRun(options.mlflow, { ended, suite, baselineOutcomes: before, model: modelOf(candidate), startedAt }, surroundings);
  if (options.format === 'json') writeJson(surroundings.stdout, runDocument(ended));
  else writeLines(surroundings.stdout, renderRun(ended, paletteFor(surroundings.stdout, surroundings.env)));
  return exitCodeOf[verdict.verdict];
}

interface Preparation {
  readonly manifests: readonly Manifest[];
  readonly further: readonly Manifest[];
  readonly options: RunOptions;
  readonly surroundings: Surroundings;
}

async function prepared(subject: Subject, { manifests, further, options, surroundings: { env, clock } }: Preparation): Promise<Prepared> {
  if (subject.kind === 'Url') return { kind: 'Url', url: subject.url, name: subject.url };
  const agent = prepareAgent(manifests, { agent: options.agent, further, env, now: clock.now() });
  return { kind: 'Local', agent, name: `${agent.agent.metadata.name}@${localRevision(agent)}` };
}

/** What the baseline's own files lack, such as the ModelProvider, is taken from those of the candidate. */
async function preparedBaseline(subject: Subject, { manifests, options, surroundings }: Omit<Preparation, 'further'>): Promise<Prepared> {
  const own = subject.kind === 'Url' ? [] : await readManifests(subject.files, surroundings);
  if (subject.kind === 'Manifests' && own.length === 0) throw badInput(`--baseline "${subject.files.join(', ')}" holds no manifest: name that of the AgentDeployment that is stable`);
  return await prepared(subject, { manifests: own, further: manifests, options, surroundings });
}

interface Asking {
  readonly suite: PreparedSuite;
  readonly options: RunOptions;
  readonly surroundings: Surroundings;
}

async function ask(label: string, subject: Prepared, { suite, options, surroundings }: Asking): Promise<readonly CaseOutcome[]> {
  if (subject.kind === 'Url') return await runRemotely({ label, url: subject.url, suite, options }, surroundings);
  const outcomes = await runLocally({ label, agent: subject.agent, suite, options }, surroundings);
  const hint = unreachableHint(subject.agent, outcomes);
  if (hint !== undefined) writeLines(surroundings.stderr, [printable(`${label}: ${hint}`)]);
  return outcomes;
}

/** What the agent's own rollout asks of the suite. */
function gateOf(subject: Prepared, suite: string, { manifests, options, surroundings }: Omit<Preparation, 'further'>): EvalGate | undefined {
  if (subject.kind === 'Url' && manifests.length === 0) return undefined;
  const { spec } = subject.kind === 'Local' ? subject.agent.agent : agentOf(manifests, { agent: options.agent, now: surroundings.clock.now() });
  return spec.rollout?.gates?.evals?.find(({ suiteRef }) => suiteRef.name === suite);
}

function modelOf(subject: Prepared): string | undefined {
  return subject.kind === 'Local' ? subject.agent.bundle.model.name : undefined;
}

function planLine({ name, survey: { cases, samples, hardCases } }: PreparedSuite): string {
  return `suite "${name}": ${cases} cases, ${hardCases} of them hard, ${samples} questions`;
}
