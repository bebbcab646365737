import type { Owner } from '../store/owner.ts';

/** With it begin the scopes of what says that a write was begun, made or in doubt. No route has such a scope: those are lists in JSON. */
export const writeScopePrefix = 'write-';

/** Where the ledger of effects keeps that part of what it knows of an owner's writes, by `<request id>:<number of the call>`. */
export function writeScope(part: 'done' | 'begun' | 'doubt', { tenant, subject }: Pick<Owner, 'tenant' | 'subject'>): string {
  return `${writeScopePrefix}${part}:${JSON.stringify([tenant, subject])}`;
}
