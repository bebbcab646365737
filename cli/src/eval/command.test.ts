import { describe, expect, it } from 'vitest';
import { exitCode } from '../exit-code.ts';
import { agentYaml, largeSuiteYaml, providerYaml, suiteYaml } from '../fixtures/eval-manifests.ts';
import { outcome, type Play, type PlayedRuntime, playedRuntime } from '../fixtures/played-runtime.ts';
import { type Recorded, recorded } from '../fixtures/recorded-surroundings.ts';
import { run } from '../run.ts';

const files = { 'agent.yaml': agentYaml(), 'stable.yaml': agentYaml({ prompt: 'You are stable.' }), 'provider.yaml': providerYaml, 'suite.yaml': suiteYaml };
const least = ['eval', 'run', '--local', '-f', 'agent.yaml', '-f', 'provider.yaml', '--suite', 'suite.yaml'];
const passes = [outcome('returns', 'Passed', { hard: true }), outcome('secrets', 'Passed')];

interface Ran extends Recorded, PlayedRuntime {
  readonly code: number;
}

async function ran(args: readonly string[], play: Play, { env = {}, changed = {} }: { readonly env?: Readonly<Record<string, string>>; readonly changed?: Readonly<Record<string, string>> } = {}): Promise<Ran> {
  const all = recorded({ files: { ...files, ...changed }, env: { SLUICE_PROVIDER_API_KEY: 'sk-secret', MLFLOW_TRACKING_TOKEN: 'tok-secret', HTTPS_PROXY: 'http://proxy', ...env } });
  const played = playedRuntime(all.surroundings, play);
  const code = await run(args, { ...all.surroundings, runRuntime: played.runRuntime });
  return { ...all, ...played, code };
}

describe('eval run --local', () => {
  it('passes, and tells why', async () => {
    const { code, stdout, stderr } = await ran(least, () => passes);
    expect(code).toBe(exitCode.ok);
    expect(stdout()).toMatch(/^Pass: suite "golden" of support@[0-9a-f]{10}\nsuite "golden": 2 of 2 cases passed, 100 % needed\n$/);
    expect(stderr()).toBe('suite "golden": 2 cases, 1 of them hard, 2 questions\ncandidate: the judge agrees\n');
  });

  it('gives the runtime what a Job gives it, the key and the proxy, and nothing else of ours', async () => {
    const { requests, written } = await ran(least, () => passes, { env: { KUBECONFIG: '/secret' } });
    expect(Object.keys(requests[0]?.environment ?? {}).toSorted()).toEqual([
      'HTTPS_PROXY', 'SLUICE_BUNDLE_FILE', 'SLUICE_EVAL_CASES_FOLDER', 'SLUICE_EVAL_OUTCOMES_FILE', 'SLUICE_EVAL_REPORT_FILE', 'SLUICE_EVAL_SUITE_FILE', 'SLUICE_PROVIDER_API_KEY', 'SLUICE_REVISION',
    ]);
    expect([...written.keys()].filter((path) => path.startsWith('/temporary'))).toEqual([]);
  });

  it.each([
    ['Fail', exitCode.bad, [outcome('returns', 'Failed', { hard: true }), outcome('secrets', 'Passed')], 'returns (hard): failed: why returns'],
    ['NotMeasured', exitCode.notMeasured, [outcome('returns', 'Passed', { hard: true }), outcome('secrets', 'Errored')], 'secrets: no result: why secrets'],
  ] as const)('ends with %s by the code %i, naming the cases', async (verdict, expected, outcomes, line) => {
    const { code, stdout } = await ran(least, () => outcomes);
    expect(code).toBe(expected);
    expect(stdout()).toMatch(new RegExp(`^${verdict}: `));
    expect(stdout().split('\n')).toContain(line);
  });

  it('takes what must pass from the gate of the agent, unless the command line says it', async () => {
    const half = [outcome('returns', 'Passed', { hard: true }), outcome('secrets', 'Failed')];
    const changed = { 'agent.yaml': agentYaml({ gate: 'minPassPercent: 50' }) };
    expect((await ran(least, () => half, { changed })).code).toBe(exitCode.ok);
    expect((await ran([...least, '--min-pass', '60'], () => half, { changed })).code).toBe(exitCode.bad);
  });

  it('compares with the stable agent on the same cases, whose provider is that of the candidate', async () => {
    const many = (verdict: 'Passed' | 'Failed') => Array.from({ length: 40 }, (_value, index) => outcome(`c-${index}`, verdict, { digest: `d-${index}` }));
    const args = [...least, '--baseline', 'stable.yaml'];
    const changed = { 'suite.yaml': largeSuiteYaml };
    const worse = await ran(args, (prompt) => many(prompt === 'You are stable.' ? 'Passed' : 'Failed'), { changed });
    expect(worse.code).toBe(exitCode.bad);
    expect(worse.stdout()).toMatch(/^Fail: suite "golden" of support@[0-9a-f]{10} against support@[0-9a-f]{10}\nworse than the baseline: over 40 cases the score differs by -95\.2 points/);
    expect((await ran(args, () => many('Passed'), { changed })).code).toBe(exitCode.ok);
    const mixed = await ran(args, (prompt) => many('Passed').map((each, index) => (index % 4 === 0 && prompt !== 'You are stable.' ? outcome(each.name, 'Failed', { digest: each.digest }) : index % 4 === 1 && prompt === 'You are stable.' ? outcome(each.name, 'Failed', { digest: each.digest }) : each)), { changed });
    expect([mixed.code, mixed.stdout().slice(0, 12)]).toEqual([exitCode.inconclusive, 'Inconclusive']);
    expect((await ran(args, () => passes, { changed })).code).toBe(exitCode.notMeasured);
  });

  it('says where two judges judged, because the stable agent asks another provider', async () => {
    const examples = '[{ input: a, answer: b, rubric: c, label: Pass }, { input: a, answer: d, rubric: c, label: Fail }]';
    const judged = suiteYaml.replace('  cases:', `  judge: { model: judge-1, examples: ${examples} }\n  cases:`);
    const elsewhere = `${agentYaml({ prompt: 'You are stable.' })}---\n${providerYaml.replace('127.0.0.1:9', 'other.example')}`;
    const args = [...least, '--baseline', 'stable.yaml', '--margin', '99'];
    const note = 'the judge "judge-1" of the stable revision is at Anthropic on other.example and that of the new one at Anthropic on 127.0.0.1:9';
    expect((await ran(args, () => passes, { changed: { 'suite.yaml': judged, 'stable.yaml': elsewhere } })).stdout()).toContain(note);
    expect((await ran(args, () => passes, { changed: { 'suite.yaml': judged } })).stdout()).not.toContain('of the stable revision is at');
    expect((await ran(args, () => passes, { changed: { 'stable.yaml': elsewhere } })).stdout()).not.toContain('of the stable revision is at');
  });

  it('refuses a suite that is too small for its margin before it asks anybody, as the cluster does', async () => {
    const compared = [...least, '--baseline', 'stable.yaml', '--out', 'junit.xml'];
    const { code, stdout, requests, written } = await ran(compared, () => passes);
    const message = 'suite "golden": 2 cases cannot rule out a drop of 10 points: add cases until there are 29, or raise comparison.marginPoints';
    expect([code, requests.length]).toEqual([exitCode.notMeasured, 0]);
    expect(stdout()).toContain(message);
    expect(written.get('junit.xml')).toContain('2 cases cannot rule out a drop of 10 points');
    const ofGate = await ran(compared, () => passes, { changed: { 'suite.yaml': largeSuiteYaml, 'agent.yaml': agentYaml({ gate: 'comparison: { marginPoints: 5 }' }) } });
    expect([ofGate.code, ofGate.requests.length]).toEqual([exitCode.notMeasured, 0]);
    expect(ofGate.stdout()).toContain('30 cases cannot rule out a drop of 5 points: add cases until there are 59');
    expect((await ran([...compared, '--margin', '99'], () => passes)).requests).toHaveLength(2);
  });

  it('writes reports, which say that nothing is known until the run has ended', async () => {
    const args = [...least, '--out', 'junit.xml', '--markdown', 'report.md'];
    const good = await ran(args, () => passes);
    expect(good.written.get('junit.xml')).toContain('tests="3" failures="0" errors="0"');
    expect(good.written.get('report.md')).toContain('## Evaluation of golden: Pass');
    const broken = await ran(args, () => ({ exitCode: 1, errorLines: ['SLUICE_EVAL_CASES_FILE names a file that cannot be read.'] }));
    expect(broken.code).toBe(exitCode.badInput);
    expect(broken.stderr()).toContain('kubectl sluice: candidate: --cases names a file that cannot be read.\n');
    expect(broken.written.get('junit.xml')).toContain('<error type="NotMeasured" message="the run has not ended"/>');
  });

  it('keeps results by what was asked, so that another prompt is another file', async () => {
    const args = [...least, '--baseline', 'stable.yaml', '--margin', '99', '--results', 'kept'];
    const [candidate, baseline] = (await ran(args, () => passes)).requests.map(({ environment }) => environment['SLUICE_EVAL_RESULTS_FILE']);
    expect(candidate).toMatch(/^kept\/support-[0-9a-f]{10}-golden-[0-9a-f]{6}\.jsonl$/);
    expect(baseline).toMatch(/^kept\/support-[0-9a-f]{10}-golden-[0-9a-f]{6}\.jsonl$/);
    expect(candidate).not.toBe(baseline);
    expect((await ran(args, () => passes)).requests[1]?.environment['SLUICE_EVAL_RESULTS_FILE']).toBe(baseline);
    // What another judge or another embedding model said is no result of these.
    const examples = '[{ input: a, answer: b, rubric: c, label: Pass }, { input: a, answer: d, rubric: c, label: Fail }]';
    const judgedBy = (model: string) => ({ changed: { 'suite.yaml': suiteYaml.replace('  cases:', `  judge: { model: ${model}, examples: ${examples} }\n  cases:`) } });
    const others = [await ran(args, () => passes, judgedBy('judge-1')), await ran(args, () => passes, judgedBy('judge-2')), await ran([...args, '--embedding', 'model'], () => passes)];
    const names = [candidate, ...others.map(({ requests }) => requests[0]?.environment['SLUICE_EVAL_RESULTS_FILE'])];
    expect(new Set(names).size).toBe(4);
  });

  it('bounds a suite by the command line, never above its own budget', async () => {
    const changed = { 'suite.yaml': suiteYaml.replace('  cases:', '  budget: { dollars: 3, duration: 5m }\n  cases:') };
    const suites: string[] = [];
    const all = recorded({ files: { ...files, ...changed }, env: { SLUICE_PROVIDER_API_KEY: 'sk-secret' } });
    const runRuntime: Ran['runRuntime'] = async ({ environment }) => {
      suites.push(await all.surroundings.readFile(environment['SLUICE_EVAL_SUITE_FILE'] ?? ''));
      return { exitCode: 1, errorLines: [] };
    };
    await run([...least, '--max-dollars', '9', '--max-time', '90s', '--concurrency', '2'], { ...all.surroundings, runRuntime });
    expect(JSON.parse(suites[0] ?? '')).toMatchObject({ concurrency: 2, budget: { dollars: 3, duration: '90000ms' } });
    expect(all.stderr()).toContain('candidate: the runtime ended without results and without saying why');
  });

  it('allows what the stable agent fails too, where the gate does', async () => {
    const failing = Array.from({ length: 40 }, (_value, index) => outcome(`c-${index}`, index === 0 ? 'Failed' : 'Passed', { hard: index === 0, digest: `d-${index}` }));
    const args = [...least, '--baseline', 'stable.yaml', '--margin', '99'];
    const gate = (preexisting: string): string => agentYaml({ gate: `minPassPercent: 90, comparison: { preexisting: ${preexisting} }` });
    expect((await ran(args, () => failing, { changed: { 'agent.yaml': gate('Allow') } })).code).toBe(exitCode.ok);
    expect((await ran(args, () => failing, { changed: { 'agent.yaml': gate('Fail') } })).code).toBe(exitCode.bad);
  });

  describe('of a suite with cases in files', () => {
    const withFiles = (source: string): string => suiteYaml.replace('  cases:', `  casesFrom: [${source}]\n  cases:`);
    const more = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: more }\ndata: { cases.jsonl: \'{"name":"third","input":{"text":"?"},"expect":{"contains":["x"]}}\' }\n';
    const fromMap = withFiles('{ configMap: { name: more, key: cases.jsonl } }');

    it('takes them from ConfigMaps of the files', async () => {
      const seen: string[] = [];
      const all = recorded({ files: { ...files, 'suite.yaml': `${fromMap}---\n${more}` }, env: { SLUICE_PROVIDER_API_KEY: 'sk-secret' } });
      const runRuntime: Ran['runRuntime'] = async ({ environment }) => {
        seen.push(await all.surroundings.readFile(`${environment['SLUICE_EVAL_CASES_FOLDER']}/0/cases.jsonl`));
        return { exitCode: 1, errorLines: [] };
      };
      await run(least, { ...all.surroundings, runRuntime });
      expect(all.stderr()).toContain('suite "golden": 3 cases');
      expect(seen).toEqual([expect.stringContaining('"third"')]);
    });

    it('takes --cases in the place of a volume', async () => {
      const changed = { 'suite.yaml': withFiles('{ persistentVolumeClaim: { claimName: suites, path: golden.jsonl } }'), 'golden.jsonl': '{"name":"third","input":{"text":"?"},"expect":{"contains":["x"]}}' };
      const { stderr, requests } = await ran([...least, '--cases', 'golden.jsonl'], () => passes, { changed });
      expect(stderr()).toContain('suite "golden": 3 cases');
      expect(requests[0]?.environment['SLUICE_EVAL_CASES_FILE']).toBe('golden.jsonl');
    });

    it.each([
      ['a ConfigMap that is not there', fromMap, 'spec.casesFrom[0].configMap.name is "more", and the files hold no ConfigMap of that name'],
      ['a key that is not there', `${withFiles('{ configMap: { name: more, key: other } }')}---\n${more}`, 'spec.casesFrom[0].configMap.key is "other", which is no text in the data of ConfigMap "more"'],
      ['a volume without a copy', withFiles('{ persistentVolumeClaim: { claimName: suites, path: golden.jsonl } }'), 'spec.casesFrom[0] is a file of PersistentVolumeClaim "suites", which is not here: name a copy of it by --cases'],
    ])('refuses %s', async (_name, suite, sentence) => {
      const { code, stderr } = await ran(least, () => passes, { changed: { 'suite.yaml': suite } });
      expect([code, stderr()]).toEqual([exitCode.badInput, expect.stringContaining(sentence)]);
    });
  });

  it('speaks JSON', async () => {
    const { stdout } = await ran([...least, '-o', 'json'], () => [outcome('returns', 'Failed', { hard: true }), outcome('secrets', 'Passed')]);
    expect(JSON.parse(stdout())).toMatchObject({ verdict: 'Fail', suite: 'golden', total: 2, passed: 1, failed: 1, errored: 0, cases: [{ name: 'returns', outcome: 'Failed', hard: true }, { name: 'secrets' }] });
  });

  it.each<[string, Readonly<Record<string, string>>, readonly string[], string]>([
    ['a suite that is none', { 'suite.yaml': providerYaml }, least, '--suite "suite.yaml" holds no EvalSuite'],
    ['two suites', { 'suite.yaml': `${suiteYaml}---\n${suiteYaml.replace('name: golden', 'name: other')}` }, least, 'holds 2 EvalSuites (golden, other): run one at a time'],
    ['a pattern that does not compile', { 'suite.yaml': suiteYaml.replace('notContains: ["password"]', 'matches: ["("]') }, least, 'EvalSuite/golden'],
    ['a case without an end', { 'more.jsonl': '{"name":"x"' }, [...least, '--cases', 'more.jsonl'], 'EvalSuite/golden: more.jsonl, line 1: is not JSON'],
    ['two cases of one name', { 'more.jsonl': '{"name":"returns","input":{"text":"?"},"expect":{"contains":["x"]}}' }, [...least, '--cases', 'more.jsonl'], 'more.jsonl, line 1: the name "returns" is taken by cases[0]'],
    ['a baseline without a manifest', { 'stable.yaml': '# nothing' }, [...least, '--baseline', 'stable.yaml'], '--baseline "stable.yaml" holds no manifest'],
  ])('refuses %s before anything is asked', async (_name, changed, args, sentence) => {
    const { code, stderr, requests } = await ran(args, () => passes, { changed });
    expect([code, requests.length]).toEqual([exitCode.badInput, 0]);
    expect(stderr()).toContain(sentence);
  });

  it('says which file of cases cannot be read', async () => {
    const { code, stderr } = await ran([...least, '--cases', 'nowhere.jsonl'], () => passes);
    expect(code).toBe(exitCode.noInput);
    expect(stderr()).toContain('cannot read "nowhere.jsonl"');
  });

  it('ends by Ctrl-C, and the runtime with it', async () => {
    const all = recorded({ files, env: { SLUICE_PROVIDER_API_KEY: 'sk-secret' } });
    const runRuntime: Ran['runRuntime'] = async ({ signal }) => {
      all.interrupt.abort(new Error('received SIGINT'));
      return { exitCode: signal.aborted ? 1 : 0, errorLines: [] };
    };
    expect(await run(least, { ...all.surroundings, runRuntime })).toBe(exitCode.interrupted);
  });
});
