import { type EvalSuiteSpec, withCaseDefaults } from '@sluice/crds';
import type { ConfigMap } from '@sluice/kube';
import { epochMsOf } from '../evidence/index.ts';
import { tooSmall } from '../gates/index.ts';
import { goOn, notMeasured, startOf } from './decision.ts';
import { evalJob } from './job.ts';
import { evalNetworkPolicy } from './network-policy.ts';
import type { EvalRunDecision, EvalRunObservation, EvalRunRule, ProvenRevision } from './observation.ts';
import { noSuchSecret, providerKeyOf } from '../revision/index.ts';
import { frozenSuite, furtherFiles, suiteConfigMap } from './suite-config-map.ts';
import { suiteDigest } from './suite-digest.ts';
import { inputWaitMs } from './time-limits.ts';

const lookAgainMs = 2_000;
const lookAgainSlowlyMs = 15_000;

type Cases = { readonly suite: EvalSuiteSpec; readonly configMap?: ConfigMap } | { readonly refusal: EvalRunDecision };

/** There is no Job yet, or no more: the frozen cases, the NetworkPolicy and the Job are made. Their names follow from the run's, so a second try makes no second one. */
export const start: EvalRunRule = (observation) => {
  if (observation.job !== undefined) return undefined;
  const { evalRun, revision } = observation;
  const cases = casesOf(observation);
  if ('refusal' in cases) return cases.refusal;
  const refusal = comparisonProblem(observation, cases.suite);
  if (refusal !== undefined) return refusal;
  // A pod that takes over is told of results in ConfigMaps alone.
  if ((evalRun.status?.results?.tail ?? '') !== '') return goOn(observation, { phase: 'Pending', message: `suite "${evalRun.spec.suite.name}" goes on in another pod`, results: 'IntoConfigMap', requeueAfterMs: lookAgainMs });
  if (revision === undefined) return awaitInput(observation, `revision ${evalRun.spec.revision} of agent "${evalRun.spec.agentName}" has no record`);
  const lacking = observation.lackingFile ?? lackingKey(observation, revision);
  if (lacking !== undefined) return awaitUser(observation, lacking);
  return {
    ...(cases.configMap === undefined ? {} : { configMap: cases.configMap }),
    ...boundary(observation),
    job: evalJob({ evalRun, template: revision.podTemplate, suite: cases.suite, prices: revision.prices, further: furtherFiles(cases.configMap ?? observation.configMap ?? {}), ...(evalRun.status?.attempt === undefined ? {} : { spentMs: observation.now - startOf(observation) }) }),
    ...goOn(observation, { phase: 'Pending', message: `suite "${evalRun.spec.suite.name}" is ${evalRun.status?.attempt === undefined ? 'starting' : 'going on in another pod'}: ${caseCount(cases.suite)}` }),
  };
};

/** A pod that runs must not lose it, nor any part of it. */
export function boundary({ evalRun, revision }: EvalRunObservation): Pick<EvalRunDecision, 'networkPolicy'> {
  return revision === undefined ? {} : { networkPolicy: evalNetworkPolicy(evalRun, revision.egress) };
}

/** From the frozen ConfigMap where it exists: a change of the EvalSuite after the start changes nothing. */
function casesOf(observation: EvalRunObservation): Cases {
  const { evalRun, configMap, suite } = observation;
  if (configMap !== undefined) {
    const frozen = frozenSuite(evalRun, configMap);
    if (frozen !== undefined) return { suite: frozen };
    return { refusal: notMeasured(observation, `ConfigMap "${configMap.metadata.name}" does not hold the cases of digest ${evalRun.spec.suite.digest}`) };
  }
  if (suite === undefined) return { refusal: awaitInput(observation, `EvalSuite "${evalRun.spec.suite.name}" does not exist`) };
  if (suiteDigest(suite.spec) !== evalRun.spec.suite.digest) {
    return { refusal: notMeasured(observation, 'the EvalSuite was changed after this run was made; a new run takes the new cases') };
  }
  const frozen = suiteConfigMap(evalRun, suite.spec, observation.settledTrials);
  return frozen.kind === 'TooLarge' ? { refusal: notMeasured(observation, frozen.message) } : { suite: withCaseDefaults(suite.spec), configMap: frozen.configMap };
}

/** What is missing may only not have been seen yet. */
function awaitInput(observation: EvalRunObservation, missing: string): EvalRunDecision {
  if (observation.now - startOf(observation) >= inputWaitMs) return notMeasured(observation, missing);
  return goOn(observation, { phase: 'Pending', message: `waiting: ${missing}`, requeueAfterMs: lookAgainMs });
}

/** A pod would not start, or die of it. Not for long: there are Secrets that are made when a pod that wants them is. */
function lackingKey(observation: EvalRunObservation, { podTemplate, provider, keySecret }: ProvenRevision): string | undefined {
  const key = providerKeyOf(podTemplate);
  return keySecret !== 'Missing' || key === undefined || waitedMs(observation) >= inputWaitMs ? undefined : noSuchSecret(key, provider);
}

/** Nothing has begun and nothing is paid for, so there is no hurry: the time of the run does not count yet. */
function awaitUser(observation: EvalRunObservation, lacking: string): EvalRunDecision {
  const { evalRun } = observation;
  const requeueAfterMs = waitedMs(observation) < inputWaitMs ? lookAgainMs : lookAgainSlowlyMs;
  const { status, ...rest } = goOn(observation, { phase: 'Pending', message: `suite "${evalRun.spec.suite.name}" waits: ${lacking}`, requeueAfterMs });
  const { startedAt: _notYet, modelProvider: _mayChange, ...waiting } = status ?? {};
  return { ...rest, status: evalRun.status?.attempt === undefined ? waiting : (status ?? waiting) };
}

function waitedMs({ evalRun, now }: EvalRunObservation): number {
  return now - (epochMsOf(evalRun.metadata.creationTimestamp) ?? now);
}

/** A suite that could not show a drop of the margin costs nothing. How many cases files hold, only the run can tell. */
function comparisonProblem(observation: EvalRunObservation, { cases, casesFrom }: EvalSuiteSpec): EvalRunDecision | undefined {
  const { comparison } = observation.evalRun.spec;
  const problem = comparison === undefined || casesFrom !== undefined ? undefined : tooSmall(cases.length, comparison.marginPoints, comparison.earlierVerdicts);
  return problem === undefined ? undefined : notMeasured(observation, problem);
}

function caseCount({ cases, casesFrom = [] }: EvalSuiteSpec): string {
  if (casesFrom.length > 0) return `${cases.length} cases and those of ${casesFrom.length === 1 ? 'a file' : `${casesFrom.length} files`}`;
  return cases.length === 1 ? '1 case' : `${cases.length} cases`;
}
