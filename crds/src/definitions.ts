import { agentDeploymentSpec } from './agent-deployment/spec.ts';
import { agentDeploymentStatus } from './agent-deployment/status.ts';
import type { KindDefinition, PrinterColumn } from './custom-resource-definition.ts';
import { evalRunSpec, evalRunStatus } from './eval-run.ts';
import { evalSuiteSpec } from './eval-suite/spec.ts';
import { modelProviderSpec } from './model-provider.ts';
import { releaseSpec } from './release/spec.ts';
import { releaseStatus } from './release/status.ts';
import type { CelRule } from './structural-schema.ts';

/** Longest name of an AgentDeployment: Services, Deployments, Jobs and label values are named after it, and end at 63 characters. */
export const agentNameMaxLength = 40;

const age: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Time since the object was made.' };

interface NameRule {
  readonly kind: string;
  readonly maxLength: number;
  /** Names of Services begin with a letter, those of most other objects may begin with a digit. */
  readonly begin: 'Letter' | 'LetterOrDigit';
  readonly why: string;
}

function nameRule({ kind, maxLength, begin, why }: NameRule): CelRule {
  const [first, ends] = begin === 'Letter' ? ['[a-z]', 'beginning with a letter and ending with a letter or digit'] : ['[a-z0-9]', 'with a letter or digit at both ends'];
  const sentence = `metadata.name of ${kind} must be at most ${maxLength} characters: lower-case letters, digits and "-", ${ends}, because ${why}`;
  return {
    rule: `size(self.metadata.name) <= ${maxLength} && self.metadata.name.matches('^${first}([-a-z0-9]*[a-z0-9])?$')`,
    message: sentence,
    messageExpression: `'${sentence}; got "' + self.metadata.name + '"'`,
  };
}

/**
 * Longer ways back to itself lead over other objects, which CEL does not see: the operator ends such a release. A list that was stored before this rule is
 * let be: a rule on the whole object is asked at every write of it, so the agent could have no status, and could not be deleted where a finalizer must go first.
 */
const dependsOnOthers: CelRule = {
  rule: '!has(self.spec.rollout) || !has(self.spec.rollout.dependsOn) || self.spec.rollout.dependsOn.all(d, d.name != self.metadata.name) || (oldSelf.hasValue() && has(oldSelf.value().spec.rollout) && has(oldSelf.value().spec.rollout.dependsOn) && self.spec.rollout.dependsOn == oldSelf.value().spec.rollout.dependsOn)',
  optionalOldSelf: true,
  message: 'rollout.dependsOn[].name must not be the name of the agent itself: its release would wait for itself for ever; remove it, or name the agent that must be released before',
};

const agentDeployment: KindDefinition = {
  kind: 'AgentDeployment',
  plural: 'agentdeployments',
  singular: 'agentdeployment',
  shortNames: ['agd'],
  description: 'An LLM agent: what it is, how it runs and how a change of it may reach users.',
  spec: agentDeploymentSpec,
  status: agentDeploymentStatus,
  scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' },
  columns: [
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'Is it healthy, what is going on.' },
    { name: 'Ready', type: 'integer', jsonPath: '.status.stable.readyReplicas', description: 'Ready pods of the revision that serves.' },
    { name: 'Stable', type: 'string', jsonPath: '.status.stable.revision', description: 'The revision that serves.' },
    { name: 'Canary', type: 'string', jsonPath: '.status.canary.revision', description: 'The revision that is going out.' },
    { name: 'Weight', type: 'integer', jsonPath: '.status.canary.actualWeight', description: 'Percent of the traffic that the canary really takes.' },
    { name: 'Release', type: 'string', jsonPath: '.status.release.phase', description: 'Where the latest release is.' },
    age,
    { name: 'Message', type: 'string', jsonPath: '.status.message', description: 'What is live, what is going out, why it is stopped.' },
    { name: 'Forecast', type: 'string', jsonPath: '.status.forecast.summary', description: 'How long the gates of the next release will take with the traffic of today.', priority: 1 },
  ],
  rules: [nameRule({ kind: 'an AgentDeployment', maxLength: agentNameMaxLength, begin: 'Letter', why: 'the names of its Deployments, Services and Jobs begin with it' }), dependsOnOthers],
};

const modelProvider: KindDefinition = {
  kind: 'ModelProvider',
  plural: 'modelproviders',
  singular: 'modelprovider',
  shortNames: ['mp'],
  description: 'Where models are served: the wire format, the endpoint and the Secret with the key. Shared by the agents of a namespace.',
  spec: modelProviderSpec,
  columns: [
    { name: 'Kind', type: 'string', jsonPath: '.spec.kind', description: 'The wire format.' },
    { name: 'Endpoint', type: 'string', jsonPath: '.spec.endpoint', description: "Base URL; empty: the provider's own." },
    age,
  ],
  rules: [nameRule({ kind: 'a ModelProvider', maxLength: 63, begin: 'LetterOrDigit', why: 'agents refer to it by that name' })],
};

const evalSuite: KindDefinition = {
  kind: 'EvalSuite',
  plural: 'evalsuites',
  singular: 'evalsuite',
  shortNames: ['evs'],
  description: 'Questions and what their answers must be like. A revision passes the suites of its agent before users reach it.',
  spec: evalSuiteSpec,
  columns: [
    { name: 'Concurrency', type: 'integer', jsonPath: '.spec.concurrency', description: 'Cases that run at a time.' },
    { name: 'Timeout', type: 'string', jsonPath: '.spec.caseTimeout', description: 'Longest time for one case.' },
    age,
  ],
  rules: [nameRule({ kind: 'an EvalSuite', maxLength: 63, begin: 'LetterOrDigit', why: 'agents refer to it by that name' })],
};

const evalRun: KindDefinition = {
  kind: 'EvalRun',
  plural: 'evalruns',
  singular: 'evalrun',
  shortNames: ['evr'],
  description: 'One EvalSuite run against one revision. Made by the operator.',
  spec: evalRunSpec,
  status: evalRunStatus,
  columns: [
    { name: 'Suite', type: 'string', jsonPath: '.spec.suite.name', description: 'The suite that is run.' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'Where the run is.' },
    { name: 'Done', type: 'integer', jsonPath: '.status.progress.done', description: 'Questions that were asked and graded.' },
    { name: 'Passed', type: 'integer', jsonPath: '.status.report.passed', description: 'Cases that passed.' },
    { name: 'Total', type: 'integer', jsonPath: '.status.report.total', description: 'Cases of the suite.' },
    age,
    { name: 'Message', type: 'string', jsonPath: '.status.message', description: 'The result in one sentence.', priority: 1 },
  ],
  rules: [],
};

const release: KindDefinition = {
  kind: 'Release',
  plural: 'releases',
  singular: 'release',
  shortNames: ['rel'],
  description: 'One attempt to bring a revision to users: its plan, evidence and verdict. Made by the operator.',
  spec: releaseSpec,
  status: releaseStatus,
  columns: [
    { name: 'Agent', type: 'string', jsonPath: '.spec.agentName', description: 'The AgentDeployment.' },
    { name: 'Revision', type: 'string', jsonPath: '.spec.revision', description: 'The revision that is to reach users.' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'Where the release is.' },
    { name: 'Asked', type: 'integer', jsonPath: '.status.weight', description: 'Percent of the traffic that the revision is to take; what it really takes is the Weight of its AgentDeployment.' },
    { name: 'Reason', type: 'string', jsonPath: '.status.reason', description: 'Why, in a word.' },
    age,
    { name: 'Forecast', type: 'string', jsonPath: '.status.gate.forecast.summary', description: 'How long its gates will take, as it was told before any traffic moved.', priority: 1 },
    { name: 'Message', type: 'string', jsonPath: '.status.message', description: 'Why, in one sentence.', priority: 1 },
  ],
  rules: [],
};

/** Every kind of the group, in the order of the reference. */
export const definitions: readonly KindDefinition[] = [agentDeployment, modelProvider, evalSuite, evalRun, release];
