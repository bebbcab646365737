/** Switches that an operator of an agent may turn while it runs. Off takes something away; on is as the revision was judged. */
export const flagTable = {
  answers: { default: true, what: 'questions are answered, by every protocol; off: 503 `switched-off`' },
  streaming: { default: true, what: 'text is sent as it comes; off: streams have the whole answer at their end' },
  jobs: { default: true, what: 'jobs are taken in; off: 503 `switched-off`; those that wait are worked on' },
  writes: { default: true, what: 'tools that write are called; off: the model is told that they are switched off' },
} as const satisfies Readonly<Record<string, { readonly default: boolean; readonly what: string }>>;

export type FlagName = keyof typeof flagTable;
export const flagNames = Object.keys(flagTable) as readonly FlagName[];

/** The switches in force for somebody. */
export type Flags = Readonly<Record<FlagName, boolean>>;

export const defaultFlags: Flags = Object.fromEntries(flagNames.map((name) => [name, flagTable[name].default])) as Flags;

/** Each layer is stronger than those before it. */
export function layeredFlags(...layers: readonly (Readonly<Partial<Record<string, boolean>>> | undefined)[]): Flags {
  const entries = flagNames.map((name) => [name, layers.reduce<boolean>((before, layer) => layer?.[name] ?? before, flagTable[name].default)] as const);
  return Object.fromEntries(entries) as Flags;
}
