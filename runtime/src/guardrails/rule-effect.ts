/** `found`: a rule with the action Observe met what it looks for. */
export const ruleEffects = ['blocked', 'redacted', 'observed', 'call_refused', 'result_withheld'] as const;
export type RuleEffect = (typeof ruleEffects)[number];

/** Told of each time that a rule acts. */
export type ObserveRule = (event: { readonly rule: string; readonly effect: RuleEffect }) => void;
