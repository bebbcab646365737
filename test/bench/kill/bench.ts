import { withStep } from '../../../hack/src/progress/progress.ts';
import type { Program } from '../operator/contender.ts';
import type { ModuleOptions } from '../operator/go-modules.ts';
import type { SimulatedCluster } from '../operator/simulated-cluster.ts';
import { differencesOf, placesOf } from './differences.ts';
import type { Lanes } from './lanes.ts';
import type { Likeness } from './likeness.ts';
import { type Kill, planKills } from './plan.ts';
import type { StoryResult } from './result.ts';
import { runStory, type Seen, type Told } from './run.ts';
import type { Story } from './story.ts';
import type { Subject } from './subject.ts';
import { judge, type KillOutcome, type Reference, shortcomings, worse } from './verdict.ts';

export interface BenchOptions extends ModuleOptions {
  readonly cluster: SimulatedCluster;
  readonly token: string;
  readonly lanes: Lanes;
  /** Of each story at most, each killed at in both variants. */
  readonly places: number;
  /** No kill begins later than this, by the monotonic clock. */
  readonly endMs: number;
}

export interface Entry {
  readonly subject: Subject;
  readonly program: Program;
  readonly story: Story;
}

/** Tells one story of one contender: twice without a kill, then with one kill each. */
export async function runEntry(options: BenchOptions, entry: Entry): Promise<StoryResult> {
  try {
    return await runKills(options, entry);
  } catch (error) {
    options.signal.throwIfAborted();
    return { ...nothingTold(entry), failures: [`uninterrupted: ${error instanceof Error ? error.message : String(error)}`] };
  }
}

function nothingTold({ subject: { contender }, story }: Entry): StoryResult {
  const along = { fewest: undefined, mostFailed: 0, returns: 0, unwished: [] };
  return { contender: contender.name, story: story.title, writes: [], planned: 0, serves: {}, seconds: 0, along, noise: [], shortcomings: [], kills: [], failures: [] };
}

/** Throws when no run without a kill could be begun. */
async function runKills(options: BenchOptions, entry: Entry): Promise<StoryResult> {
  const { lanes, clock, signal } = options;
  const { subject: { contender }, story } = entry;
  const failures: string[] = [];
  // A busy machine may fail one of them, and without it nothing can be compared: a second try.
  const once = (telling: Telling): Promise<Told> => lanes.run(() => tell(options, entry, telling)).catch((error: unknown) => {
    signal.throwIfAborted();
    failures.push(`${telling.name}: ${error instanceof Error ? error.message : String(error)}`);
    return lanes.run(() => tell(options, entry, { ...telling, name: `${telling.name} 2` }));
  });
  const again = story.firstChange === 'OneObject' ? [] : [once({ name: 'uninterrupted, seen at once', seen: 'AtOnce' })];
  const [first, second, ...others] = await Promise.all([once({ name: 'uninterrupted' }), once({ name: 'uninterrupted again' }), ...again]);
  const noise = placesOf(differencesOf(first.states, second.states, new Set()));
  const reference: Reference = { ends: [first, ...others].map(({ states }) => ({ states, noise })), along: worse(first.along, second.along) };
  const plan = planKills(first.writes.length, options.places);
  const attempt = async (kill: Kill): Promise<KillOutcome | undefined> => {
    if (clock.monotonicMs() > options.endMs) return undefined;
    const name = `write ${kill.write} ${kill.variant}`;
    try {
      return judge(kill, await tell(options, entry, { name, kill, like: reference.ends }), reference);
    } catch (error) {
      signal.throwIfAborted();
      failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  };
  const outcomes = await Promise.all(plan.map((kill) => lanes.run(() => attempt(kill))));
  return {
    contender: contender.name, story: story.title, writes: first.writes, planned: plan.length, serves: first.serves, seconds: first.seconds, along: reference.along,
    noise: [...noise], shortcomings: shortcomings(story, first), kills: outcomes.filter((outcome) => outcome !== undefined), failures,
  };
}

interface Telling {
  readonly name: string;
  readonly kill?: Kill;
  readonly like?: readonly Likeness[];
  readonly seen?: Seen;
}

function tell(options: BenchOptions, { subject, program, story }: Entry, { name, kill, like, seen = 'InTurn' }: Telling): Promise<Told> {
  const { contender } = subject;
  const namespace = `kill-${contender.id}-${story.id}-${name.replaceAll(/[^a-z0-9]+/g, '-')}`;
  return withStep(options.progress, `${contender.name}, ${story.id}: ${name}`, () => runStory({ ...options, subject, program, story, namespace, seen }, kill, like));
}
