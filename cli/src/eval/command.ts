import type { EvalGate } from '@sluice/crds';
import { type JudgeProvider, twoJudges } from '@sluice/operator/src/evaluation/judge-provider.ts';
import type { Command } from '../command.ts';
import type { ExitCode } from '../exit-code.ts';
import { writeJson } from '../output-format.ts';
import { type Surroundings, writeLines } from '../surroundings.ts';
import { printable } from '../terminal/printable.ts';
import { paletteFor } from '../terminal/palette.ts';
import { help } from './help.ts';
import { type LocalOutcomes, localRevision, runLocally } from './local-run.ts';
import { badInput, type Manifest, readManifests } from './manifests.ts';
import { agentOf, type PreparedAgent, prepareAgent } from './prepared-agent.ts';
import { runRemotely } from './remote-run.ts';
import { renderRun, runDocument } from './render.ts';
import { beginReports, writeReports } from './report-files.ts';
import { type RunOptions, runOptionsFrom, type Subject } from './run-options.ts';
import { prepareSuite, type PreparedSuite } from './suite.ts';
import { trackRun } from './track-run.ts';
import { unreachableHint } from './unreachable.ts';
import { exitCodeOf, refusalOf, type RunVerdict, verdictOf } from './verdict.ts';

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
  const { outcomes, trials } = refused === undefined ? await ask('candidate', candidate, { suite, options, surroundings }) : noneAsked;
  const before = baseline === undefined || refused !== undefined ? undefined : (await ask('baseline', baseline, { suite, options, surroundings, trials: hasSameJudge(candidate, baseline) ? trials : '' })).outcomes;
  const verdict = refused ?? withNote(verdictOf({ suiteName: suite.name, candidate: outcomes, baseline: before, gate, options }), baseline === undefined ? undefined : twoJudges({ suite: suite.spec, stable: providerOf(baseline), canary: providerOf(candidate) }));
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
  /** What the judge has said of its examples; default nothing. */
  readonly trials?: string;
}

const noneAsked: LocalOutcomes = { outcomes: [], trials: '' };

async function ask(label: string, subject: Prepared, { suite, options, surroundings, trials = '' }: Asking): Promise<LocalOutcomes> {
  if (subject.kind === 'Url') return { ...noneAsked, outcomes: await runRemotely({ label, url: subject.url, suite, options }, surroundings) };
  const ended = await runLocally({ label, agent: subject.agent, suite, options, trials }, surroundings);
  const hint = unreachableHint(subject.agent, ended.outcomes);
  if (hint !== undefined) writeLines(surroundings.stderr, [printable(`${label}: ${hint}`)]);
  return ended;
}

function withNote({ verdict, messages }: RunVerdict, note: string | undefined): RunVerdict {
  return { verdict, messages: note === undefined ? messages : [...messages, note] };
}

/** Where its judge is; nobody judges at an address. */
function providerOf(subject: Prepared): JudgeProvider | undefined {
  return subject.kind === 'Url' ? undefined : subject.agent.bundle.model.provider;
}

/** The same suite's judge is another one at another provider, or with another key. */
function hasSameJudge(one: Prepared, other: Prepared): boolean {
  if (one.kind === 'Url' || other.kind === 'Url') return false;
  const [its, theirs] = [one.agent, other.agent].map(({ bundle, keyVariables }) => JSON.stringify([bundle.model.provider, keyVariables]));
  return its === theirs;
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
