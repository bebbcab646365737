import type { AgentListener } from '../agent/agent-listener.ts';
import type { CompiledRules } from './compiled-rules.ts';
import { tellFound } from './judge-text.ts';
import type { ObserveRule } from './rule-effect.ts';
import { createSeeingFilter } from './disguise-filter.ts';
import type { Released, TextFilter } from './text-filter.ts';

/** A rule ended the request while its answer was on the way. */
export class BlockedByRule extends Error {
  override readonly name = 'BlockedByRule';
  readonly rule: string;

  constructor(rule: string) {
    super(`blocked by the rule ${rule}`);
    this.rule = rule;
  }
}

export interface StreamGuardOptions {
  readonly listener: AgentListener;
  readonly rules: CompiledRules;
  readonly observe: ObserveRule;
  /** Called once, when nothing more may leave. */
  readonly onBlocked: (reason: BlockedByRule) => void;
}

type OnText = NonNullable<AgentListener['onText']>;

/** A listener that is told only what the rules let through; each turn of the model is a text of its own. */
export function guardStream({ listener, rules, observe, onBlocked }: StreamGuardOptions, tell: OnText): AgentListener {
  const open: { turn: number; filter: TextFilter | undefined; stopped: 'no' | 'yes' } = { turn: 0, filter: undefined, stopped: 'no' };
  const release = ({ text, blockedBy }: Released): void => {
    if (open.stopped === 'yes') return;
    if (text !== '') tell({ turn: open.turn, text });
    if (blockedBy === undefined) return;
    open.stopped = 'yes';
    if (blockedBy === rules.longest?.rule) observe({ rule: blockedBy, effect: 'blocked' });
    onBlocked(new BlockedByRule(blockedBy));
  };
  const endTurn = (): void => {
    if (open.filter !== undefined) release(open.filter.end());
    open.filter = undefined;
  };
  return {
    ...listener,
    onText: ({ turn, text }) => {
      if (open.stopped === 'yes') return;
      if (turn !== open.turn) endTurn();
      open.turn = turn;
      open.filter ??= createSeeingFilter({ rules: rules.parts, longest: rules.longest, onFound: tellFound(observe) });
      release(open.filter.push(text));
    },
    // The reply of a turn is whole: what was held back of it may go, before anything else is told.
    onUsage: (usage) => {
      endTurn();
      listener.onUsage?.(usage);
    },
  };
}
