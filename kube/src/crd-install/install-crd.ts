import { ONLY_CREATE } from '../apply/only-create.ts';
import type { CallOptions } from '../call-options.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { systemClock } from '../clock-system.ts';
import type { Clock } from '../clock.ts';
import { type Deadline, startDeadline } from '../deadline.ts';
import { isAlreadyExists, isConflict, isInvalid, isTransient, KubeError } from '../kube-error.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { type CustomResourceDefinition, customResourceDefinitions } from '../resources/cluster.ts';
import { type CrdDecision, type CrdRelease, decideCrd, desiredDefinition } from './crd-decision.ts';
import { CrdInstallError } from './crd-install-error.ts';
import { crdReadiness } from './crd-readiness.ts';
import { discoverResource } from './discovery.ts';
import { parseCrd } from './parse-crd.ts';

export type { CrdRelease } from './crd-decision.ts';

/** Between looks while waiting, milliseconds. */
const POLL_MS = 100;
/** How long a refusal must stand before it is believed, milliseconds: the API server sets conditions a moment after a write. */
const REFUSAL_STANDS_MS = 2_000;

export interface InstallCrdOptions {
  readonly fieldManager: string;
  /** Keeps an older release from overwriting a newer one's definition. */
  readonly release?: CrdRelease;
  /** About a definition of a newer release: 'refuse' (default) throws, 'keep' goes on with it. */
  readonly onNewer?: 'refuse' | 'keep';
  /** Milliseconds until the definition must be served; default 60 000. */
  readonly deadlineMs?: number;
  readonly clock?: Clock;
  /** Told once when a definition of the name has to be gone first. */
  readonly logger?: Logger;
}

export interface InstalledCrd {
  /** `plural.group`. */
  readonly name: string;
  /** 'newer': a newer release's definition was left as it is. */
  readonly outcome: 'created' | 'upgraded' | 'unchanged' | 'newer';
  /** As the API server has it now. */
  readonly definition: CustomResourceDefinition;
}

/**
 * Installs or upgrades one definition by server-side apply and waits until every served version is in discovery. Writes nothing when
 * nothing differs; of several installers at once each sees the others' writes. Throws CrdInstallError, or KubeError when the API server fails.
 */
export async function installCrd(client: KubeClient, raw: unknown, options: InstallCrdOptions, call: CallOptions): Promise<InstalledCrd> {
  const desired = desiredDefinition(parseCrd(raw), options.release);
  const clock = options.clock ?? systemClock;
  const deadline = startDeadline(clock, call.signal, options.deadlineMs ?? 60_000);
  const installation = new Installation(client, desired, { ...options, clock }, deadline);
  try {
    return await installation.run();
  } catch (error) {
    if (!deadline.expired()) throw error;
    const message = `was not served within ${options.deadlineMs ?? 60_000} ms; the last look saw: ${installation.waitingFor}`;
    throw new CrdInstallError({ reason: 'Timeout', crd: desired.metadata.name, message, cause: error });
  } finally {
    deadline.clear();
  }
}

/** Checks all definitions before it installs the first, then one after another. Throws as {@link installCrd}. */
export async function installCrds(client: KubeClient, raw: readonly unknown[], options: InstallCrdOptions, call: CallOptions): Promise<InstalledCrd[]> {
  const definitions = raw.map(parseCrd);
  const installed: InstalledCrd[] = [];
  for (const definition of definitions) installed.push(await installCrd(client, definition, options, call));
  return installed;
}

class Installation {
  waitingFor = 'nothing yet';
  readonly #client: KubeClient;
  readonly #desired: CustomResourceDefinition;
  readonly #options: InstallCrdOptions & { readonly clock: Clock };
  readonly #deadline: Deadline;

  constructor(client: KubeClient, desired: CustomResourceDefinition, options: InstallCrdOptions & { readonly clock: Clock }, deadline: Deadline) {
    this.#client = client;
    this.#desired = desired;
    this.#options = options;
    this.#deadline = deadline;
  }

  async run(): Promise<InstalledCrd> {
    const outcome = await this.#write();
    const definition = await this.#established();
    // A newer release need not serve the versions of this one.
    if (outcome !== 'newer' && (await this.#served()) === 'newer') return { name: this.#name, outcome: 'newer', definition: await this.#established() };
    return { name: this.#name, outcome, definition };
  }

  get #name(): string {
    return this.#desired.metadata.name;
  }

  async #write(): Promise<InstalledCrd['outcome']> {
    for (;;) {
      const decision = this.#decide(await this.#read());
      if (decision.action === 'leave') return decision.why;
      if (decision.action === 'wait') this.#awaitDeletion();
      else if (await this.#apply(decision.action === 'create' ? ONLY_CREATE : decision.resourceVersion)) return decision.action === 'create' ? 'created' : 'upgraded';
      await this.#pause();
    }
  }

  #awaitDeletion(): void {
    const waitingFor = 'the deletion of its former namesake; its objects go first, so look for those with finalizers';
    if (this.waitingFor !== waitingFor) (this.#options.logger ?? silentLogger).warn({ name: this.#name }, `waiting for ${waitingFor}`);
    this.waitingFor = waitingFor;
  }

  #decide(existing: CustomResourceDefinition | undefined): Exclude<CrdDecision, { action: 'refuse' }> {
    const { release, onNewer } = this.#options;
    const decision = decideCrd(this.#desired, existing, release);
    if (decision.action === 'refuse') throw new CrdInstallError({ ...decision, crd: this.#name });
    if (decision.action === 'leave' && decision.why === 'newer' && onNewer !== 'keep') {
      const installed = existing?.metadata.annotations?.[release?.annotation ?? ''];
      throw new CrdInstallError({
        reason: 'Downgrade', crd: this.#name, message: `release ${installed} is installed, which is newer than ${release?.value}; install the newer release, or delete annotation '${release?.annotation}' to force it`,
      });
    }
    return decision;
  }

  /** False when somebody else wrote since, or the API server is out of sorts: look again. */
  async #apply(resourceVersion: string): Promise<boolean> {
    const object = { ...this.#desired, metadata: { ...this.#desired.metadata, resourceVersion } };
    try {
      await this.#client.apply(customResourceDefinitions, object, { fieldManager: this.#options.fieldManager, conflicts: 'force' }, this.#deadline);
      return true;
    } catch (error) {
      if (isInvalid(error)) throw new CrdInstallError({ reason: 'Invalid', crd: this.#name, message: `the API server refuses it: ${complaints(error)}`, cause: error });
      if (!isConflict(error) && !isAlreadyExists(error) && !isTransient(error)) throw error;
      this.waitingFor = error.message;
      return false;
    }
  }

  async #established(): Promise<CustomResourceDefinition> {
    const { clock } = this.#options;
    const begun = clock.monotonic();
    for (;;) {
      const current = await this.#read();
      const readiness = current === undefined ? { state: 'waiting' as const, for: 'the definition, which is gone' } : { ...crdReadiness(current), current };
      if (readiness.state === 'established') return readiness.current;
      if (readiness.state === 'refused' && clock.monotonic() - begun >= REFUSAL_STANDS_MS) throw new CrdInstallError({ ...readiness, crd: this.#name });
      this.waitingFor = readiness.state === 'refused' ? readiness.message : readiness.for;
      await this.#pause();
    }
  }

  /** 'newer': a newer release took the definition over before discovery had this one's versions. */
  async #served(): Promise<'served' | 'newer'> {
    const { group, names, versions } = this.#desired.spec;
    for (const { name } of versions.filter((version) => version.served)) {
      for (;;) {
        const found = await this.#patiently(() => discoverResource(this.#client, { group, version: name, plural: names.plural }, this.#deadline));
        if (found !== undefined) break;
        this.waitingFor = `${group}/${name} ${names.plural} in discovery`;
        const decision = this.#decide(await this.#read());
        if (decision.action === 'leave' && decision.why === 'newer') return 'newer';
        await this.#pause();
      }
    }
    return 'served';
  }

  #read(): Promise<CustomResourceDefinition | undefined> {
    return this.#patiently(() => this.#client.find(customResourceDefinitions, { namespace: '', name: this.#name }, this.#deadline));
  }

  async #patiently<R>(ask: () => Promise<R>): Promise<R> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (this.#deadline.signal.aborted || !isTransient(error)) throw error;
        this.waitingFor = error.message;
        await this.#pause();
      }
    }
  }

  #pause(): Promise<void> {
    return this.#options.clock.sleep(POLL_MS, { signal: this.#deadline.signal });
  }
}

function complaints(error: KubeError): string {
  const listed = error.causes.map(({ field, message }) => `${field ?? ''}: ${message ?? ''}`);
  return listed.length === 0 ? error.message : listed.join('; ');
}
