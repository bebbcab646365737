import type { Condition } from '../resources/condition.ts';
import type { CustomResourceDefinition } from '../resources/cluster.ts';
import type { CrdInstallReason } from './crd-install-error.ts';

export type CrdReadiness =
  | { readonly state: 'established' }
  | { readonly state: 'waiting'; readonly for: string }
  /** Passing when it is from before the last write. */
  | { readonly state: 'refused'; readonly reason: CrdInstallReason; readonly message: string };

/** What the conditions of a definition say. Absent conditions are waited for. */
export function crdReadiness(definition: CustomResourceDefinition): CrdReadiness {
  // Go writes an empty slice as null.
  const conditions: readonly Condition[] | null | undefined = definition.status?.conditions;
  const named = (type: string): Condition | undefined => conditions?.find((condition) => condition.type === type);
  const names = named('NamesAccepted');
  if (names?.status === 'False') {
    return { state: 'refused', reason: 'NamesNotAccepted', message: `its names are taken: ${told(names)}; rename the kind, or remove the definition that holds them` };
  }
  const structure = named('NonStructuralSchema');
  if (structure?.status === 'True') {
    return { state: 'refused', reason: 'NonStructuralSchema', message: `the schema is not structural: ${told(structure)}; give every property a type` };
  }
  if (names?.status !== 'True') return { state: 'waiting', for: 'condition NamesAccepted' };
  if (named('Established')?.status !== 'True') return { state: 'waiting', for: 'condition Established' };
  return { state: 'established' };
}

function told({ reason, message }: Condition): string {
  return [reason, message].filter((part) => part !== undefined && part !== '').join(': ') || 'no reason given';
}
