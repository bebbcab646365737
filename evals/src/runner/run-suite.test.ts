import { describe, expect, it } from 'vitest';
import { inlineCases, jsonLinesCases } from '../suite/case-source.ts';
import { agentThat, answerOf, caseOf, casesOf, fileOf, settings } from '../testing/cases.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import type { Judge } from '../graders/judge/judge.ts';
import type { Embedder } from '../graders/similarity/embedder.ts';
import { AgentFailure, type AgentUnderTest } from './agent-under-test.ts';
import { readResults, resultLine } from './finished-results.ts';
import { keptLine, keptResults } from './kept-results.ts';
import type { Progress } from './progress.ts';
import { runSuite, type RunOptions, type RunSettings, type SuiteResult } from './run-suite.ts';
import type { SampleResult } from './sample-result.ts';

const yes = () => agentThat(() => 'yes');
const forever: AgentUnderTest = { answer: () => new Promise(() => {}) };

function run(cases: ReturnType<typeof casesOf>, options: Partial<RunOptions> = {}, changes: Partial<RunSettings> = {}) {
  const results: SampleResult[] = [];
  const progress: Progress[] = [];
  const clock = createFakeClock();
  const result = runSuite(
    { ...settings, ...changes },
    inlineCases({ cases }),
    { agent: yes(), clock, signal: new AbortController().signal, onResult: (each) => void results.push(each), onProgress: (each) => void progress.push(each), ...options },
  );
  return { result, results, progress, clock };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('a run', () => {
  it('grades every case, in the order of the suite, and tells progress', async () => {
    const agent = agentThat(({ text }) => (text.endsWith('case-1') ? 'no, private' : 'Yes.'));
    const { result, progress } = run(casesOf(3), { agent });
    expect((await result).outcomes.map(({ name, verdict, reason }) => [name, verdict, reason])).toEqual([
      ['case-0', 'Passed', ''],
      ['case-1', 'Failed', 'does not hold "yes"'],
      ['case-2', 'Passed', ''],
    ]);
    expect(progress.at(-1)).toMatchObject({ done: 3, total: 3, failed: 1, errored: 0 });
  });

  it('gives the agent all of the case', async () => {
    const agent = yes();
    await run([caseOf('a', { history: [{ role: 'User', text: 'before' }], toolStubs: [{ name: 't', result: 'r' }], tools: 'Stubbed', repeats: 2 })], { agent }).result;
    expect(agent.questions).toEqual([1, 2].map((repeat) => ({ id: `a.${repeat}`, text: 'question of a', history: [{ role: 'User', text: 'before' }], toolStubs: [{ name: 't', result: 'r' }], tools: 'Stubbed' })));
  });

  it('has no more cases at a time than the suite says', async () => {
    let [running, most] = [0, 0];
    const agent = agentThat(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return 'yes';
    });
    await run(casesOf(9), { agent }, { concurrency: 3 }).result;
    expect(most).toBe(3);
  });

  it('begins no more cases in a minute than the suite says', async () => {
    const agent = yes();
    const { result, clock } = run(casesOf(5), { agent }, { maxCasesPerMinute: 6, concurrency: 5 });
    await settled();
    expect(agent.questions).toHaveLength(1);
    clock.advance(10_000);
    await settled();
    expect(agent.questions).toHaveLength(2);
    for (let tick = 0; tick < 3; tick += 1) {
      clock.advance(10_000);
      await settled();
    }
    expect((await result).outcomes).toHaveLength(5);
  });

  it('keeps what an agent is worth apart from what it had no chance to answer', async () => {
    const agent = agentThat(({ text }) => {
      if (text.endsWith('0')) throw new AgentFailure('the provider is unavailable');
      if (text.endsWith('1')) throw new Error('secret');
      return answerOf('', { ending: 'none' });
    });
    const { outcomes } = await run(casesOf(3, { expect: { notContains: ['x'] } }), { agent }).result;
    expect(outcomes.map(({ verdict, reason }) => [verdict, reason])).toEqual([
      ['Errored', 'the provider is unavailable'],
      ['Errored', 'internal error'],
      ['Failed', 'the agent gave no answer'],
    ]);
  });

  it('gives up on a case after its time, whatever the agent does with its signal', async () => {
    const { result, clock } = run(casesOf(2), { agent: forever });
    await settled();
    clock.advance(5_000);
    expect((await result).outcomes).toMatchObject([{ verdict: 'Errored', reason: 'no answer within caseTimeout (5s)' }, { verdict: 'Errored' }]);
    expect(clock.pending()).toBe(0);
  });

  it('stops when it is told to, with what it was told', async () => {
    const stop = new AbortController();
    const { result } = run(casesOf(4), { agent: forever, signal: stop.signal });
    await settled();
    stop.abort(new Error('stopped by a signal'));
    await expect(result).rejects.toThrow('stopped by a signal');
  });

  it('ends at once when results cannot be kept', async () => {
    const agent = agentThat(async () => new Promise((resolve) => setImmediate(() => resolve('yes'))));
    const { result } = run(casesOf(50), { agent, onResult: () => Promise.reject(new Error('disk full')) });
    await expect(result).rejects.toThrow('disk full');
    expect(agent.questions.length).toBeLessThan(6);
  });

  it('checks the last case before it asks the first', async () => {
    const agent = yes();
    await expect(run([...casesOf(3), caseOf('bad', { expect: { matches: ['('] } })], { agent }).result).rejects.toThrow('cases[3]: expect.matches[0]');
    expect(agent.questions).toEqual([]);
  });
});

describe('a case that an embedding model grades', () => {
  const embedder = (name: string): Embedder => ({ digest: `sha256:${name}`, embed: async (texts) => texts.map(() => Float32Array.from([1])) });
  const cases = [caseOf('near', { expect: { similarTo: { texts: ['x'], atLeast: 0 } } }), caseOf('plain')];
  const digestsBy = async (name: string) => {
    const { result } = run(cases, { models: { embedder: embedder(name) } });
    const { outcomes, survey } = await result;
    return { near: outcomes[0]?.digest, plain: outcomes[1]?.digest, survey: survey.digest };
  };

  it('is another case to another model, which the rest of the suite is not', async () => {
    const [one, again, other] = [await digestsBy('a'), await digestsBy('a'), await digestsBy('b')];
    expect(again).toEqual(one);
    expect(other).toEqual({ ...one, near: expect.not.stringMatching(one.near ?? '') as string });
  });

  it('is asked again where a model graded it that is not mounted any more', async () => {
    const before = run(cases, { models: { embedder: embedder('a') } });
    await before.result;
    const finished = keptResults(before.results.map(keptLine));
    const agent = yes();
    await run(cases, { agent, finished, models: { embedder: embedder('b') } }).result;
    expect(agent.questions.map(({ id }) => id)).toEqual(['near.1']);
  });
});

it('cases go by the digest that whoever stored them gave them', async () => {
  const digest = `sha256:${'7'.repeat(64)}`;
  const source = inlineCases({ cases: casesOf(2) }, new Map([['case-1', digest]]));
  const { outcomes } = await runSuite(settings, source, { agent: yes(), clock: createFakeClock(), signal: new AbortController().signal });
  expect(outcomes.map((each) => each.digest === digest)).toEqual([false, true]);
});

describe('the cost of an answer', () => {
  const ceiling = (maxCostDollars: number) => [caseOf('a', { expect: { maxCostDollars } })];
  const costs = (...parts: readonly number[]) =>
    agentThat((_question, _signal, onCost) => {
      for (const dollars of parts) onCost(dollars);
      return 'yes';
    });

  it.each([
    ['within', 0.03, [0.01, 0.02], 'Passed', ''],
    ['beyond', 0.029, [0.01, 0.02], 'Failed', 'cost 0.03 US dollars, more than maxCostDollars (0.029)'],
    ['without a price', 1, [], 'Errored', "its price is not known: the agent's model has no price"],
    ['of which a part is not known', 1, [0.01, Number.NaN], 'Errored', "its price is not known: the agent's model has no price"],
  ] as const)('%s its ceiling', async (_title, maximum, parts, verdict, reason) => {
    expect((await run(ceiling(maximum), { agent: costs(...parts) }).result).outcomes).toMatchObject([{ verdict, reason }]);
  });
});

describe('a budget', () => {
  const priced = (...parts: readonly number[]) =>
    agentThat((_question, _signal, onCost) => {
      for (const dollars of parts) onCost(dollars);
      return 'yes';
    });

  it('in dollars lets no further case begin once it is used up', async () => {
    const agent = priced(0.2, 0.3);
    const { outcomes } = await run(casesOf(10), { agent }, { budget: { dollars: 1.5 }, concurrency: 1 }).result;
    expect(agent.questions).toHaveLength(3);
    expect(outcomes.filter(({ verdict }) => verdict === 'Errored').map(({ reason }) => reason)).toEqual(Array.from({ length: 7 }, () => 'budget.dollars (1.5) is used up'));
  });

  it.each([['without prices', []], ['where the price of a part is not known', [0.2, Number.NaN]]])('in dollars cannot be held %s', async (_title, parts) => {
    const agent = priced(...parts);
    const { outcomes } = await run(casesOf(5), { agent }, { budget: { dollars: 1 }, concurrency: 1 }).result;
    expect(agent.questions).toHaveLength(1);
    expect(outcomes[4]).toMatchObject({ verdict: 'Errored', reason: "budget.dollars cannot be held: the agent's model has no price" });
  });

  it('in dollars counts what questions without an answer cost', async () => {
    const agent = agentThat((_question, _signal, onCost) => {
      onCost(1);
      throw new AgentFailure('the provider is unavailable');
    });
    const { outcomes } = await run(casesOf(4), { agent }, { budget: { dollars: 2 }, concurrency: 1 }).result;
    expect(agent.questions).toHaveLength(2);
    expect(outcomes[3]).toMatchObject({ verdict: 'Errored', reason: 'budget.dollars (2) is used up' });
  });

  it('in dollars counts what earlier pods have paid for questions without an answer', async () => {
    const agent = priced(0.5);
    await run(casesOf(4), { agent, unansweredDollars: 1.5 }, { budget: { dollars: 2 }, concurrency: 1 }).result;
    expect(agent.questions).toHaveLength(1);
  });

  it.each<[string, readonly number[], RunSettings['budget'], SuiteResult['obstacle']]>([
    ['is used up', [1], { dollars: 2 }, { reason: 'BudgetUsedUp', message: 'budget.dollars (2) is used up; raise spec.budget.dollars of the EvalSuite, or ask fewer questions' }],
    ['cannot be held', [], { dollars: 2 }, { reason: 'NoPrice', message: "budget.dollars cannot be held: the agent's model has no price; name it in spec.prices of the ModelProvider, or remove spec.budget.dollars from the EvalSuite" }],
    ['suffices', [1], { dollars: 9 }, undefined],
  ])('in dollars that %s is no mishap', async (_title, parts, budget, obstacle) => {
    expect((await run(casesOf(4), { agent: priced(...parts) }, { budget, concurrency: 1 }).result).obstacle).toEqual(obstacle);
  });

  it.each<[string, string, number, 'Told' | 'Mishap']>([
    ['by answers', 'yes', 0, 'Told'],
    ['by a provider that is down', 'down', 0, 'Mishap'],
    ['because a pod was lost', 'yes', 500, 'Mishap'],
  ])('in time that is used up %s', async (_title, said, spentMs, told) => {
    const clock = createFakeClock();
    const agent = agentThat(() => {
      clock.advance(400);
      if (said === 'down') throw new AgentFailure('the provider is unavailable');
      return said;
    });
    const { obstacle } = await run(casesOf(10), { agent, clock, spentMs }, { budget: { duration: '1s' }, concurrency: 1 }).result;
    expect(obstacle?.message).toBe(told === 'Told' ? 'budget.duration (1s) is used up; raise spec.budget.duration of the EvalSuite, or ask fewer questions' : undefined);
  });

  describe('of a suite that is judged', () => {
    const judged = (count: number) => casesOf(count, { expect: { judge: { rubric: 'polite', repeats: 1 } } });
    const settingsOfJudge = { judge: { model: 'judge-1', examples: [], minSensitivityPercent: 80, minSpecificityPercent: 80 } };
    const judge = (dollars: number): Judge => ({ judge: async (_question, _signal, onCost) => (onCost(dollars), 'Pass') });
    const reasonsOf = async (options: Partial<RunOptions>, dollars = 2) => (await run(judged(6), { agent: priced(0.5), ...options }, { ...settingsOfJudge, budget: { dollars }, concurrency: 1 }).result).outcomes.map(({ reason }) => reason);

    it('counts judgements, and those of earlier attempts', async () => {
      expect(await reasonsOf({ models: { judge: judge(0.5) } })).toEqual(['', '', ...Array.from({ length: 4 }, () => 'budget.dollars (2) is used up')]);
      const { result, results } = run(judged(2), { agent: priced(0.5), models: { judge: judge(0.5) } }, settingsOfJudge);
      await result;
      expect(results.map(({ judgeDollars }) => judgeDollars)).toEqual([0.5, 0.5]);
      const finished = keptResults(results.map(keptLine));
      expect((await reasonsOf({ models: { judge: judge(0.5) }, finished }, 3)).filter((reason) => reason === '')).toHaveLength(3);
    });

    it('counts what trying the judge has cost', async () => {
      expect((await reasonsOf({ models: { judge: judge(0) }, spentDollars: 1 })).filter((reason) => reason === '')).toHaveLength(2);
    });

    it.each<[string, Partial<RunOptions>, number]>([
      ['of a judgement', { models: { judge: judge(Number.NaN) } }, 1],
      ['of trying the judge', { models: { judge: judge(0) }, spentDollars: 'Unknown' }, 0],
    ])('cannot be held where the price %s is not known', async (_, options, asked) => {
      const reasons = await reasonsOf(options);
      expect(reasons.filter((reason) => reason === '')).toHaveLength(asked);
      expect(reasons.at(-1)).toBe("budget.dollars cannot be held: the judge's model has no price");
    });
  });

  it('in time lets no further case begin once it is used up', async () => {
    const clock = createFakeClock();
    const agent = agentThat(() => {
      clock.advance(400);
      return 'yes';
    });
    const { outcomes } = await run(casesOf(10), { agent, clock }, { budget: { duration: '1s' }, concurrency: 1 }).result;
    expect(agent.questions).toHaveLength(3);
    expect(outcomes[3]).toMatchObject({ verdict: 'Errored', reason: 'budget.duration (1s) is used up' });
  });

  it('in time counts what passed before its first case, which is no mishap', async () => {
    const agent = yes();
    const clock = createFakeClock();
    const began = clock.now();
    clock.advance(1_000);
    const { outcomes, obstacle } = await run(casesOf(2), { agent, clock, began }, { budget: { duration: '1s' } }).result;
    expect(agent.questions).toEqual([]);
    expect(outcomes.map(({ reason }) => reason)).toEqual(['budget.duration (1s) is used up', 'budget.duration (1s) is used up']);
    expect(obstacle?.reason).toBe('BudgetUsedUp');
  });

  it('in time counts what earlier attempts took', async () => {
    const agent = yes();
    const { outcomes } = await run(casesOf(2), { agent, spentMs: 1_000 }, { budget: { duration: '1s' } }).result;
    expect(agent.questions).toEqual([]);
    expect(outcomes.map(({ verdict }) => verdict)).toEqual(['Errored', 'Errored']);
  });
});

describe('a run that is resumed', () => {
  it('tells what is settled, those without an answer too, and not what an earlier attempt brought', async () => {
    const first: SampleResult[] = [];
    const down = agentThat(({ text }) => {
      if (text.endsWith('1')) throw new AgentFailure('down');
      return 'yes';
    });
    await run(casesOf(2), { agent: down, onSettled: (each) => void first.push(each) }, { concurrency: 1 }).result;
    expect(first.map(({ case: name, verdict }) => [name, verdict])).toEqual([['case-0', 'Pass'], ['case-1', 'NoAnswer']]);
    const again: SampleResult[] = [];
    const finished = new Map([...keptResults(first.map(keptLine))].filter(([, { verdict }]) => verdict !== 'NoAnswer'));
    const { outcomes } = await run(casesOf(2), { finished, onSettled: (each) => void again.push(each) }).result;
    expect(again.map(({ case: name }) => name)).toEqual(['case-1']);
    expect(outcomes.map(({ verdict }) => verdict)).toEqual(['Passed', 'Passed']);
  });

  it('asks again only what has no answer', async () => {
    const down = agentThat(({ text }) => {
      if (text.endsWith('2')) throw new AgentFailure('down');
      return text.endsWith('1') ? 'no' : 'yes';
    });
    const first = run(casesOf(3, { repeats: 2 }), { agent: down });
    await first.result;
    const log = `${first.results.map(resultLine).join('')}{"case":"case-0","rep`;
    const again = yes();
    const { outcomes } = await run(casesOf(3, { repeats: 2 }), { agent: again, finished: await readResults('results.jsonl', fileOf(log).open()) }).result;
    expect(again.questions.map(({ id }) => id)).toEqual(['case-2.1', 'case-2.2']);
    expect(outcomes.map(({ verdict }) => verdict)).toEqual(['Passed', 'Failed', 'Passed']);
  });

  it('asks again what was another case', async () => {
    const first = run(casesOf(2));
    await first.result;
    const finished = await readResults('results.jsonl', fileOf(first.results.map(resultLine).join('')).open());
    const again = yes();
    await run([caseOf('case-0'), caseOf('case-1', { expect: { contains: ['y'] } })], { agent: again, finished }).result;
    expect(again.questions.map(({ id }) => id)).toEqual(['case-1.1']);
  });

  it('has spent what it spent before', async () => {
    const priced = () =>
      agentThat((_question, _signal, onCost) => {
        onCost(1);
        return 'yes';
      });
    const first = run(casesOf(2), { agent: priced() });
    await first.result;
    const finished = await readResults('results.jsonl', fileOf(first.results.map(resultLine).join('')).open());
    const again = priced();
    const { outcomes } = await run(casesOf(3), { agent: again, finished }, { budget: { dollars: 2 } }).result;
    expect(again.questions).toEqual([]);
    expect(outcomes.map(({ verdict }) => verdict)).toEqual(['Passed', 'Passed', 'Errored']);
  });
});

it.each([
  ['fewer', casesOf(2)],
  ['more', casesOf(4)],
  ['others', [...casesOf(2), caseOf('case-2', { expect: { contains: ['y'] } })]],
])('cases that are %s when they are run than when they were looked at are no result', async (_title, then) => {
  let reads = 0;
  const changing = { cases: () => inlineCases({ cases: reads++ === 0 ? casesOf(3) : then }).cases() };
  const options = { agent: yes(), clock: createFakeClock(), signal: new AbortController().signal };
  await expect(runSuite(settings, changing, options)).rejects.toThrow('cases: were changed while they were run');
});

it('5,000 cases of a file stream: no more are read than are run', async () => {
  const text = Array.from({ length: 5_000 }, (_value, index) => JSON.stringify(caseOf(`c-${index}`))).join('\n');
  let [read, asked, ahead] = [0, 0, 0];
  const file = fileOf(text, 4_096);
  const counted = { name: file.name, open: async function* chunks() {
    read = 0;
    for await (const chunk of file.open()) {
      read += chunk.length;
      yield chunk;
    }
  } };
  const agent = agentThat(async () => {
    asked += 1;
    ahead = Math.max(ahead, read - (asked / 5_000) * text.length);
    return 'yes';
  });
  const { outcomes, survey } = await runSuite({ ...settings, concurrency: 8 }, jsonLinesCases(counted), { agent, clock: createFakeClock(), signal: new AbortController().signal });
  expect([outcomes.length, survey.cases, asked]).toEqual([5_000, 5_000, 5_000]);
  expect(ahead).toBeLessThan(4_096 + 20 * 200);
});
