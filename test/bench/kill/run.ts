import { isDeepStrictEqual } from 'node:util';
import { namespaces } from '@sluice/kube';
import { BenchError } from '../kube/bench-error.ts';
import type { Program } from '../operator/contender.ts';
import type { ModuleOptions } from '../operator/go-modules.ts';
import type { SimulatedCluster } from '../operator/simulated-cluster.ts';
import { alongOf, type Along } from './along.ts';
import { WriteCounter } from './counted-writes.ts';
import { type Likeness, nearest } from './likeness.ts';
import type { States } from './differences.ts';
import { BY_ITSELF, Life } from './life.ts';
import type { Kill } from './plan.ts';
import type { Serving } from './serving.ts';
import { facesOf, REPLICAS, type Story } from './story.ts';
import type { Subject } from './subject.ts';
import { applyWish, type Scene, statesOf, until, untilOver, untilStage } from './tell.ts';
import { Witness } from './witness.ts';

export interface RunOptions extends ModuleOptions {
  readonly cluster: SimulatedCluster;
  readonly subject: Subject;
  readonly program: Program;
  readonly token: string;
  readonly story: Story;
  /** Unique in the cluster. */
  readonly namespace: string;
  /** 'AtOnce': the controller stands still while its user applies the first change, so that it finds all objects of it changed. Default 'InTurn'. */
  readonly seen?: Seen;
}

/** How a controller hears of a change that consists of several objects: whoever is killed meanwhile hears of all at once. */
export type Seen = 'InTurn' | 'AtOnce';

/** One telling of a story. */
export interface Told {
  /** Titles of the counted writes of the first process. */
  readonly writes: readonly string[];
  /** The write at which it was killed; undefined where it never was. */
  readonly killedAt?: string;
  /** Why it has not come to its end, where it has not. */
  readonly stuck?: string;
  /** From the kill until all was as in an uninterrupted run, or it was given up; where there was none, from the first deed to the end of the story. Seconds. */
  readonly seconds: number;
  readonly serves: Serving;
  readonly along: Along;
  readonly states: States;
}

/** Longest way to a stage or to an end, a lease that has to run out included. */
const STAGE_MS = 120_000;
/** Between an end by itself and the next start. */
const RESTART_MS = 500;
/** Without a counted write so long, nothing more follows from what came before. */
const QUIET_MS = 3_000;
/** Longest time after the end in which something is still told: 20 s of Sluice's status (operator/src/agent/status). */
const AFTERMATH_MS = 24_000;
const LATEST_AFTERMATH_MS = 60_000;

/** An uninterrupted run, or one with a kill whose end is waited for until it is as `like` it. Throws BenchError and KubeError where the story cannot be begun. */
export async function runStory(options: RunOptions, kill?: Kill, like?: readonly Likeness[]): Promise<Told> {
  const { cluster: { admin }, subject, namespace, signal } = options;
  await admin.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, { signal });
  await subject.contender.furnish(options.cluster, namespace, options);
  const witness = new Witness({ admin, namespace, signal });
  const scene: Scene = { ...options, admin, witness };
  const run = new Run(options, scene, kill);
  try {
    await run.prepare();
    const told = await run.tell(like);
    if (kill === undefined && told.stuck !== undefined) throw new BenchError(told.stuck);
    return told;
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    throw new BenchError(`${error.message}; its controller said last:\n${await run.lastWords()}`, { cause: error });
  } finally {
    await run.close();
    await witness.close();
    await admin.delete(namespaces, { namespace: '', name: namespace }, {}, { signal });
  }
}

class Run {
  readonly #options: RunOptions;
  readonly #scene: Scene;
  readonly #counter: WriteCounter;
  readonly #story: Story;
  #life: Life | undefined;
  #killed: { readonly at: string; readonly ms: number } | undefined;
  #watch: Promise<void> = Promise.resolve();
  #takenBackAt: string | undefined;
  #state: 'followed' | 'stopped' = 'followed';
  readonly #closed = Promise.withResolvers<undefined>();

  constructor(options: RunOptions, scene: Scene, kill: Kill | undefined) {
    this.#options = options;
    this.#scene = scene;
    this.#story = options.story;
    this.#counter = new WriteCounter(kill);
  }

  /** Brings about what is there before anybody is killed. */
  async prepare(): Promise<void> {
    const life = await this.#begin(this.#counter);
    this.#life = life;
    this.#watch = this.#follow(life);
    // Told in close(); nobody waits for it before.
    this.#watch.catch(() => undefined);
    await life.ready(this.#options);
    for (const wish of this.#story.before) {
      await applyWish(this.#scene, wish);
      await untilOver(this.#scene, { stage: 'Promoted', image: wish.image }, STAGE_MS);
    }
    if (this.#story.before.length > 0) await this.#rest();
    this.#counter.begin();
  }

  async tell(like: readonly Likeness[] | undefined): Promise<Told> {
    const { clock } = this.#options;
    const began = clock.monotonicMs();
    const stuck = await this.#deeds().then(() => undefined, (error: unknown) => {
      if (error instanceof BenchError) return error.message;
      throw error;
    });
    const over = clock.monotonicMs();
    const states = await this.#aftermath(like);
    const ended = this.#killed === undefined ? over : clock.monotonicMs();
    const { story } = this.#options;
    const moments = this.#scene.witness.moments();
    return {
      writes: this.#counter.titles,
      ...(this.#killed === undefined ? {} : { killedAt: this.#killed.at }),
      ...(stuck === undefined ? {} : { stuck }),
      seconds: (ended - (this.#killed?.ms ?? began)) / 1000,
      serves: moments.at(-1)?.serving ?? {},
      along: alongOf(moments, { asked: REPLICAS, faces: facesOf(story), takenBackAt: this.#takenBackAt, ...(story.failed === undefined ? {} : { failed: story.failed }) }),
      states,
    };
  }

  async lastWords(): Promise<string> {
    return (await this.#life?.tail()) ?? '';
  }

  async close(): Promise<void> {
    await this.#stop();
  }

  async #deeds(): Promise<void> {
    for (const [index, { when, act }] of this.#story.deeds.entries()) {
      if (index === 0 && this.#options.seen === 'AtOnce') await this.#stop();
      if (when === 'Shifting') await untilStage(this.#scene, 'Shifting', STAGE_MS);
      if (act === 'Abort') this.#takenBackAt = (await this.#options.subject.abort(this.#scene)).metadata.resourceVersion;
      else await applyWish(this.#scene, act);
      if (index === 0 && this.#options.seen === 'AtOnce') this.#life = await this.#begin(this.#counter);
    }
    await untilOver(this.#scene, this.#story.ends, STAGE_MS);
  }

  /** Waits until nothing more is told, or all is as it should be. */
  async #aftermath(like: readonly Likeness[] | undefined): Promise<States> {
    const { clock, signal } = this.#options;
    if (like === undefined) {
      await clock.sleep(AFTERMATH_MS, signal);
      return statesOf(this.#scene);
    }
    let states: States = {};
    const isAlike = async (): Promise<boolean> => nearest(like, (states = await statesOf(this.#scene))).differences.length === 0;
    await until(this.#options, LATEST_AFTERMATH_MS, isAlike, () => 'it differs').catch((error: unknown) => {
      if (!(error instanceof BenchError)) throw error;
    });
    return states;
  }

  /** Ends what runs, which is not started again. */
  async #stop(): Promise<void> {
    this.#state = 'stopped';
    this.#closed.resolve(undefined);
    await this.#watch;
    await this.#life?.end();
  }

  #begin(counter: WriteCounter): Promise<Life> {
    const { subject: { contender } } = this.#options;
    return Life.begin({ ...this.#options, contender, counter });
  }

  /** Starts the process again as soon as it is dead, as the kubelet does the first time; also one that ended by itself, as with a lost lease. */
  async #follow(first: Life): Promise<void> {
    for (let life = first; ;) {
      const at = await Promise.race([life.death(), this.#closed.promise]);
      if (at === undefined || this.#state === 'stopped') return;
      if (at === BY_ITSELF) {
        await life.end();
        await this.#options.clock.sleep(RESTART_MS, this.#options.signal);
      } else this.#killed = { at, ms: this.#options.clock.monotonicMs() };
      this.#life = life = await this.#begin(this.#killed === undefined ? this.#counter : new WriteCounter(undefined));
    }
  }

  async #rest(): Promise<void> {
    const { clock, signal } = this.#options;
    let before: readonly string[] = ['none yet'];
    for (;;) {
      const now = Object.entries(await statesOf(this.#scene)).map(([title, state]) => `${title} ${JSON.stringify(state)}`);
      if (isDeepStrictEqual(now, before)) return;
      before = now;
      await clock.sleep(QUIET_MS, signal);
    }
  }
}
