import {
  addFinalizer, Applier, applyIfChanged, collectGarbage, EventRecorder, events, Informer, type InformerView, installCrd, LeaderElector, type MigrateOptions,
  migrateStoredVersions, MultiNamespaceInformer, Operator, removeFinalizer, type ResourceEvent, ResourceEventType, systemClock,
} from '@sluice/kube';
import { gadgetDefinition, gadgetVersion } from '../../kube/src/testing/gadgets.ts';
import { callOf, type Gadget, gadget, gadgetType, type Part, type PartContext, removeDefinition } from './rbac-gadgets.ts';

const FINALIZER = 'example.dev/rights';

/** Waits for the list, then for a change. */
async function follow(context: PartContext, informer: InformerView<Gadget> & { run(call: { signal: AbortSignal }): Promise<void> }): Promise<void> {
  const { admin, type, namespace, name, refusals } = context;
  const call = callOf(context);
  const work = async () => {
    await informer.whenSynced(call);
    await admin.create(type, gadget(context, name), call);
    await refusals.until(() => Promise.resolve(informer.store.get({ namespace, name }) !== undefined));
  };
  await refusals.settle(work(), informer.run(call));
}

/** The administrator writes, so that what was read before is outdated. */
async function touch({ admin, type, namespace }: PartContext, name: string): Promise<void> {
  await admin.mergePatch(type, { namespace, name }, { metadata: { annotations: { touched: String(systemClock.monotonic()) } } }, { signal: new AbortController().signal });
}

async function finalizers(context: PartContext): Promise<void> {
  const { admin, user, type, name } = context;
  const call = callOf(context);
  const old = await admin.create(type, gadget(context, name), call);
  await touch(context, name);
  const held = await addFinalizer(user.client, type, old, FINALIZER, call);
  await touch(context, name);
  await removeFinalizer(user.client, type, held, FINALIZER, call);
}

async function garbage(context: PartContext): Promise<void> {
  const { admin, user, type, namespace, name } = context;
  const call = callOf(context);
  await admin.create(type, gadget(context, name, { part: name, owner: name }), call);
  const rules = { label: { key: 'part', value: name }, owner: { uid: name, uidLabel: 'owner' }, desired: { state: 'complete' as const, ids: new Set<string>() }, nowMs: 0 };
  const { failed, deleted } = await collectGarbage(user.client, [{ type, namespace }], rules, { mode: 'delete' }, call);
  if (failed[0]) throw failed[0].error;
  if (deleted.length !== 1) throw new Error(`deleted ${deleted.length} instead of 1`);
}

async function record(context: PartContext): Promise<void> {
  const { admin, user, type, namespace, name, refusals } = context;
  const call = callOf(context);
  const recorder = new EventRecorder({ client: user.client, reportingController: 'example.dev/rights', reportingInstance: name, logger: refusals.logger });
  const regarding = await admin.create(type, gadget(context, name), call);
  const note = () => recorder.record({ regarding, type: 'Normal', reason: 'Ran', action: 'Run', note: 'It ran.' });
  const count = async () => (await admin.list(events, { namespace }, call)).items.filter((event) => event.reportingInstance === name).map(({ series }) => series?.count ?? 1)[0];
  const work = async () => {
    note();
    await refusals.until(async () => (await count()) === 1);
    note();
    await refusals.until(async () => (await count()) === 2);
  };
  await refusals.settle(work(), recorder.run(call));
}

async function lead(context: PartContext): Promise<void> {
  const { user, namespace, name, refusals } = context;
  const elector = new LeaderElector({ client: user.client, lease: { namespace, name }, identity: name, logger: refusals.logger });
  await refusals.settle(elector.run(() => Promise.resolve(), callOf(context)));
}

async function install(context: PartContext): Promise<void> {
  const { admin, user, name } = context;
  const definitions = [gadgetDefinition(name, [gadgetVersion('v1')]), gadgetDefinition(name, [gadgetVersion('v1'), gadgetVersion('v2', { storage: false })])];
  try {
    for (const definition of definitions) await installCrd(user.client, definition, { fieldManager: 'rights' }, callOf(context));
  } finally {
    await removeDefinition(admin, definitions[0]?.metadata.name ?? '');
  }
}

async function migrate(context: PartContext): Promise<void> {
  const { admin, user, name } = context;
  const [call, options] = [callOf(context), { fieldManager: 'rights' }];
  const before = gadgetDefinition(name, [gadgetVersion('v1alpha1')]);
  const crd = before.metadata.name;
  try {
    await installCrd(admin, before, options, call);
    const former = { ...context, type: gadgetType(before, 'v1alpha1') };
    for (const each of ['one', 'two']) await admin.create(former.type, gadget(former, each), call);
    await installCrd(admin, gadgetDefinition(name, [gadgetVersion('v1alpha1', { storage: false }), gadgetVersion('v1')]), options, call);
    // Between two writes of the migration both objects change.
    const clock: MigrateOptions['clock'] = {
      ...systemClock,
      sleep: async () => {
        for (const each of ['one', 'two']) await touch(context, each);
      },
    };
    const { objects } = await migrateStoredVersions(user.client, crd, { maxPerSecond: 1, clock }, call);
    if (objects !== 2) throw new Error(`looked at ${objects} instead of 2`);
  } finally {
    await removeDefinition(admin, crd);
  }
}

class RightsOperator extends Operator {
  readonly done = Promise.withResolvers<void>();
  readonly #context: PartContext;

  constructor(context: PartContext) {
    super(context.refusals.sentences, { connection: context.user.connection });
    this.#context = context;
  }

  protected async init(): Promise<void> {
    const { type, namespace } = this.#context;
    await this.watchResource(type.group, type.version, type.plural, (event) => this.#handle(event), namespace);
  }

  async #handle(event: ResourceEvent): Promise<void> {
    if (event.meta.name !== this.#context.name || event.type === ResourceEventType.Deleted) return;
    if (await this.handleResourceFinalizer(event, FINALIZER, () => Promise.resolve())) return;
    await touch(this.#context, event.meta.name);
    const written = await this.setResourceStatus(event.meta, { set: 'yes' });
    await this.patchResourceStatus(written ?? event.meta, { patched: 'yes' });
    this.done.resolve();
  }
}

async function operate(context: PartContext): Promise<void> {
  const { admin, type, namespace, name, refusals } = context;
  await admin.create(type, gadget(context, name), callOf(context));
  const operator = new RightsOperator(context);
  await operator.start();
  refusals.signal.addEventListener('abort', () => operator.stop());
  try {
    await refusals.settle(Promise.race([operator.done.promise, operator.finished()]), operator.finished());
  } finally {
    await admin.mergePatch(type, { namespace, name }, { metadata: { finalizers: null } }, { signal: new AbortController().signal });
  }
}

/** By the texts of the first column of docs/rbac.md. */
export const parts: Readonly<Record<string, Part>> = {
  Informer: {
    run: (context) => follow(context, new Informer<Gadget>({ client: context.user.client, type: context.type, listMode: 'paging', onError: context.refusals.note })),
  },
  MultiNamespaceInformer: {
    scope: 'namespace',
    run: (context) => follow(context, new MultiNamespaceInformer<Gadget>({
      client: context.user.client, type: context.type, namespaces: [context.namespace], listMode: 'paging', onError: context.refusals.note,
    })),
  },
  applyIfChanged: {
    run: async (context) => {
      const desired = gadget(context, context.name);
      await applyIfChanged(context.user.client, context.type, { desired, cached: undefined }, { fieldManager: 'rights', conflicts: 'force' }, callOf(context));
    },
  },
  Applier: {
    run: async (context) => {
      const applier = new Applier({ client: context.user.client, fieldManager: 'rights', conflicts: 'force' });
      const { object } = await applier.apply(context.type, { desired: gadget(context, context.name), cached: undefined }, callOf(context));
      await applier.apply(context.type, { desired: { ...gadget(context, context.name), spec: { size: 2 } }, cached: object, fence: 'version' }, callOf(context));
    },
  },
  'addFinalizer, removeFinalizer': { run: finalizers },
  collectGarbage: { run: garbage },
  EventRecorder: { run: record },
  LeaderElector: { run: lead },
  'installCrd, installCrds': { run: install },
  migrateStoredVersions: { kind: 'own', run: migrate },
  Operator: { run: operate, spare: ['list'] },
};
