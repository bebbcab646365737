import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentDeployment, EvalRun, EvalRunPhase, IntentVerb, Release } from '@sluice/crds';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Moment, PlayedReleases } from '../../cli/src/fixtures/played-releases.ts';
import { situationOf } from '../../cli/src/intents/situation.ts';
import { refusalOf } from '../../operator/src/release/intents/refusal.ts';
import { type KStatus, kstatusOf } from '../../operator/src/conditions/testing/kstatus.ts';
import { luaInterpreter } from './lua-interpreter.ts';
import { LuaScript } from './lua-script.ts';

interface Health {
  readonly status: string;
  readonly message?: string;
}
type Discovered = Readonly<Record<string, { readonly disabled: boolean; readonly iconClass: string; readonly displayName: string }>>;

const verbs: Readonly<Record<string, IntentVerb>> = {
  promote: 'Promote', 'promote-full': 'PromoteFull', abort: 'Abort', retry: 'Retry', pause: 'Pause', resume: 'Resume', skip: 'Skip', undo: 'Undo',
};
const ended = new Set(['Promoted', 'RolledBack', 'Superseded', 'Aborted']);

let lua: string;
let moments: readonly Moment[];
/** Every release at every moment, with the agent as it was then. */
let seen: readonly { readonly moment: Moment; readonly release: Release }[];

beforeAll(async () => {
  lua = await luaInterpreter(new AbortController().signal);
  moments = await PlayedReleases.play();
  seen = moments.flatMap((moment) => moment.view.releases.map((release) => ({ moment, release })));
});

describe('the health of a release', () => {
  it('is told in every phase, in the words of its status', async () => {
    const met = seen.filter(({ release }) => release.status?.phase !== undefined && release.status.undoTo === undefined && release.spec.intent?.requestId === release.status.handledIntent?.requestId).map(({ release }) => release);
    // the operator goes through Preparing within one look
    const answered: Release[] = [...met, { ...met[0]!, status: { phase: 'Preparing', message: 'about to begin' } }];
    const found = await new LuaScript(lua, 'Release/health.lua').run<Health>(answered);
    const byPhase = Object.fromEntries(answered.map(({ status }, index) => [status?.phase, found[index]?.status]));
    expect(byPhase).toEqual({
      Preparing: 'Progressing', Evaluating: 'Progressing', Shifting: 'Progressing', AwaitingApproval: 'Suspended', Promoting: 'Progressing', Promoted: 'Healthy',
      Held: 'Progressing', Paused: 'Suspended', RollingBack: 'Progressing', RolledBack: 'Degraded', Superseded: 'Degraded', Aborted: 'Degraded',
    });
    expect(found.map(({ message }) => message)).toEqual(answered.map(({ status }) => status?.message));
  });

  it('is what kstatus makes of its conditions, at every moment; one that was undone is Degraded', async () => {
    const found = await new LuaScript(lua, 'Release/health.lua').run<Health>(seen.map(({ release }) => release));
    const words: Readonly<Record<string, KStatus>> = { Progressing: 'InProgress', Suspended: 'InProgress', Healthy: 'Current', Degraded: 'Failed' };
    const told = seen.map(({ release }, index) => ({ release, health: found[index]?.status ?? '' })).filter(({ release }) => release.status?.conditions !== undefined);
    expect(told.filter(({ release, health }) => words[health] !== kstatusOf(release)).map(({ release, health }) => [release.metadata.name, release.status?.phase, health])).toEqual([]);
    expect(new Set(told.filter(({ release }) => release.status?.undoTo !== undefined && release.metadata.generation === release.status.observedGeneration).map(({ health }) => health))).toEqual(new Set(['Degraded']));
    expect(new Set(told.map(({ health }) => health))).toEqual(new Set(Object.keys(words)));
  });

  it('waits for the generation of a release to be seen', async () => {
    const { release } = seen.find(({ release: { status } }) => status?.phase === 'Promoted')!;
    const { intent: _none, ...spec } = release.spec;
    const edited: Release = { ...release, spec, metadata: { ...release.metadata, generation: 7 } };
    expect(await new LuaScript(lua, 'Release/health.lua').run<Health>([edited])).toEqual([{ status: 'Progressing', message: 'Waiting for the operator to see generation 7 of the release' }]);
  });

  it('waits for the answer to an intent, and for a status', async () => {
    const open = seen.find(({ release }) => release.spec.intent !== undefined && release.spec.intent.requestId !== release.status?.handledIntent?.requestId)!.release;
    const { status: _status, ...bare } = open;
    expect(await new LuaScript(lua, 'Release/health.lua').run<Health>([open, bare])).toEqual([
      { status: 'Progressing', message: `Waiting for the operator to answer the intent ${open.spec.intent?.verb}` },
      { status: 'Progressing', message: 'Waiting for the operator to begin' },
    ]);
  });
});

describe('the health of an agent', () => {
  it('is that of its phase once the operator has seen the spec', async () => {
    const agents = moments.map(({ view }) => view.agent);
    const found = await new LuaScript(lua, 'AgentDeployment/health.lua').run<Health>(agents);
    const words: Readonly<Record<string, string>> = { Pending: 'Progressing', Progressing: 'Progressing', Paused: 'Suspended', Suspended: 'Suspended', Healthy: 'Healthy', Degraded: 'Degraded' };
    expect(found).toEqual(agents.map(({ metadata, status }) => {
      if (status?.phase === undefined) return { status: 'Progressing', message: 'Waiting for the operator to look at it' };
      if (status.observedGeneration !== metadata.generation) return { status: 'Progressing', message: `Waiting for the operator to see generation ${metadata.generation} of the spec` };
      return { status: words[status.phase], message: status.message };
    }));
    expect(new Set(found.map(({ status }) => status))).toEqual(new Set(['Progressing', 'Healthy', 'Degraded', 'Suspended']));
  });

  it('is suspended by its spec, whatever the status says', async () => {
    const { agent } = moments.at(-1)!.view;
    const suspended: AgentDeployment = { ...agent, spec: { ...agent.spec, suspend: true } };
    expect((await new LuaScript(lua, 'AgentDeployment/health.lua').run<Health>([suspended]))[0]).toMatchObject({ status: 'Suspended' });
  });
});

describe('the health of the other kinds', () => {
  const run = (phase: EvalRunPhase | undefined): EvalRun => ({
    apiVersion: 'sluice.dev/v1alpha1', kind: 'EvalRun', metadata: { name: 'a' }, spec: { agentName: 'a', revision: 'r', release: 'a-1', suite: { name: 's', digest: 'd' }, minPassPercent: 100 },
    ...(phase === undefined ? {} : { status: { phase, message: `is ${phase}` } }),
  });

  it('of an evaluation is its phase; what is not measured is no pass', async () => {
    const phases = [undefined, 'Pending', 'Running', 'Passed', 'Failed', 'Inconclusive', 'NotMeasured'] as const;
    const found = await new LuaScript(lua, 'EvalRun/health.lua').run<Health>(phases.map((phase) => run(phase)));
    expect(found.map(({ status }) => status)).toEqual(['Progressing', 'Progressing', 'Progressing', 'Healthy', 'Degraded', 'Degraded', 'Degraded']);
    expect(found.map(({ message }) => message).slice(1)).toEqual(phases.slice(1).map((phase) => `is ${phase}`));
  });

  it('of what has no status is healthy', async () => {
    expect(await new LuaScript(lua, 'ModelProvider/health.lua').run<Health>([{ spec: { kind: 'OpenAI', endpoint: 'http://x' } }, { spec: { kind: 'Anthropic' } }])).toEqual([
      { status: 'Healthy', message: 'OpenAI at http://x' }, { status: 'Healthy', message: "Anthropic at the provider's own endpoint" },
    ]);
    expect(await new LuaScript(lua, 'EvalSuite/health.lua').run<Health>([{ spec: { cases: [{ name: 'a' }, { name: 'b' }] } }])).toEqual([{ status: 'Healthy', message: '2 cases' }]);
  });
});

describe('the actions of a release', () => {
  it('are disabled exactly where the operator would refuse while it is on its way, and nowhere where it would not', async () => {
    const found = await new LuaScript(lua, 'Release/actions/discovery.lua').run<Discovered>(seen.map(({ release }) => release));
    for (const [index, { moment, release }] of seen.entries()) {
      const actions = found[index] ?? {};
      const phase = release.status?.phase ?? 'Preparing';
      const waits = release.spec.intent !== undefined && release.spec.intent.requestId !== release.status?.handledIntent?.requestId;
      expect(Object.keys(actions).toSorted()).toEqual(Object.keys(verbs).toSorted());
      for (const [action, verb] of Object.entries(verbs)) {
        if (waits && verb !== 'Abort' && verb !== 'Pause') {
          expect(actions[action]?.disabled, `${action} before an answer`).toBe(true);
          continue;
        }
        const refusal = refusalOf(situationOf(moment.view, release), { verb, revision: release.spec.revision });
        const title = `${moment.title}: ${release.metadata.name} is ${phase}, ${action}: ${refusal ?? 'accepted'}`;
        if (refusal === undefined) expect(actions[action]?.disabled, title).toBe(false);
        else if (!ended.has(phase)) expect(actions[action]?.disabled, title).toBe(true);
      }
    }
  });

  it('are all possible at some time', async () => {
    const found = await new LuaScript(lua, 'Release/actions/discovery.lua').run<Discovered>(seen.map(({ release }) => release));
    const possible = new Set(found.flatMap((actions) => Object.keys(actions).filter((action) => actions[action]?.disabled === false)));
    expect([...possible].toSorted()).toEqual(Object.keys(verbs).toSorted());
  });
});

describe('the actions of an agent', () => {
  /** What is asked of the release that the agent's status is about, or that it names for the verb. */
  const namedBy = ({ view: { agent, releases } }: Moment, verb: IntentVerb): Release | undefined => {
    const named = verb === 'Retry' ? agent.status?.rejectedBy?.release : verb === 'Undo' ? promotedLast(agent) : agent.status?.release?.name;
    return releases.find(({ metadata }) => metadata.name === named);
  };
  const promotedLast = ({ status }: AgentDeployment) => status?.history?.find(({ verdict, revision }) => (verdict === 'Promoted' || verdict === 'FastPromoted') && revision === status.stable?.revision)?.release;
  /** The status of an agent may be older than its releases. */
  const isFresh = ({ view: { agent: { status, metadata }, releases } }: Moment) => {
    const latest = releases.at(-1);
    const undone = releases.filter((release) => release.status?.undoTo !== undefined).every((release) => status?.history?.some((entry) => entry.release === release.metadata.name && entry.reason === 'Undone'));
    return status?.observedGeneration === metadata.generation && status?.release?.name === latest?.metadata.name && status?.release?.phase === latest?.status?.phase && undone;
  };
  /** When the traffic of a step is there, the agent does not tell. The operator refuses with this sentence. */
  const untold = 'the traffic of this step is not there yet: wait for it, or ask for Skip to go on without it';

  it('are disabled exactly where the operator would refuse, in every phase that the agent tells', async () => {
    const fresh = moments.filter(isFresh);
    const found = await new LuaScript(lua, 'AgentDeployment/actions/discovery.lua').run<Discovered>(fresh.map(({ view }) => view.agent));
    const table = fresh.flatMap((moment, index) => Object.entries(verbs).map(([action, verb]) => {
      const release = namedBy(moment, verb);
      const refusal = release === undefined ? 'there is no such release' : refusalOf(situationOf(moment.view, release), { verb, revision: release.spec.revision });
      return { phase: moment.view.agent.status?.release?.phase, action, title: `${moment.title}, ${moment.view.agent.status?.release?.phase}, ${action}: ${refusal ?? 'accepted'}`, refused: refusal !== undefined, disabled: found[index]?.[action]?.disabled };
    }));
    expect(table.filter(({ refused, disabled, title }) => disabled !== refused && !title.endsWith(untold)).map(({ title, disabled }) => `${title}, ${String(disabled)}`)).toEqual([]);
    // The operator goes through the other phases within one look, or before a status is due.
    expect([...new Set(table.map(({ phase = '' }) => phase))].toSorted()).toEqual(['Aborted', 'AwaitingApproval', 'Evaluating', 'Held', 'Paused', 'Promoted', 'Promoting', 'RolledBack', 'RollingBack', 'Shifting', 'Superseded']);
    expect([...new Set(table.filter(({ refused }) => !refused).map(({ action }) => action))].toSorted()).toEqual(Object.keys(verbs).toSorted());
  });

  it('ask what they say of the release that they name', async () => {
    const agents = moments.map(({ view }) => view.agent);
    const found = await new LuaScript(lua, 'AgentDeployment/actions/discovery.lua').run<Discovered>(agents);
    const offered = new Set<string>();
    for (const [action, verb] of Object.entries(verbs)) {
      const enabled = moments.filter((_moment, index) => found[index]?.[action]?.disabled === false);
      const results = await new LuaScript(lua, `AgentDeployment/actions/${action}/action.lua`).run<Release>(enabled.map(({ view }) => ({ ...view.agent, metadata: { ...view.agent.metadata, resourceVersion: '7' } })));
      for (const [index, moment] of enabled.entries()) {
        const { kind, metadata, spec } = results[index]!;
        const release = namedBy(moment, verb);
        expect([kind, metadata.name], `${moment.title}: ${action}`).toEqual(['Release', release?.metadata.name]);
        expect(spec.intent, `${moment.title}: ${action} of ${metadata.name}`).toMatchObject({ verb, revision: release?.spec.revision });
        expect(Object.keys(spec.intent ?? {}), 'what the wish before had is overwritten').toEqual(expect.arrayContaining(['note', ...(verb === 'Undo' || verb === 'Retry' ? ['toRevision'] : []), ...(bound.has(verb) ? ['step'] : [])]));
        expect([spec.intent?.note, verb === 'Undo' ? spec.intent?.toRevision : '']).toEqual(['', '']);
        const { phase, step = '' } = moment.view.agent.status?.release ?? {};
        // The agent's status does not tell how many steps are in force.
        const place = phase === 'Shifting' ? Number.parseInt(step, 10) - 1 : 1_000;
        expect(spec.intent?.step, `${moment.title}: ${action}, ${phase} ${step}`).toBe(bound.has(verb) ? place : undefined);
        offered.add(action);
      }
    }
    expect([...offered].toSorted()).toEqual(Object.keys(verbs).toSorted());
  });
});

/** Asked of one step, not of the next. */
const bound: ReadonlySet<string> = new Set(['Promote', 'Skip']);

describe('an intent whose request id was answered before', () => {
  const again = (phase: string) => ({ metadata: { name: 'support-2' }, spec: { revision: 'new', stableRevision: 'old', intent: { verb: 'Pause', revision: 'new', requestId: 'r1' } }, status: { phase, message: 'is so', handledIntent: { requestId: 'r2' }, answeredRequests: ['r0', 'r1'] } });

  it('is not waited for: the operator answers it no more', async () => {
    const open = { ...again('Promoted'), spec: { ...again('Promoted').spec, intent: { verb: 'Pause', revision: 'new', requestId: 'r3' } } };
    expect(await new LuaScript(lua, 'Release/health.lua').run<Health>([again('Promoted'), open])).toEqual([{ status: 'Healthy', message: 'is so' }, { status: 'Progressing', message: 'Waiting for the operator to answer the intent Pause' }]);
  });

  it('leaves the actions as they are', async () => {
    const [promoted, shifting] = await new LuaScript(lua, 'Release/actions/discovery.lua').run<Discovered>([again('Promoted'), again('Shifting')]);
    expect([promoted?.['undo']?.disabled, shifting?.['skip']?.disabled]).toEqual([false, false]);
  });
});

describe('the actions of an agent whose spec the operator has not seen yet', () => {
  it('are all disabled', async () => {
    const agents = moments.map(({ view: { agent } }) => ({ ...agent, metadata: { ...agent.metadata, generation: (agent.metadata.generation ?? 0) + 1 } }));
    const found = await new LuaScript(lua, 'AgentDeployment/actions/discovery.lua').run<Discovered>(agents);
    const possible = found.flatMap((actions, index) => Object.keys(actions).filter((action) => actions[action]?.disabled !== true).map((action) => `${moments[index]?.title}: ${action}`));
    expect(possible).toEqual([]);
    expect(found).toHaveLength(moments.length);
  });
});

describe('an action of an agent that has nothing to ask it of', () => {
  it.each(Object.keys(verbs))('%s says so', async (action) => {
    const fresh = { ...moments[0]!.view.agent, metadata: { name: 'support', resourceVersion: '1' } };
    await expect(new LuaScript(lua, `AgentDeployment/actions/${action}/action.lua`).run([fresh])).rejects.toThrow(/no (promoted )?release (of|stands against)/);
  });
});

describe('an intent made by an action', () => {
  it.each(Object.entries(verbs))('%s asks for %s, bound to the revision, with a request id that fits', async (action, verb) => {
    const release = { ...seen[0]!.release, metadata: { ...seen[0]!.release.metadata, resourceVersion: '9007199254740991' } };
    const [patched] = await new LuaScript(lua, `Release/actions/${action}/action.lua`).run<Release>([release]);
    const { requestId, ...intent } = patched!.spec.intent!;
    expect(intent).toEqual({ verb, revision: release.spec.revision });
    const shifting = { ...release, status: { ...release.status, phase: 'Shifting' as const, step: 1 } };
    const [inStep] = await new LuaScript(lua, `Release/actions/${action}/action.lua`).run<Release>([shifting]);
    expect(inStep!.spec.intent?.step, 'the step that was seen').toBe(bound.has(verb) ? 1 : undefined);
    const [waiting] = await new LuaScript(lua, `Release/actions/${action}/action.lua`).run<Release>([{ ...shifting, status: { ...shifting.status, phase: 'AwaitingApproval' as const } }]);
    expect(waiting!.spec.intent?.step, 'the approval after the last').toBe(bound.has(verb) ? shifting.spec.rollout?.steps?.length : undefined);
    expect(requestId).toMatch(new RegExp(`^argocd-${action}-9007199254740991-\\d{10}$`));
    expect(requestId.length).toBeLessThanOrEqual(64);
    expect({ ...patched, spec: undefined }).toEqual({ ...release, spec: undefined });
  });
});

describe('the sandbox', () => {
  it.each([
    ['no string library', 'return string.format("%d", 1)'],
    ['no methods of strings', 'return ("a"):upper()'],
    ['no files', 'return io.open("x")'],
    ['no environment', 'return os.getenv("HOME")'],
    ['no more of os than time and date', 'return require("os").getenv("HOME")'],
    ['no other module', 'return require("io")'],
  ])('has %s', async (_title, script) => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-lua-'));
    const path = join(folder, 'x.lua');
    await writeFile(path, script);
    await expect(new LuaScript(lua, path).run([{}])).rejects.toThrow('failed');
    await rm(folder, { recursive: true });
  });
});
