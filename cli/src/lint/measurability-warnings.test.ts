import type { Objective } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { lintFile } from './lint-file.ts';
import type { Installed } from './measurability-warnings.ts';

const success = { name: 'success', successRate: { minPercent: 99 } };

function warned({ objectives = [success], rollout = {}, gates = {}, installed = 'NotKnown' }: { readonly objectives?: readonly Objective[]; readonly rollout?: object; readonly gates?: object; readonly installed?: Installed }): readonly string[] {
  const manifest = {
    apiVersion: 'sluice.dev/v1alpha1', kind: 'AgentDeployment', metadata: { name: 'support' },
    spec: {
      agent: { model: { providerRef: { name: 'p' }, name: 'm' }, prompt: { inline: 'Be brief.' } }, access: { anonymous: 'Allowed' }, route: { parentRefs: [{ name: 'g' }] },
      rollout: { steps: [{ weight: 50, duration: '5m' }], gates: { objectives, ...gates }, ...rollout },
    },
  };
  const { problems, warnings } = lintFile('a.json', JSON.stringify(manifest), { now: 0, installed });
  expect(problems).toEqual([]);
  return warnings;
}

type Selector = NonNullable<Objective['counter']>['bad'];
const counting = (bad: Selector, total: Selector = { metric: 'sluice_tool_calls_total' }): Objective => ({ name: 'tools', counter: { bad, total } });
const labelled = (metric: string, name: string, value: string): Selector => ({ metric, labels: [{ name, value }] });
const at = 'a.json: document 1, AgentDeployment/support: warning: spec.rollout.gates.objectives[0].counter';

describe('a counter of our runtime', () => {
  it.each<readonly [string, Objective, string]>([
    ['of a name that it does not have', counting(labelled('sluice_tool_call_total', 'outcome', 'error')), `${at}.bad.metric is "sluice_tool_call_total", which the runtime does not count: write "sluice_tool_calls_total". As it stands "tools" is not measured`],
    ['of a label that it does not have', counting(labelled('sluice_tool_calls_total', 'outcom', 'error')), `${at}.bad.labels[0].name is "outcom", a label that sluice_tool_calls_total does not have: write "outcome". As it stands "tools" is not measured`],
    ['of a value that it never has', counting(labelled('sluice_tool_calls_total', 'outcome', 'eror')), `${at}.bad.labels[0].value is "eror", which outcome of sluice_tool_calls_total never has: write "error". As it stands "tools" is not measured`],
    ['that is wrong in total', counting(labelled('sluice_tool_calls_total', 'outcome', 'error'), { metric: 'sluice_tool_calls' }), `${at}.total.metric is "sluice_tool_calls", which the runtime does not count: write "sluice_tool_calls_total". As it stands "tools" is not measured`],
  ])('%s is warned of', (_title, objective, says) => {
    expect(warned({ objectives: [objective] })).toEqual([says]);
  });

  it.each<readonly [string, Objective]>([
    ['with a value that the spec gives', counting(labelled('sluice_tool_calls_total', 'tool', 'order_status'))],
    ['of copies', counting(labelled('sluice_mirrored_tool_calls_total', 'outcome', 'error'))],
    ['that is the count of a histogram', counting(labelled('sluice_request_duration_seconds_bucket', 'le', '5'), { metric: 'sluice_request_duration_seconds_count' })],
    ['beside that of another program', counting({ metric: 'orders_failed_total' }, { metric: 'orders_total' })],
  ])('%s is fine', (_title, objective) => {
    expect(warned({ objectives: [objective] })).toEqual([]);
  });
});

describe('stickiness', () => {
  const stickiness = { cookie: 'agent' };

  it('together with objectives is warned of: nobody is assigned at random', () => {
    const [warning, ...others] = warned({ rollout: { stickiness } });
    expect(others).toEqual([]);
    expect(warning).toContain('spec.rollout.stickiness: sessions are kept on their revision, so requests are not assigned at random');
  });

  it('alone is fine', () => {
    expect(warned({ objectives: [], rollout: { stickiness, approval: {} } })).toEqual([]);
  });
});

describe('the source Prometheus', () => {
  const gates = { source: 'Prometheus' };

  it.each<readonly [Installed, readonly string[]]>([
    ['NotKnown', ['name the values that it was installed with by --values']],
    ['WithoutPrometheus', ['and the values of the chart name none, so no release of this agent would begin: set prometheus.url there, or write Pods']],
    ['WithPrometheus', []],
  ])('where the operator is %s', (installed, says) => {
    const warnings = warned({ gates, installed });
    expect(warnings).toHaveLength(says.length);
    for (const text of says) expect(warnings.join()).toContain(text);
  });

  it('pods are asked without one', () => {
    expect(warned({ gates: { source: 'Pods' } })).toEqual([]);
  });
});
