import { describe, expect, it } from 'vitest';
import { lintFile as lintFileAt } from './lint-file.ts';

const lintFile = (file: string, text: string) => lintFileAt(file, text, { now: Date.UTC(2026, 0, 1) });

const agent = (lines: string) => `apiVersion: sluice.dev/v1alpha1
kind: AgentDeployment
metadata: { name: support }
spec:
  access: { anonymous: Allowed }
  agent:
    model: { providerRef: { name: demo }, name: m }
    prompt: { inline: Be brief. }
${lines}`;

const provider = (spec: string) => `apiVersion: sluice.dev/v1alpha1\nkind: ModelProvider\nmetadata: { name: p }\nspec: ${spec}\n`;

describe('a line names file, document, manifest, field, value and fix', () => {
  it.each([
    ['an unknown field', agent('  rollout: { stepps: [] }'), 'AgentDeployment/support: spec.rollout.stepps is no known field (it holds an empty list): write "steps"'],
    ['a misspelt field that is needed', agent('  rollout: { steps: [{ weigth: 20, duration: 1m }] }'), 'spec.rollout.steps[0].weigth is no known field (it holds 20): write "weight"'],
    ['a misspelt field that must be there', agent('  rollout: { steps: [{ weight: 20, durration: 1m }] }'), 'spec.rollout.steps[0].durration is no known field (it holds "1m"): write "duration"'],
    ['a field in the wrong case', agent('  Replicas: 3'), 'spec.Replicas is no known field (it holds 3): write "replicas"'],
    ['a field that is like no other', agent('  network: { zzzzzzzz: 1 }'), 'spec.network.zzzzzzzz is no known field (it holds 1): remove it; known here: egress'],
    ['a wrong type', agent('  rollout: { steps: [{ weight: 20%, duration: 1m }] }'), 'spec.rollout.steps[0].weight is "20%": write an integer between 0 and 100'],
    ['a missing field', agent('  rollout: { steps: [{ weight: 20 }] }'), 'spec.rollout.steps[0].duration is missing: write a text of at most 32 characters: rollout.steps[].duration must be a duration between 1s and 168h'],
    ['a rule between fields', agent('  replicas: 2\n  autoscaling: { maxReplicas: 3 }'), 'spec is not taken as it is: spec.replicas and spec.autoscaling exclude each other'],
    ['a rule between fields that were left out', agent('  rollout: { gates: { objectives: [{ name: success, successRate: {} }] } }'), 'spec.rollout is not taken as it is: rollout.gates.objectives are measured on live traffic and need rollout.steps'],
    ['a bare yes', provider('{ kind: OpenAI, endpoint: yes }'), 'spec.endpoint is true: write a text of 1 to 2048 characters'],
    ['an unknown choice', provider('{ kind: openai, endpoint: http://x }'), 'ModelProvider/p: spec.kind is "openai": write one of "Anthropic", "OpenAI"'],
    ['a label that is no text', provider('{ kind: OpenAI, endpoint: http://x }').replace('name: p', 'name: p, labels: { on-call: true }'), 'metadata.labels["on-call"] is true: write a text: put it in quotes'],
    ['a misspelt field of the metadata', provider('{ kind: OpenAI, endpoint: http://x }').replace('name: p', 'name: p, label: {}'), 'metadata.label is no known field (it holds an object with no fields): write "labels"'],
    ['no name', provider('{ kind: OpenAI, endpoint: http://x }').replace('name: p', ''), 'metadata.name is missing: write the name of the object as a text'],
    ['no spec', 'apiVersion: sluice.dev/v1alpha1\nkind: EvalSuite\nmetadata: { name: a }', 'EvalSuite/a: spec is missing: write an object with cases'],
    ['a status that a kind does not have', `${provider('{ kind: OpenAI, endpoint: http://x }')}status: {}`, 'status is no known field'],
    ['a misspelt kind', 'apiVersion: sluice.dev/v1alpha1\nkind: AgentDeploymnet\nmetadata: { name: a }', 'AgentDeploymnet/a: kind is "AgentDeploymnet": write "AgentDeployment"'],
    ['another kind of the group', 'apiVersion: sluice.dev/v1alpha1\nkind: Robot', 'kind is "Robot": write one of AgentDeployment, ModelProvider, EvalSuite, EvalRun, Release'],
    ['another version', 'apiVersion: sluice.dev/v1\nkind: EvalSuite', 'apiVersion is "sluice.dev/v1": write "sluice.dev/v1alpha1"'],
    ['no kind', 'apiVersion: sluice.dev/v1alpha1', 'kind is missing'],
    ['no apiVersion', 'kind: EvalSuite', 'apiVersion is missing'],
    ['no object', '- a', 'the document is a list of 1'],
    ['broken YAML', 'a: [1', 'no valid YAML: line 1, column 6'],
    ['a brace too many, however much follows it', `${agent('')}}\n${'labels: { a: b }\n'.repeat(40)}`, 'no valid YAML: line 9, column 1: a "}" closes nothing; remove it, or write the "{" that it belongs to (the parser stumbles'],
    ['a bracket too many', 'a: [1]\n]', 'no valid YAML: line 2, column 1: a "]" closes nothing; remove it'],
    ['a brace that is not closed', agent('  replicas: 1').replace('spec:', 'spec: {'), 'opened before and is not closed; close or remove it'],
    ['a field written twice', 'kind: a\nkind: b', 'no valid YAML: line 2, column 1: a field is written twice'],
  ])('%s', (_title, text, says) => {
    const { problems } = lintFile('agent.yaml', text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^agent\.yaml: document 1[,:] /);
    expect(problems[0]).toContain(says);
  });
});

const freezes = (freeze: string) => agent(`  rollout: { freezes: [{ name: a, schedule: "0 16 * * FRI", duration: 62h, timeZone: UTC }, { name: b, ${freeze} }] }`);

describe('what the API server may accept and no release survives', () => {
  it.each([
    ['a time zone that is none', freezes('schedule: "0 16 * * FRI", duration: 1h, timeZone: Europe/Berln'), 'spec.rollout.freezes[1].timeZone is "Europe/Berln"'],
    ['a schedule that is none', freezes('schedule: "0 25 * * FRI", duration: 1h, timeZone: UTC'), 'spec.rollout.freezes[1].schedule is "0 25 * * FRI"'],
    ['a schedule that never begins', freezes('schedule: "0 16 31 2 *", duration: 1h, timeZone: UTC'), 'spec.rollout.freezes[1].schedule is "0 16 31 2 *", a day that never comes: write one that does'],
    ['a duration in days', freezes('schedule: "0 16 * * FRI", duration: 3d, timeZone: UTC'), 'its units are h, m, s and ms, each at most once and in this order: write "72h"'],
    ['a dependency on itself', agent('  rollout: { dependsOn: [{ name: search }, { name: support }] }'), 'spec.rollout.dependsOn[1].name is "support": rollout.dependsOn[].name must not be the name of the agent itself'],
    ['a weight that falls', agent('  rollout: { steps: [{ weight: 10, duration: 1m }, { weight: 50, duration: 1m }, { weight: 20, duration: 1m }] }'), 'spec.rollout.steps[2].weight is 20, less than the 50 of the step before: '],
    ['copies after a weight', agent('  route: { parentRefs: [{ name: g }] }\n  rollout: { steps: [{ weight: 10, duration: 1m }, { mirrorPercent: 50, duration: 1m }] }'), 'spec.rollout.steps[1] mirrors after the weight 10 of the step before: '],
  ])('%s', (_title, text, says) => {
    const { problems } = lintFile('agent.yaml', text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(says);
  });
});

it.each<[string, string | undefined]>([
  ['schedule: "* * * * *", duration: 1h, timeZone: UTC', 'warning: spec.rollout.freezes begin anew before they end, from '],
  ['schedule: "0 8 * * *", duration: 10h, timeZone: UTC', undefined],
])('freezes without an end are warned of: %s', (freeze, says) => {
  const { problems, warnings } = lintFile('agent.yaml', freezes(freeze));
  expect(problems).toEqual([]);
  const told = warnings.filter((warning) => warning.includes('freezes'));
  expect(told).toHaveLength(says === undefined ? 0 : 1);
  if (says !== undefined) expect(told[0]).toContain(says);
});

describe('a dark launch with objectives', () => {
  const dark = (more: string, gates = 'gates: { objectives: [{ name: success, successRate: { minPercent: 99 } }] }') => agent(`  route: { parentRefs: [{ name: g }] }\n  rollout: { steps: [{ weight: 0, duration: 2m }, { weight: 50, duration: 2m }], ${gates}${more} }`);

  it.each([
    ['by the header of every release', '', '(header x-sluice-revision: REVISION)'],
    ['by header and cookie of its own', ', stickiness: { header: x-revision, cookie: agent }', '(header x-revision: REVISION, or cookie agent=REVISION)'],
  ])('is warned of: requests come only %s', (_title, more, says) => {
    const { problems, warnings: all } = lintFile('agent.yaml', dark(more));
    expect(problems).toEqual([]);
    const warnings = all.filter((warning) => !warning.includes('spec.rollout.stickiness'));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('agent.yaml: document 1, AgentDeployment/support: warning: spec.rollout.steps[0].weight is 0');
    expect(warnings[0]).toContain(says);
    expect(warnings[0]).toContain('no random choice');
  });

  it('is no matter without objectives', () => {
    expect(lintFile('agent.yaml', dark('', 'approval: { policy: Required }')).warnings).toEqual([]);
  });
});

describe('a step that is shorter than what its objectives need', () => {
  const short = (gates: string) => lintFile('agent.yaml', agent(`  rollout: { steps: [{ weight: 50, duration: 30s }], ${gates} }`)).warnings;

  it('is warned of, with how long it lasts', () => {
    expect(short('gates: { objectives: [{ name: success, successRate: {} }] }').join()).toContain('steps[0].duration is 30s: with objectives a step lasts 75 s at least');
  });

  it('is no matter without objectives', () => {
    expect(short('approval: { policy: Required }')).toEqual([]);
  });
});

describe('steps that nothing gates', () => {
  const stepped = (more: string) => lintFile('agent.yaml', agent(`  rollout: { steps: [{ weight: 50, duration: 30m }]${more} }`)).warnings;

  it('are warned of: time alone promotes', () => {
    for (const more of ['', ', gates: {}', ', approval: { policy: NotRequired }']) expect(stepped(more)).toEqual([expect.stringContaining('AgentDeployment/support: warning: spec.rollout has steps and no gate, so whatever starts and does not crash is promoted when their time is over: name suites in gates.evals')]);
  });

  it('are no matter where a suite, an objective or a person decides', () => {
    for (const more of [', gates: { evals: [{ suiteRef: { name: golden } }] }', ', gates: { objectives: [{ name: success, successRate: {} }] }', ', approval: {}']) expect(stepped(more)).toEqual([]);
  });
});

describe('an agent that does not say who may ask it', () => {
  const silent = (more: string) => lintFile('agent.yaml', agent(more).replace('  access: { anonymous: Allowed }\n', '')).warnings;

  it('is warned of, with what to write', () => {
    expect(silent('')).toEqual([expect.stringContaining('AgentDeployment/support: warning: spec.access is not set, so the agent answers nobody (401): name callers by its keysSecretRef, issuers or serviceAccounts')]);
    expect(silent('')[0]).toContain('write "access:" and below it "  anonymous: Allowed" into spec');
  });

  it('may say it by the variables of its container', () => {
    const container = (env: string) => `  template: { spec: { containers: [{ name: agent, env: [{ name: ${env}, value: x }] }] } }`;
    for (const name of ['SLUICE_ACCESS_FILE', 'SLUICE_ANONYMOUS_ACCESS']) expect(silent(container(name))).toEqual([]);
    expect(silent(container('OTHER'))).toHaveLength(1);
  });
});

describe('several documents', () => {
  const good = provider('{ kind: OpenAI, endpoint: http://x }');

  it('are counted from one, the empty ones too', () => {
    const { problems, checked } = lintFile('all.yaml', `${good}---\n# nothing\n---\n${provider('{}')}`);
    expect(problems.map((line) => line.split(':')[1])).toEqual([' document 3, ModelProvider/p']);
    expect(problems.join()).toContain('spec.kind is missing');
    expect(checked).toBe(2);
  });

  it('of other kinds are noted and not checked', () => {
    const report = lintFile('all.yaml', `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: 3\n---\n${good}`);
    expect(report).toMatchObject({ problems: [], warnings: [], notes: ['all.yaml: document 1, ConfigMap/a: not checked: v1 ConfigMap is no kind of sluice.dev'], checked: 1 });
    expect(report.manifests.map(({ place }) => place.subject)).toEqual(['ConfigMap/a', 'ModelProvider/p']);
  });

  it('in a List are checked one by one', () => {
    const list = { apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'sluice.dev/v1alpha1', kind: 'EvalSuite', metadata: { name: 'a' } }, { apiVersion: 'v1', kind: 'Secret' }] };
    const report = lintFile('list.json', JSON.stringify(list));
    expect(report.problems).toHaveLength(1);
    expect(report.notes).toHaveLength(1);
  });

  it('of an empty file are none', () => {
    expect(lintFile('empty.yaml', '')).toEqual({ problems: [], warnings: [], notes: [], checked: 0, manifests: [] });
  });
});

describe('secrets are not shown', () => {
  it.each([
    ['an unknown field', provider('{ kind: OpenAI, endpoint: http://x, apiKey: sk-123 }')],
    ['a key where its reference belongs', provider('{ kind: OpenAI, endpoint: http://x, apiKeySecretRef: sk-123 }')],
    ['a password in a URL', provider('{ kind: OpenAI, endpoint: "https://user:sk-123@host/" }')],
    ['a nested secret', provider('{ kind: OpenAI, endpoint: http://x, auth: { value: sk-123 } }')],
    ['broken YAML', 'apiKey: sk-123: x'],
    ['a word after the end of a value', 'a: [1] "sk-123"'],
  ])('%s', (_title, text) => {
    const { problems } = lintFile('p.yaml', text);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join('\n')).not.toContain('sk-123');
  });
});

it('a file cannot steer the terminal', () => {
  expect(lintFile('p.yaml', provider('{ kind: "\\e[2Jx" }')).problems.join('')).not.toContain('\u001b');
});
