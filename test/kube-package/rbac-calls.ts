import { callOf, gadget, type Part, type PartContext } from './rbac-gadgets.ts';

const manager = { fieldManager: 'rights', conflicts: 'force' } as const;

/** A part that works on an object which the administrator made. */
function on(run: (context: PartContext, made: ReturnType<typeof gadget>) => Promise<unknown>): Part {
  return { run: async (context) => void (await run(context, await context.admin.create(context.type, gadget(context, context.name), callOf(context)))) };
}

function keyOf({ namespace, name }: PartContext): { readonly namespace: string; readonly name: string } {
  return { namespace, name };
}

/** By the texts of the first column of docs/rbac.md. */
export const calls: Readonly<Record<string, Part>> = {
  'client.get, client.find': on(async (context) => {
    await context.user.client.get(context.type, keyOf(context), callOf(context));
    await context.user.client.find(context.type, keyOf(context), callOf(context));
  }),
  'client.list, client.listAll': on(async (context) => {
    await context.user.client.list(context.type, {}, callOf(context));
    await Array.fromAsync(context.user.client.listAll(context.type, {}, callOf(context)));
  }),
  'client.watch': on(async (context) => {
    const stream = await context.user.client.watch(context.type, { resourceVersion: '0', timeoutSeconds: 1 }, callOf(context));
    await Array.fromAsync(stream);
  }),
  'client.create': { run: async (context) => void (await context.user.client.create(context.type, gadget(context, context.name), callOf(context))) },
  'client.replace': on((context, made) => context.user.client.replace(context.type, { ...made, spec: { size: 2 } }, callOf(context))),
  'client.replaceStatus': on((context, made) => context.user.client.replaceStatus(context.type, { ...made, status: { set: 'yes' } }, callOf(context))),
  'client.mergePatch, client.jsonPatch': on(async (context) => {
    await context.user.client.mergePatch(context.type, keyOf(context), { spec: { size: 2 } }, callOf(context));
    await context.user.client.jsonPatch(context.type, keyOf(context), [{ op: 'replace', path: '/spec/size', value: 3 }], callOf(context));
  }),
  'client.mergePatchStatus, client.applyStatus': on(async (context, { apiVersion, kind }) => {
    await context.user.client.mergePatchStatus(context.type, keyOf(context), { status: { patched: 'yes' } }, callOf(context));
    await context.user.client.applyStatus(context.type, { apiVersion, kind, metadata: keyOf(context), status: { applied: 'yes' } }, manager, callOf(context));
  }),
  'client.apply': { run: async (context) => void (await context.user.client.apply(context.type, gadget(context, context.name), manager, callOf(context))) },
  'client.delete': on((context) => context.user.client.delete(context.type, keyOf(context), {}, callOf(context))),
  'client.deleteAll': on((context) => context.user.client.deleteAll(context.type, { namespace: context.namespace, fieldSelector: `metadata.name=${context.name}` }, callOf(context))),
};
